"""What the page makes of a recording: lines, moments, backward passes. In a real browser."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from gradfn.events.values import Summary
from gradfn.model.document import Picture, RunDocument, TensorValue
from gradfn.model.recording import BackwardPass, StackFrame
from gradfn.render.dot import write_dot
from gradfn.render.drawing import draw
from gradfn.render.layout import lay_out
from gradfn.render.placed import placed
from tests.page.browser import Open, Site
from tests.render.fitted import CODE, linear_regression

Show = Callable[[RunDocument], Page]
SHOWN: dict[Page, RunDocument] = {}


def answer(document: RunDocument) -> bytes:
    """The document with its layout, as the server sends both."""
    drawing = draw(document.graph, cuts=document.cuts)
    dot = write_dot(drawing, legend=False, background="transparent", rankdir="TB")
    layout = placed(lay_out(dot, "json0"), drawing, document.graph)
    return msgspec.json.encode(replace(document, picture=Picture(None, None, layout=layout)))


def show(site: Site, document: RunDocument) -> Page:
    """The page after a run of the program that was told so."""
    body = answer(document)
    SHOWN[site.page] = document
    site.page.route(
        "**/api/v1/graph", lambda route: route.fulfill(body=body, content_type="application/json")
    )
    site.run(CODE)
    site.page.locator(".cm-content").evaluate("element => element.blur()")
    return site.page


def box(page: Page, id: str) -> Locator:
    """The rows of a tensor's box, as they are drawn."""
    return page.locator(f"#stage #{id} text")


def field(page: Page, name: str) -> Locator:
    """The value beside a name on the card."""
    name_exactly = page.locator("#details dt").get_by_text(name, exact=True)
    return name_exactly.locator("xpath=following-sibling::dd[1]").first


def go_to(page: Page, step: int) -> None:
    """Moves the slider to where a step, counted from 1 as on the page, is over.

    A step has a station of its own, after one for each function of its backward passes.
    """
    before = (each for each in SHOWN[page].backward if each.step is not None and each.step < step)
    functions = sum(len(each.functions) for each in before)
    page.get_by_role("slider", name="Step").fill(str(step - 1 + functions))


def seen(page: Page, wanted: str) -> set[str]:
    """The ids of drawn elements of a class."""
    nodes = page.locator(f"#stage g.node.{wanted}")
    return set(nodes.evaluate_all("nodes => nodes.map(node => node.id)"))


def test_a_node_shows_the_line_and_the_expression_that_made_it(site: Site) -> None:
    page = show(site, linear_regression())
    page.locator("#f4").hover()
    expect(page.locator(".cm-line.is-lit")).to_contain_text("loss =")
    expect(page.locator(".is-expression")).to_have_text(["y - y_pred"])
    page.locator("#t5").focus()
    expect(page.locator(".cm-line.is-lit")).to_contain_text("y_pred = w * x + b")
    assert "".join(page.locator(".is-expression").all_inner_texts()) == "w * x + b"


def test_the_mark_of_a_cut_shows_the_expression_that_cut(site: Site) -> None:
    page = show(site, linear_regression())
    page.get_by_role("button", name="Fit").click()
    page.locator("#cut-t6").hover()
    expect(page.locator(".is-expression")).to_have_text(["loss.item()"])
    page.locator("#cut-t6").click()
    expect(page.locator("#details .card-name")).to_have_text("loss")
    expect(page.locator("#details .cuts")).to_contain_text("loss.item() at line 13, 3 times")


def test_a_line_lights_what_it_made_by_pointer_and_by_cursor(site: Site) -> None:
    page = show(site, linear_regression())
    page.locator(".cm-line", has_text="y_pred = w * x").hover()
    expect(page.locator("#f6")).to_have_class("node function is-hot")
    assert seen(page, "is-hot") == {"f5", "f6", "t5"}
    page.locator(".cm-content").focus()
    page.keyboard.press("ControlOrMeta+Home")
    for _ in range(8):
        page.keyboard.press("ArrowDown")
    page.locator("#run").hover()
    expect(page.locator("#f1")).to_have_class("node function is-hot")
    assert seen(page, "is-hot") == {"f1", "f2", "f3", "f4", "t6"}


