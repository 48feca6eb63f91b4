"""Ordinary code that is recorded while it runs, from `with` to the end of its block.

No probes are in it, so it is watched from outside: its backward passes and calls of modules as
those of a program, and of each node the line that made it. From PyTorch 2.14 on a hook of autograd
says when a node is made. Before that, Python's trace function tells when a line begins, and what
PyTorch has numbered meanwhile was made by the line before.
"""

import ast
import linecache
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from gc import get_objects
from types import FrameType, TracebackType
from typing import Any

from msgspec import structs

from gradfn.events.kinds import ChildEvent, Warned
from gradfn.events.run import Frame, Program
from gradfn.recorder.errors import raised
from gradfn.recorder.failures import Failures
from gradfn.recorder.in_process import exclusive, other_threads
from gradfn.recorder.instrument.compile import COMPILE_ERRORS
from gradfn.recorder.instrument.sites import Site
from gradfn.recorder.instrument.statements import instrument
from gradfn.recorder.read.graph import Walk
from gradfn.recorder.read.heap import tensors_among
from gradfn.recorder.read.release import release
from gradfn.recorder.read.tensors import Found, name_the_unnamed
from gradfn.recorder.recorder import Recorder, watched_backward
from gradfn.recorder.report.events import graph_events
from gradfn.recorder.torch_internals import (
    LEAF_SEQUENCE_NR,
    next_sequence_nr,
    node_creation_hook,
    sequence_nr,
)
from gradfn.recorder.warned import watched_warnings
from gradfn.recorder.watch.backward import Passes
from gradfn.recorder.watch.modules import watched_modules
from gradfn.recorder.watch.notes import Notes
from gradfn.recorder.watch.probes import (
    MAX_FRAMES,
    MAX_MARKS,
    MODULE_LEVEL,
    THREAD,
    Probes,
)
from gradfn.recorder.watch.sampling import MAX_STEPS
from gradfn.recorder.watch.saved_hooks import SavedTensorHooks, watched_hooks


@dataclass
class Block:
    """The block that a frame has just entered. `source` has its lines at their own numbers.

    Without source (typed at a prompt, entered by an ExitStack) no lines are known.
    `frame` is None when the block is over, for it holds all that is local to it.
    """

    frame: FrameType | None
    source: str = ""
    first: int = 0
    last: int = -1
    sites: list[Site] = field(default_factory=list)

    @staticmethod
    def entered_by(frame: FrameType) -> "Block":
        """The block of the `with` at which the frame is."""
        lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
        try:
            statement = _with_at(frame, ast.parse("".join(lines)))
            if statement is None:
                return Block(frame)
            source = _alone(lines, statement)
            sites = instrument(ast.parse(source))
        except COMPILE_ERRORS:  # the file was changed since
            return Block(frame)
        return Block(frame, source, statement.lineno, statement.end_lineno or 0, sites)

    def has(self, frame: FrameType) -> bool:
        """Whether the frame runs code of the block: itself, or a function defined in it."""
        if frame is self.frame:
            return True
        code = frame.f_code
        own = self.frame is not None and code.co_filename == self.frame.f_code.co_filename
        return own and self.first < code.co_firstlineno <= self.last

    def frames(self, frame: FrameType | None) -> list[FrameType]:
        """The active frames of the block, innermost first."""
        found = []
        while frame is not None:
            if self.has(frame):
                found.append(frame)
                if frame is self.frame:
                    break
            frame = frame.f_back
        return found

    def site_of_line(self) -> dict[int, int]:
        """The innermost statement on each line."""
        found: dict[int, int] = {}
        for number, site in enumerate(self.sites):  # an outer one comes before those in it
            if site.kind == "statement":
                found.update(dict.fromkeys(range(site.span[0], site.span[2] + 1), number))
        return found


def _with_at(frame: FrameType, tree: ast.Module) -> ast.With | ast.AsyncWith | None:
    """The `with` that the frame is entering, by the place of its instruction.

    That is the statement, or from Python 3.12 on the expression that was entered. A notebook may
    have moved its cell to the left, so a place is its lines, and its columns where they decide.
    """
    line, end_line, column, _ = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    found = [
        (at.col_offset != column, node)
        for node in ast.walk(tree)
        if isinstance(node, ast.With | ast.AsyncWith)
        for at in (node, *(item.context_expr for item in node.items))
        if (at.lineno, at.end_lineno) == (line, end_line)
    ]
    return min(found, key=lambda each: each[0])[1] if found else None


