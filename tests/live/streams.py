"""Live runs as a client has them: started, watched, ordered."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of a stream; a curve has no id of its own."""

    name: str
    value: Json
    id: str | None


class Run:
    """One live run."""

    def __init__(self, client: httpx.Client, address: str) -> None:
        self.client, self.address = client, address

    @contextmanager
    def watched(self, last_id: str | None = None) -> Iterator[Iterator[Heard]]:
        """Its events, as they come."""
        headers = {"Last-Event-ID": last_id} if last_id else {}
        with self.client.stream("GET", f"{self.address}/events", headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield _events(answer.iter_lines())

    def heard(self, last_id: str | None = None) -> list[Heard]:
        """All its events, to the last."""
        with self.watched(last_id) as events:
            return list(events)

    def order(self, command: str, **more: Any) -> httpx.Response:
        """Give it an order."""
        return self.client.post(f"{self.address}/commands", json={"command": command, **more})

    def ask(self, expression: str) -> Json:
        """What it answers."""
        answer = self.client.post(f"{self.address}/evaluate", json={"expression": expression})
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def document(self) -> Json:
        """The run document as it stands now."""
        found: Json = self.client.get(self.address).json()
        return found


def start(client: httpx.Client, code: str | None = None, **asked: Any) -> Run:
    """A live run of a program, or of an example."""
    body = {"code": code, **asked} if code is not None else asked
    answer = client.post("/api/v1/runs", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == answer.json()["links"]["self"]
    return Run(client, answer.json()["links"]["self"])


def until(events: Iterator[Heard], name: str) -> Json:
    """The next event of this name."""
    return next(event.value for event in events if event.name == name)


def curve(events: list[Heard]) -> list[float]:
    """The points of the loss; fails where one is missing."""
    points: list[float] = []
    for event in events:
        if event.name == "curve":
            assert event.value["first"] <= len(points), "points are missing"
            points[event.value["first"] :] = event.value["values"]
    return points


def _events(lines: Iterator[str]) -> Iterator[Heard]:
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield Heard(fields["event"], json.loads(fields["data"]), fields.get("id"))
            fields = {}
