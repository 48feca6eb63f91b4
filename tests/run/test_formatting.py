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


@pytest.mark.parametrize("code", ["x = (", "(" * 60_000, "x = 1\n\0"])
def test_what_is_no_python_is_refused_with_a_reason(code: str) -> None:
    with pytest.raises(NotFormatted) as refused:
        asyncio.run(formatted(code))
    assert str(refused.value)
