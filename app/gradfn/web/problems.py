"""Errors of the request itself, as RFC 9457 `application/problem+json`.

* RequestProblem
  - SourceTooLarge   413
  - BodyTooLarge     413
  - BodyTooSlow      408
  - BadQuery         422
  - NotForOthers     403: a server without a jail answers its own user alone
  - NotOwner         403: a live run is commanded by who started it
  - NoSuchExample    404
  - NoSuchPage       404
  - NotAnswered      501: a format that oEmbed has and this server has not
  - NoSuchRun        404
  - NoSuchFile       404
  - WrongState       409: a command that does not fit what the run does
  - NoAnswer         409: the run ended before the expression did
  - BadControl       422
  - NotInThisGraph   404: what a picture is to be around
  - TooManyToDraw    409: a view with more boxes than were asked for
  - NotDrawn         422: larger than a layout may be, or slower than one may take
  - TooManyRuns      429, with Retry-After
  - Busy             503, with Retry-After
  - NotReady         503, with Retry-After
  - Ending           503, with Retry-After

A program that fails is no problem in this sense: it is a run document with an `error`.
"""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

CLIENT_CLOSED_REQUEST = 499  # nginx's word for it; nobody is there to read it


class FieldError(BaseModel):
    """One field of the request that is wrong."""

    field: str
    message: str


class Problem(BaseModel):
    """What is wrong with a request, and what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []


class RequestProblem(Exception):
    """A request that cannot be answered as it is."""

    status = HTTPStatus.BAD_REQUEST
    title = "Bad request"
    retry_seconds: int | None = None

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class SourceTooLarge(RequestProblem):
    """The program is longer than a program may be."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "Program too large"


class BodyTooLarge(RequestProblem):
    """The request is longer than any sound request."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "Request too large"


class BodyTooSlow(RequestProblem):
    """The request did not arrive in the time that a request may take."""

    status = HTTPStatus.REQUEST_TIMEOUT
    title = "Request too slow"


class BadQuery(RequestProblem):
    """The query string does not carry a program."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "No program in the address"


class NotForOthers(RequestProblem):
    """The server has no jail, and the request is not its own user's."""

    status = HTTPStatus.FORBIDDEN
    title = "Not for others"


class NoSuchExample(RequestProblem):
    """There is no example of this name."""

    status = HTTPStatus.NOT_FOUND
    title = "No such example"


class NoSuchPage(RequestProblem):
    """No page of this server has the address, or none may be embedded."""

    status = HTTPStatus.NOT_FOUND
    title = "No such page"


class NotAnswered(RequestProblem):
    """A format that this server does not answer in."""

    status = HTTPStatus.NOT_IMPLEMENTED
    title = "No such format"


class NoSuchRun(RequestProblem):
    """There is no live run of this id."""

    status = HTTPStatus.NOT_FOUND
    title = "No such run"


class NoSuchFile(RequestProblem):
    """The run has left no file of this name, or one that is too large to be kept."""

    status = HTTPStatus.NOT_FOUND
    title = "No such file"


class WrongState(RequestProblem):
    """The run does something to which the command does not fit."""

    status = HTTPStatus.CONFLICT
    title = "Not now"


class NoAnswer(RequestProblem):
    """The run ended before the expression did."""

    status = HTTPStatus.CONFLICT
    title = "No answer"


class BadControl(RequestProblem):
    """There is no such control, or it does not take such a value."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "No such control"


class NotInThisGraph(RequestProblem):
    """There is no function and no tensor of this name in the program's graph."""

    status = HTTPStatus.NOT_FOUND
    title = "Not in the graph"


class TooManyToDraw(RequestProblem):
    """The view has more boxes than were asked for."""

    status = HTTPStatus.CONFLICT
    title = "Too many boxes"


class NotDrawn(RequestProblem):
    """The run was sound, but its graph cannot be drawn within the budget."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Graph not drawn"


class NotOwner(RequestProblem):
    """Only who started a live run may command it."""

    status = HTTPStatus.FORBIDDEN
    title = "Somebody else's run"


class Busy(RequestProblem):
    """Every place in the queue is taken."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Too many programs at once"

    def __init__(self, retry_seconds: int) -> None:
        super().__init__(
            f"As many programs wait as may wait. Try again in {retry_seconds} seconds."
        )
        self.retry_seconds = retry_seconds


class TooManyRuns(RequestProblem):
    """One client asks for more than its share."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many programs from you"

    def __init__(self, detail: str, retry_seconds: int) -> None:
        super().__init__(f"{detail} Try again in {retry_seconds} seconds.")
        self.retry_seconds = retry_seconds


class NotReady(RequestProblem):
    """No program can be run at the moment."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Not ready"

    def __init__(self, retry_seconds: int) -> None:
        super().__init__("No program could be run just now; the server may still be starting.")
        self.retry_seconds = retry_seconds


class Ending(RequestProblem):
    """The server is shutting down, and the program had not ended."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The server is ending"

    def __init__(self, retry_seconds: int) -> None:
        super().__init__(
            "It shuts down before your program has ended; it may be starting again. "
            f"Try again in {retry_seconds} seconds."
        )
        self.retry_seconds = retry_seconds


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


def install_problems(app: FastAPI) -> None:
    """Answer every error of a request as a problem."""

    @app.exception_handler(RequestProblem)
    async def on_problem(_: Request, error: RequestProblem) -> Response:
        headers = {"Retry-After": str(error.retry_seconds)} if error.retry_seconds else None
        return problem_response(error.status, error.title, error.detail, headers=headers)

    @app.exception_handler(ClientGone)
    async def on_gone(_: Request, error: ClientGone) -> Response:
        return Response(status_code=CLIENT_CLOSED_REQUEST)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, error: RequestValidationError) -> Response:
        return _invalid(list(error.errors()))

    @app.exception_handler(HTTPException)
    async def on_http(_: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        return problem_response(status, status.phrase, str(error.detail), headers=error.headers)


async def on_failure(_: Request, error: Exception) -> Response:
    """A mistake of ours as a problem, which shows nothing of it."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return problem_response(
        status,
        status.phrase,
        "The mistake is ours and was logged; the request was sound.",
        headers={"Connection": "close"},  # as uvicorn does after a failure
    )


def problem_response(
    status: HTTPStatus,
    title: str,
    detail: str,
    errors: list[FieldError] | None = None,
    headers: Any = None,
) -> Response:
    """The problem as a response."""
    kind = "-".join(title.lower().split())
    problem = Problem(
        type=f"urn:gradfn:problem:{kind}",
        title=title,
        status=status,
        detail=detail,
        errors=errors or [],
    )
    return JSONResponse(
        problem.model_dump(), status, headers=headers, media_type="application/problem+json"
    )


def _invalid(errors: list[Any]) -> Response:
    """400 for what is not JSON, 422 for JSON that is not a request; never an echo of the input."""
    fields = [
        FieldError(
            field=".".join(_ascii(part) for part in error["loc"][1:]) or "body",
            message=_ascii(error["msg"]),
        )
        for error in errors[:20]
    ]
    if any(error["type"] == "json_invalid" for error in errors):
        return problem_response(
            HTTPStatus.BAD_REQUEST, "Not JSON", "The body of the request is not JSON.", fields
        )
    what = "; ".join(f"{field.field}: {field.message}" for field in fields)
    return problem_response(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid request", what, fields)


def _ascii(text: object) -> str:
    """Any text as ASCII, which every encoder takes: field names may contain lone surrogates."""
    return str(text)[:200].encode("ascii", "backslashreplace").decode()


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem} for status in (400, 413, 422, 429, 503)
}