def test_the_lines_that_called_count_as_weaker_marks(site: Site) -> None:
    document = linear_regression()
    functions = tuple(
        replace(each, stack=(StackFrame("<module>", 7), StackFrame("model", 8)))
        if each.id == "f6"
        else each
        for each in document.graph.functions
    )
    page = show(site, replace(document, graph=replace(document.graph, functions=functions)))
    page.locator("#f6").hover()
    expect(page.locator(".cm-line.is-calling")).to_have_text(["for i in range(3):"])
    page.locator(".cm-line", has_text="for i in").hover()
    expect(page.locator("#f6")).to_have_class("node function is-warm")
    assert seen(page, "is-hot") == set()


def test_the_card_of_a_function_tells_all_that_was_recorded(site: Site) -> None:
    page = show(site, linear_regression())
    page.locator("#f3").click()
    expect(field(page, "made at")).to_have_text("line 9 step 23")
    expect(field(page, "expression")).to_have_text("(y - y_pred) ** 2")
    expect(field(page, "op")).to_have_text("aten::pow.Tensor_Scalar")
    expect(field(page, "inputs").locator("li")).to_have_text(
        ["self y - y_pred = [4.1303, 3.8697, 3.6092]", "exponent 2"], use_inner_text=True
    )
    expect(field(page, "outputs")).to_contain_text("(y - y_pred) ** 2 = [17.0592, ")
    expect(field(page, "saved").locator("li").last).to_contain_text("freed")
    field(page, "made at").get_by_role("button", name="line 9").click()
    expect(page.locator(".cm-editor.cm-focused .cm-activeLine")).to_contain_text("loss =")


def test_what_was_saved_and_changed_since_is_marked_with_its_cause(site: Site) -> None:
    page = show(site, linear_regression())
    page.locator("#f6").click()
    expect(field(page, "saved").locator("li").last).to_contain_text("modified since")
    expect(page.locator("#details .changes")).to_contain_text("optimizer.step() at line 11")
    page.locator("#t3").click()
    expect(page.locator("#details .changes")).to_contain_text(
        "MulBackward0 had saved the old value"
    )


def test_a_tensor_that_is_gone_says_when_it_had_its_value(site: Site) -> None:
    page = show(site, linear_regression())
    page.locator("#f6").click()
    field(page, "outputs").get_by_role("button", name="w * x").click()
    expect(page.locator("#details .card-name")).to_have_text("w * x")
    expect(page.locator(".moment")).to_have_text(
        "no longer alive at the end; last value at step 22"
    )
    page.locator(".moment").get_by_role("button").click()
    expect(page.locator("#step-text")).to_contain_text("step 22 of 27: line 8, iteration 2")


def test_the_timeline_shows_the_graph_as_it_was_without_a_new_layout(site: Site) -> None:
    page = show(site, linear_regression())
    places = "nodes => nodes.map(node => JSON.stringify(node.getBBox()))"
    before = page.locator("#stage g.node > :is(path, ellipse)").evaluate_all(places)
    go_to(page, 8)  # the first y_pred
    text = page.locator("#step-text")
    expect(text).to_contain_text("step 8 of 27: line 8, iteration 0")
    expect(text).to_contain_text("y_pred = [1.0, 2.0, 3.0] · made MulBackward0, AddBackward0")
    assert seen(page, "is-now") == {"f5", "f6", "f7", "f8", "t5"}
    assert seen(page, "is-future") == {"f1", "f2", "f3", "f4", "t6", "cut-t6"}
    assert seen(page, "is-old") == set()
    expect(page.locator(".cm-line.is-now")).to_contain_text("y_pred = w * x + b")
    expect(box(page, "t3").first).to_have_text("w = [1.0]")
    expect(box(page, "t6").first).to_have_text("loss = …")
    after = page.locator("#stage g.node > :is(path, ellipse)").evaluate_all(places)
    assert after == before


