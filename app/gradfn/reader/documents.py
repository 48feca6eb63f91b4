"""The document of a run. Whatever a child sent, its run has one.

A program can cause events that take minutes to put together or to explain. So both are stopped when
they have used their time; what is there without them is the document, and it says so. So it is
after a mistake of ours.
"""

from collections.abc import Iterator
from dataclasses import replace

from gradfn.events.event_reader import EventReader
from gradfn.events.kinds import (
    Crashed,
    Evaluated,
    Event,
    Finished,
    Halted,
    LimitReached,
    Printed,
    Raised,
    Timed,
    Warned,
)
from gradfn.events.limits_met import broken_channel, events_limit, reached_limit
from gradfn.events.reading import Read, frame
from gradfn.events.wire import BrokenWire
from gradfn.explain.document import explained
from gradfn.jail.jail import release_reserve
from gradfn.model.document import Diagnostic, RunDocument
from gradfn.model.fold import document_of
from gradfn.reader.trouble import TookTooLong, Trouble, at_most

# Of a processor. The largest graph that a child may report takes less than one to explain.
FOLD_SECONDS, EXPLAIN_SECONDS = 10.0, 1.5
# Events without indices, tables or columns: what a document is made of when all cannot be.
PLAIN = (Printed, Evaluated, Warned, Raised, Halted, LimitReached, Crashed, Finished, Timed)
OURS = "A mistake of ours"


def events_of(read: Read, told: list[Event], frames: list[bytes], trouble: Trouble) -> list[Event]:
    """What the child sent, as far as it holds records, and what the server told of the run."""
    events: list[Event] = []
    try:
        events.extend(_sent(read, frames))
    except BrokenWire as error:
        return [*events, *_with_end(told, broken_channel(str(error)))]
    except MemoryError:
        trouble.limit()
        end = broken_channel("what it sent takes more memory than there is to read it")
        return [*events, *_with_end(told, end)]
    except Exception:
        trouble.mistake("read")
        end = broken_channel("the server could not read what it sent")
        return [*events, *_with_end(told, end)]
    if events and isinstance(events[-1], LimitReached) and events[-1].limit == "events":
        return [*events[:-1], *_with_end(told, events[-1])]
    return [*events, *told]


def _sent(read: Read, frames: list[bytes]) -> Iterator[Event]:
    reader = EventReader(read.limits)
    for body in frames:
        for event in reader.feed(frame(body)):
            yield event
            if (limit := reached_limit(event, read.limits)) is not None:
                yield limit
        if reader.is_over_limit:
            yield events_limit(read.limits)
            return


def _with_end(told: list[Event], end: Event) -> list[Event]:
    """What the server told, with another end than it saw."""
    others = [event for event in told if not isinstance(event, Crashed | LimitReached)]
    return [*others, end]


def document_for(read: Read, events: list[Event], trouble: Trouble) -> RunDocument:
    """What the events amount to, explained as far as there is time for it and it is asked for."""
    document, note = _folded(read, events, trouble)
    if read.status is not None:
        document = replace(document, status=read.status)
    if read.lost is not None:
        note = _unread(read.lost)
    if note is None and read.explain:
        document, note = _explained(read, document, trouble)
    if note is not None:
        document = replace(document, diagnostics=(*document.diagnostics, note))
    return document if read.figures else replace(document, figures=())


def _folded(
    read: Read, events: list[Event], trouble: Trouble
) -> tuple[RunDocument, Diagnostic | None]:
    try:
        with at_most(FOLD_SECONDS):
            return document_of(events, steps=read.steps), None
    except TookTooLong:
        trouble.limit()
        why = f"What was recorded would have taken more than {FOLD_SECONDS:g} s to put together."
    except MemoryError:
        trouble.limit()
        release_reserve()
        why = "What was recorded takes more memory than there is to put it together."
    except Exception:
        trouble.mistake("fold")
        why = f"{OURS}: what was recorded could not be put together. It was logged."
    return document_of(event for event in events if isinstance(event, PLAIN)), _unread(why)


def _explained(
    read: Read, document: RunDocument, trouble: Trouble
) -> tuple[RunDocument, Diagnostic | None]:
    try:
        with at_most(EXPLAIN_SECONDS):
            return explained(document, read.code, read.roots, by_hand=read.by_hand), None
    except TookTooLong:
        trouble.limit()
        why = f"They would have taken more than {EXPLAIN_SECONDS:g} s to work out."
    except MemoryError:
        trouble.limit()
        why = "They would have taken more memory than there is."
    except Exception:
        trouble.mistake("explain")
        why = f"{OURS} ended the work on them; it was logged."
    return document, _unexplained(why)


def _unread(why: str) -> Diagnostic:
    return Diagnostic(
        "unread",
        "warning",
        None,
        "The graph of this run is not shown",
        why,
        "Run a shorter program, or a part of it.",
    )


def _unexplained(why: str) -> Diagnostic:
    return Diagnostic(
        "unexplained",
        "info",
        None,
        "This run has no explanations",
        why,
        "Run a shorter program, or one that builds less.",
    )
