"""Folds in a real browser: a large model can be read at once, and opens where it is."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.page.browser import Open, Site

MODEL = """\
import torch
from torch import nn

torch.manual_seed(0)
body = nn.Sequential(*[nn.Sequential(nn.Linear(4, 4), nn.ReLU()) for _ in range(12)])
net = nn.Sequential(body, nn.Linear(4, 1))
loss = net(torch.ones(2, 4)).pow(2).mean()
loss.backward()
"""


def fold(page: Page, name: str) -> Locator:
    """The closed fold with such a text."""
    return page.locator("#stage g.node.fold", has_text=name)


def frame(page: Page, name: str) -> Locator:
    """The open fold of this title."""
    return page.locator("#stage g.frame", has_text=name)


def middle(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"]


@pytest.mark.parametrize("address", ["/examples/gpt", "/examples/resnet-18"])
def test_a_large_model_can_be_read_without_touching_anything(open_site: Open, address: str) -> None:
    site = open_site()
    site.go(address)
    page = site.page
    expect(page.locator("#stage svg").get_by_text(re.compile("× (12|2)$")).first).to_be_visible()
    assert 5 <= page.locator("#stage g.node").count() <= 150
    assert page.locator("#stage g.graph").evaluate("graph => graph.getScreenCTM().a") >= 0.8


def test_a_fold_opens_and_closes_where_it_is(site: Site) -> None:
    page = site.page
    site.run(MODEL)
    closed = fold(page, "net.1")
    functions = page.locator("#stage g.node").count()
    before = middle(closed)
    outside = page.locator("#stage g.node", has_text="loss").element_handle()
    closed.click()
    opened = frame(page, "net.1")
    expect(opened).to_be_visible()
    expect(closed).to_have_count(0)
    assert middle(opened) == pytest.approx(before, abs=5), "what was touched stays where it is"
    assert outside is not None
    assert outside.evaluate("each => each.isConnected"), "the rest is moved, not drawn again"
    opened.locator(".frame-title").click()
    expect(closed).to_be_visible()
    assert page.locator("#stage g.node").count() == functions
    assert middle(closed) == pytest.approx(before, abs=5)


def test_folds_open_and_close_by_keyboard_and_the_focus_goes_along(site: Site) -> None:
    page = site.page
    site.run(MODEL)
    fold(page, "net.1").focus()
    page.keyboard.press("Enter")
    expect(frame(page, "net.1")).to_be_visible()
    expect(page.locator("#stage g.node:focus")).to_have_count(1)
    page.keyboard.press("f")
    expect(page.locator("#stage g.node.fold:focus")).to_contain_text("net.1")


def test_what_was_open_stays_open_over_runs_and_in_the_link(open_site: Open) -> None:
    site = open_site(permissions=["clipboard-read", "clipboard-write"])
    site.go()
    page = site.page
    site.run(MODEL)
    fold(page, "net.1").click()
    expect(frame(page, "net.1")).to_be_visible()
    site.run(MODEL + "print(loss)\n")
    expect(frame(page, "net.1")).to_be_visible()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#notes")).to_contain_text("Link copied")
    link = page.evaluate("navigator.clipboard.readText()")
    other = open_site()
    other.go(link.removeprefix(other.url))
    other.page.get_by_role("button", name="Run").click()
    expect(frame(other.page, "net.1")).to_be_visible()


def test_the_bar_leads_to_the_open_fold_and_back(site: Site) -> None:
    page = site.page
    site.run(MODEL)
    bar = page.get_by_role("navigation", name="Folds")
    fold(page, "net.1").click()
    expect(bar.get_by_role("button", name="net.1")).to_be_visible()
    bar.get_by_role("button", name="As PyTorch has it").click()
    expect(page.locator("#stage g.node.function", has_text="AddmmBackward0")).to_have_count(13)
    bar.get_by_role("button", name="Fold again").click()
    expect(fold(page, "net.1")).to_be_visible()


def test_a_line_lights_the_fold_in_which_its_functions_are(site: Site) -> None:
    page = site.page
    site.run(MODEL)
    page.locator(".cm-line", has_text="loss = net").hover()
    expect(fold(page, "net.1")).to_have_class("node fold is-hot")


def test_what_is_found_in_a_closed_fold_is_shown_by_its_fold(site: Site) -> None:
    page = site.page
    site.run(MODEL)
    page.locator("#run").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    field = page.get_by_label("Find in the graph")
    field.fill("net[1].weight")
    expect(page.locator(".find-box li")).to_have_count(1)
    field.press("Enter")
    expect(page.locator("#details .card-name")).to_have_text("net[1].weight")
    expect(page.locator("g.node.is-selected")).to_contain_text("net.1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend_in_open_folds(open_site: Open, scheme: str) -> None:
    site = open_site(color_scheme=scheme)
    site.go()
    site.run(MODEL)
    fold(site.page, "net.1").click()
    expect(frame(site.page, "net.1")).to_be_visible()
    results = Axe().run(site.page)
    assert results.violations_count == 0, results.generate_report()
