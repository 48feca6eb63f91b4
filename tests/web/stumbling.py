"""`python -m tests.web.stumbling STEP`: gradfn with a mistake of ours in one step of each run."""

import sys

import gradfn.model.fold
import gradfn.web.drawing
import gradfn.web.explaining
import gradfn.web.live.encoder
from gradfn.__main__ import main
from tests.web.failing import fail

STEPS = {
    "fold": (gradfn.model.fold, "_functions"),
    "explain": (gradfn.web.explaining, "explained"),
    "draw": (gradfn.web.drawing, "drawing_of"),
    "stream": (gradfn.web.live.encoder, "streamed"),
    "end": (gradfn.web.live.encoder, "count_and_log"),
}

if __name__ == "__main__":
    setattr(*STEPS[sys.argv.pop()], fail)
    main()
