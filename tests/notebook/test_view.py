"""The HTML of a graph: a file that needs nothing else, in a real browser."""

import re
from pathlib import Path

import torch
from playwright.sync_api import Browser

import gradfn
from gradfn.render.html import Note, page

ROOT = Path(gradfn.__file__).parents[2]
PAIR = re.compile(r"light-dark\([^)]*\)")


def picture() -> bytes:
    w = torch.ones(2, requires_grad=True)
    loss = (w * w).sum()
    svg = gradfn.show(loss).svg
    assert svg is not None
    return svg.encode()


def test_it_can_be_dragged_zoomed_and_put_back_without_a_network(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "graph.html"
    file.write_text(page("title", picture(), [Note("error", "<b>title</b>", "text")]))
    tab = browser.new_page()
    complaints, asked = [], []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(file.as_uri())
    stage, drawing = tab.locator(".stage"), tab.locator(".stage svg")

    def placed() -> str:
        return str(drawing.evaluate("drawing => drawing.style.transform"))

    box = stage.bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + 20, box["y"] + 20)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 50, box["y"] + 60)
    tab.mouse.up()
    assert placed() == "translate(30px, 40px) scale(1)"
    stage.press("+")
    assert placed().endswith("scale(1.25)")
    stage.press("0")
    assert placed() == ""
    assert tab.locator(".notes").inner_text() == "<b>title</b>\ntext"
    assert (complaints, asked) == ([], [file.as_uri()])
    tab.close()


def test_it_follows_the_theme_of_jupyterlab(browser: Browser) -> None:
    tab = browser.new_page(color_scheme="light")
    tab.set_content(page("title", picture(), []))
    fill = "() => getComputedStyle(document.querySelector('.leaf path, .leaf polygon')).fill"

    light = tab.evaluate(fill)
    tab.evaluate("document.body.dataset.jpThemeLight = 'false'")
    dark = tab.evaluate(fill)

    assert (light, dark) == ("rgb(220, 243, 232)", "rgb(15, 51, 40)")
    tab.close()


def test_its_colours_are_those_of_the_page() -> None:
    own = set(PAIR.findall((ROOT / "app/gradfn/render/view.css").read_text()))
    of_page = set(PAIR.findall((ROOT / "static/page/theme.css").read_text()))

    assert len(own) > 20
    assert own <= of_page
