"""The film of a backward pass in a real browser: function by function, with its numbers."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.page.browser import Open, Site

ACCUMULATED = """\
import torch
w = torch.tensor(1.0, requires_grad=True)
(w * 3).backward()
(w * 4).backward()
"""


def rows(page: Page, id: str) -> list[str]:
    """What stands in the box of a tensor."""
    return page.locator(f"#stage #{id} text").all_text_contents()


def to_pass(page: Page) -> None:
    """To the first function of the backward pass of the first example."""
    page.locator("#step").fill("5")
    page.keyboard.press(".")
    expect(page.locator("#step-text")).to_contain_text("line 10, backward 1 of 5")


def test_a_pass_goes_function_by_function_in_the_order_of_the_engine(site: Site) -> None:
    page = site.page
    to_pass(page)
    text = page.locator("#step-text")
    expect(text).to_contain_text("MulBackward0 got [1.0] and sent [2.0] to a, [3.0] to b")
    expect(page.locator("g.node.is-running")).to_contain_text("MulBackward0")
    expect(page.locator(".cm-line.is-now")).to_have_text("y.backward()")
    expect(page.locator(".cm-line.is-lit")).to_contain_text("y = torch.mul(a, b)")
    expect(page.locator("g.edge.has-gradient")).to_have_count(3)
    assert any(re.fullmatch(r"grad\s+None", row) for row in rows(page, "t1"))
    for _ in range(3):
        page.keyboard.press(".")
    expect(text).to_contain_text("backward 4 of 5")
    expect(text).to_contain_text("AccumulateGrad got [5.0], added to w.grad")
    expect(page.locator("g.sum")).to_have_text("3.0 + 2.0 = 5.0")
    assert any(re.fullmatch(r"grad\s+\[5.0\]", row) for row in rows(page, "t1"))
    assert any(re.fullmatch(r"grad\s+None", row) for row in rows(page, "t2"))
    page.get_by_role("button", name="Previous step").click()
    expect(text).to_contain_text("backward 3 of 5")
    expect(page.locator("g.sum")).to_have_count(0)


def test_arrows_home_and_end_move_and_space_plays_to_the_end(site: Site) -> None:
    page = site.page
    text = page.locator("#step-text")
    page.keyboard.press("Home")
    expect(text).to_contain_text("step 1 of 11")
    page.keyboard.press("ArrowRight")
    expect(text).to_contain_text("step 2 of 11")
    page.keyboard.press("ArrowLeft")
    expect(text).to_contain_text("step 1 of 11")
    page.keyboard.press("Space")
    expect(page.locator("#timeline")).to_have_class("timeline is-playing")
    expect(text).to_contain_text("step 11 of 11")
    expect(page.locator("#timeline")).to_have_class("timeline")
    page.keyboard.press("Home")
    page.keyboard.press("End")
    expect(text).to_contain_text("step 11 of 11, the end")


def test_a_gradient_that_meets_an_earlier_one_is_added_where_one_sees_it(site: Site) -> None:
    page = site.page
    site.run(ACCUMULATED)
    expect(page.locator("g.sum")).to_have_text("grad 3.0 + 4.0 = 7.0")


def test_the_first_visit_plays_the_backward_pass_once_and_ends_with_gradients(
    open_site: Open,
) -> None:
    site = open_site(reduced_motion="no-preference")
    site.go()
    page = site.page
    text = page.locator("#step-text")
    expect(text).to_contain_text(re.compile("backward . of 5"))
    expect(page.locator("g.travel")).to_have_count(1)
    expect(text).to_contain_text("the end")
    expect(page.locator("g.edge.has-gradient")).to_have_count(8)
    expect(page.locator("g.sum")).to_have_text("3.0 + 2.0 = 5.0")
    site.go()
    page.keyboard.press(".")
    expect(page.locator("#timeline")).to_have_class("timeline")
    expect(text).to_contain_text("the end")


def test_without_motion_the_stations_are_the_same_and_nothing_travels(site: Site) -> None:
    to_pass(site.page)
    expect(site.page.locator("g.travel")).to_have_count(0)
    expect(site.page.locator("g.gradients > text")).not_to_have_count(0)


def test_a_fold_lights_as_a_whole_while_the_pass_is_in_it(open_site: Open) -> None:
    site = open_site()
    site.go("/examples/resnet-18")
    page = site.page
    page.get_by_role("button", name="Next backward pass").click()
    page.keyboard.press(",")  # the last function: an AccumulateGrad
    expect(page.locator("g.node.fold.is-running")).to_have_count(1)
    expect(page.locator("g.edge.has-gradient")).not_to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend_inside_a_pass(open_site: Open, scheme: str) -> None:
    site = open_site(color_scheme=scheme)
    site.go()
    to_pass(site.page)
    results = Axe().run(site.page)
    assert results.violations_count == 0, results.generate_report()


def test_the_film_can_be_saved_as_a_file_that_plays_without_a_server(
    site: Site, tmp_path: Path
) -> None:
    page = site.page
    page.locator("#downloads summary").click()
    with page.expect_download() as download:
        page.locator("[data-format=html]").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.suffix == ".html"
    context = page.context.browser.new_context(offline=True)  # type: ignore[union-attr]
    alone = context.new_page()
    alone.goto(path.as_uri())
    expect(alone.locator(".stage svg")).to_be_visible()
    slider = alone.locator(".film input")
    slider.fill("3")
    expect(alone.locator(".film span")).not_to_be_empty()
    context.close()


JUMPS = """import torch
x = torch.tensor([0.0, 4.0], requires_grad=True)
for _ in range(2):
    r = x.sqrt()
    r.sum().backward()
y = x.exp()
y += 1
y.sum().backward()
"""


def test_one_jumps_to_the_first_nan_and_through_the_runs_of_a_line_and_sees_the_error_s_cause(
    site: Site,
) -> None:
    page = site.page
    site.run(JUMPS)
    expect(page.locator("#stage g.node.is-cause", has_text="ExpBackward0")).to_have_count(1)
    expect(page.locator("#stage g.node.is-cause", has_text="y = ")).to_have_count(1)
    expect(page.locator("#stage g.node.is-cause")).to_have_count(2)
    page.get_by_role("button", name="First NaN or infinity").click()
    text = page.locator("#step-text")
    expect(text).to_contain_text("line 5, iteration 0, backward 2 of 3")
    expect(text).to_contain_text("sent [inf, 0.25] to x")
    page.keyboard.press("l")
    expect(text).to_contain_text("line 5, iteration 1")
    page.get_by_role("button", name="Next run of this line").click()
    expect(text).to_contain_text("line 5, iteration 0")
