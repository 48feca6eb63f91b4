"""The command, by the name that marks its tests as ones that start processes."""

import pytest

from tests.commands.scripts import Gradfn, run_gradfn


@pytest.fixture
def gradfn() -> Gradfn:
    """`gradfn` with these words, in this folder, with this text on standard input."""
    return run_gradfn
