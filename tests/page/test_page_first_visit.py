"""What a first visit costs, and what is there before any script has run."""

from playwright.sync_api import expect

from gradfn.examples import EXAMPLE_OF
from tests.page.browser import Open

MOST_REQUESTS = 20
MOST_BYTES = 350_000


def test_a_first_visit_takes_less_than_20_requests_and_350_kB(open_site: Open) -> None:
    site = open_site()
    received: list[float] = []
    network = site.page.context.new_cdp_session(site.page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda end: received.append(end["encodedDataLength"]))
    site.go()
    expect(site.page.locator("#stage g.node").first).to_be_visible()
    site.page.wait_for_load_state("networkidle")

    assert len(received) == len(site.requests)
    assert 5 < len(received) < MOST_REQUESTS, "python hatch_build.py bundle"
    assert 100_000 < sum(received) < MOST_BYTES


def test_the_program_and_a_line_of_purpose_are_there_without_any_script(open_site: Open) -> None:
    page = open_site(java_script_enabled=False).page
    page.goto(f"{open_site().url}/examples/linear-regression")

    expect(page.locator("#editor")).to_contain_text("loss.backward()")
    code = EXAMPLE_OF["linear-regression"].code
    assert page.locator("#first-code").text_content() == code
    expect(page.locator(".purpose")).to_have_text("Run PyTorch, see the graph that autograd built.")


def test_what_a_live_run_needs_is_loaded_with_the_first_one(open_site: Open) -> None:
    site = open_site()
    site.go()
    assert not [address for address in site.requests if "panel" in address]
    site.go("/examples/linear-regression")
    expect(site.page.locator("#live canvas").first).to_be_visible()
    assert [address for address in site.requests if "panel" in address]
