"""Live runs in a real Chromium: they stream, take orders, and are found again after a reload."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.conftest import Serve
from tests.page.browser import Open, Site

LIVE = Path(__file__).parents[1] / "live/test_live.py"
FOREVER = LIVE.read_text().split('"""')[3].strip() + "\n"
LOSS = re.compile(r"^loss [\d.]+ at iteration (\d+)$")


@pytest.fixture(scope="module")
def server_url(serve: Serve) -> Iterator[str]:
    """A server that soon stops what the tests leave behind, for two cores are all there is."""
    settings: dict[str, Any] = {"GRADFN_LIVE_RUNS": "20", "GRADFN_CLIENT_LIVE_RUNS": "20"}
    with serve(**settings, GRADFN_LIVE_ALONE_SECONDS="5") as served:
        yield served.url


def go(site: Site, address: str) -> Page:
    """Opens an address, without waiting for the run."""
    site.page.goto(site.url + address)
    site.page.locator("html[data-ready]").wait_for()
    return site.page


def points(page: Page) -> int:
    """How many points of the loss are drawn."""
    return int(page.locator("#loss").get_attribute("data-points") or 0)


def test_part_3_1_streams_to_its_end_with_the_figures_of_the_article(open_site: Open) -> None:
    page = go(open_site(), "/examples/linear-regression")
    caption = page.locator("#chart-loss")

    expect(caption).to_have_text(LOSS)
    expect(page.locator("#run-label")).to_have_text("Stop")
    expect(page.locator("#live [data-view]")).to_have_count(2)
    expect(caption).to_have_text("loss 0.9837 at iteration 80")
    expect(page.locator("#stage")).to_have_attribute("aria-busy", "false")
    assert points(page) == 81
    page.locator("#tab-output").click()
    expect(page.locator("#output .stdout")).to_contain_text("40 1.2799\n60 1.1152\n80 0.9837")
    expect(page.locator("#output .frames")).to_have_text("frame 5 of 5")
    last = page.get_by_role("img", name="Figure 1 of the program").get_attribute("src")
    page.get_by_label("Frame of figure 1").fill("0")
    expect(page.locator("#output .frames")).to_have_text("frame 1 of 5")
    assert page.get_by_role("img", name="Figure 1 of the program").get_attribute("src") != last


LISTEN = """
const send = fetch;
window.fetch = (address, options) => {
  if (options?.keepalive) localStorage.setItem("left", address);
  return send(address, options);
};
"""


def test_a_page_that_is_left_says_so_and_its_run_ends(open_site: Open) -> None:
    site = open_site()
    site.page.add_init_script(LISTEN)  # the browser tells nobody of requests of a page that is gone
    page = go(site, "/examples/two-spirals")
    expect(page.locator("#chart-loss")).to_have_text(LOSS)
    page.goto(f"{site.url}/guide")
    left = page.evaluate("localStorage.getItem('left')")
    assert left.endswith("/commands")
    page.wait_for_function(
        "run => fetch(run).then(r => r.json()).then(({ status }) => status === 'stopped')",
        arg=left.removesuffix("/commands"),
        polling=500,
    )


def test_the_graph_is_drawn_while_it_runs_and_its_numbers_move(open_site: Open) -> None:
    page = go(open_site(), "/examples/linear-regression")
    loss = page.locator("svg.drawing text", has_text=re.compile(r"^loss = "))
    expect(loss).to_be_visible()
    expect(page.locator("#run-label")).to_have_text("Stop")
    drawing = page.locator("svg.drawing > g > *").element_handle()
    before = loss.text_content() or ""
    expect(loss).not_to_have_text(before)
    assert drawing is not None
    assert drawing.evaluate("each => each.isConnected"), "the numbers are new, the drawing is not"
    expect(page.locator("g.gradients text").first).to_be_visible()
    page.locator("#live").get_by_role("button", name="Pause").click()
    expect(page.locator("#variables-count")).to_have_text("14")
    expect(page.locator("#status")).to_have_text("Paused")
    page.locator("#run").click()  # or a place for a live run would be taken for a minute
    expect(page.locator("#run-label")).to_have_text("Run")


def test_it_is_paused_stepped_given_another_learning_rate_and_resumed(open_site: Open) -> None:
    page = go(open_site(), "/examples/linear-regression")
    live = page.locator("#live")
    expect(page.locator("#chart-loss")).to_have_text(LOSS)
    status = live.locator(".live-status")
    live.get_by_role("button", name="Pause").click()
    expect(status).to_contain_text("paused before line")  # whichever it was at
    live.get_by_role("button", name="Step").click()
    expect(status).to_contain_text("paused before line 17")
    iteration = int(status.inner_text().split()[-1])
    live.get_by_role("button", name="Step").click()
    expect(status).to_have_text(f"paused before line 17 · iteration {iteration + 1}")
    expect(page.locator("#loss")).to_have_attribute("data-points", str(iteration + 2))
    page.locator("[data-control=lr]").fill("1000")
    ask = live.get_by_label("Expression to evaluate")
    ask.fill("lr")
    ask.press("Enter")
    expect(live.locator(".answer pre")).to_have_text("0.2")
    live.get_by_role("button", name="Resume").click()
    # With this lr the loss does not fall, it grows.
    expect(page.locator("#chart-loss")).to_have_text(re.compile(r"e\+|0{4}|Infinity|NaN|\d{4}"))


