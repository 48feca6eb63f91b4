"""What the events of a live run say to those who watch: each a name, and a value for JSON."""

import base64
from array import array
from dataclasses import asdict
from typing import Any, NamedTuple

from gradfn.events import kinds
from gradfn.events.kinds import Event
from gradfn.events.live import ViewFound, ViewSeen
from gradfn.model.document import Graph, RunDocument
from gradfn.model.fold import diagnostic_of, document_of


class Streamed(NamedTuple):
    """An event of the stream. One with a slot takes the place of the one before it there."""

    name: str
    value: dict[str, Any]
    slot: str | None = None


def streamed(event: Event, views: dict[int, Any]) -> Streamed | None:
    """What watchers are told of it, None if nothing; `views` keeps what moved last in each."""
    match event:
        case kinds.Wrote(stream=stream, text=text):
            return Streamed(stream, {"text": text})
        case kinds.StateSeen():
            views.update({each.view: _view_seen(each) for each in event.views})
            return Streamed("state", _state(event, views), "state")
        case kinds.ControlsFound(controls=controls, speed=speed):
            listed = [each.as_dict() for each in controls]
            return Streamed("controls", {"controls": listed, "speed": speed}, "controls")
        case kinds.ViewsFound(views=found):
            views.clear()
            return Streamed("views", {"views": list(map(_view_found, found))}, "views")
        case kinds.FigureDrawn(format=format, data=data, line=line):
            text = data.decode("utf-8", "replace") if format == "svg" else _base64(data)
            return Streamed("figure", {"format": format, "data": text, "line": line})
        case kinds.Warned():
            return Streamed("diagnostic", asdict(diagnostic_of(event)))
        case kinds.Paused(line=line, iteration=iteration):
            return Streamed("paused", {"line": line, "iteration": iteration})
        case kinds.Resumed():
            return Streamed("resumed", {})
        case kinds.GraphSeen(walked=walked, iteration=iteration, shape=shape):
            return Streamed("graph", _graph(walked, iteration, shape), "graph")
        case kinds.GraphMoved():
            return Streamed("moved", _moved(event), "moved")
        case kinds.GraphWalked():
            return Streamed("graph", _graph(event), "graph")
    return None


def finish_of(document: RunDocument) -> Streamed:
    """The last event: how the run ended."""
    return Streamed("finished", {"status": document.status, "error": document.error})


def graph_of(answered: kinds.Answered) -> Graph | None:
    """The graph of an answer that has one."""
    if answered.walked is None or answered.read is None:
        return None
    return document_of([answered.walked, answered.read]).graph


def _state(event: kinds.StateSeen, views: dict[int, Any]) -> dict[str, Any]:
    return {
        "iteration": event.iteration,
        "line": event.line,
        "root": {"name": event.root, "value": event.value},
        "parameters": {
            each.name or f"leaf {position + 1}": {"value": each.value, "grad": each.grad}
            for position, each in enumerate(event.parameters)
        },
        "scalars": event.scalars,
        "views": {str(number): view for number, view in views.items()},
    }


def _graph(
    walked: kinds.GraphWalked, iteration: int | None = None, shape: int | None = None
) -> dict[str, Any]:
    """That there is another graph to be read, and how large it is."""
    return {"iteration": iteration, "shape": shape, "functions": len(walked.kind_of) // 4}


def _moved(event: kinds.GraphMoved) -> dict[str, Any]:
    """By the ids of the run document that the graph of this shape is in."""
    return {
        "iteration": event.iteration,
        "shape": event.shape,
        "tensors": {
            f"t{each.tensor + 1}": {"value": each.value, "grad": each.grad}
            for each in event.tensors
        },
        "root_values": event.root_values,
        "functions": [
            {
                "function": None if each.function is None else f"f{each.function + 1}",
                "name": each.name,
                "grad_outputs": each.grad_outputs,
                "grad_inputs": each.grad_inputs,
            }
            for each in event.passed
        ],
    }


def _view_seen(seen: ViewSeen) -> dict[str, Any]:
    moved: dict[str, Any] = {}
    if seen.x:
        moved["x"], moved["y"] = _numbers(seen.x), _numbers(seen.y)
    if seen.cells:
        moved["cells"] = _base64(seen.cells)
    return moved


def _view_found(found: ViewFound) -> dict[str, Any]:
    labels = array("i")
    labels.frombytes(found.labels[: len(found.labels) // 4 * 4])
    return {
        "kind": found.kind,
        "title": found.title,
        "across": found.across,
        "up": found.up,
        "extent": found.extent,
        "x": _numbers(found.x),
        "y": _numbers(found.y),
        "labels": labels.tolist(),
        "columns": found.columns,
        "cells": _base64(found.cells),
        "low": found.low,
        "high": found.high,
    }


def _numbers(raw: bytes) -> list[float | None]:
    """A column as JSON has it: six digits are more than a screen shows, null is not finite."""
    numbers = array("d")
    numbers.frombytes(raw[: len(raw) // 8 * 8])
    return [float(f"{each:.6g}") if each - each == 0 else None for each in numbers]


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
