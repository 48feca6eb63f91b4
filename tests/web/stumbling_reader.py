"""The fork server of readers with a mistake of ours in one step; `tests` is not on its path."""

import sys

import gradfn.model.fold
import gradfn.reader.documents
import gradfn.reader.pictures
from gradfn.reader.__main__ import main

STEPS = {
    "fold": (gradfn.model.fold, "_functions"),
    "explain": (gradfn.reader.documents, "explained"),
    "draw": (gradfn.reader.pictures, "drawing_of"),
}


def fail(*_: object, **__: object) -> None:
    """Fails, as only a mistake can."""
    raise LookupError


if __name__ == "__main__":
    setattr(*STEPS[sys.argv.pop()], fail)
    main()