def test_what_the_round_before_left_is_there_and_faded(site: Site) -> None:
    page = show(site, linear_regression())
    go_to(page, 15)  # y_pred of the second round, loss still that of the first
    assert seen(page, "is-now") == {"f5", "f6", "t5"}
    assert seen(page, "is-old") == {"f1", "f2", "f3", "f4", "t6", "cut-t6"}
    go_to(page, 10)
    expect(page.locator("#cut-t6")).to_have_class("node cut is-future")
    go_to(page, 14)
    expect(page.locator("#cut-t6")).to_have_class("node cut")
    expect(box(page, "t3").first).to_have_text("w = [1.7333]")
    expect(box(page, "t6").first).to_have_text("loss = 24.8333")


def test_values_and_gradients_are_those_of_the_moment_everywhere(site: Site) -> None:
    page = show(site, linear_regression())
    go_to(page, 10)
    expect(box(page, "t3").nth(3)).to_have_text("grad            [−14.6667]")
    expect(page.locator("#t3")).to_have_attribute(
        "aria-label", "w, leaf, requires_grad True, grad [−14.6667], to AccumulateGrad"
    )
    page.locator("#t3").click()
    expect(page.locator(".moment")).to_have_text("value at step 10")
    expect(page.locator("#details").get_by_role("table", name="grad")).to_have_text("−14.6667")
    page.get_by_role("tab", name="Variables").click()
    row = page.locator("#variables tbody tr").filter(has=page.get_by_role("rowheader", name="w"))
    expect(row.locator("td").nth(1)).to_have_text("[−14.6667]")
    go_to(page, 12)
    expect(row.locator("td").nth(0)).to_have_text("[1.7333]")
    expect(row.locator("td").nth(1)).to_have_text("None")
    go_to(page, 4)
    expect(page.locator("#variables tbody th")).to_have_text(["torch", "x", "y", "w"])


def test_the_end_of_the_timeline_is_the_finished_run(site: Site) -> None:
    page = show(site, linear_regression())
    finished = page.locator("#stage g.graph").inner_html()
    go_to(page, 3)
    go_to(page, 27)
    expect(page.locator("#step-text")).to_contain_text("step 27 of 27, the end: line 13")
    expect(page.locator(".cm-line.is-now")).to_have_count(0)
    assert not seen(page, "is-future") | seen(page, "is-old") | seen(page, "is-now")
    texts = "graph => [...graph.querySelectorAll('text')].map(text => text.textContent)"
    now = page.locator("#stage g.graph").evaluate(texts)
    assert all(text in finished.replace("&nbsp;", "\N{NO-BREAK SPACE}") for text in now)


def test_the_timeline_works_by_keys_and_tells_where_it_is(site: Site) -> None:
    page = show(site, linear_regression())
    slider = page.get_by_role("slider", name="Step")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "step 1 of 27: line 1")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "step 2 of 27: line 2")
    page.locator("#t1").focus()
    page.keyboard.press(".")
    expect(slider).to_have_attribute("aria-valuetext", "step 3 of 27: line 3")
    page.keyboard.press(",")
    expect(slider).to_have_attribute("aria-valuetext", "step 2 of 27: line 2")
    expect(page.locator("#step-text")).to_have_attribute("aria-live", "polite")


