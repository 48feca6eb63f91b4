"""Texts about what was given to functions, layers, losses and loaders."""

from gradfn.explain.advice.messages.given import arguments, states, values

MESSAGES = (*states.MESSAGES, *arguments.MESSAGES, *values.MESSAGES)
