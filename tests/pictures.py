"""`make pictures`: the page in a real browser, as screenshots and as a film, for the README.

Look at each one before it is committed.
"""

import io
import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import serving
from tests.page.browser import CONTEXT, QUIET
from tests.page.chromium import installed

FOLDER = Path(__file__).parents[1] / "docs/pictures"
LAPTOP = {"width": 1280, "height": 800}
FRAME_MS, LAST_MS = 900, 2500
FILM_WIDTH, COLOURS = 760, 64
SHOTS = (
    ("training", "/examples/two-spirals", LAPTOP, "light", None),
    ("card", "/examples/lenet", LAPTOP, "light", "#stage g.node.parameter"),
)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with serving() as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=arguments)
        for name, address, viewport, scheme, selected in SHOTS:
            page = opened(browser, served.url + address, viewport, scheme)
            if selected is not None and page.locator(selected).count():
                page.locator(selected).first.click()
                page.locator(".by-hand summary").wait_for()
            page.screenshot(path=FOLDER / f"{name}.png")
            page.context.close()
        film(opened(browser, served.url, LAPTOP, "light"))
        browser.close()


def opened(browser: Browser, address: str, viewport: dict[str, int], scheme: str) -> Page:
    """The page with its run at an end, or live with some of its curve."""
    page = browser.new_context(
        **{**CONTEXT, "viewport": viewport, "color_scheme": scheme}
    ).new_page()
    page.goto(address)
    page.locator("html[data-ready]").wait_for()
    page.locator("#loss[data-points], #stage[aria-busy=false] g.node").first.wait_for()
    page.wait_for_function(
        """() => document.querySelector("#stage[aria-busy=false] g.node")
          || Number(document.querySelector("#loss")?.dataset.points) > 150""",
        timeout=120_000,
    )
    return page


def film(page: Page) -> None:
    """The backward pass of the first example, function by function."""
    page.locator("[data-go=first]").click()
    page.locator("[data-go=pass]").click()
    frames = []
    for _ in range(int(page.locator("#step").input_value())):
        page.keyboard.press(",")
        if "backward" not in page.locator("#step-text").inner_text():
            break
    for _ in range(40):
        shot = Image.open(io.BytesIO(page.screenshot()))
        height = round(shot.height * FILM_WIDTH / shot.width)
        frames.append(shot.convert("RGB").resize((FILM_WIDTH, height), Image.Resampling.LANCZOS))
        page.keyboard.press(".")
        if len(frames) > 1 and "backward" not in page.locator("#step-text strong").inner_text():
            break
    reduced = [each.quantize(COLOURS, dither=Image.Dither.NONE) for each in frames]
    times = [*[FRAME_MS] * (len(reduced) - 1), LAST_MS]
    first, *others = reduced
    first.save(
        FOLDER / "film.gif",
        save_all=True,
        append_images=others,
        duration=times,
        loop=0,
        optimize=True,
    )


if __name__ == "__main__":
    main()
