"""A real Chromium with the page open in it. Whatever the console complains of fails the test."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests.pace import patience
from tests.page.chromium import installed

QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
)
CONTEXT: dict[str, Any] = {
    "viewport": {"width": 1440, "height": 900},
    "reduced_motion": "reduce",
    "locale": "en-GB",
    "timezone_id": "UTC",
    "service_workers": "block",
}
WAIT_MS = patience(20) * 1000

Open = Callable[..., "Site"]


class Site:
    """One tab, and what went wrong in it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")

    def go(self, address: str = "/") -> Response | None:
        """Opens an address and waits until the page is ready and a run of its own is over."""
        response = self.page.goto(self.url + address)
        self.page.locator("html[data-ready]").wait_for()
        self.wait()
        return response

    def wait(self) -> None:
        """Waits until no run is under way."""
        expect(self.page.locator("#stage")).to_have_attribute("aria-busy", "false")

    def write(self, code: str) -> None:
        """Puts a program into the editor, as a reader pastes one."""
        self.page.locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(code)

    def run(self, code: str | None = None) -> None:
        """Runs the program in the editor, or this one instead."""
        if code is not None:
            self.write(code)
        with self.page.expect_response("**/api/v1/graph"):
            self.page.keyboard.press("ControlOrMeta+Enter")
        self.wait()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as the machine has it; as root, as in a container, it runs without its sandbox.

    One for each file: Playwright's event loop ends with it, and the next file may use asyncio.
    """
    arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=installed(), args=arguments, headless="HEADED" not in os.environ
        )
        yield chromium
        chromium.close()


@pytest.fixture
def open_site(browser: Browser, server_url: str) -> Iterator[Open]:
    """Open a tab of one's own: open_site(color_scheme="dark", viewport={…})."""
    sites: list[Site] = []

    def open_tab(**settings: Any) -> Site:
        context = browser.new_context(**{**CONTEXT, **settings})
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        site = Site(page, server_url)
        sites.append(site)
        return site

    expect.set_options(timeout=WAIT_MS)
    yield open_tab
    for site in sites:
        site.page.context.close()
    assert [complaint for site in sites for complaint in site.complaints] == []


@pytest.fixture
def site(open_site: Open) -> Site:
    """The page as a reader first sees it: an example, already run."""
    site = open_site()
    site.go()
    return site
