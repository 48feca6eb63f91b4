"""Two runs beside each other: before and after an edit."""

from playwright.sync_api import expect

from tests.page.browser import Open, Site
from tests.page.test_page import assert_accessible

EDITED = """import torch
w = torch.tensor([1.0], requires_grad=True)
x = torch.tensor([3.0], requires_grad=True)
a = torch.add(w, x)
b = torch.tanh(w)
y = torch.mul(a, b)
y.backward()
"""


def test_a_run_that_was_kept_is_compared_with_the_next(site: Site) -> None:
    page = site.page
    page.get_by_role("button", name="Keep to compare").click()
    compared = page.get_by_role("region", name="Compare")
    expect(compared).to_contain_text("Kept.")
    site.run(EDITED)
    expect(compared.locator(".added")).to_contain_text("TanhBackward0")
    expect(compared.locator(".removed")).to_contain_text("AddBackward0")
    rows = compared.locator("tbody tr")
    expect(rows.filter(has_text="w")).to_contain_text(["grad [5.0] [2.4415]"], use_inner_text=True)
    expect(rows.filter(has_text="x").first).to_have_text("x value [2.0] [3.0]", use_inner_text=True)
    compared.get_by_role("button", name="Side by side").click()
    both = page.get_by_role("dialog", name="Before and now")
    expect(both).to_contain_text("1 function added, 1 function removed, 5 tensors changed")
    before, now = both.locator("[data-run=before]"), both.locator("[data-run=now]")
    expect(now.locator(".node.is-added")).to_have_text(["TanhBackward0"])
    expect(before.locator(".node.is-removed")).to_have_text(["AddBackward0+ 1"])
    expect(now.locator(".node.is-changed", has_text="x = [3.0]")).to_have_count(1)
    expect(page.locator("#t1")).to_have_count(1)  # ids are those of the graph behind
    assert_accessible(page)
    both.get_by_role("button", name="Close").click()
    expect(both).to_be_hidden()
    compared.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name="Keep to compare")).to_be_visible()


def test_the_curve_of_the_run_before_stays_behind_the_new_one(open_site: Open) -> None:
    site = open_site()
    site.page.goto(f"{site.url}/examples/linear-regression")
    loss = site.page.locator("#loss")
    expect(loss).to_have_attribute("data-points", "81")
    expect(loss).to_have_attribute("data-earlier", "0")
    site.page.get_by_role("button", name="Restart").click()
    expect(loss).to_have_attribute("data-earlier", "1")
