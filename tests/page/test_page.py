"""The page in a real browser: what a reader sees, selects and types."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.page.browser import Open, Site

PHONE = {"width": 390, "height": 844}
WRONG_SHAPES = """import torch
w = torch.ones(3, 2, requires_grad=True)
h = (w * 2).sum()
y = torch.ones(4, 5) @ w
"""
HOSTILE = """import torch
w = torch.ones(1, requires_grad=True)
globals()['<script>document.title = "owned"</script>'] = w * 2
globals()[']]> "quoted" \\\\ \\'</svg>'] = w + 1
print('</pre><script>document.title = "owned"</script>')
raise ValueError('<img src=x onerror=\\'document.title = "owned"\\'>')
"""


def field(page: Page, name: str) -> Locator:
    """The value beside a name on the card."""
    return page.locator("#details dt", has_text=name).locator("xpath=following-sibling::dd[1]")


def row(page: Page, name: str) -> Locator:
    """The row of a variable."""
    return page.locator("#variables tbody tr").filter(
        has=page.get_by_role("rowheader", name=name, exact=True)
    )


def test_the_first_view_already_tells_the_story_of_part_2_2(site: Site) -> None:
    page = site.page
    expect(page).to_have_title("Leaves, grad and grad_fn · gradfn")
    expect(page.locator("#stage g.node.tensor.leaf")).to_have_count(2)
    expect(page.locator("#stage g.node.intermediate")).to_have_count(3)
    expect(page.locator("#stage g.node.function")).to_have_count(3)  # AccumulateGrads merged
    expect(page.locator("#stage g.node.proxy")).to_have_count(1)
    expect(page.locator(".gradients tbody tr")).to_have_text(
        ["w [1.0] [5.0]", "x [2.0] [2.0]"], use_inner_text=True
    )
    expect(page.locator("#status")).to_contain_text("5 functions, 5 tensors")


def test_no_module_is_loaded_from_two_addresses(site: Site) -> None:
    modules = [url.partition("?")[0] for url in site.requests if ".js" in url]
    assert len(modules) == len(set(modules))
    assert len(modules) > 4


def test_a_selected_tensor_shows_every_field(site: Site) -> None:
    page = site.page
    page.locator("#t1").click()
    card = page.locator("#details")
    expect(card.locator(".card-name")).to_have_text("w")
    expect(card.locator(".role")).to_have_text("leaf")
    expect(card.get_by_role("table", name="value")).to_have_text("1.0")
    expect(card.get_by_role("table", name="grad", exact=True)).to_have_text("5.0")
    for name, value in {
        "is_leaf": "True",
        "requires_grad": "True",
        "retains_grad": "False",
        "grad_fn": "None",
        "output_nr": "0",
        "version": "0",
    }.items():
        expect(field(page, name)).to_have_text(value)


def test_all_uses_of_a_shared_leaf_are_selected_together(site: Site) -> None:
    page = site.page
    page.locator("g.node.proxy").click()
    expect(page.locator("g.node.is-selected")).to_have_count(2)
    expect(page.locator("#details .card-name")).to_have_text("w")
    page.keyboard.press("Escape")
    expect(page.locator("g.node.is-selected")).to_have_count(0)


def test_the_links_of_a_function_lead_along_next_functions_to_the_leaf(site: Site) -> None:
    page = site.page
    page.locator("g.node.function", has_text="MulBackward0").click()
    nexts = field(page, "next_functions").locator("li")
    expect(nexts).to_have_text(
        ["0 AddBackward0 input_nr 0", "1 AddBackward0 input_nr 0"], use_inner_text=True
    )
    nexts.first.get_by_role("button").click()
    expect(page.locator("#details .card-name")).to_have_text("AddBackward0")
    field(page, "next_functions").get_by_role("button", name="AccumulateGrad").first.click()
    expect(page.locator("#details .card-name")).to_have_text("AccumulateGrad")
    field(page, "variable").get_by_role("button").click()
    expect(page.locator("#details .card-name")).to_have_text("w")


def test_graph_and_table_select_each_other(site: Site) -> None:
    page = site.page
    page.get_by_role("tab", name="Variables").click()
    page.locator("#t3").click()
    expect(page.locator("#variables tr.is-selected th")).to_have_text("a")
    expect(row(page, "a").locator("td")).to_have_text(
        ["[3.0]", "None", "False", "True", "AddBackward0", "tensor"]
    )
    row(page, "y").locator("td").first.click()
    expect(page.locator("g.node.is-selected")).to_contain_text("y = [6.0]")
    row(page, "x").hover()
    expect(page.locator("g.node.is-hot")).to_contain_text("x = [2.0]")


def test_the_arrow_keys_walk_the_graph_and_enter_selects(site: Site) -> None:
    page = site.page
    page.locator("#t1").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_contain_text("AddBackward0")
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_contain_text("b = [2.0]")
    page.keyboard.press("ArrowRight")
    expect(page.locator(":focus")).to_contain_text("a = [3.0]")
    page.keyboard.press("Enter")
    expect(page.locator("#details .card-name")).to_have_text("a")
    page.keyboard.press("End")
    expect(page.locator(":focus")).to_contain_text("y = [6.0]")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    expect(page.locator(":focus")).to_have_class("node tensor leaf is-hot")
    assert page.locator("#stage [tabindex='0']").count() == 1


def test_an_error_is_shown_at_its_line_and_in_words(site: Site) -> None:
    page = site.page
    site.run(WRONG_SHAPES)
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("RuntimeError at line 4")
    expect(notice).to_contain_text("mat1 and mat2 shapes cannot be multiplied (4x5 and 3x2)")
    notice.get_by_text("Traceback").click()
    expect(notice.locator("code").last).to_have_text("y = torch.ones(4, 5) @ w")
    expect(page.locator(".cm-line.is-failed")).to_have_text("y = torch.ones(4, 5) @ w")
    page.locator(".cm-lint-marker-error").hover()
    expect(page.locator(".cm-tooltip-lint")).to_contain_text("RuntimeError: mat1 and mat2")
    expect(page.locator("g.node.error")).to_be_visible()
    expect(page.locator("g.node.leaf")).to_contain_text("w")


def test_a_hostile_program_only_ever_makes_text(site: Site) -> None:
    page = site.page
    site.run(HOSTILE)
    expect(page.get_by_role("alert")).to_contain_text("<img src=x onerror=")
    page.locator("g.node.intermediate", has_text="<script>").click()
    expect(page.locator("#details .card-name")).to_contain_text("<script>")
    page.get_by_role("tab", name="Variables").click()
    expect(page.locator("#variables")).to_contain_text("</svg>")
    page.get_by_role("tab", name="Output").click()
    expect(page.locator("#output pre.stdout")).to_contain_text("</pre><script>")
    expect(page).to_have_title("Leaves, grad and grad_fn · gradfn")


def test_output_keeps_stdout_stderr_value_and_figures_apart(site: Site) -> None:
    page = site.page
    site.run(
        "import sys, matplotlib.pyplot as plt\nprint('out')\nprint('err', file=sys.stderr)\n"
        "plt.plot([1, 2])\nplt.show()\n6 * 7\n"
    )
    page.get_by_role("tab", name="Output").click()
    expect(page.locator("pre.stdout")).to_have_text("out\n")
    expect(page.locator("pre.stderr")).to_have_text("err\n")
    expect(page.locator("pre.result")).to_have_text("42")
    figure = page.get_by_role("img", name="Figure 1 of the program")
    expect(figure).to_be_visible()
    assert figure.evaluate("image => image.naturalWidth") > 100
    expect(page.locator("figcaption")).to_contain_text("line 5")


def test_a_program_without_tensors_says_why_nothing_is_drawn(site: Site) -> None:
    site.run("print('no tensor')\n")
    expect(site.page.locator(".empty")).to_contain_text("The program created no tensors")
    site.run("import torch\nx = torch.ones(2)\n")
    expect(site.page.locator(".stage-caption")).to_contain_text("No tensor requires grad")
    expect(site.page.locator("g.node.constant")).to_have_count(1)


def test_at_first_text_is_never_shrunk_below_reading_size(site: Site) -> None:
    page = site.page
    site.run("import torch\nx = torch.ones(1, requires_grad=True)\nfor _ in range(26): x = x * 2\n")
    scale = "element => element.getScreenCTM().a"
    assert page.locator("#stage g.graph").evaluate(scale) == pytest.approx(0.8)
    expect(page.locator(".minimap")).to_be_visible()
    page.get_by_role("button", name="Smaller").click()
    assert page.locator("#stage g.graph").evaluate(scale) == pytest.approx(0.64)


def test_fit_shows_all_of_a_large_graph(site: Site) -> None:
    page = site.page
    site.run("import torch\nx = torch.ones(1, requires_grad=True)\nfor _ in range(26): x = x * 2\n")
    page.locator("#t1").focus()
    page.keyboard.press("0")
    stage = page.locator("#stage").bounding_box()
    drawing = page.locator("#stage g.graph").bounding_box()
    assert stage is not None
    assert drawing is not None
    assert drawing["y"] >= stage["y"]
    assert drawing["y"] + drawing["height"] <= stage["y"] + stage["height"]


def test_the_theme_is_remembered(site: Site) -> None:
    page = site.page
    light = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    page.get_by_role("button", name="Dark theme").click()
    site.go()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")
    dark = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert light != dark


def test_a_phone_shows_one_pane_at_a_time(open_site: Open) -> None:
    site = open_site(viewport=PHONE, has_touch=True)
    site.go()
    page = site.page
    expect(page.locator("#stage")).to_be_visible()
    expect(page.locator("#editor")).not_to_be_visible()
    page.locator("#t1").tap()
    page.get_by_role("button", name="Details").click()
    expect(page.locator("#details .card-name")).to_have_text("w")
    expect(page.locator("#stage")).not_to_be_visible()
    page.get_by_role("button", name="Code", exact=True).click()
    expect(page.locator(".cm-content")).to_be_visible()
    wide = "element => element.scrollWidth > element.clientWidth"
    assert not page.locator("html").evaluate(wide)


def test_all_keys_are_listed_under_the_question_mark(site: Site) -> None:
    page = site.page
    page.locator("#t1").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("run the program")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(".cm-content").click()
    page.keyboard.press("Escape")
    expect(page.locator("g.node:focus")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend(open_site: Open, scheme: str) -> None:
    site = open_site(color_scheme=scheme)
    site.go()
    page = site.page
    assert_accessible(page)
    page.locator("#t1").click()
    page.get_by_role("tab", name="Variables").click()
    assert_accessible(page)
    site.run(WRONG_SHAPES)
    page.get_by_role("tab", name="Output").click()
    page.locator("#examples summary").click()
    assert_accessible(page)


def test_axe_finds_nothing_to_mend_on_a_phone(open_site: Open) -> None:
    site = open_site(viewport=PHONE)
    for pane in ("Code", "Graph", "Details"):
        site.go()
        site.page.get_by_role("button", name=pane, exact=True).click()
        assert_accessible(site.page)


def assert_accessible(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_the_api_is_documented_without_asking_another_host(open_site: Open) -> None:
    site = open_site()
    site.page.goto(f"{site.url}/docs")

    expect(site.page.get_by_role("link", name="/api/v1/graph", exact=True)).to_be_visible()
