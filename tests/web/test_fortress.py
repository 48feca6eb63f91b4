"""What every answer carries, and what no answer gives away."""

import asyncio
import re
import socket
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, expect
from starlette.types import Message, Receive, Scope, Send

from gradfn.web.middleware.body import BodyLimit
from tests.conftest import Serve, Served
from tests.pace import patience
from tests.page.browser import Open
from tests.web.failing import SECRET

CODE = "import torch; y = torch.ones(1, requires_grad=True) * 2"
ANSWERS = [
    ("GET", "/", 200),
    ("GET", "/examples/leaves", 200),
    ("GET", "/examples/nothing", 404),
    ("GET", "/docs", 200),
    ("GET", "/openapi.json", 200),
    ("GET", "/static/page/playground.js", 200),
    ("GET", "/static/icon.svg", 200),
    ("GET", "/static/nothing", 404),
    ("GET", "/nothing", 404),
    ("GET", "/healthz", 200),
    ("GET", "/readyz", 200),
    ("GET", "/metrics", 200),
    ("GET", "/api/v1/examples", 200),
    ("GET", f"/api/v1/graph.svg?code={CODE}", 200),
    ("GET", f"/api/v1/graph.png?code={CODE}", 200),
    ("GET", f"/api/v1/graph.dot?code={CODE}", 200),
    ("GET", "/api/v1/graph.svg", 422),
    ("GET", "/api/v1/graph", 405),
    ("POST", "/api/v1/graph", 422),
]
FAILURES = [
    ("GET", "/", None),
    ("GET", "/examples/leaves", None),
    ("GET", "/api/v1/examples/leaves", None),
    ("GET", "/api/v1/graph.svg?code=1", None),
    ("GET", "/metrics", None),
    ("POST", "/api/v1/graph", {"code": "1"}),
    ("POST", "/api/v1/graph.png", {"code": "1"}),
]


def policy_of(answer: Any) -> dict[str, list[str]]:
    """The Content-Security-Policy, by directive."""
    parts = (part.split() for part in answer.headers["content-security-policy"].split(";"))
    return {name: sources for name, *sources in parts}


def is_guarded(answer: Any) -> bool:
    """Whether a browser may guess no type, frame it nowhere, and tell nobody whence it came."""
    policy = policy_of(answer)
    return (
        answer.headers["x-content-type-options"] == "nosniff"
        and answer.headers["x-frame-options"] == "DENY"
        and answer.headers["referrer-policy"] == "no-referrer"
        and policy["frame-ancestors"] == ["'none'"]
        and policy["default-src"] == ["'none'"]
    )


@pytest.mark.parametrize(("method", "address", "status"), ANSWERS)
def test_every_answer_is_guarded(server: Served, method: str, address: str, status: int) -> None:
    answer = server.client.request(method, address)

    assert answer.status_code == status
    assert is_guarded(answer)


@pytest.mark.parametrize("address", ["/", "/examples/leaves", "/examples/nothing", "/docs"])
def test_a_page_runs_scripts_of_ours_alone(server: Served, address: str) -> None:
    answer = server.client.get(address)
    policy = policy_of(answer)
    [nonce] = [each for each in policy["script-src"] if each != "'self'"]
    assert re.fullmatch(r"'nonce-[\w-]{20,}'", nonce)
    assert policy["base-uri"] == ["'none'"]
    assert {source for sources in policy.values() for source in sources} - {nonce} <= {
        *("'self'", "'none'", "data:"),
        *("'unsafe-inline'",),  # of styles: see below
        *("'script'", "lit-html"),  # trusted types
    }
    assert all(name.startswith("style-src") for name in policy if "'unsafe-inline'" in policy[name])

    inline = Inline()
    inline.feed(answer.text)
    assert inline.handlers == []
    assert all(f"'nonce-{each}'" == nonce for each in inline.nonces)


