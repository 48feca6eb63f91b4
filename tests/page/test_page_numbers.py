"""Numbers of the program that are dragged or set by a slider: the run obeys the text."""

from playwright.sync_api import expect

from tests.page.browser import Open, Site


def test_a_number_is_dragged_with_alt_and_the_program_runs_with_it(site: Site) -> None:
    page = site.page
    number = page.locator(".cm-line", has_text="w = torch.tensor").locator("span", has_text="1.0")
    box = number.first.bounding_box()
    assert box is not None
    x, y = box["x"] + 5, box["y"] + box["height"] / 2
    page.keyboard.down("Alt")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=4)
    with page.expect_response("**/api/v1/graph"):
        page.mouse.up()
        page.keyboard.up("Alt")
    site.wait()
    expect(page.locator(".cm-line", has_text="w = ")).to_contain_text("tensor([2.0]")
    expect(page.locator("#stage #t1 text").first).to_have_text("w = [2.0]")


def test_as_an_option_the_program_runs_while_one_types(site: Site) -> None:
    page = site.page
    page.get_by_label("run as I type").check()
    page.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+End")
    with page.expect_response("**/api/v1/graph"):
        page.keyboard.type("doubled = y * 2")
    site.wait()
    expect(page.locator("#stage g.node", has_text="doubled = [12.0]")).to_be_visible()


def test_a_slider_writes_its_number_into_the_program(open_site: Open) -> None:
    site = open_site()
    site.page.goto(f"{site.url}/examples/linear-regression")
    page = site.page
    page.locator("[data-control=lr]").fill("700")
    expect(page.locator(".cm-line", has_text="lr = ").first).to_have_text("lr = 0.0408")
    expect(page.locator("#status")).not_to_contain_text("Edited")
    page.reload()
    expect(page.locator(".cm-line", has_text="lr = ").first).to_have_text("lr = 0.0408")
    site.wait()  # or a place for a live run would be taken for a minute
