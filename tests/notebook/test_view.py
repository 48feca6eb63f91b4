"""The HTML of a graph: a file that needs nothing else, in a real browser."""

import re
from pathlib import Path

import torch
from playwright.sync_api import Browser

import gradfn
from gradfn.commands.graph import as_svg
from gradfn.commands.script import Script, run_script
from gradfn.events.reading import Choice
from gradfn.render.choice import Foldable
from gradfn.render.drawing import Drawing
from gradfn.render.html.opened import pictures_of
from gradfn.render.html.page import Note, page
from gradfn.render.layout import LayoutTooSlow

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


def test_marimo_gets_a_frame_in_which_the_script_runs(browser: Browser) -> None:
    w = torch.ones(2, requires_grad=True)
    loss = (w * w).sum()
    kind, html = gradfn.show(loss)._mime_()
    tab = browser.new_page()
    tab.set_content("<div></div>")
    tab.locator("div").evaluate("(place, html) => { place.innerHTML = html; }", html)

    inside = tab.frame_locator("iframe")
    inside.locator("g.node.leaf").first.click()

    assert kind == "text/html"
    assert "is_leaf" in inside.locator(".card").inner_text()
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
    own = set(PAIR.findall((ROOT / "app/gradfn/render/html/view.css").read_text()))
    of_page = set(PAIR.findall((ROOT / "static/page/theme.css").read_text()))

    assert len(own) > 20
    assert own <= of_page


def test_a_box_has_a_card_and_a_backward_pass_is_played(browser: Browser, tmp_path: Path) -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    with gradfn.record() as run:
        loss = (w * w).sum()
        loss.backward()
    assert run.svg is not None
    file = tmp_path / "graph.html"
    file.write_text(page("title", run.svg.encode(), [], run.document))
    tab = browser.new_page()
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(file.as_uri())

    tab.locator("g.node", has_text="MulBackward0").last.click()
    assert "grad_fn" not in tab.locator(".card").inner_text()
    assert "aten::mul.Tensor" in tab.locator(".card").inner_text()
    tab.locator("g.node.leaf").first.press("Enter")
    card = tab.locator(".card").inner_text()
    assert card.startswith("w")
    assert "2.0, 4.0" in card

    tab.locator(".film input").fill("2")
    assert "MulBackward0 got [1.0, 1.0]" in tab.locator(".film span").inner_text()
    assert tab.locator(".is-now").count() == 1
    assert "SumBackward0" in (tab.locator(".is-reached").text_content() or "")
    tab.locator(".film button").click()
    tab.locator(".film span", has_text="AccumulateGrad got [2.0, 4.0]").wait_for()
    assert complaints == []
    tab.close()


LAYERS = """
import torch
layers = [torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.ReLU()) for _ in range(12)]
net = torch.nn.Sequential(*layers)
loss = net(torch.ones(1, 4)).sum()
loss.backward()
"""


def test_in_a_file_folds_open_and_close_and_stand_for_what_is_in_them(
    browser: Browser, tmp_path: Path
) -> None:
    document = run_script(Script("layers.py", LAYERS))
    pictures = pictures_of(Foldable(document.graph, LAYERS), Choice(), as_svg)
    file = tmp_path / "graph.html"
    file.write_text(page("title", None, [], document, pictures))
    tab = browser.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(file.as_uri())
    boxes = tab.locator(".stage g.node:not(.legend)")
    closed = boxes.count()

    last = tab.locator(".film input").get_attribute("max")
    assert last is not None
    tab.locator(".film input").fill(str(int(last) // 2))
    assert tab.locator(".stage .fold.is-now").count() == 1  # what is reached is in a closed fold

    fold = tab.locator(".stage g.fold").first
    name = fold.get_attribute("id")
    fold.press("Enter")
    opened = tab.locator(f'.stage g.frame[id="{name}"]')
    assert opened.get_attribute("aria-expanded") == "true"
    assert boxes.count() > closed
    assert tab.evaluate("document.activeElement.id") == name
    opened.locator("> text").click()
    assert boxes.count() == closed
    assert tab.locator(f'.stage g.fold[id="{name}"]').get_attribute("aria-expanded") == "false"
    assert complaints == []
    tab.close()


def test_a_fold_that_cannot_be_drawn_open_stays_closed_and_the_file_is_there() -> None:
    document = run_script(Script("layers.py", LAYERS))
    drawn = 0

    def once(drawing: Drawing) -> bytes:
        nonlocal drawn
        drawn += 1
        if drawn > 1:
            raise LayoutTooSlow(5.0)
        return as_svg(drawing)

    pictures = pictures_of(Foldable(document.graph, LAYERS), Choice(), once)

    assert drawn == 2
    assert pictures.opened == []
    assert b"<svg" in pictures.first


def test_what_cards_say_cannot_leave_its_element() -> None:
    sneaky = {"</script><script>alert(1)</script>": torch.ones(2, requires_grad=True).exp()}
    output = gradfn.show(sneaky["</script><script>alert(1)</script>"])

    html = output._repr_mimebundle_()["text/html"]

    assert html.count("</script>") == 2
    assert "<script>alert" not in html
