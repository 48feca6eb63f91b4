"""How each operation of the API is asked: for a shell, for Python and for JavaScript.

They are in the OpenAPI document under `x-codeSamples`, which Redoc, Scalar and others show.
"""

import json
import shlex
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

SERVER = "http://127.0.0.1:8000"
PROGRAM = """\
import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (w * w).sum()
loss.backward()
"""
# What takes the place of a parameter; one that only a server knows keeps its name, in capitals.
PARAMETERS = {"slug": "backward", "format": "svg"}
BODIES: dict[str, dict[str, Any]] = {
    "/api/v1/backprop": {"code": PROGRAM, "root": "loss"},
    "/api/v1/runs/{run_id}/commands": {"command": "pause"},
    "/api/v1/runs/{run_id}/evaluate": {"expression": "w.grad"},
}
QUERIES = {"/oembed": "?url=http%3A%2F%2F127.0.0.1%3A8000%2Fembed"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `method` in lower case, `body` JSON or None."""

    method: str
    address: str
    headers: dict[str, str]
    body: dict[str, Any] | None
    is_stream: bool


def add_samples(document: dict[str, Any]) -> None:
    """Give each operation of an OpenAPI document its samples."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            request = _request(path, method, operation)
            operation["x-codeSamples"] = [
                {"lang": "Shell", "label": "curl", "source": _curl(request)},
                {"lang": "Python", "label": "httpx", "source": _httpx(request)},
                {"lang": "JavaScript", "label": "fetch", "source": _fetch(request)},
            ]


def _request(path: str, method: str, operation: dict[str, Any]) -> Request:
    names = [each["name"] for each in operation.get("parameters", ())]
    address = SERVER + path + QUERIES.get(path, "")
    for name in names:
        address = address.replace(f"{{{name}}}", PARAMETERS.get(name, name.upper()))
    if "code" in names:  # of a picture by its address
        address += f"?code={quote(PROGRAM)}"
    body = BODIES.get(path, {"code": PROGRAM}) if "requestBody" in operation else None
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if "gradfn-owner" in names:
        headers["Gradfn-Owner"] = "OWNER"
    good = operation["responses"].get("200", {}).get("content", {})
    return Request(method, address, headers, body, "text/event-stream" in good)


def _curl(request: Request) -> str:
    words = ["curl", "-sS", "--fail-with-body"]
    if request.is_stream:
        words.append("-N")
    if request.method == "delete":
        words += ["-X", "DELETE"]
    words.append(request.address)
    for name, value in request.headers.items():
        words += ["-H", f"{name}: {value}"]
    if request.body is not None:
        words += ["-d", json.dumps(request.body)]
    return shlex.join(words)


def _httpx(request: Request) -> str:
    if request.is_stream:
        return (
            f"import httpx\n\nwith httpx.stream({request.method!r}, {request.address!r}) as answer:"
            "\n    answer.raise_for_status()\n    for line in answer.iter_lines():\n"
            "        print(line)"
        )
    given = [repr(request.address)]
    if request.headers:
        given.append(f"headers={request.headers!r}")
    if request.body is not None:
        given.append(f"json={request.body!r}")
    lines = "".join(f"    {each},\n" for each in given)
    return (
        f"import httpx\n\nanswer = httpx.{request.method}(\n{lines})\n"
        "answer.raise_for_status()\nprint(answer.text)"
    )


def _fetch(request: Request) -> str:
    if request.is_stream:
        return (
            f"const answer = await fetch({json.dumps(request.address)});\n"
            "const text = answer.body.pipeThrough(new TextDecoderStream());\n"
            "for await (const part of text) console.log(part);"
        )
    options: dict[str, Any] = {}
    if request.method != "get":
        options["method"] = request.method.upper()
    if request.headers:
        options["headers"] = request.headers
    if request.body is not None:
        options["body"] = json.dumps(request.body)
    given = f", {json.dumps(options, indent=2)}" if options else ""
    return (
        f"const answer = await fetch({json.dumps(request.address)}{given});\n"
        "if (!answer.ok) throw new Error(await answer.text());\nconsole.log(await answer.text());"
    )