def _alone(lines: list[str], node: ast.With | ast.AsyncWith) -> str:
    """The block without what is around it: `if True:` for its `with`, each line where it stands."""
    first = node.body[0]
    decorators = getattr(first, "decorator_list", [])
    begins = min([first.lineno, *(each.lineno for each in decorators)])
    kept = lines[begins - 1 : node.end_lineno]
    head = [""] * (begins - 1)
    head[node.lineno - 1 :] = ["if True:", *[""] * (begins - 1 - node.lineno)]
    if begins == node.lineno:  # all on one line
        text = kept[0].encode()[first.col_offset :].decode()
        kept[0], head = f"{'if True:':<{first.col_offset}}{text}", head[: begins - 1]
    return "".join(f"{line}\n" for line in head) + "".join(kept)


class BlockProbes(Probes):
    """Notes at which line of the block each node was made. Its logs are as those of probes."""

    def __init__(self, block: Block, recorder: Recorder) -> None:
        super().__init__(
            block.sites,
            recorder.notes,
            recorder.passes,
            recorder.modules.clear,
            recorder.failures,
            interruptions=[],
        )
        self._block, self._site_of = block, block.site_of_line()
        self._now = (0, MODULE_LEVEL)

    @property
    def statement_now(self) -> int:
        """The statement of the block that runs."""
        return self._place(self._block.frames(sys._getframe(1)))[0]

    def stack_now(self) -> int:
        """The active frames of the block, as a number."""
        return self._as_number(self._block.frames(sys._getframe(1)))

    def begin(self) -> None:
        """What was made until now was made before the block."""
        self._add(next_sequence_nr(), (0, MODULE_LEVEL))

    def made(self, node: Any) -> None:  # type: ignore[override]  # as PyTorch calls it
        """Autograd has made a node in this thread."""
        if (number := sequence_nr(node)) >= LEAF_SEQUENCE_NR:
            return
        if track := self._tracks.own.number:  # a thread of the engine, which numbers its own
            node.metadata[THREAD] = track
        self._add(number + 1, self._place(self._block.frames(sys._getframe(1))))

    def trace(self, frame: FrameType, event: str, argument: object) -> Any:
        """Python's global trace function: a function is called."""
        return self.trace_line if self._block.has(frame) else None

    def trace_line(self, frame: FrameType, event: str, argument: object) -> Any:
        """Python's trace function in the block: a line begins, or a function ends."""
        self._add(next_sequence_nr(), self._now)
        around = frame.f_back if event == "return" and frame is not self._block.frame else frame
        self._now = self._place(self._block.frames(around))
        return self.trace_line

    def thread_started(self, frame: FrameType, event: str, argument: object) -> None:
        """Another thread numbers its nodes anew: no line is sure any more."""
        self.renumbered = True
        sys.settrace(None)

    def _place(self, frames: list[FrameType]) -> tuple[int, int]:
        if not frames:
            return 0, MODULE_LEVEL
        site = self._site_of.get(frames[0].f_lineno, 0)
        return site, MODULE_LEVEL if len(frames) == 1 else self._as_number(frames)

    def _as_number(self, frames: list[FrameType]) -> int:
        named = [(frame.f_code.co_name, frame.f_lineno) for frame in reversed(frames[:MAX_FRAMES])]
        return self._stacks.setdefault(tuple(named), len(self._stacks))

    def _add(self, end: int, place: tuple[int, int]) -> None:
        """What has a number before `end`, and was not noted yet, was made there."""
        track = self._tracks.own
        if end == track.seq and track.ends:
            return
        self.renumbered |= end < track.seq
        track.seq = end
        site, stack = place
        if track.ends and (track.sites[-1], track.stacks[-1]) == place and len(track.ends) > 1:
            track.ends[-1] = end
        elif len(track.ends) < MAX_MARKS:
            track.ends.append(end)
            track.sites.append(site)
            track.stacks.append(stack)
            if len(self.notes.steps) < MAX_STEPS and len(track.ends) > 1:
                self.notes.steps.append((site, stack, -1, self.notes.executed))
                self.notes.executed += 1


