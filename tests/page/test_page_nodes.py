"""Boxes of the graph: compact and merged at first, all rows and all functions by a switch."""

import pytest
from playwright.sync_api import expect

from tests.page.browser import Open, Site

RESHAPED = """import torch
w = torch.ones(2, 3, requires_grad=True)
(w.t() * 2).sum().backward()
"""
MAGNITUDES = """import torch
w = torch.ones(2, requires_grad=True)
big = w * 1e8
small = big * 1e-15
dead = torch.relu(-w)
(small.sum() + dead.sum()).backward()
"""
PHONE = {"width": 390, "height": 844}


def test_a_box_has_name_value_and_gradient_and_all_rows_by_a_switch(site: Site) -> None:
    page = site.page
    expect(page.locator("#t1 text")).to_have_text(["w = [1.0]", "grad [5.0]    "])
    expect(page.locator("#t1 .chip-of-grad:not(.is-none)")).to_have_count(1)
    expect(page.locator("#t5 text")).to_have_text(["y = [6.0]"])
    rows = page.get_by_role("button", name="All rows")
    rows.click()
    expect(page.locator("#t5 text")).to_have_count(5)
    expect(rows).to_have_attribute("aria-pressed", "true")
    rows.click()
    expect(page.locator("#t5 text")).to_have_count(1)


def test_the_four_facts_are_told_in_words_beside_the_box_under_the_pointer(site: Site) -> None:
    page = site.page
    page.locator("#t3").hover()
    words = page.locator(".words")
    expect(words.locator("dd")).to_have_text(["False", "True", "None", "AddBackward0"])
    page.locator("#t1").focus()
    expect(words.locator("dd")).to_have_text(["True", "True", "[5.0]", "None"])
    page.locator("#run").focus()
    page.locator("#run").hover()
    expect(words).to_be_hidden()


def test_as_pytorch_has_it_is_one_click_away_and_the_link_remembers_it(open_site: Open) -> None:
    site = open_site(permissions=["clipboard-read", "clipboard-write"])
    site.go()
    page = site.page
    site.run(RESHAPED)
    expect(page.locator("#stage g.node.function")).to_have_count(2)
    expect(page.locator("#stage g.edge > text")).to_have_text("T")
    page.get_by_role("button", name="As PyTorch has it").click()
    expect(page.locator("#stage g.node.function")).to_have_count(4)
    expect(page.locator("#stage g.node.accumulate")).to_have_count(1)
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#notes")).to_contain_text("Link copied")
    link = page.evaluate("navigator.clipboard.readText()")
    other = open_site()
    other.go(link.removeprefix(other.url))
    other.page.get_by_role("button", name="Run").click()
    expect(other.page.locator("#stage g.node.accumulate")).to_have_count(1)
    other.page.get_by_role("button", name="Simplify").click()
    expect(other.page.locator("#stage g.node.accumulate")).to_have_count(0)


def test_arrows_tell_how_large_gradients_are_and_which_are_zero(site: Site) -> None:
    page = site.page
    site.run(MAGNITUDES)
    expect(page.locator("#stage g.edge.is-vanishing")).not_to_have_count(0)
    expect(page.locator("#stage g.edge.is-dead")).not_to_have_count(0)
    expect(page.locator("#legend")).to_contain_text("‖grad‖")
    expect(page.locator("#legend")).to_contain_text("vanishing")
    widths = page.locator("#stage g.edge.has-gradient > path").evaluate_all(
        "paths => paths.map(path => parseFloat(getComputedStyle(path).strokeWidth))"
    )
    assert max(widths) > 2 * min(widths)


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 720}])
def test_nothing_over_the_drawing_covers_a_box(open_site: Open, viewport: dict[str, int]) -> None:
    site = open_site(viewport=viewport)
    site.go()
    overlaps = site.page.evaluate(
        """() => {
          const boxes = [...document.querySelectorAll("#stage g.node")]
            .map(each => each.getBoundingClientRect());
          const bars = ".zoom, .fold-bar button, .find-box button";
          const over = [...document.querySelectorAll(`#stage :is(${bars})`)];
          const meet = (a, b) =>
            a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
          const places = over.map(each => each.getBoundingClientRect());
          return places.filter(place => boxes.some(box => meet(box, place))).length;
        }"""
    )
    assert overlaps == 0
