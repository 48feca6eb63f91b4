"""`make bench ARGS=page`: what a first visit takes, and what a step and a picture cost the browser.

Medians of several turns in a real Chromium without motion. Scripting time is the browser's own
count (`ScriptDuration` of its DevTools), so what else the machine does counts little; the time to
the graph is by the clock, on this machine and without a network.
"""

import os
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.ratios import note
from tests.conftest import serving
from tests.page.browser import CONTEXT, QUIET
from tests.page.chromium import installed

TURNS, STEPS = 5, 100
GPT = "/examples/gpt"


def main() -> None:
    arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with serving() as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=arguments)
        visits = [first_visit(browser, served.url) for _ in range(TURNS)]
        report(visits)
        page = opened(browser, served.url + GPT)
        print(f"a step of the film on GPT: {step_ms(page):.1f} ms of scripting (aim 4)")
        drawn = [picture_ms(browser, served.url + GPT) for _ in range(TURNS)]
        print(
            f"GPT folded, from the answer's arrival to the picture: {median(drawn):.0f} ms (aim 50)"
        )
        browser.close()


def opened(browser: Browser, address: str) -> Page:
    page = browser.new_context(**CONTEXT).new_page()
    page.goto(address)
    page.locator("html[data-ready]").wait_for()
    page.locator("#stage[aria-busy=false] g.node").first.wait_for()
    return page


def first_visit(browser: Browser, url: str) -> tuple[int, int, float]:
    """Requests, bytes on the wire, and seconds until the graph is there, with an empty cache."""
    page = browser.new_context(**CONTEXT).new_page()
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda each: sizes.append(int(each["encodedDataLength"])))
    page.goto(url)
    page.locator("#stage[aria-busy=false] g.node").first.wait_for()
    seconds = page.evaluate("performance.now()") / 1000
    page.wait_for_load_state("networkidle")
    page.context.close()
    return len(sizes), sum(sizes), seconds


def report(visits: list[tuple[int, int, float]]) -> None:
    requests, size, seconds = (median(each) for each in zip(*visits, strict=True))
    print(
        f"a first visit: {requests:.0f} requests, {size / 1000:.0f} kB, graph after {seconds:.2f} s"
    )
    note("bytes of a first visit over 350 kB", size / 350_000)


def step_ms(page: Page) -> float:
    """Of scripts, by the browser's own count."""
    page.locator("[data-go=first]").click()
    wire = page.context.new_cdp_session(page)
    wire.send("Performance.enable")

    def scripting() -> float:
        told = wire.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in told if each["name"] == "ScriptDuration") * 1e3

    before = scripting()
    page.evaluate(
        """async (steps) => {
          const slider = document.querySelector("#step");
          for (let nr = 0; nr < steps; nr++) {
            slider.value = String(nr * Math.max(1, Math.floor(slider.max / steps)));
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            await new Promise(requestAnimationFrame);
          }
        }""",
        STEPS,
    )
    return (scripting() - before) / STEPS


CLOCK = """
const parse = Response.prototype.json;
Response.prototype.json = async function () {
  const found = await parse.call(this);
  const started = performance.now();
  const done = () => (window.drawn = performance.now() - started);
  if (this.url.includes("/graph")) requestAnimationFrame(() => setTimeout(done));
  return found;
};
"""


def picture_ms(browser: Browser, address: str) -> float:
    """From the arrival of the run document, read as JSON, to the end of the next frame."""
    page = browser.new_context(**CONTEXT).new_page()
    page.add_init_script(CLOCK)
    page.goto(address)
    page.locator("#stage[aria-busy=false] g.node").first.wait_for()
    page.wait_for_function("window.drawn !== undefined")
    found = float(page.evaluate("window.drawn"))
    page.context.close()
    return found
