"""Texts about what was given to functions, layers, losses and loaders."""

from gradfn.explain.advice.messages.given import arguments, values

MESSAGES = (*arguments.MESSAGES, *values.MESSAGES)
