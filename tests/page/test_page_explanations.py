"""Explanations in a real browser: the edit that one click applies, the guide's live programs."""

from playwright.sync_api import expect

from gradfn.web.routes.guide import CHAPTERS
from tests.explain.provoked.lints import LINTS
from tests.explain.provoked.messages import MESSAGES
from tests.page.browser import Open, Site
from tests.page.test_page import PHONE, assert_accessible


def test_one_click_applies_the_edit_and_the_program_runs(site: Site) -> None:
    site.run(MESSAGES["modified-in-place"][1].code)
    notes = site.page.locator("#notes")
    expect(notes).to_contain_text("SigmoidBackward0")
    expect(notes.get_by_role("link", name="In the guide")).to_have_attribute(
        "href", "/guide/notes#in-place"
    )

    with site.page.expect_response("**/api/v1/graph"):
        notes.get_by_role("button", name="Apply and run").click()
    site.wait()

    expect(site.page.locator(".cm-content")).to_contain_text("y = y + 1")
    expect(notes).to_be_hidden()


def test_a_note_of_a_mistake_has_its_edit_too(site: Site) -> None:
    site.run(LINTS["cleared-before-step"][0].code)
    note = site.page.locator("#notes details")
    note.locator("summary").click()
    assert_accessible(site.page)

    with site.page.expect_response("**/api/v1/graph"):
        note.get_by_role("button", name="Apply and run").click()
    site.wait()

    expect(site.page.locator("#notes")).to_be_hidden()


def test_an_edit_can_be_undone(site: Site) -> None:
    site.run(MESSAGES["leaf-in-place"][0].code)
    with site.page.expect_response("**/api/v1/graph"):
        site.page.get_by_role("button", name="Apply and run").click()
    expect(site.page.locator(".cm-content")).to_contain_text("with torch.no_grad():")

    site.page.locator(".cm-content").click()
    site.page.keyboard.press("ControlOrMeta+z")

    expect(site.page.locator(".cm-content")).not_to_contain_text("with torch.no_grad():")


def test_a_program_of_the_guide_runs_where_it_stands(open_site: Open) -> None:
    site = open_site()
    site.page.goto(f"{site.url}/guide/gradients")
    site.page.locator("html[data-ready]").wait_for()
    live = site.page.locator(".program").first

    live.get_by_role("button", name="Run").click()

    expect(live.locator("pre")).to_contain_text("tensor([6.])")
    expect(live.locator(".program-graph svg")).to_contain_text("PowBackward0")
    expect(site.page.locator(".formula .katex").first).to_be_visible()


def test_a_program_of_the_guide_shows_all_it_did_on_a_phone_too(open_site: Open) -> None:
    site = open_site(viewport=PHONE)
    site.page.goto(f"{site.url}/guide/notes")
    site.page.locator("html[data-ready]").wait_for()
    program = site.page.locator(".program").first

    program.get_by_role("button", name="Run").click()
    program.locator(".program-graph svg").wait_for()

    box, graph = program.bounding_box(), program.locator(".program-graph").bounding_box()
    assert box is not None
    assert graph is not None
    assert graph["y"] + graph["height"] <= box["y"] + box["height"]


def test_what_a_program_of_the_guide_did_stands_beside_it(open_site: Open) -> None:
    site = open_site(viewport={"width": 1280, "height": 800})
    site.page.goto(f"{site.url}/guide/gradients")
    site.page.locator("html[data-ready]").wait_for()
    program = site.page.locator(".program").first

    program.get_by_role("button", name="Run").click()
    program.locator(".program-graph svg").wait_for()

    code, graph = (
        program.locator(each).bounding_box() for each in (".program-code", ".program-graph")
    )
    assert code is not None
    assert graph is not None
    assert graph["x"] >= code["x"] + code["width"]
    assert not site.page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_every_chapter_is_accessible_and_fits_a_phone(open_site: Open) -> None:
    site = open_site(viewport=PHONE)
    for chapter in CHAPTERS:
        site.page.goto(f"{site.url}/guide/{chapter.slug}")
        site.page.locator("html[data-ready]").wait_for()
        assert_accessible(site.page)
        assert not site.page.evaluate("document.documentElement.scrollWidth > innerWidth")
