"""Which program the page shows and runs: examples, links, edits, and runs that do not end well."""

import base64
import json
import zlib
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from gradfn.examples import EXAMPLES
from tests.conftest import Served
from tests.page.browser import Open, Site

SHORT = "import torch\nw = torch.ones(2, requires_grad=True)\n(w * 3).sum().backward()\n"


def link(payload: bytes) -> str:
    """The address of a payload, made as the page makes it."""
    packed = zlib.compressobj(wbits=-15)
    raw = packed.compress(payload) + packed.flush()
    return "/#v1." + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def code_of(site: Site) -> str:
    """What the editor shows, without the lines that are scrolled away."""
    return site.page.locator(".cm-content").inner_text()


@pytest.mark.parametrize("slug", [example.slug for example in EXAMPLES])
def test_every_example_has_an_address_that_runs_it(open_site: Open, slug: str) -> None:
    site = open_site()
    site.go(f"/examples/{slug}")
    [example] = [example for example in EXAMPLES if example.slug == slug]
    expect(site.page).to_have_title(f"{example.title} · gradfn")
    expect(site.page.locator("#stage g.node").first).to_be_visible()
    ended = "Failed" if slug == "in-place-error" else "Finished"
    expect(site.page.locator("#status")).to_contain_text(ended)


def test_the_menu_changes_address_title_and_graph_and_back_returns(site: Site) -> None:
    page = site.page
    page.locator("#examples summary").click()
    page.get_by_role("link", name="retain_grad()").click()
    expect(page).to_have_url(f"{site.url}/examples/retain-grad")
    expect(page).to_have_title("retain_grad() · gradfn")
    expect(page.locator("#details .gradients")).to_have_count(2)
    page.go_back()
    expect(page).to_have_title("Leaves, grad and grad_fn · gradfn")
    expect(page.locator("#details .gradients")).to_have_count(1)


def test_edits_survive_an_excursion_and_a_reload(site: Site) -> None:
    page = site.page
    site.write("mine = 1\n")
    page.locator("#examples summary").click()
    page.get_by_role("link", name="Gradients cleared").click()
    expect(page.locator(".cm-content")).to_contain_text("zero_()")
    page.go_back()
    expect(page.locator(".cm-content")).to_contain_text("mine = 1")
    page.reload()
    expect(page.locator(".cm-content")).to_contain_text("mine = 1")
    expect(page.locator("#status")).to_contain_text("Finished")
    page.get_by_role("button", name="Undo my edits").click()
    expect(page.locator(".cm-content")).to_contain_text("w.is_leaf")


def test_edits_outlive_their_tab_at_once_and_come_back_by_a_click(site: Site) -> None:
    page = site.page
    site.write("mine = 2\n")
    page.goto("about:blank")  # at once: no timer was waited for
    site.go()
    page.get_by_role("button", name="Restore my last edits").click()
    expect(page.locator(".cm-content")).to_contain_text("mine = 2")


def test_a_new_program_begins_empty_under_a_name_of_its_own(site: Site) -> None:
    page = site.page
    page.locator("#examples summary").click()
    page.get_by_role("link", name="New program").click()
    expect(page.locator("#program-title")).to_have_text("My program")
    expect(page.locator("#program-summary")).to_be_empty()
    expect(page.locator("#status")).to_have_text("Not run yet")
    assert code_of(site).split() == ["import", "torch"]
    site.write("import torch\nx = torch.ones(1, requires_grad=True) * 2\n")
    expect(page.locator("#program-title")).to_have_text("My program, edited")


def test_an_error_before_there_is_a_graph_keeps_the_last_one_and_dims_it(site: Site) -> None:
    page = site.page
    site.run("import torch\nx = (\n")
    expect(page.get_by_role("alert")).to_contain_text("SyntaxError")
    expect(page.locator("#stage g.node.tensor.leaf")).to_have_count(2)
    expect(page.locator("#stage")).to_have_class("stage is-outdated")
    expect(page.locator(".stage-caption")).to_contain_text("last run that built one")


def test_what_is_typed_after_a_module_of_torch_is_completed_by_its_own_names(site: Site) -> None:
    page = site.page
    site.write("import torch\nfrom torch import nn\ntorch.ten")
    page.keyboard.type("s")
    expect(page.locator(".cm-tooltip-autocomplete li").first).to_have_text("tensor")
    assert not page.locator(".cm-tooltip-autocomplete", has_text="Warning").count()
    page.keyboard.press("Escape")
    page.keyboard.press("End")
    page.keyboard.insert_text("\nnn.Lin")
    page.keyboard.type("e")
    expect(page.locator(".cm-tooltip-autocomplete li").first).to_have_text("Linear")


