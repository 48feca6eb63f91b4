"""The graph of a live run while it runs: as its latest backward pass left it, or where it holds.

No garbage is collected for it and no code of the program runs, not even a `repr`, so it tells less
than the end does: the tensors that have a name, plain values, the functions, and one pass.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import torch
from msgspec import structs

from app.child.names import name_tensors
from app.child.read import Found, reached, read_tensors, read_variables
from app.child.record import Recorder
from app.child.story import glance
from app.child.walk import walk_functions
from app.events.kinds import Glimpsed, Program, Told
from app.events.wire import MAX_RECORD_BYTES, encode

GLIMPSE_SECONDS, SHARE = 0.5, 0.1  # how often one is taken, and for how much of the time
UNNOTED_SECONDS = 2.0  # then one without gradients is better than none
MAX_FUNCTIONS, MAX_FUNCTIONS_HELD = 300, 2_000
MAX_VALUES = 64
# Their `repr` is Python's or torch's own, and runs nothing of the program.
PLAIN = (bool, int, float, complex, str, torch.Tensor, torch.nn.Parameter)


class Glimpses:
    """Taken of one program, in whose namespace `names` it looks."""

    def __init__(
        self,
        tell: Callable[[Told], None],
        names: dict[str, Any],
        recorder: Recorder,
        program: Program,
    ) -> None:
        self._tell, self._names, self._recorder = tell, names, recorder
        self._program = structs.replace(program, max_values=min(program.max_values, MAX_VALUES))
        self._next = 0.0

    def after_pass(self) -> None:
        """A backward pass has ended: look, if it is time to."""
        now = time.monotonic()
        is_noted = self._recorder.notes_passes or now >= self._next + UNNOTED_SECONDS
        if now < self._next or not is_noted:
            return
        self._look(MAX_FUNCTIONS)
        cost = time.monotonic() - now
        self._next = now + max(GLIMPSE_SECONDS, cost / SHARE)

    def while_held(self) -> None:
        """The run holds: look."""
        self._look(MAX_FUNCTIONS_HELD)

    def _look(self, most: int) -> None:
        with suppress(Exception):  # the program must not notice
            found = Found(name_tensors(self._names), [])
            walk = walk_functions(found.roots(None) + self._recorder.roots, most)
            if walk.walked.truncated and most < MAX_FUNCTIONS_HELD:
                return  # too large to follow; where it holds there is time
            found = reached(found, walk, None)
            read = read_tensors(found, walk, self._program.max_values)
            read, recorded = glance(self._recorder, walk, found, read, self._names, self._program)
            plain = {name: each for name, each in self._names.items() if type(each) in PLAIN}
            variables = read_variables(plain, found)
            told = Glimpsed(walk.walked, read, recorded, variables)
            if len(encode(told)) > MAX_RECORD_BYTES:
                told = structs.replace(told, recorded=structs.replace(recorded, passes=[]))
            if len(encode(told)) <= MAX_RECORD_BYTES:
                self._tell(told)
