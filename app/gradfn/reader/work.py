"""Runs read one after another, each from its frames to the bytes of the answer."""

import os
import resource
import time
from dataclasses import replace
from typing import NoReturn

import msgspec

from gradfn.events.kinds import Answered, Event, FileWritten, RecorderFailed
from gradfn.events.reading import (
    MAX_MISTAKES,
    WORDS,
    Answer,
    LayOut,
    LayoutFormat,
    Problem,
    Read,
    Step,
    pack,
    unpack_events,
    unpack_laid_out,
    unpack_read,
)
from gradfn.explain.backprop.by_hand import backprops
from gradfn.model.by_hand import ByHand
from gradfn.model.document import Backprop, RunDocument
from gradfn.model.stream import finish_of, graph_of
from gradfn.reader.documents import EXPLAIN_SECONDS, OURS, document_for, events_of
from gradfn.reader.pictures import (
    NOT_DRAWN,
    draw_film,
    draw_graph,
    foldable,
    lay_out_graph,
    problem_of,
    with_picture,
)
from gradfn.reader.pipes import read_frame, write
from gradfn.reader.trouble import TookTooLong, Trouble, at_most
from gradfn.render.layout import RenderError

RUN_SECONDS = 20  # of a processor, for all that is done for one run
# What fails where it is none of the steps before: of all else it is the drawing.
STEPS: dict[str, Step] = {
    "evaluated": "read",
    "file": "read",
    "finish": "fold",
    "backprop": "explain",
}
MOST_RUNS, MOST_KIB = 1_000, 128 * 1024  # then another reader is better than this one


def read_runs() -> NoReturn:
    """Read one run after another, as long as there are any and they make no trouble."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(MOST_RUNS):
        head = read_frame()
        if not head:
            break
        work = Work(unpack_read(head))
        _give_time()
        body = work.body()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        spent = work.trouble.any or grown > MOST_KIB
        write(pack(work.answer(spent=spent), body))
        if spent:
            break
    os._exit(0)


def _give_time() -> None:
    """A share of this process's time for one run: what hangs in C is ended by the kernel."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    until = int(used.ru_utime + used.ru_stime) + RUN_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (min(until, most), most))


class Work:
    """One run: what was asked for, and what the server must know of the answer."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._problem: tuple[Problem, str] | None = None
        self._events: list[Event] = []
        self._document = RunDocument()
        self._asked = True
        self.trouble = Trouble()

    def body(self) -> bytes:
        """The answer; nothing where there is a problem."""
        read = self._read
        told = unpack_events(read_frame())
        frames = [read_frame() for _ in range(read.frames)]
        try:
            self._events = events_of(read, told, frames, self.trouble)
            del frames
            if read.what == "evaluated":
                return self._evaluated(self._events)
            if read.what == "file":
                return self._file(self._events)
            self._document = document_for(read, self._events, self.trouble)
            return self._made(self._document)
        except NOT_DRAWN as error:
            self._problem = problem_of(error, self.trouble)
        except Exception:
            self.trouble.mistake(STEPS.get(read.what, "draw"))
            self._problem = "not drawn", f"{OURS} ended the work on it; it was logged."
        return b""

    def answer(self, *, spent: bool) -> Answer:
        """What the server must know."""
        document = self._document
        failed = (each.counts for each in self._events if isinstance(each, RecorderFailed))
        problem, detail = self._problem or (None, "")
        return Answer(
            status=document.status,
            limits=list(document.limits.reached),
            queue_ms=document.timing.queue_ms,
            run_ms=document.timing.run_ms,
            functions=len(document.graph.functions),
            failures=next(failed, {}),
            mistakes=self.trouble.mistakes[:MAX_MISTAKES],
            asked=self._asked,
            spent=spent,
            problem=problem,
            detail=detail[:WORDS],
        )

    def _made(self, document: RunDocument) -> bytes:
        read = self._read
        match read.what:
            case "picture" if read.format == "html":
                return draw_film(read, document, self._lay_out)
            case "picture":
                return draw_graph(read, foldable(read, document), read.format, self._lay_out)
            case "layout":
                graph = foldable(read, document)
                return msgspec.json.encode(lay_out_graph(read, graph, self._lay_out))
            case "backprop":
                return msgspec.json.encode(self._backprop(document))
            case "finish":
                return msgspec.json.encode(finish_of(document).value)
        if read.forms:
            document = with_picture(read, document, self._lay_out, self.trouble)
        timing = document.timing
        total_ms = timing.queue_ms + timing.run_ms
        if read.started is not None:
            total_ms = (time.perf_counter() - read.started) * 1e3
        return msgspec.json.encode(
            replace(document, timing=replace(timing, total_ms=round(total_ms, 3)))
        )

    def _backprop(self, document: RunDocument) -> Backprop:
        by_hand: tuple[ByHand, ...] = ()
        try:
            with at_most(EXPLAIN_SECONDS):
                by_hand = backprops(document, self._read.root, self._read.leaf)
        except TookTooLong:
            self.trouble.limit()
        self._asked = not by_hand or any(each.autograd is not None for each in by_hand)
        return Backprop(document.status, document.error, by_hand)

    def _evaluated(self, events: list[Event]) -> bytes:
        """An `Answered`, with as large a graph as the expression has."""
        [answered] = [event for event in events if isinstance(event, Answered)]
        failed = answered.error
        try:
            with at_most(EXPLAIN_SECONDS):
                graph = graph_of(answered)
        except TookTooLong:
            self.trouble.limit()
            self._problem = "too long", "Its graph takes too long to put together."
            return b""
        answer = {
            "repr": answered.repr,
            "error": {"type": failed.type, "message": failed.message} if failed else None,
            "stdout": self._read.printed,
            "graph": graph,
        }
        return msgspec.json.encode(answer)

    def _file(self, events: list[Event]) -> bytes:
        """What the program left in a file of its own."""
        written = (each for each in events if isinstance(each, FileWritten))
        data = next((each.data for each in written if each.name == self._read.file), None)
        if data is None:
            self._problem = "no such file", "`files` of the run document lists those that are kept."
        return data or b""

    def _lay_out(self, dot: str, format: LayoutFormat) -> bytes:
        """The picture of a DOT text, which the server has made in another process."""
        write(pack(LayOut(format), dot.encode()))
        laid_out = unpack_laid_out(read_frame())
        picture = read_frame()
        if laid_out.error is not None:
            raise RenderError(laid_out.error)
        return picture
