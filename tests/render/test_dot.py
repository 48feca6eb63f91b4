"""What is drawn of a graph, and that every element leads back to it."""

from xml.etree import ElementTree

import pytest

from gradfn.events.reading import MEDIA_TYPES
from gradfn.model.document import Error, Graph, Operand, Saved
from gradfn.render.dot import dot_of
from gradfn.render.drawing import draw
from gradfn.render.formats import FORMATS, export_graph
from gradfn.render.layout import GraphTooLarge
from tests.render.graphs import (
    SVG,
    accumulate,
    article,
    classes,
    drawn,
    failed,
    function,
    rnn,
    tensor,
    text_of,
)


def arrows(graph: Graph, error: Error | None = None) -> set[str]:
    return {f"{edge.tail} {edge.head} {edge.nr}" for edge in draw(graph, error).edges}


def test_every_function_tensor_use_and_arrow_has_its_id_and_class() -> None:
    found = classes(drawn(article()))
    assert found == {
        "t1": "node tensor leaf",
        "t2": "node tensor leaf",
        "t1-use2": "node proxy leaf",
        "t3": "node tensor intermediate",
        "t4": "node tensor intermediate",
        "t5": "node tensor intermediate",
        "f1": "node function",
        "f2": "node function",
        "f3": "node function",
        "f4": "node function accumulate",
        "f5": "node function accumulate",
        "e--t1--f4--0": "edge",
        "e--t2--f5--0": "edge",
        "e--t1-use2--f2--0": "edge",
        "e--f4--f3--0": "edge",
        "e--f5--f2--1": "edge",
        "e--f2--t3--0": "edge",
        "e--f3--t4--0": "edge",
        "e--t3--f1--0": "edge",
        "e--t4--f1--1": "edge",
        "e--f1--t5--0": "edge",
    }


def test_a_small_picture_says_what_autograd_knows_of_each_tensor() -> None:
    svg = drawn(article())
    assert text_of(svg, "t1") == [
        "w = [1.0]",
        "is_leaf         True",
        "requires_grad   True",
        "grad            [5.0]",
        "grad_fn         None",
    ]
    assert text_of(svg, "t5") == [
        "y = [6.0]",
        "is_leaf         False",
        "requires_grad   True",
        "grad            None",
        "grad_fn         MulBackward0",
    ]
    assert text_of(svg, "f1") == ["MulBackward0"]
    assert text_of(svg, "t1-use2") == ["w"]


def test_a_large_picture_says_name_and_shape() -> None:
    svg = drawn(rnn(20))
    assert text_of(svg, "t1") == ["w", "(1,)"]


def test_a_shared_leaf_is_one_box_and_a_proxy_for_each_further_use() -> None:
    square = Graph(
        (tensor("t1", "w"), tensor("t2", "y", role="intermediate", grad_fn="f1")),
        (function("f1", "MulBackward0", "f2", "f2"), accumulate("f2", "t1")),
    )
    assert arrows(square) == {"t1 f2 0", "f2 f1 0", "t1-use2 f1 1", "f1 t2 0"}
    assert [n.kind for n in draw(rnn(5)).nodes].count("proxy leaf") == 3 * 4


def test_the_proxy_of_a_parameter_says_so() -> None:
    found = classes(drawn(article("parameter")))
    assert found["t1"] == "node tensor parameter"
    assert found["t1-use2"] == "node proxy parameter"


def test_an_accumulate_grad_whose_leaf_is_not_told_is_shared_by_proxies_too() -> None:
    graph = Graph(functions=(function("f1", "MulBackward0", "f2", "f2"), accumulate("f2", "t9")))
    assert arrows(graph) == {"f2 f1 0", "f2-use2 f1 1"}


def test_each_output_of_a_function_goes_its_own_way() -> None:
    graph = Graph(
        (
            tensor("t1", "x"),
            tensor("t2", "a", role="intermediate", grad_fn="f2", output_nr=0),
            tensor("t3", "b", role="intermediate", grad_fn="f2", output_nr=1),
        ),
        (
            function("f1", "MulBackward0", ("f2", 1), ("f2", 2)),
            function("f2", "UnbindBackward0", "f3"),
            accumulate("f3", "t1"),
        ),
    )
    # The third output has no name left, so its arrow leaves from the function itself.
    assert {"f2 t2 0", "f2 t3 1", "t3 f1 0", "f2 f1 1"} < arrows(graph)


