"""`/api/v1`: a program in, its run document out; the examples."""

from contextlib import suppress
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response

from gradfn.examples import EXAMPLES, Example
from gradfn.explain.backprop.by_hand import backprops
from gradfn.model.by_hand import ByHand
from gradfn.model.document import Backprop, RunDocument
from gradfn.web.clients import client_of
from gradfn.web.drawing import forms_of, with_picture
from gradfn.web.explaining import Explainer
from gradfn.web.problems import PROBLEMS, Problem
from gradfn.web.requests import BackpropRequest, RunRequest, find_example
from gradfn.web.running import run_for, while_connected
from gradfn.web.work import TookTooLong

ASKING = "\nfrom torch import autograd, ones_like\nautograd.backward({0}, ones_like({0}))"

router = APIRouter(prefix="/api/v1", tags=["programs"])


@router.post("/graph", response_model=RunDocument, responses=PROBLEMS)
async def graph(request: Request, body: RunRequest) -> Response:
    """Run a program and get everything that there is to know.

    Always 200 when the request was sound: an error that the program raised is in `error`.
    """
    document = await run_for(request, body)
    if forms := forms_of(picture=body.options.picture, layout=body.options.layout):
        document = await with_picture(request, document, body.code, forms, body.options.choice)
    return Response(msgspec.json.encode(document), media_type="application/json")


@router.post("/backprop", response_model=Backprop, responses=PROBLEMS)
async def backprop(request: Request, body: BackpropRequest) -> Response:
    """Run a program and work out a gradient by hand: every path, every factor, the sum.

    Beside it what autograd computed and what finite differences give, and where they part. If the
    program never asks for the gradient of a root that is named, it is run again with that added.
    """
    document = await run_for(request, body)
    by_hand = await _by_hand(request, document, body)
    if body.root and by_hand and all(each.autograd is None for each in by_hand):
        more = RunRequest(code=body.code + ASKING.format(body.root), options=body.options)
        again = await run_for(request, more)
        if again.status == "finished":
            document, by_hand = again, await _by_hand(request, again, body)
    answer = Backprop(document.status, document.error, by_hand)
    return Response(msgspec.json.encode(answer), media_type="application/json")


async def _by_hand(
    request: Request, document: RunDocument, body: BackpropRequest
) -> tuple[ByHand, ...]:
    explainer: Explainer = request.app.state.explainer
    with suppress(TookTooLong):
        work = explainer.do(lambda: backprops(document, body.root, body.leaf), client_of(request))
        return await while_connected(request, work)
    return ()


@router.get("/examples")
async def list_examples() -> list[Example]:
    """The programs of the menu, in its order."""
    return list(EXAMPLES)


@router.get("/examples/{slug}", responses={404: {"model": Problem}, 422: {"model": Problem}})
async def get_example(slug: Annotated[str, Path(max_length=200)]) -> Example:
    """One program of the menu."""
    return find_example(slug)
