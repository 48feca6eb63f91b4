"""What helps while one types: signatures, documentation under the pointer, formatting."""

from playwright.sync_api import expect

from tests.page.browser import Site


def test_a_call_shows_its_signature_a_name_what_it_is_and_ruff_formats(site: Site) -> None:
    page = site.page
    site.run("import torch\nfrom torch import nn\nnet=nn.Linear( 3,2 )\nx = torch.rand(4, 3)\n")
    shown = page.locator(".documented")
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.type("c = nn.Conv2d(3, ")
    expect(shown).to_contain_text("Conv2d(in_channels, out_channels, kernel_size")
    expect(page.locator(".cm-matchingBracket")).to_have_count(2)
    page.keyboard.press("Home")
    expect(shown).to_have_count(0)
    page.locator(".cm-line", has_text="torch.rand").get_by_text("rand").hover()
    expect(shown).to_contain_text("random numbers from a uniform distribution")
    page.keyboard.press("ControlOrMeta+z")
    page.mouse.move(5, 5)
    expect(shown).to_have_count(0)
    page.get_by_role("button", name="Format").click()
    expect(page.locator(".cm-content")).to_contain_text("net = nn.Linear(3, 2)")
    site.write("x = (")
    page.get_by_role("button", name="Format").click()
    expect(page.locator("#notes")).to_contain_text("Not formatted")