def test_the_graph_has_the_values_and_gradients_of_the_iteration_that_holds(
    open_site: Open,
) -> None:
    page = go(open_site(), "/examples/linear-regression")
    live = page.locator("#live")
    expect(page.locator("#chart-loss")).to_have_text(LOSS)
    expect(page.locator("#stage g.node text", has_text="MulBackward0").first).to_be_visible()
    live.get_by_role("button", name="Pause").click()
    expect(live.locator(".live-status strong")).to_contain_text("paused")
    expect(page.locator("#status")).to_have_text("Paused")
    ask = live.get_by_label("Expression to evaluate")
    ask.fill("round(w.item(), 4)")
    ask.press("Enter")
    held = live.locator(".answer pre").inner_text()
    expect(page.locator("#stage g.node text", has_text="w = [")).to_have_text(f"w = [{held}]")
    expect(page.locator("#stage g.gradients text").first).to_be_visible()
    expect(page.locator("#variables-count")).to_have_text(re.compile(r"\d+"))


def test_a_number_that_moves_is_drawn_and_one_that_counts_is_not(open_site: Open) -> None:
    page = go(open_site(), "/examples/vanishing-gradients")

    expect(page.locator("#chart-numbers figcaption")).to_have_text(re.compile(r"first\s+last"))
    expect(page.locator("#numbers")).to_have_attribute("aria-label", re.compile("first .*, last "))


def test_a_reload_in_the_middle_finds_the_run_again_and_misses_nothing(open_site: Open) -> None:
    site = open_site()
    page = go(site, "/examples/logistic-regression")
    expect(page.locator("#chart-loss")).to_have_text(LOSS)
    with page.expect_request(re.compile(r"/runs/[^/]+/events$")) as again:
        page.reload()
    starts = [url for url in site.requests if url.endswith("/api/v1/runs")]
    expect(page.locator("#chart-loss")).to_have_text(
        re.compile(r"at iteration 600$"), timeout=90_000
    )
    assert again.value.url
    assert len(starts) == 1
    assert points(page) == 601


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desktop", "phone"])
def test_a_live_page_is_accessible_and_nothing_sticks_out(
    open_site: Open, scheme: str, size: tuple[int, int]
) -> None:
    width, height = size
    site = open_site(color_scheme=scheme, viewport={"width": width, "height": height})
    page = go(site, "/examples/logistic-regression")
    live = page.locator("#live")
    expect(page.locator("#chart-loss")).to_have_text(LOSS)
    expect(page.locator("#stage g.gradients text").first).to_be_visible()
    live.get_by_role("button", name="Pause").click()
    expect(live.get_by_role("status").first).to_contain_text("paused before line")

    results = Axe().run(page)

    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert live.evaluate("element => element.scrollWidth <= element.clientWidth")


WARNS_LATER = """\
import torch, warnings
w = torch.tensor(1.0, requires_grad=True)
n = 0
while True:
    n += 1
    (w * w).backward()
    if n == 100:
        warnings.warn("this is iteration 100")
    if n == 120:
        warnings.warn("this is iteration 120")
"""


def test_a_warning_is_shown_once_while_the_program_runs(open_site: Open) -> None:
    site = open_site()
    site.go("/examples/leaves")
    site.write(WARNS_LATER)
    site.page.keyboard.press("ControlOrMeta+Enter")
    notes = site.page.locator("#notes details")

    expect(notes.filter(has_text="this is iteration 120")).to_have_count(1)
    expect(notes.filter(has_text="this is iteration 100")).to_have_count(1)
    expect(site.page.locator("#run-label")).to_have_text("Stop")
    site.page.locator("#run").click()
    site.wait()
    expect(site.page.locator("#status")).to_contain_text("Stopped")
    expect(notes.filter(has_text="this is iteration")).to_have_count(2)


def test_a_run_is_stopped_and_what_it_built_is_shown(open_site: Open) -> None:
    site = open_site()
    site.go("/examples/leaves")
    site.write(FOREVER)
    site.page.keyboard.press("ControlOrMeta+Enter")
    expect(site.page.locator("#chart-loss")).to_have_text(LOSS)
    site.page.locator("#run").click()
    site.wait()
    expect(site.page.locator("#status")).to_contain_text("Stopped")
    ask = site.page.get_by_label("Expression to evaluate")
    ask.fill("w.is_leaf")
    ask.press("Enter")
    expect(site.page.locator(".answer pre")).to_have_text("True")


def test_a_line_that_the_program_reads_is_typed_in_the_page(open_site: Open) -> None:
    site = open_site()
    site.go("/examples/leaves")
    site.write("x = float(input('x? '))\nprint(2 * x, input())\n")
    site.page.keyboard.press("ControlOrMeta+Enter")

    expect(site.page.get_by_label("x?")).to_be_focused()
    assert Axe().run(site.page).violations_count == 0
    site.page.keyboard.type("1.5")
    site.page.keyboard.press("Enter")
    expect(site.page.get_by_label("The program reads a line")).to_be_focused()
    expect(site.page.locator("#status")).to_have_text("Waits for input")
    expect(site.page.locator("#live")).to_be_hidden()
    site.page.keyboard.type("end")
    site.page.get_by_role("button", name="Enter", exact=True).click()
    expect(site.page.locator("#output .stdout")).to_have_text("x? 1.5\nend\n3.0 end\n")
    expect(site.page.locator("#status")).to_contain_text("Finished")


@pytest.mark.parametrize("slug", ["leaves", "accumulating"])
def test_a_short_program_has_no_live_run(open_site: Open, slug: str) -> None:
    site = open_site()
    site.go(f"/examples/{slug}")

    expect(site.page.locator("#live")).to_be_hidden()
    assert not any("/runs" in url for url in site.requests)