def test_play_goes_to_the_end_and_can_be_stopped(site: Site) -> None:
    page = show(site, linear_regression())
    go_to(page, 25)
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator("#step-text")).to_contain_text("the end")
    page.get_by_role("button", name="Play").click()
    expect(page.locator("#step-text")).to_contain_text("step 2 of 27")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_next_backward_pass_is_one_click_away_and_shows_its_gradients(site: Site) -> None:
    page = show(site, linear_regression())
    button = page.get_by_role("button", name="Next backward pass")
    for step, gradient in ((10, "[−14.67]"), (17, "[−10.54]"), (24, "[−7.566]")):
        button.click()
        expect(page.locator("#step-text")).to_contain_text(f"step {step} of 27: line 10")
        expect(page.locator("g.gradients > text", has_text=gradient)).to_have_count(1)
    page.get_by_role("button", name="all passes").click()
    expect(page.locator("g.gradients")).to_have_count(0)
    button.click()
    expect(page.locator("g.gradients")).to_have_count(1)
    page.get_by_role("button", name="Next step").click()
    expect(page.locator("g.gradients")).to_have_count(0)


def test_a_run_without_steps_has_no_timeline_and_still_its_passes(site: Site) -> None:
    page = show(site, replace(linear_regression(), steps=()))
    expect(page.get_by_role("slider", name="Step")).to_have_count(0)
    expect(page.get_by_label("Gradients of a backward pass")).to_be_visible()
    show(site, replace(linear_regression(), steps=(), backward=()))
    expect(page.locator("#timeline")).to_be_hidden()


def arrow_labels(page: Page) -> list[str]:
    return page.locator("g.gradients > text").all_text_contents()


def test_a_backward_pass_shows_on_each_arrow_what_went_along_it(site: Site) -> None:
    page = show(site, linear_regression())
    page.get_by_label("Gradients of a backward pass").select_option("pass 3, line 10")
    carrying = page.locator("#stage g.edge.has-gradient")
    expect(carrying).to_have_count(11)
    # What operands without a gradient brought, and the cut, carry none.
    ids = carrying.evaluate_all("edges => edges.map(edge => edge.id)")
    assert {"e--t1--f6--1", "e--t2--f4--0", "e--t6--cut-t6--0"}.isdisjoint(ids)
    assert sorted(arrow_labels(page)) == sorted(
        ["1.0", "norm 0.5774", "norm 0.2887", *["norm 2.238"] * 3, "[−3.87]", "[−7.566]"]
    )
    numbers = page.locator("g.order text").all_text_contents()
    assert sorted(map(int, numbers)) == list(range(1, 9))


def test_the_pass_is_told_in_detail_and_so_is_each_function_of_it(site: Site) -> None:
    page = show(site, linear_regression())
    page.get_by_role("button", name="pass 2, line 10").click()
    card = page.get_by_role("region", name="Backward pass")
    expect(card).to_contain_text("from loss = 13.4572, line 10 step 17")
    expect(card.locator(".accumulated tbody tr")).to_have_text(
        ["w None [−10.5444]", "b None [−5.1833]"], use_inner_text=True
    )
    executed = card.locator(".executed tbody th").all_inner_texts()
    assert executed[:3] == ["MeanBackward0", "MulBackward0", "PowBackward0"]
    assert executed[5:] == ["AccumulateGrad", "MulBackward0", "AccumulateGrad"]
    page.locator("#f4").click()
    passed = page.get_by_role("region", name="Gradients")
    expect(passed).to_contain_text("pass 2, line 10: executed as number 4 of 8")
    expect(passed.locator("dd")).to_have_text(
        ["[1.6389, 1.7278, 1.8167]", "None", "[−1.6389, −1.7278, −1.8167] to AddBackward0"],
        use_inner_text=True,
    )


def test_a_pass_over_a_graph_that_is_gone_says_so(site: Site) -> None:
    page = show(site, linear_regression())
    page.get_by_label("Gradients of a backward pass").select_option("pass 1, line 10")
    expect(page.locator(".alike")).to_contain_text("The graph of this pass no longer exists")
    expect(page.locator("#step-text")).to_contain_text("step 10 of 27: line 10, iteration 0")
    page.locator(".alike").get_by_role("button", name="pass 3").click()
    expect(page.locator(".alike")).to_have_count(0)
    expect(page.get_by_label("Gradients of a backward pass")).to_have_value("2")


