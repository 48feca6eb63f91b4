"""Who may embed the playground, and what oEmbed is told of it."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from tests.conftest import Served

Start = Callable[..., Served]


def test_unless_it_is_set_no_site_may_frame_it_and_oembed_knows_no_page(
    start_server: Start,
) -> None:
    server = start_server(GRADFN_EMBED_ORIGINS="")

    policy = server.client.get("/embed").headers["content-security-policy"]
    described = server.client.get("/oembed", params={"url": f"{server.url}/"})

    assert "frame-ancestors 'none'" in policy
    assert described.status_code == 404


def test_the_origins_of_the_setting_are_the_ones_that_browsers_are_told(
    start_server: Start,
) -> None:
    server = start_server(GRADFN_EMBED_ORIGINS="https://course.example, https://*.school.example")

    policy = server.client.get("/embed/leaves").headers["content-security-policy"]

    assert "frame-ancestors https://course.example https://*.school.example;" in policy
    assert "frame-ancestors 'none'" in server.client.get("/").headers["content-security-policy"]


@pytest.mark.parametrize("path", ["", "examples/retain-grad", "embed", "embed/retain-grad"])
def test_oembed_describes_every_page_of_the_playground(server: Served, path: str) -> None:
    answer = server.client.get("/oembed", params={"url": f"{server.url}/{path}"})

    described = answer.json()
    slug = path.partition("/")[2] or "leaves"
    assert answer.status_code == 200, answer.text
    assert f'src="{server.url}/embed/{slug}"' in described["html"]
    assert server.client.get(f"/embed/{slug}").status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/",
        "{url}/examples/none",
        "{url}/docs",
        "{url}evil",
        "javascript:alert(1)",
        "",
    ],
)
def test_what_is_no_page_of_the_playground_is_not_described(server: Served, url: str) -> None:
    answer = server.client.get("/oembed", params={"url": url.format(url=server.url)})

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_link_cannot_leave_its_attribute(server: Served) -> None:
    url = f'{server.url}/#"><script>alert(1)</script>'

    html = server.client.get("/oembed", params={"url": url}).json()["html"]

    tags: list[tuple[str, dict[str, str | None]]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.append((tag, dict(attrs)))  # type: ignore[method-assign]
    parser.feed(html)
    [(tag, attributes)] = tags
    assert tag == "iframe"
    assert attributes["src"] == f'{server.url}/embed/leaves#"><script>alert(1)</script>'


def test_xml_is_refused_as_the_protocol_says(server: Served) -> None:
    answer = server.client.get("/oembed", params={"url": f"{server.url}/", "format": "xml"})

    assert answer.status_code == 501
