"""Expressions that a reader asks a live run to evaluate."""

import asyncio
from collections.abc import Callable

from gradfn.events.commands import Ask
from gradfn.events.kinds import Answered

ANSWER_SECONDS = 5.0  # the child itself gives up after two


class NotAnswered(Exception):
    """The run ended before the expression was evaluated; the message says why."""


class Evaluations:
    """Those that were sent to the child and are not answered yet."""

    def __init__(self) -> None:
        self._answers: dict[int, asyncio.Future[Answered]] = {}
        self._sent = 0
        self._printed: list[str] = []

    @property
    def pending(self) -> bool:
        """Whether there are any."""
        return bool(self._answers)

    async def evaluate(self, expression: str, send: Callable[[Ask], None]) -> tuple[Answered, str]:
        """The answer, and what was printed meanwhile; TimeoutError, or NotAnswered."""
        self._sent += 1
        self._printed.clear()
        answer: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._answers[number := self._sent] = answer
        try:
            send(Ask(number, expression))
            answered = await asyncio.wait_for(answer, ANSWER_SECONDS)
        finally:
            del self._answers[number]
        return answered, "".join(self._printed)

    def answered(self, event: Answered) -> None:
        """An answer came; one that nobody waits for is dropped."""
        answer = self._answers.get(event.number)
        if answer is not None and not answer.done():
            answer.set_result(event)

    def printed(self, text: str) -> None:
        """The child printed this while it evaluated."""
        self._printed.append(text)

    def close(self) -> None:
        """No more answers will come."""
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(NotAnswered("The run ended before it was evaluated."))
