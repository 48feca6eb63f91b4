"""Without seccomp: no server, or one that serves nobody but this machine's own user."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import Command, Serve, Served
from tests.pace import patience
from tests.page.browser import Open

PROGRAM = {"code": "1 + 1"}
DRAWN = "/api/v1/graph.dot?code=1"
BROWSER = {"Accept": "text/html,*/*"}


@pytest.fixture(scope="module")
def unsafe(serve: Serve) -> Iterator[Served]:
    """A server on a kernel without seccomp. Its own client sends the token."""
    with serve(module="tests.jail.lacking seccomp", GRADFN_LOCAL_UNSAFE="1") as served:
        yield served


@pytest.fixture(scope="module")
def server_url(unsafe: Served) -> str:
    """Where the browser goes."""
    return unsafe.url


@pytest.fixture
def stranger(unsafe: Served) -> Iterator[httpx.Client]:
    """Somebody on this machine who does not know the token."""
    with httpx.Client(base_url=unsafe.url, timeout=patience(30)) as client:
        yield client


def token_of(server: Served) -> str:
    return server.client.headers["Authorization"].removeprefix("Bearer ")


def is_refused(answer: httpx.Response, why: str) -> bool:
    """Whether it is a problem in these words, and whatever was asked was not done."""
    assert answer.status_code == 403, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    return why in answer.json()["detail"]


@pytest.mark.parametrize(
    ("lacking", "settings", "words"),
    [
        ("seccomp", {}, ["seccomp", "GRADFN_LOCAL_UNSAFE=1"]),
        ("seccomp landlock", {}, ["seccomp", "GRADFN_LOCAL_UNSAFE=1"]),
        ("seccomp", {"GRADFN_LOCAL_UNSAFE": "0"}, ["GRADFN_LOCAL_UNSAFE=1"]),
        ("seccomp", {"GRADFN_LOCAL_UNSAFE": "1", "HOST": "0.0.0.0"}, ["HOST", "0.0.0.0"]),
        ("seccomp", {"GRADFN_LOCAL_UNSAFE": "1", "HOST": "example.org"}, ["HOST"]),
    ],
)
def test_a_server_that_could_do_harm_does_not_start(
    gradfn: Command, lacking: str, settings: dict[str, str], words: list[str]
) -> None:
    ended = gradfn(*lacking.split(), module="tests.jail.lacking", **settings)

    assert ended.returncode == 1
    assert [line for line in ended.stderr.splitlines() if all(word in line for word in words)]
    assert "Traceback" not in ended.stderr


def test_its_own_user_s_program_runs(unsafe: Served) -> None:
    assert unsafe.run("1 + 1")["result"] == {"repr": "2"}
    assert unsafe.client.get(DRAWN).status_code == 200


def test_it_tells_that_seccomp_is_off(unsafe: Served, stranger: httpx.Client) -> None:
    assert stranger.get("/readyz").json()["seccomp"] is False
    assert 'gradfn_jail{layer="seccomp"} 0.0' in stranger.get("/metrics").text


@pytest.mark.parametrize("path", ["/", "/docs", "/examples/leaves", "/openapi.json", DRAWN])
def test_who_does_not_know_the_token_gets_no_answer(stranger: httpx.Client, path: str) -> None:
    assert is_refused(stranger.get(path), "printed at its start")


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Bearer ü", "Basic wrong"])
def test_a_wrong_token_is_none(stranger: httpx.Client, given: str) -> None:
    headers = {b"Authorization": given.encode()}

    assert is_refused(stranger.post("/api/v1/graph", json=PROGRAM, headers=headers), "printed")
    assert stranger.get("/?token=wrong", headers=BROWSER).status_code == 403


@pytest.mark.parametrize("path", ["/api/v1/graph?token=", "/api/v1/graph.dot?code=1&token="])
def test_a_token_in_an_address_opens_the_front_door_alone(
    unsafe: Served, stranger: httpx.Client, path: str
) -> None:
    method = "POST" if path.startswith("/api/v1/graph?") else "GET"

    assert is_refused(stranger.request(method, path + token_of(unsafe)), "printed")


@pytest.mark.parametrize(
    "host", ["example.org", "example.org:80", "127.0.0.1.example.org", "localhost.", "[::2]", ""]
)
@pytest.mark.parametrize("path", ["/", DRAWN, "/readyz", "/static/icon.svg"])
def test_no_other_name_may_be_pointed_here(unsafe: Served, host: str, path: str) -> None:
    assert is_refused(unsafe.client.get(path, headers={"Host": host}), "localhost")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},  # another port of this machine
    ],
)
def test_no_other_page_may_run_a_program(unsafe: Served, headers: dict[str, str]) -> None:
    for answer in (
        unsafe.client.post("/api/v1/graph", json=PROGRAM, headers=headers),
        unsafe.client.post("/api/v1/graph.svg", json=PROGRAM, headers=headers),
        unsafe.client.get(DRAWN, headers=headers),
        unsafe.client.get("/", headers=headers),
    ):
        assert is_refused(answer, "no other page")


def test_the_printed_address_becomes_a_cookie_that_scripts_and_other_sites_do_not_get(
    unsafe: Served, stranger: httpx.Client
) -> None:
    answer = stranger.get(f"/?token={token_of(unsafe)}")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    _, *attributes = answer.headers["set-cookie"].lower().split("; ")
    assert {"httponly", "samesite=strict", "path=/"} <= set(attributes)
    assert stranger.post("/api/v1/graph", json=PROGRAM).json()["result"] == {"repr": "2"}


def test_the_page_works_and_says_that_there_is_no_jail(open_site: Open, unsafe: Served) -> None:
    site = open_site()
    site.go(f"/?token={token_of(unsafe)}")

    expect(site.page).to_have_url(f"{unsafe.url}/")
    expect(site.page.get_by_role("note").get_by_text("No jail.")).to_be_visible()
    site.run("import torch\nw = torch.ones(1, requires_grad=True)\ny = w.sin()")
    expect(site.page.locator("#stage")).to_contain_text("Sin")
    assert site.complaints == []


@pytest.fixture
def foreign_page() -> Iterator[str]:
    """The address of a page on another port: the nearest that another site can be."""

    class Empty(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Empty) as elsewhere:
        thread = Thread(target=elsewhere.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{elsewhere.server_port}/"
        elsewhere.shutdown()
        thread.join()


def runs(server: Served) -> float:
    lines = server.client.get("/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("gradfn_runs_total{"))


def test_a_page_of_another_site_runs_nothing_here(
    browser: Browser, unsafe: Served, server: Served, foreign_page: str
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{unsafe.url}/?token={token_of(unsafe)}")
        page.locator("html[data-ready]").wait_for()
        expect(page.locator("#stage")).to_have_attribute("aria-busy", "false")  # its own run
        before = runs(unsafe), runs(server)
        page.goto(foreign_page)
        for served in (unsafe, server):
            page.evaluate(
                "address => fetch(address, {mode: 'no-cors', credentials: 'include'})",
                served.url + DRAWN,
            )
        page.evaluate("address => { location = address }", f"{unsafe.url}/#code")
        page.wait_for_url(f"{unsafe.url}/**")

        expect(page.get_by_text("for one user only")).to_be_visible()
    assert (runs(unsafe), runs(server)) == (before[0], before[1] + 1)  # with a jail it may
