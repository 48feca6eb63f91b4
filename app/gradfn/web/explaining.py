"""The document of a run, made in a thread and in bounded time: a child's events are hostile input.

A program can cause events that take minutes to explain, or be so long that it takes minutes itself.
So explaining is stopped when it has used its time; the document is then there without explanations,
and says so. So it is after a mistake of ours: whatever a child sent, its run has a document.
"""

import math
from collections.abc import Callable
from dataclasses import replace

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
from gradfn.explain.document import explained
from gradfn.model.document import Diagnostic, RunDocument, Status
from gradfn.model.fold import document_of
from gradfn.run.cores import cores
from gradfn.web.work import TookTooLong, Workers

SECONDS = 1.5  # of a processor; the largest graph that a child may report takes less than one
# Events without indices, tables or columns: what a document is made of when all cannot be.
PLAIN = (Printed, Evaluated, Warned, Raised, Halted, LimitReached, Crashed, Finished, Timed)


class Explainer(Workers):
    """Makes documents, as many at once as there are processors.

    `seconds` of a processor is what explaining one may take.
    `failed` is called with "fold" or "explain" while an exception is handled that only a mistake
    of ours can raise.
    """

    def __init__(
        self, seconds: float = SECONDS, failed: Callable[[str], None] = lambda _: None
    ) -> None:
        super().__init__(cores(), seconds)
        self._failed = failed

    async def document(
        self,
        events: list[Event],
        code: str,
        client: str = "",
        *,
        steps: bool = False,
        roots: list[str] | None = None,
        status: Status | None = None,
        explain: bool = True,
        by_hand: bool = False,
    ) -> RunDocument:
        """What the events amount to, explained as far as there is time for it.

        `client` is whose turn it takes; `status` is that of a run that has not ended, for which
        there is no event. Without `explain`, it is for somebody who reads no explanations.
        """
        folded: list[RunDocument] = []

        def fold() -> RunDocument:
            document = document_of(events, steps=steps)
            folded.append(document if status is None else replace(document, status=status))
            return folded[0]

        def work() -> RunDocument:
            document = fold()
            return explained(document, code, roots, by_hand=by_hand) if explain else document

        try:
            return await self.do(work, client)
        except TookTooLong:
            note = _unexplained(f"They would have taken more than {self.seconds:g} s to work out.")
        except Exception:
            self._failed("explain" if folded else "fold")
            note = _unexplained("A mistake of ours ended the work on them; it was logged.")
            if not folded:
                folded.append(_plain_document(events, status))
        if not folded:  # its time is proportional to the events, whose size has a limit
            try:
                await self.do(fold, client, math.inf)
            except Exception:
                self._failed("fold")
                folded.append(_plain_document(events, status))
        return replace(folded[0], diagnostics=(*folded[0].diagnostics, note))


def _plain_document(events: list[Event], status: Status | None) -> RunDocument:
    """Without graph, values and steps; it says so."""
    document = document_of(event for event in events if isinstance(event, PLAIN))
    note = Diagnostic(
        "unread",
        "warning",
        None,
        "The graph of this run is not shown",
        "A mistake of ours: what was recorded could not be put together. It was logged.",
        "Run a shorter program, or a part of it.",
    )
    document = replace(document, diagnostics=(*document.diagnostics, note))
    return document if status is None else replace(document, status=status)


def _unexplained(why: str) -> Diagnostic:
    return Diagnostic(
        "unexplained",
        "info",
        None,
        "This run has no explanations",
        why,
        "Run a shorter program, or one that builds less.",
    )
