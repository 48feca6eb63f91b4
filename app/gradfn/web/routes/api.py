"""`/api/v1`: a program in, its run document out; the examples."""

import time
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from gradfn.events.reading import Ran, Read
from gradfn.examples import EXAMPLES, Example
from gradfn.model.document import Backprop, RunDocument
from gradfn.run.reading.formatting import NotFormatted, formatted
from gradfn.web.kept_runs import KeptRuns
from gradfn.web.problems import PROBLEMS, NoSuchRun, Problem
from gradfn.web.reading import answer_to, as_file, forms_of, read_of
from gradfn.web.requests import (
    BackpropRequest,
    FormatRequest,
    RunRequest,
    check_size,
    find_example,
)
from gradfn.web.running import admit, read_kept, run_and_read, while_connected

ASKING = "\nfrom torch import autograd, ones_like\nautograd.backward({0}, ones_like({0}))"


class Formatted(BaseModel):
    """A program with the same meaning, in ruff's form; else null, and `why`."""

    code: str | None
    why: str = ""


router = APIRouter(prefix="/api/v1", tags=["programs"])


@router.post("/graph", response_model=RunDocument, responses=PROBLEMS)
async def graph(request: Request, body: RunRequest) -> Response:
    """Run a program and get everything that there is to know.

    Always 200 when the request was sound: an error that the program raised is in `error`.
    """
    started = time.perf_counter()
    forms = forms_of(picture=body.options.picture, layout=body.options.layout)
    kept: KeptRuns = request.app.state.kept_runs

    def read(ran: Ran) -> Read:
        name = kept.keep(ran) if forms else None
        return read_of(ran, body, "document", forms=forms, name=name, started=started)

    _, document = await run_and_read(request, body, read)
    return Response(document, media_type="application/json")


@router.post("/backprop", response_model=Backprop, responses=PROBLEMS)
async def backprop(request: Request, body: BackpropRequest) -> Response:
    """Run a program and work out a gradient by hand: every path, every factor, the sum.

    Beside it what autograd computed and what finite differences give, and where they part. If the
    program never asks for the gradient of a root that is named, it is run again with that added;
    but not when `graph` of an earlier answer is given: then the account is of that run.
    """

    def read(ran: Ran) -> Read:
        return read_of(ran, body, "backprop", root=body.root, leaf=body.leaf)

    told, answer = await read_kept(request, body, read)
    if body.root and not told.asked and body.graph is None:
        more = RunRequest(code=body.code + ASKING.format(body.root), options=body.options)
        again, with_gradient = await run_and_read(request, more, read)
        if again.status == "finished":
            answer = with_gradient
    return Response(answer, media_type="application/json")


@router.get(
    "/graph/{graph}/files/{name:path}",
    response_class=Response,
    responses={
        **PROBLEMS,
        404: {"model": Problem},
        200: {"content": {"application/octet-stream": {}}},
    },
)
async def read_file(
    request: Request,
    graph: Annotated[str, Path(max_length=100, description="`picture.graph` of a run document.")],
    name: Annotated[str, Path(max_length=200)],
) -> Response:
    """A file that the program wrote, as long as its run is kept."""
    kept: KeptRuns = request.app.state.kept_runs
    ran = kept.get(graph)
    if ran is None:
        raise NoSuchRun("It never was, or it is not kept any more.")
    await admit(request)  # it counts like a run
    read = Read("file", ran.code, ran.limits, len(ran.frames), file=name)
    _, data = await while_connected(request, answer_to(request, ran, read))
    return as_file(data)


@router.post("/format", responses=PROBLEMS)
async def format(request: Request, body: FormatRequest) -> Formatted:
    """The program as ruff formats it. It is read, not run."""
    await admit(request)  # it counts like a run
    check_size(body.code, request.app.state.pool.limits)
    try:
        return Formatted(code=await while_connected(request, formatted(body.code)))
    except NotFormatted as why:
        return Formatted(code=None, why=str(why))


@router.get("/examples")
async def list_examples() -> list[Example]:
    """The programs of the menu, in its order."""
    return list(EXAMPLES)


@router.get("/examples/{slug}", responses={404: {"model": Problem}, 422: {"model": Problem}})
async def get_example(slug: Annotated[str, Path(max_length=200)]) -> Example:
    """One program of the menu."""
    return find_example(slug)
