"""Texts about what was given to functions, layers, losses and loaders."""

from gradfn.explain.advice.messages.given import arguments, python, shapes, states, values

MESSAGES = (
    *states.MESSAGES,
    *python.MESSAGES,
    *arguments.MESSAGES,
    *values.MESSAGES,
    *shapes.MESSAGES,
)
