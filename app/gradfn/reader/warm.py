"""All that a reader needs, loaded once, before the jail in which no file can be opened."""

import importlib
import pkgutil

import gradfn.events
import gradfn.explain
import gradfn.model
import gradfn.reader
import gradfn.render
from gradfn.pytorch.derivatives import definitions
from gradfn.render.html.page import fragment

ROOMS = (gradfn.events, gradfn.model, gradfn.explain, gradfn.render, gradfn.reader)


def warm() -> None:
    """Load every module of the rooms, and what they read from files."""
    for room in ROOMS:
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    definitions()
    fragment(None, ())  # the style and the script of a film
