"""The command, by the names that mark its tests as ones that start processes."""

import sys

import pytest

from tests.commands.scripts import Gradfn, runner


@pytest.fixture
def gradfn(python: list[str]) -> Gradfn:
    """`gradfn` with these words, in this folder, with this text on standard input."""
    return runner(python)


@pytest.fixture
def new_gradfn() -> Gradfn:
    """The same, in an interpreter that has loaded nothing."""
    return runner([sys.executable])
