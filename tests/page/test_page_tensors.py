"""What a tensor looks like: heat map, histogram, elements, and these as Python."""

import re

from playwright.sync_api import expect

from tests.page.browser import Open, Site

KERNELS = """import torch
torch.manual_seed(0)
image = torch.rand(28, 28)
k = torch.randn(4, 1, 3, 3, requires_grad=True)
y = torch.nn.functional.conv2d(image[None, None], k).relu().sum()
y.backward()
"""
UNSEEDED = """import torch
order = torch.randperm(300).float()
torch.seed()
image = torch.randperm(784).view(28, 28).float()
w = torch.ones(28, requires_grad=True)
((image @ w).sum() * order[0]).backward()
order[0]
"""


def test_a_card_shows_kernels_and_an_image_and_copies_them_as_python(open_site: Open) -> None:
    site = open_site(permissions=["clipboard-read", "clipboard-write"])
    site.go()
    page = site.page
    site.run(KERNELS)
    node = page.locator("#stage g.node", has_text="k = (4, 1, 3, 3)")
    expect(node.locator(".thumbnail path")).not_to_have_count(0)
    node.click()
    value = page.locator("#details .values > section").first
    expect(value.get_by_role("img", name="heat map of value, (4, 1, 3, 3)")).to_be_visible()
    expect(value.get_by_role("img", name="histogram of value")).to_be_visible()
    expect(page.locator("#details .moment")).to_have_text("at the end of the run")
    value.get_by_role("button", name="Copy as Python").click()
    expect(value.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")

    page.locator("#stage g.node", has_text="image = (28, 28)").click()
    page.get_by_role("button", name="Show all 784 elements").click()
    heat = value.get_by_role("img", name="heat map of value, (28, 28)")
    heat.hover(position={"x": 4, "y": 4})
    expect(value.locator("output")).to_contain_text("[0, 0] = 0.4963")
    heat.evaluate("canvas => (canvas.style.maxWidth = '60px')")
    heat.hover(position={"x": 54, "y": 4})
    expect(value.locator("output")).to_contain_text(re.compile(r"\[0, 2[4-7]\] = "))
    expect(value.locator("td")).to_have_count(0)
    value.locator("summary").click()
    expect(value.locator("td")).to_have_count(784)
    expect(value.locator("td").first).to_have_text("0.4963")

    site.run(f"{KERNELS}print(torch.equal(k, {copied}))\n")
    page.get_by_role("tab", name="Output").click()
    expect(page.locator("#output")).to_contain_text("True")


def test_elements_of_another_run_are_not_passed_off_as_those_of_this_one(site: Site) -> None:
    page = site.page
    site.run(UNSEEDED)
    page.locator("#stage g.node", has_text="image").click()
    page.get_by_role("button", name="Show all 784 elements").click()
    expect(page.locator("#details")).to_contain_text("The program made other numbers this time")
    expect(page.locator("#details .heat")).to_have_count(0)
