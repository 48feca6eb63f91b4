"""The page on what the recorder itself told, held to a fit worked out with plain numbers."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.page.browser import Open, Site
from tests.render.fitted import CODE, linear_regression

MODULE = """\
import torch
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())

def loss_of(x):
    out = net(x)
    return (2 * out + 5).sum()

loss = loss_of(torch.ones(1, 2))
kept = loss.detach()
loss.backward()
"""


def node(page: Page, name: str) -> Locator:
    """The drawn element with such a text."""
    return page.locator("#stage g.node", has_text=name)


def show_pass(page: Page, nr: int) -> None:
    page.get_by_label("Gradients of a backward pass").select_option(f"pass {nr}, line 10")


def test_the_expression_of_a_node_is_marked_and_its_operands_are_told(site: Site) -> None:
    site.run(CODE)
    page = site.page
    node(page, "SubBackward0").click()
    expect(page.locator(".is-expression")).to_have_text(["y - y_pred"])
    card = page.locator("#details")
    expect(card).to_contain_text("aten::sub.Tensor")
    expect(card.locator("li", has_text="self y")).to_contain_text("[7.0, 9.0, 11.0]")
    expect(node(page, "× 0.5")).to_have_count(1)
    expect(node(page, "cut: number ×3")).to_have_count(1)
    expect(page.locator("#stage g.node.tensor.leaf")).to_have_count(2)


@pytest.mark.parametrize("nr", [1, 2, 3])
def test_each_pass_shows_the_gradients_and_values_of_its_round(site: Site, nr: int) -> None:
    site.run(CODE)
    page = site.page
    show_pass(page, nr)
    expect(page.locator("#step-text")).to_contain_text(f"line 10, iteration {nr - 1}")
    expected = linear_regression().backward[nr - 1]
    w, b = (f"{change.after.data[0]:.4g}" for change in expected.accumulated)  # type: ignore
    labels = page.locator("g.gradients > text")
    for number in (w, b):
        text = number.replace("-", "−")
        expect(labels.filter(has_text=f"[{text}")).to_have_count(1)
    loss = expected.root_values[0].data[0]  # type: ignore[union-attr, index]
    expect(node(page, "loss = ").locator("text").first).to_contain_text(f"{loss:.3g}")
    expect(page.locator("g.order")).to_have_count(6)


def test_a_moment_in_the_loop_shows_what_is_new_and_what_is_of_the_round_before(
    site: Site,
) -> None:
    site.run(CODE)
    page = site.page
    show_pass(page, 1)
    for _ in range(5):  # step, zero_grad, print, for, y_pred
        page.get_by_role("button", name="Next step").click()
    expect(page.locator("#step-text")).to_contain_text("line 8, iteration 1")
    expect(page.locator("g.node.function.is-now")).to_have_text(
        ["MulBackward0", "AddBackward0"], use_inner_text=False
    )
    expect(page.locator("g.node.function.is-old")).to_have_count(4)
    expect(node(page, "w = ").locator("text").first).to_have_text("w = [1.7333]")
    page.get_by_role("tab", name="Variables").click()
    row = page.locator("#variables tr").filter(has=page.get_by_role("rowheader", name="y_pred"))
    expect(row).to_contain_text("[2.0833, 3.8167, 5.55]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend_in_what_is_marked(open_site: Open, scheme: str) -> None:
    site = open_site(color_scheme=scheme)
    site.go()
    site.run(CODE)
    page = site.page
    show_pass(page, 2)
    node(page, "PowBackward0").click()
    expect(page.locator(".is-expression")).to_have_count(1)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_functions_called_from_elsewhere_tell_the_way_there(site: Site) -> None:
    site.run(MODULE)
    page = site.page
    node(page, "ReluBackward0").click()
    expect(page.locator(".cm-line.is-lit")).to_contain_text("out = net(x)")
    expect(page.locator(".cm-line.is-calling")).to_have_text(["loss = loss_of(torch.ones(1, 2))"])
    expect(page.locator("#details")).to_contain_text("net.1")
    expect(node(page, "× 2")).to_have_count(1)
    expect(node(page, "+ 5")).to_have_count(1)
    expect(node(page, "cut: detach()")).to_have_count(1)
    page.locator(".cm-line", has_text="loss = loss_of").hover()
    expect(page.locator("g.node.is-warm")).not_to_have_count(0)
