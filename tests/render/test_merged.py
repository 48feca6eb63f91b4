"""A drawing without boxes for what changes no number: AccumulateGrad and pure reshaping."""

from dataclasses import replace

from gradfn.model.document import Graph
from gradfn.render.drawing import Drawing, draw, merged
from gradfn.render.quote import MAX_CHARACTERS
from gradfn.render.rows import compact_rows
from tests.render.graphs import article, function, tensor


def boxes(drawing: Drawing) -> set[str]:
    return {node.id for node in drawing.nodes}


def arrows(drawing: Drawing) -> set[tuple[str, str, str]]:
    return {(edge.tail, edge.head, edge.id) for edge in drawing.edges}


def test_an_accumulate_grad_is_part_of_its_leaf() -> None:
    graph = article()
    plain = draw(graph)
    drawing = merged(plain, graph.functions)

    assert boxes(plain) - boxes(drawing) == {"f4", "f5"}
    assert {node.id: node.holds for node in drawing.nodes if node.holds} == {
        "t1": ("f4",),
        "t2": ("f5",),
    }


def test_arrows_keep_the_ids_by_which_their_gradients_are_found() -> None:
    graph = article()
    plain, drawing = draw(graph), merged(draw(graph), graph.functions)

    assert {edge.id for edge in drawing.edges} <= {edge.id for edge in plain.edges}
    assert {(tail, id) for tail, _, id in arrows(drawing) if tail in ("t1", "t2")} == {
        ("t1", "e--f4--f3--0"),
        ("t2", "e--f5--f2--1"),
    }


def reshaping(name: str, *, twice: bool = False) -> Graph:
    """A product, reshaped, then summed; `twice`: two sums of it."""
    sums = [function("f1", "SumBackward0", "f3")]
    if twice:
        sums.append(function("f2", "SumBackward0", "f3"))
    product = function("f4", "MulBackward0", None)
    return Graph((tensor("t1", "w"),), (*sums, function("f3", name, "f4"), product))


def test_what_only_reshapes_is_a_word_on_the_arrow() -> None:
    for name in ("ViewBackward0", "TBackward0", "UnsqueezeBackward0", "UnsafeViewBackward0"):
        graph = reshaping(name)
        drawing = merged(draw(graph), graph.functions)

        assert "f3" not in boxes(drawing)
        (edge,) = (edge for edge in drawing.edges if edge.tail == "f4")
        assert (edge.head, edge.id) == ("f1", "e--f4--f3--0")
        assert edge.label == name.partition("Backward")[0]


def test_what_sums_gradients_keeps_its_box() -> None:
    for graph in (reshaping("ExpandBackward0"), reshaping("ViewBackward0", twice=True)):
        assert "f3" in boxes(merged(draw(graph), graph.functions))


def test_a_compact_box_has_name_value_and_gradient() -> None:
    rows = {node.id: node.rows for node in draw(article(), compact=True).nodes}

    assert [each.strip() for each in rows["t1"]] == ["w = [1.0]", "grad [5.0]"]
    assert rows["t5"] == ("y = [6.0]",)


def test_reshapes_one_after_the_other_are_words_on_one_arrow() -> None:
    product = function("f4", "MulBackward0", None)
    graph = Graph(
        (tensor("t1", "w"),),
        (
            function("f1", "SumBackward0", "f2"),
            function("f2", "TBackward0", "f3"),
            function("f3", "ViewBackward0", "f4"),
            product,
        ),
    )
    drawing = merged(draw(graph), graph.functions)

    (edge,) = (edge for edge in drawing.edges if edge.tail == "f4")
    assert (edge.head, edge.label) == ("f1", "View, T")


def test_a_compact_box_says_grad_where_a_gradient_is_kept_and_no_more_where_none_can_be() -> None:
    leaf, retained = tensor("t1", "w"), tensor("t2", "a", role="intermediate", grad_fn="f1")
    rows = {
        "leaf": compact_rows(leaf),
        "not retained": compact_rows(retained),
        "retained": compact_rows(replace(retained, retains_grad=True)),
        "constant": compact_rows(tensor("t3", "c", role="constant")),
        "a literal": compact_rows(replace(tensor("t4", role="constant"), alive=False)),
        "named and gone": compact_rows(replace(leaf, alive=False)),
        "long": compact_rows(tensor("t5", "n" * MAX_CHARACTERS)),
    }

    assert [each.strip() for each in rows["leaf"]] == ["w = [1.0]", "grad None"]
    assert rows["not retained"] == ("a = [1.0]",)
    assert [each.strip() for each in rows["retained"]] == ["a = [1.0]", "grad None"]
    assert rows["constant"] == ("c = [1.0]",)
    assert rows["a literal"] == ("[1.0]",)
    assert rows["named and gone"] == rows["leaf"]
    assert [each.strip() for each in rows["long"]] == ["n" * MAX_CHARACTERS, "= [1.0]", "grad None"]