class BlockRecording:
    """A block that is being recorded: `begin()`, `end()` whatever happens, then its `events()`."""

    def __init__(self, frame: FrameType, max_values: int, max_functions: int) -> None:
        self.block = Block.entered_by(frame)
        self._program = Program(
            code=self.block.source,
            max_values=max_values,
            roots=None,
            record="full",
            max_functions=max_functions,
        )
        self.lines_known = bool(self.block.sites)
        self.first_sequence_nr = 0
        self._events: list[ChildEvent] = []
        self._others: list[weakref.ref[Any]] = []
        self._watching = self._watch()

    def begin(self) -> None:
        """From now on it is recorded."""
        self._watching.__enter__()

    def end(self, error: BaseException | None) -> None:
        """It is over, with this exception; the process is as if nothing had been recorded."""
        try:
            if isinstance(error, Exception):
                frames = self._frames_of(error.__traceback__)
                self._events.append(raised(error, frames=frames))
        finally:
            self._watching.__exit__(None, None, None)
            self.block.frame = None

    def events(self, names: dict[str, Any], hidden: frozenset[str]) -> list[ChildEvent]:
        """What was recorded; `names` are the names of the block when it is over.

        Tensors of `hidden` names are there only where the graph leads to them.
        """
        others = frozenset(id(each) for ref in self._others if (each := ref()) is not None)
        kept: list[tuple[Walk, Found]] = []

        def keep(walk: Walk, found: Found) -> None:
            kept.append((walk, found))
            name_the_unnamed(found, names)

        shown = {name: each for name, each in names.items() if name not in hidden}
        self._events += graph_events(shown, self._recorder, self._program, others, keep)
        for walk, found in kept:
            release(walk, [each.tensor for each in found.named.values()] + found.unnamed)
        return self._events

    @contextmanager
    def _watch(self) -> Iterator[None]:
        block = self.block
        recorder = self._recorder = Recorder(
            full=True,
            max_values=self._program.max_values,
            failures=Failures(),
            foreign_threads=other_threads(),
            frames_of=block.frames,
        )
        with exclusive(recorder):
            self._others = [weakref.ref(each) for each in tensors_among(get_objects())]
            # A function of another cell may register hooks, which nobody has looked for.
            recorder.notes = Notes(block.sites or [_NOWHERE], self._program.max_values)
            recorder.hooked = SavedTensorHooks(since=next_sequence_nr())
            recorder.passes = Passes(
                recorder.notes.snapshots, recorder.hooked.covers, everything=True
            )
            recorder.probes = probes = BlockProbes(block, recorder)
            self.first_sequence_nr = next_sequence_nr()
            with (
                watched_backward(recorder),
                watched_warnings(self._warned),
                watched_modules(recorder.modules),
                watched_hooks(recorder.hooked),
                self._lines(probes),
            ):
                yield

    @contextmanager
    def _lines(self, probes: BlockProbes) -> Iterator[None]:
        """Meanwhile the line of each node is noted, where that is possible."""
        probes.begin()
        threads, tracing = threading.gettrace(), sys.gettrace()
        if threads is None:
            threading.settrace(probes.thread_started)
        try:
            if node_creation_hook is not None:
                with node_creation_hook(probes.made):
                    yield
            elif tracing is not None:  # a debugger's, or a measurement's: it stays
                self.lines_known = False
                yield
            else:
                yield from self._traced(probes)
        finally:
            if threads is None:
                threading.settrace(None)
            if not self.lines_known:
                probes.renumbered = True

    def _traced(self, probes: BlockProbes) -> Iterator[None]:
        frame = self.block.frame
        assert frame is not None
        before = frame.f_trace
        frame.f_trace = probes.trace_line
        sys.settrace(probes.trace)
        try:
            yield
        finally:
            sys.settrace(None)
            frame.f_trace = before
            probes.trace_line(frame, "line", None)

    def _warned(self, warned: Warned) -> None:
        frames = self.block.frames(sys._getframe(1))
        line = frames[0].f_lineno if frames else None
        self._events.append(structs.replace(warned, line=line))

    def _frames_of(self, trace: TracebackType | None) -> list[Frame]:
        found = []
        while trace is not None:
            if self.block.has(trace.tb_frame):
                name, line = trace.tb_frame.f_code.co_name, trace.tb_lineno
                code = linecache.getline(trace.tb_frame.f_code.co_filename, line).strip()
                found.append(Frame(name[:200], line, code[:1_000]))
            trace = trace.tb_next
        return found[:MAX_FRAMES]


_NOWHERE = Site("statement", 1, (1, 0, 1, 0))