def test_the_graph_of_a_gradient_shares_the_leaf_with_the_first_graph() -> None:
    graph = Graph(
        (
            tensor("t1", "x"),
            tensor("t2", "y", role="intermediate", grad_fn="f1"),
            tensor("t3", "g", role="intermediate", grad_fn="f2"),
        ),
        (
            function("f1", "PowBackward0", "f4"),
            function("f2", "MulBackward0", "f3", None),
            function("f3", "PowBackward0", "f4"),
            accumulate("f4", "t1"),
        ),
    )
    assert arrows(graph) == {
        "t1 f4 0", "f4 f3 0", "f3 f2 0", "f2 t3 0", "t1-use2 f1 0", "f1 t2 0",
    }  # fmt: skip


def test_a_leaf_that_nothing_used_is_a_box_and_one_that_is_a_root_has_its_accumulate_grad() -> None:
    graph = Graph((tensor("t1", "w"), tensor("t2", "v")), (accumulate("f1", "t1"),))
    assert set(classes(drawn(graph))) == {"t1", "t2", "f1", "e--t1--f1--0"}


def test_a_constant_is_tied_where_an_operation_names_it_and_a_proxy_after_that() -> None:
    graph = Graph(
        (tensor("t1", "x", role="constant"), tensor("t2", "w")),
        (
            function("f1", "MulBackward0", "f2", None, inputs=(Operand("other", "t1"),)),
            function("f2", "MmBackward0", None, "f3", saved=(Saved("self", "t1"),)),
            accumulate("f3", "t2"),
        ),
    )
    assert {"t1 f2 0", "t1-use2 f1 0"} < arrows(graph)
    assert classes(drawn(graph))["t1-use2"] == "node proxy constant"


def test_what_is_tied_to_nothing_is_drawn_only_in_a_small_picture() -> None:
    loose = tensor("t9", "detached", role="constant")
    small, large = article(), rnn(20)
    assert "t9" in classes(drawn(Graph((*small.tensors, loose), small.functions)))
    assert "t9" not in classes(drawn(Graph((*large.tensors, loose), large.functions)))


def test_more_than_a_few_that_are_tied_to_nothing_do_not_push_the_graph_aside() -> None:
    loose = tuple(tensor(f"t{10 + i}", f"c{i}", role="constant") for i in range(5))
    graph = article()
    assert not {each.id for each in loose} & set(
        classes(drawn(Graph((*graph.tensors, *loose), graph.functions)))
    )
    assert {each.id for each in loose} == set(classes(drawn(Graph(loose))))


def test_functions_and_tensors_that_are_missing_leave_out_their_arrows() -> None:
    graph = Graph(
        (tensor("t1", "y", role="intermediate", grad_fn="f7"),),
        (function("f1", "MulBackward0", "f8", None), accumulate("f2", "t8")),
        truncated=True,
    )
    assert arrows(graph) == set()
    assert set(classes(drawn(graph))) == {"t1", "f1", "f2"}


def test_an_error_is_drawn_at_the_tensors_that_its_line_names() -> None:
    error = failed('z = torch.mm(y, a.grad)  # b, but "x" and w')
    svg = drawn(article(), error)
    assert text_of(svg, "error") == ["RuntimeError, line 7", "shapes do not fit"]
    assert classes(svg)["error"] == "node error"
    assert classes(svg)["e--t3--error--0"] == "edge error"
    tied = {edge.tail for edge in draw(article(), error).edges if edge.head == "error"}
    assert tied == {"t3", "t5"}


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("net.weight.mm(x)", True),
        ("y = layers[0] @ x", False),
        ("net.weights", False),
        ("other.net.weight", False),
        ("for net.weight in (", True),
        ("'net.weight'", False),
        ("'''net.weight", False),
        ("", False),
        ("\x00 net", False),
    ],
)
def test_a_name_counts_only_where_the_code_says_it(code: str, named: bool) -> None:
    graph = Graph((tensor("t1", "net.weight", role="parameter"),))
    assert bool(draw(graph, failed(code)).edges) is named


