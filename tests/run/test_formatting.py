"""Programs formatted by ruff: bounded, and with the same meaning."""

import ast
import asyncio

import pytest

from gradfn.run.reading.formatting import NotFormatted, formatted

UGLY = "import torch\nx=torch.ones( 2,requires_grad = True )\nif x is not None :\n  print( 'a' )\n"


def test_a_program_is_in_ruff_s_form_and_means_the_same() -> None:
    found = asyncio.run(formatted(UGLY))
    assert "x = torch.ones(2, requires_grad=True)" in found
    assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(UGLY))
    assert asyncio.run(formatted(found)) == found


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("x = 1\nx = (", r"2:\d"),
        ("x = 1\ny = = 2\n", r"2:\d"),
        ("x = 1\n\0", "."),
    ],
)
def test_what_is_no_python_is_refused_with_line_and_column(code: str, reason: str) -> None:
    with pytest.raises(NotFormatted, match=reason):
        asyncio.run(formatted(code))


@pytest.mark.parametrize(
    "code",
    [
        "(" * 60_000,
        "x = a" + ".b" * 30_000,
        "x = " + "not " * 15_000 + "a",
        "x = " + "lambda:" * 8_000 + "a",
    ],
    ids=["brackets", "attributes", "not", "lambda"],
)
def test_what_is_nested_too_deeply_for_ruff_is_refused_in_words_of_ours(code: str) -> None:
    with pytest.raises(NotFormatted) as refused:
        asyncio.run(formatted(code))
    assert "thread" not in str(refused.value)


def test_what_would_be_much_longer_than_the_program_is_refused_before_it_is_kept() -> None:
    deep = "x = " + "[" * 190 + "1," * 20_000 + "1" + "]" * 190

    with pytest.raises(NotFormatted, match="too long"):
        asyncio.run(formatted(deep))
