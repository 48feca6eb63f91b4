"""Folds that are opened by their names."""

import pytest

from gradfn.model.folding.named import ids_of
from gradfn.model.folding.select import NotInGraph
from gradfn.model.folding.view import folding_of
from tests.folding.graphs import chain

OPERATIONS = ["MulBackward0", "AddBackward0", "SinBackward0"]
MODULES = ["encoder.attn", "encoder.mlp", "decoder.attn"]
GRAPH = chain(OPERATIONS * 3, modules=[name for name in MODULES for _ in OPERATIONS])


def shown(*names: str) -> set[str]:
    """The names of the folds that are open in the picture, but for the program's."""
    folding = folding_of(GRAPH)
    view = folding.view(ids_of(folding, names))
    return {frame.part.path.strip("/") for frame in view.frames if frame.part.path}


def test_a_fold_is_opened_with_all_around_it() -> None:
    assert shown("mlp") == {"encoder", "encoder/mlp"}


def test_a_name_that_several_have_opens_all_of_them() -> None:
    assert shown("attn") == {"encoder", "encoder/attn", "decoder.attn"}
    assert shown("decoder/attn") == {"decoder.attn"}


def test_a_star_opens_all() -> None:
    assert shown("*") == shown("attn", "mlp")


def test_a_name_that_no_fold_has_is_an_error_that_says_it() -> None:
    with pytest.raises(NotInGraph, match="no fold called 'mlp/attn', 'none'"):
        shown("attn", "none", "mlp/attn")