def test_an_error_without_tensors_stands_alone_and_a_long_message_takes_two_lines() -> None:
    error = Error("limit", "", "used too much\nmemory " * 20)
    rows = text_of(drawn(Graph(), error), "error")
    assert rows[0] == "limit"
    assert len(rows) == 3
    assert max(map(len, rows)) <= 40
    assert rows[2].endswith("…")


def test_a_constant_that_an_error_speaks_of_is_drawn_in_a_large_picture_too() -> None:
    large = rnn(20)
    graph = Graph((*large.tensors, tensor("t9", "c", role="constant")), large.functions)
    assert "t9 error 0" in arrows(graph, failed("c + h"))
    assert "t9" in classes(drawn(graph, failed("c + h")))


def test_a_program_without_tensors_gives_a_picture_that_says_so() -> None:
    assert text_of(drawn(Graph(), legend=True), "empty") == ["The program made no tensors."]


def places(svg: ElementTree.Element) -> dict[str, tuple[float, float]]:
    """Where the text of each node begins, in points from the left and from above."""
    texts = {
        g.get("id", ""): next(g.iter(f"{SVG}text"))
        for g in svg.iter(f"{SVG}g")
        if "node" in g.get("class", "")
    }
    return {id: (float(t.get("x", "0")), float(t.get("y", "0"))) for id, t in texts.items()}


def test_the_legend_is_at_the_foot_explains_what_occurs_and_moves_nothing() -> None:
    plain, explained = places(drawn(article())), places(drawn(article(), legend=True))
    legend = {id for id in explained if id.startswith("legend-")}
    kinds = ("leaf", "intermediate", "function", "accumulate", "proxy-leaf")
    assert legend == {f"legend-{kind}" for kind in kinds}
    assert set(explained) - legend == set(plain)
    assert min(explained[id][1] for id in legend) > max(explained[id][1] for id in plain)
    for axis in (0, 1):  # all by the same
        moved = [explained[id][axis] - plain[id][axis] for id in plain]
        assert max(moved) - min(moved) < 0.2


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert dot_of(article()) == dot_of(article())
    dot = FORMATS["dot"]
    assert export_graph(article(), dot) == dot_of(article()).encode()
    svg = FORMATS["svg"]
    assert export_graph(article(), svg) == export_graph(article(), svg)


@pytest.mark.parametrize(
    ("name", "media_type", "start"),
    [
        ("svg", "image/svg+xml", b"<?xml"),
        ("png", "image/png", b"\x89PNG\r\n"),
        ("dot", "text/vnd.graphviz", b"digraph gradfn {"),
    ],
)
def test_each_format_is_what_its_media_type_says(name: str, media_type: str, start: bytes) -> None:
    assert MEDIA_TYPES[name] == media_type
    assert export_graph(article(), FORMATS[name]).startswith(start)


def test_a_transparent_picture_has_no_ground_of_its_own() -> None:
    picture = export_graph(article(), FORMATS["svg"], background="transparent", legend=False)
    assert b"#fbfcfd" in export_graph(article(), FORMATS["svg"])
    assert b"#fbfcfd" not in picture


def test_a_graph_over_the_limit_is_not_laid_out_but_its_dot_is_given() -> None:
    def never(dot: str, format: str) -> bytes:
        raise AssertionError("laid out")

    with pytest.raises(GraphTooLarge, match=r"11 boxes .* limit of 10"):
        export_graph(article(), FORMATS["svg"], lay_out=never, max_elements=10)
    with pytest.raises(GraphTooLarge, match=r"4,003 boxes .* limit of 3,000"):
        export_graph(rnn(1000), FORMATS["png"], lay_out=never)
    assert export_graph(rnn(1000), FORMATS["dot"], lay_out=never).count(b"class=function") == 4000