def test_a_pass_over_what_is_not_drawn_is_told_all_the_same(site: Site) -> None:
    document = linear_regression()
    [*others, last] = document.backward
    functions = tuple(replace(each, function=None) for each in last.functions)
    lost = replace(last, roots=(), functions=functions)
    page = show(site, replace(document, backward=(*others, lost)))
    page.get_by_label("Gradients of a backward pass").select_option("pass 3, line 10")
    card = page.get_by_role("region", name="Backward pass")
    expect(card).to_contain_text("from a tensor that no longer exists = 7.51")
    expect(card).to_contain_text("Functions without a link are not in the drawn graph.")
    expect(card.locator(".executed tbody th").first).to_have_text("MeanBackward0")
    expect(page.locator("g.gradients")).to_have_count(0)


def test_gradients_that_are_not_finite_stand_out_and_large_ones_are_told_by_their_norm(
    site: Site,
) -> None:
    document = linear_regression()
    bad = TensorValue([1], "float32", ["NaN"], None)
    large = TensorValue([9000], "float32", None, Summary(-1.0, 1.0, 0.0, 1.0, 94.8683, 0, 0))
    many = TensorValue([3], "float32", ["Infinity", 1.0, "NaN"], None)

    def spoil(passed: BackwardPass) -> BackwardPass:
        of: dict[str, dict[str, Any]] = {
            "f6": {"grad_inputs": (bad, None)},
            "f5": {"grad_inputs": (many, bad)},
        }
        of["f2"] = {"grad_inputs": (large, None)}
        functions = (replace(each, **of.get(each.function or "", {})) for each in passed.functions)
        return replace(passed, functions=tuple(functions))

    page = show(site, replace(document, backward=tuple(map(spoil, document.backward))))
    page.get_by_label("Gradients of a backward pass").select_option("pass 3, line 10")
    bad_ones = page.locator("g.gradients > text.is-bad")
    expect(bad_ones).to_have_count(3)
    assert sorted(bad_ones.all_text_contents()) == ["2 not finite", "[nan]", "[nan]"]
    expect(page.locator("g.gradients > text", has_text="norm 94.87")).to_have_count(1)


def test_a_recording_that_left_things_out_says_so_in_one_line(site: Site) -> None:
    page = show(site, linear_regression(thinned=("Values were left out.", "Lines too.")))
    expect(page.locator("#timeline-note")).to_have_text("Values were left out. Lines too.")
    show(site, linear_regression())
    expect(page.locator("#timeline-note")).to_be_hidden()


def test_five_thousand_steps_can_be_moved_through(site: Site) -> None:
    page = show(site, linear_regression(rounds=720))
    slider = page.get_by_role("slider", name="Step")
    expect(slider).to_have_attribute(
        "aria-valuetext", "step 5,046 of 5,046, the end: line 13, iteration 719"
    )
    go_to(page, 2500)
    expect(page.locator("#step-text")).to_contain_text("step 2,500 of 5,046: line 8, iteration 356")
    assert seen(page, "is-now") == {"f5", "f6", "t5"}
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    # Loss, eight functions and the end of backward(), five lines, loss, and four functions.
    expect(page.locator("#step-text")).to_contain_text(
        "step 2,509 of 5,046: line 10, iteration 357, backward 4 of 8"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_to_mend_in_a_recording(open_site: Open, scheme: str, width: int) -> None:
    site = open_site(color_scheme=scheme, viewport={"width": width, "height": 900})
    site.go()
    page = site.page
    if width < 720:
        page.get_by_role("button", name="Code", exact=True).click()
    show(site, linear_regression(thinned=("Values were left out.",)))
    page.get_by_role("button", name="Next backward pass").click()
    if width < 720:
        page.get_by_role("button", name="Details", exact=True).click()
    assert_accessible(page)
    if width > 720:
        page.locator("#f6").click()
        assert_accessible(page)
        page.get_by_role("tab", name="Variables").click()
        assert_accessible(page)


def assert_accessible(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
