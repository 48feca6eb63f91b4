"""The playground in a page of a course, and on a wall."""

import base64
import json
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from tests.page.browser import Open, Site


def link(code: str) -> str:
    """What the address of the page has for a program."""
    packed = zlib.compressobj(wbits=-15)
    raw = packed.compress(json.dumps({"code": code}).encode()) + packed.flush()
    return "#v1." + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Course(BaseHTTPRequestHandler):
    """A page of somebody else, with what its address asks for in a frame."""

    def do_GET(self) -> None:
        """The address is that of the frame."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f'<iframe src="{self.path[1:]}" width=700 height=500></iframe>'.encode())

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


@pytest.fixture
def course() -> Iterator[str]:
    """The address of a course: localhost is another site than 127.0.0.1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Course)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_embedded_page_runs_in_a_frame_of_another_site(open_site: Open, course: str) -> None:
    site = open_site()
    site.page.goto(f"{course}/{site.url}/embed/retain-grad")
    frame = site.page.frame_locator("iframe")
    expect(frame.locator("#stage g.node.tensor.leaf")).to_have_count(2)
    expect(frame.get_by_role("button", name="Run")).to_be_visible()
    expect(frame.get_by_role("link", name="Guide")).to_be_hidden()
    expect(frame.locator("#examples")).to_be_hidden()
    assert all("another host" in each for each in site.complaints), "that of the course"
    site.complaints.clear()


def test_no_other_page_can_be_framed(open_site: Open, course: str) -> None:
    site = open_site()
    with site.page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        site.page.goto(f"{course}/{site.url}/")
    expect(site.page.frame_locator("iframe").locator("#stage")).to_have_count(0)
    site.complaints.clear()


def test_a_site_that_is_not_named_cannot_frame_it(open_site: Open, course: str) -> None:
    site = open_site()
    other = course.replace("localhost", "127.0.0.1")
    with site.page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        site.page.goto(f"{other}/{site.url}/embed")
    expect(site.page.frame_locator("iframe").locator("#stage")).to_have_count(0)
    site.complaints.clear()


def test_a_frame_made_by_oembed_shows_the_program_of_a_link(open_site: Open, course: str) -> None:
    site = open_site()
    shared = f"{site.url}/{link('import torch; shared = torch.ones(2, requires_grad=True) * 3')}"
    answer = site.page.request.get(f"{site.url}/oembed", params={"url": shared, "maxwidth": "600"})
    described = answer.json()
    assert (described["version"], described["type"]) == ("1.0", "rich")
    assert (described["width"], described["height"]) == (600, 520)

    site.page.goto(f"{course}/about:blank")
    site.page.evaluate("html => (document.body.innerHTML = html)", described["html"])
    expect(site.page.frame_locator("iframe").locator(".cm-content")).to_contain_text("shared =")
    site.complaints.clear()


def test_an_embedded_page_is_guarded_like_any_other_but_for_its_frame(site: Site) -> None:
    def policy(address: str) -> set[str]:
        headers = site.page.request.get(site.url + address).headers
        parts = headers["content-security-policy"].split("; ")
        return {part for part in parts if "nonce-" not in part}

    assert policy("/") ^ policy("/embed") == {
        "frame-ancestors 'none'",
        "frame-ancestors http://localhost:*",
    }


def test_on_a_wall_there_are_the_graph_and_one_line_of_what_happens(open_site: Open) -> None:
    site = open_site()
    site.go("/?present")
    page = site.page
    expect(page.locator("#stage g.node").first).to_be_visible()
    for hidden in ("#editor", "#details", "#notes"):
        expect(page.locator(hidden)).to_be_hidden()
    page.keyboard.press("Home")
    expect(page.locator("#step-text")).to_be_visible()
    size = page.locator("#step-text").evaluate("each => getComputedStyle(each).fontSize")
    assert size == "20px"
    scale = page.locator("#stage g.graph").evaluate("graph => graph.getScreenCTM().a")
    assert scale > 1


@pytest.mark.parametrize("size", [(640, 360), (1280, 400)])
def test_on_a_low_screen_the_page_scrolls_and_no_pane_is_squeezed_to_nothing(
    open_site: Open, size: tuple[int, int]
) -> None:
    width, height = size
    site = open_site(viewport={"width": width, "height": height})
    site.go()
    stage = site.page.locator("#stage").bounding_box()
    assert stage is not None
    assert stage["height"] > 150
    site.page.locator("#timeline").scroll_into_view_if_needed()
    expect(site.page.locator("#timeline")).to_be_in_viewport()