class Inline(HTMLParser):
    """What a page has in it that would run: scripts without an address, and `on…` attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.nonces: list[str | None] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "script" and "src" not in attributes:
            if attributes.get("type") != "application/json":
                self.nonces.append(attributes.get("nonce"))
        self.handlers += [name for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("address", [f"/api/v1/graph.svg?code={CODE}", "/api/v1/examples"])
def test_what_is_no_page_runs_no_script(server: Served, address: str) -> None:
    policy = policy_of(server.client.get(address))

    assert policy["sandbox"] == []
    assert "script-src" not in policy  # what default-src says


@pytest.fixture(scope="module")
def failing(serve: Serve) -> Iterator[Served]:
    """A server whose handlers all have a mistake in them."""
    with serve(module="tests.web.failing") as served:
        yield served


@pytest.mark.parametrize(("method", "address", "body"), FAILURES)
def test_a_mistake_of_ours_is_a_problem_that_tells_nothing_of_it(
    failing: Served, method: str, address: str, body: Any
) -> None:
    answer = failing.client.request(method, address, json=body)

    assert answer.status_code == answer.json()["status"] == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"]
    assert is_guarded(answer)
    for telling in (SECRET, "LookupError", "Traceback", ".py", "line "):
        assert telling not in answer.text


def test_after_a_mistake_of_ours_nobody_s_place_is_taken(failing: Served) -> None:
    for _ in range(40):
        failing.client.post("/api/v1/graph", json={"code": "1"})

    assert failing.client.get("/readyz").status_code == 200


def test_a_body_that_says_how_large_it_is_is_refused_before_it_is_sent(server: Served) -> None:
    address = urlsplit(server.url)
    with socket.create_connection(
        (address.hostname, address.port), timeout=patience(30)
    ) as connection:
        connection.sendall(
            b"POST /api/v1/graph HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 10000000000\r\nExpect: 100-continue\r\n\r\n"
        )
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 413 "), answer[:100]


async def test_a_body_that_does_not_come_is_refused_in_time() -> None:
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass

    async def receive() -> Message:
        if not sent:
            await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "headers": [], "method": "POST", "path": "/"}
    await BodyLimit(app, most_bytes=10**9, all_bytes=10**9, seconds=0.1)(scope, receive, send)

    assert sent[0]["status"] == 408


async def test_a_body_that_has_come_may_wait_for_its_answer() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        assert (await receive())["type"] == "http.disconnect"

    messages: Iterator[Message] = iter(
        [{"type": "http.request", "body": b"1"}, {"type": "http.disconnect"}]
    )

    async def receive() -> Message:
        await asyncio.sleep(0.03)
        return next(messages)

    async def send(message: Message) -> None:
        raise AssertionError(message)

    scope = {"type": "http", "headers": [], "method": "POST", "path": "/"}
    await BodyLimit(app, most_bytes=10, all_bytes=100, seconds=0.05)(scope, receive, send)


def test_a_browser_runs_no_script_that_is_put_into_the_page(open_site: Open) -> None:
    site = open_site()
    site.go()
    for put in (
        "document.body.appendChild(document.createElement('script')).text = 'harmed = true'",
        "document.body.setAttribute('onclick', 'harmed = true')",
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=harmed=1>')",
        "document.body.innerHTML = '<iframe srcdoc=1>'",
    ):
        with pytest.raises(Error, match="Trusted"):
            site.page.evaluate(put)
    with pytest.raises(Error):
        site.page.add_script_tag(url="data:text/javascript,harmed=true")

    assert site.page.evaluate("window.harmed") is None
    assert site.complaints
    site.complaints.clear()


def test_a_browser_shows_it_in_no_frame(browser: Browser, server: Served) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.set_content(f"<iframe src='{server.url}/'></iframe><p>done</p>")
        expect(page.get_by_text("done")).to_be_visible()
        page.wait_for_load_state("networkidle")

        assert not any(frame.url.startswith(server.url) for frame in page.frames)


@pytest.mark.parametrize("path", ["/", "/guide", "/docs", "/healthz", "/static/icon.svg"])
def test_a_page_can_be_asked_for_its_head_alone(server: Served, path: str) -> None:
    answer = server.client.head(path)

    assert (answer.status_code, answer.content) == (200, b"")
    assert is_guarded(answer)


def test_no_answer_leads_to_the_host_that_a_request_names(server: Served) -> None:
    answer = server.client.get("/guide/", headers={"Host": "evil.example"})

    assert answer.status_code == 404
    assert "evil.example" not in str(answer.headers)