def test_a_program_of_a_link_is_shown_and_not_run(open_site: Open) -> None:
    site = open_site()
    site.go(link(json.dumps({"code": SHORT}).encode()))
    page = site.page
    expect(page.locator(".cm-content")).to_contain_text("(w * 3).sum().backward()")
    expect(page.locator("#notes")).to_contain_text("Read it, then press Run")
    expect(page.locator("#status")).to_have_text("Not run yet")
    assert not any("/api/" in url for url in site.requests)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#status")).to_contain_text("Finished")
    expect(page.locator("g.node", has_text="MulBackward0")).to_be_visible()


def test_a_copied_link_carries_the_program(open_site: Open) -> None:
    site = open_site(permissions=["clipboard-read", "clipboard-write"])
    site.go()
    site.write("# é, 𝛁 and <tags>\nx = 1\n")
    site.page.get_by_role("button", name="Copy link").click()
    expect(site.page.locator("#notes")).to_contain_text("Link copied")
    copied = site.page.evaluate("() => navigator.clipboard.readText()")
    other = open_site()
    other.go(copied.removeprefix(site.url))
    assert code_of(other).split() == ["#", "é,", "𝛁", "and", "<tags>", "x", "=", "1"]


@pytest.mark.parametrize(
    ("address", "note"),
    [
        ("/#v1.not-deflated", "could not be read"),
        ("/#v1." + "A" * 60_001, "too long"),
        (link(b'{"code": 7}'), "contains no program"),
        (link(b" " * 10_000_000), "too large"),
    ],
    ids=["torn", "long", "no code", "bomb"],
)
def test_a_bad_link_leads_to_an_example_and_says_so(
    open_site: Open, address: str, note: str
) -> None:
    site = open_site()
    site.go(address)
    expect(site.page.locator("#notes")).to_contain_text(note)
    assert "w.is_leaf" in code_of(site)


def test_run_becomes_stop_and_stops(site: Site) -> None:
    page = site.page
    site.write("while True: pass\n")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.locator("#stage")).to_have_attribute("aria-busy", "true")
    page.get_by_role("button", name="Stop").click()
    site.wait()
    expect(page.locator("#notes")).to_contain_text("Stopped.")
    site.run(SHORT)
    expect(page.locator("#status")).to_contain_text("Finished")


def test_a_program_over_the_limit_is_refused_in_words(site: Site) -> None:
    site.run("#" * 70_000)
    expect(site.page.get_by_role("alert")).to_contain_text("Make the program shorter")
    expect(site.page.locator("#stage g.node").first).to_be_visible()
    site.complaints.clear()  # a browser logs every 4xx as an error of its own


def test_a_server_that_is_gone_is_told_in_words(site: Site) -> None:
    page = site.page
    page.context.set_offline(True)
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("alert")).to_contain_text("The server could not be reached")
    page.context.set_offline(False)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#status")).to_contain_text("Finished")
    site.complaints.clear()  # likewise


@pytest.mark.parametrize("format", ["SVG", "PNG", "DOT", "JSON"])
def test_the_graph_can_be_downloaded(site: Site, format: str) -> None:
    starts = {"SVG": b"<", "PNG": b"\x89PNG", "DOT": b"digraph", "JSON": b"{"}
    page = site.page
    page.locator("#downloads summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=format).click()
    assert download.value.suggested_filename == f"leaves.{format.lower()}"
    assert download.value.path().read_bytes().lstrip().startswith(starts[format])


def test_each_page_has_its_own_nonce(server: Served) -> None:
    policies = {server.client.get("/").headers["content-security-policy"] for _ in range(2)}
    assert len(policies) == 2
    assert all("script-src 'self' 'nonce-" in policy for policy in policies)


def test_an_unknown_example_is_not_found_in_words(server: Served) -> None:
    answer = server.client.get("/examples/<script>")
    assert answer.status_code == 404
    assert "There is no page" in answer.text
    assert "<script>”" not in answer.text


def test_only_an_address_with_a_hash_may_be_kept(start_server: Callable[..., Served]) -> None:
    client = start_server().client
    assert client.get("/static/page/playground.js").headers["cache-control"] == "no-cache"
    hashed = client.get("/static/page/playground.js", params={"v": "1"})
    assert "immutable" in hashed.headers["cache-control"]
