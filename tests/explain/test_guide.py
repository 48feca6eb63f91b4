"""The guide: its chapters, the links into it, and its programs, which do what the text says."""

import re

import pytest

from gradfn.explain.advice.messages import MESSAGES
from gradfn.explain.advice.messages.given import MESSAGES as GIVEN
from gradfn.explain.advice.messages.message import Message
from gradfn.explain.advice.messages.syntax_errors import MESSAGES as SYNTAX_ERRORS
from gradfn.web.routes.guide import CHAPTERS, PROGRAMS
from tests.conftest import Served
from tests.explain.provoked.lints import LINTS
from tests.explain.provoked.table import said

# The guide is about autograd: a bracket that is not closed, or what a function may not be given,
# has no chapter in it.
NOT_OF_AUTOGRAD = {*SYNTAX_ERRORS, *(each for each in GIVEN if each.guide is None)} | {
    each
    for each in MESSAGES
    if each.id
    in (
        "no-cuda",
        "name-not-defined",
        "no-such-module",
        "missing-argument",
        "too-many-arguments",
        "no-attribute-of-module",
        "no-network",
        "no-input",
        "not-permitted",
        "not-a-file-of-the-program",
        "no-such-file",
        "disk-full",
        "too-many-threads",
    )
}
SLUGS = [each.slug for each in CHAPTERS]


def anchors(server: Served, slug: str) -> set[str]:
    """What of a chapter can be linked to."""
    answer = server.client.get(f"/guide/{slug}")
    assert answer.status_code == 200
    return {slug} | {f"{slug}#{id}" for id in re.findall(r'<h2 id="([\w-]+)"', answer.text)}


@pytest.fixture(scope="module")
def places(server: Served) -> set[str]:
    """Every place of the guide."""
    return set().union(*(anchors(server, slug) for slug in SLUGS))


@pytest.mark.parametrize("slug", SLUGS)
def test_a_chapter_has_a_live_program_a_question_and_what_to_try(slug: str, server: Served) -> None:
    page = server.client.get(f"/guide/{slug}").text

    assert 'class="program"' in page
    assert "Before you look" in page
    assert "What to try next" in page
    assert 'aria-current="page"' in page


def test_the_guide_begins_with_its_first_chapter(server: Served) -> None:
    assert CHAPTERS[0].title in server.client.get("/guide").text


def test_a_chapter_that_is_not_there_is_not_found(server: Served) -> None:
    assert server.client.get("/guide/nowhere").status_code == 404


@pytest.mark.parametrize("message", MESSAGES, ids=lambda each: each.id)
def test_an_explanation_leads_to_a_place_in_the_guide(message: Message, places: set[str]) -> None:
    assert (message.guide is None) == (message in NOT_OF_AUTOGRAD)
    assert message.guide is None or message.guide in places


@pytest.mark.parametrize("id", LINTS)
def test_a_mistake_leads_to_a_place_in_the_guide(id: str, places: set[str], server: Served) -> None:
    told = [each for each in said(server.run(LINTS[id][0].code)) if each["id"] == id]

    assert told
    for each in told:
        assert each["guide"].removeprefix("/guide/") in places


# What the text says of the programs that only the guide has.
ENDS = {
    "in-place": ("raised", {"modified-in-place"}),
    "where": ("finished", {"where-nan"}),
    "rows": ("finished", set()),
    "vanishing": ("finished", {"vanishing"}),
    "custom": ("finished", set()),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_program_of_the_guide_shows_what_the_text_says(name: str, server: Served) -> None:
    document = server.run(PROGRAMS[name])

    status, ids = ENDS[name]
    assert document["status"] == status
    assert {each["id"] for each in said(document)} == ids
