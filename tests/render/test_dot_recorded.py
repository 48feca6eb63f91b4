"""What the recorder's knowledge adds to the picture: constants, plain numbers, cuts."""

from dataclasses import replace

import pytest

from gradfn.model.document import Graph, Operand, Saved, Tensor
from gradfn.model.recording import Cut, CutReason, StackFrame
from gradfn.render.dot import dot_of
from gradfn.render.drawing import SMALL_ELEMENTS, draw
from gradfn.render.rows import function_rows
from tests.render.fitted import linear_regression, span
from tests.render.graphs import (
    accumulate,
    article,
    classes,
    drawn,
    function,
    rnn,
    tensor,
    text_of,
    value,
)


def cut(
    reason: CutReason,
    tensor: str | None = None,
    function: str | None = None,
    result: str | None = None,
    times: int = 1,
) -> Cut:
    frames = (StackFrame("<module>", 13),)
    where = span("loss.item()", 13)
    return Cut(reason, "loss.item()", where, frames, 3, "loss", tensor, function, result, times)


def gone(tensor: Tensor) -> Tensor:
    return replace(tensor, alive=False)


def arrows(graph: Graph, *cuts: Cut) -> set[str]:
    return {f"{edge.tail} {edge.head}" for edge in draw(graph, cuts=cuts).edges}


def test_a_recorded_run_draws_its_operands_and_no_box_for_what_nobody_kept() -> None:
    document = linear_regression()
    svg = drawn(document.graph, cuts=document.cuts)
    found = classes(svg)
    assert {id for id in found if id.startswith("t")} == {"t1", "t2", "t3", "t4", "t5", "t6"}
    assert {"e--t1--f6--1", "e--t2--f4--0", "e--f3--f2--0"} < set(found)
    assert found["cut-t6"] == "node cut"
    assert found["e--t6--cut-t6--0"] == "edge cut"
    assert text_of(svg, "cut-t6") == ["cut: number ×3"]
    assert text_of(svg, "f2") == ["MulBackward0", "× 0.5"]
    assert text_of(svg, "f3") == ["PowBackward0", "^ 2"]


@pytest.mark.parametrize(
    ("op", "inputs", "row"),
    [
        ("aten::mul.Tensor", [Operand("self", "t1"), Operand("other", value=2)], "× 2"),
        ("aten::add_.Tensor", [Operand("self", "t1"), Operand("other", value=5.0)], "+ 5.0"),
        ("aten::rsub.Scalar", [Operand("self", "t1"), Operand("other", value=5)], "5 −"),
        ("aten::pow.Scalar", [Operand("self", value=2), Operand("exponent", "t1")], "2 ^"),
        ("aten::div.Tensor", [Operand("self", "t1"), Operand("other", value="NaN")], "÷ nan"),
        ("aten::leaky_relu", [Operand("negative_slope", value=0.01)], "negative_slope 0.01"),
    ],
)
def test_a_plain_number_stands_in_the_label_of_its_function(
    op: str, inputs: list[Operand], row: str
) -> None:
    found = function("f1", "SomeBackward0", None, op=op, inputs=tuple(inputs))
    assert function_rows(found) == ("SomeBackward0", row)


def test_what_is_no_number_or_is_pytorchs_own_stays_out_of_the_label() -> None:
    operands = (
        Operand("other", "t2"),
        Operand("alpha", value=1),
        Operand("keepdim", value=True),
        Operand("reduction", value=1),
        Operand("approximate", value="none"),
        Operand("dim"),
    )
    found = function("f1", "AddBackward0", None, op="aten::add.Tensor", inputs=operands)
    assert function_rows(found) == ("AddBackward0",)


def test_more_than_two_plain_numbers_are_left_to_the_card() -> None:
    operands = tuple(Operand(f"a{nr}", value=nr) for nr in range(4))
    assert function_rows(function("f1", "F", None, inputs=operands)) == ("F", "a0 0", "a1 1")


def test_a_constant_that_is_gone_is_drawn_where_it_was_used_and_only_there() -> None:
    used, unused = (gone(tensor(id, role="constant", holds=value(3.0))) for id in ("t2", "t3"))
    graph = Graph(
        (tensor("t1", "w"), used, unused),
        (
            function("f1", "MulBackward0", "f2", None, inputs=(Operand("other", "t2"),)),
            accumulate("f2", "t1"),
        ),
    )
    svg = drawn(graph)
    assert classes(svg)["t2"] == "node tensor constant"
    assert text_of(svg, "t2") == ["[3.0]"]
    assert "t3" not in classes(svg)


def test_a_leaf_as_it_was_before_a_change_in_place_has_no_box_of_its_own() -> None:
    before = gone(tensor("t2", holds=value(0.5)))
    graph = Graph(
        (tensor("t1", "w"), before),
        (
            function("f1", "MulBackward0", "f2", inputs=(Operand("self", "t2"),)),
            accumulate("f2", "t1"),
        ),
    )
    assert arrows(graph) == {"t1 f2", "f2 f1"}
    assert {node.id for node in draw(graph).nodes} == {"t1", "f1", "f2"}


def test_a_leaf_that_only_its_function_still_holds_is_drawn() -> None:
    graph = Graph(
        (gone(tensor("t1")),), (function("f1", "MulBackward0", "f2"), accumulate("f2", "t1"))
    )
    assert {node.id for node in draw(graph).nodes} == {"t1", "f1", "f2"}


def test_what_a_function_only_saved_is_not_drawn_when_its_operands_are_told() -> None:
    mask = tensor("t2", role="constant")
    graph = Graph(
        (tensor("t1", "w"), gone(mask)),
        (
            function(
                "f1", "NativeDropoutBackward0", "f2",
                inputs=(Operand("input", "t1"),), saved=(Saved("result1", "t2"),),
            ),
            accumulate("f2", "t1"),
        ),
    )  # fmt: skip
    assert arrows(graph) == {"t1 f2", "f2 f1"}


def test_a_cut_goes_on_to_what_came_out_of_it() -> None:
    graph = article()
    detached = tensor("t6", "d", role="constant")
    graph = replace(graph, tensors=(*graph.tensors, detached))
    assert {"t3 cut-t3", "cut-t3 t6"} < arrows(graph, cut("detach", "t3", "f2", "t6"))
    svg = drawn(graph, cuts=(cut("detach", "t3", "f2", "t6"),))
    assert text_of(svg, "cut-t3") == ["cut: detach()"]
    assert classes(svg)["e--cut-t3--t6--0"] == "edge cut"


def test_cuts_of_one_tensor_are_one_mark_with_their_reasons_and_times() -> None:
    cuts = (
        cut("data", "t5", "f1", times=5),
        cut("number", "t5", "f1", times=2),
        cut("number", "t5", "f1"),
    )
    assert text_of(drawn(article(), cuts=cuts), "cut-t5") == ["cut: .data ×5, number ×3"]


def test_a_tensor_without_a_box_has_its_cuts_at_its_function() -> None:
    small = article()
    graph = replace(small, tensors=(*small.tensors[:-1], gone(small.tensors[-1])))
    assert "f1 cut-f1" in arrows(graph, cut("number", "t5", "f1"))
    assert not any("cut" in each for each in arrows(graph, cut("number", "t5", "f99"), cut("data")))


def test_a_leaf_shows_a_cut_only_when_what_came_out_is_in_the_picture() -> None:
    graph = article()
    detached = tensor("t6", "d", role="constant")
    with_result = replace(graph, tensors=(*graph.tensors, detached))
    assert "t1 cut-t1" in arrows(with_result, cut("detach", "t1", None, "t6"))
    assert "cut-t1" not in str(arrows(with_result, cut("data", "t1", None, None)))
    assert "cut-t1" not in str(arrows(graph, cut("no_grad", "t1", None, "t3")))  # it has a history
    lost = replace(graph, tensors=(*graph.tensors, gone(detached)))
    assert "cut-t1" not in str(arrows(lost, cut("data", "t1", None, "t6")))


def test_the_legend_explains_a_cut() -> None:
    svg = drawn(article(), cuts=(cut("number", "t5", "f1"),), legend=True)
    assert text_of(svg, "legend-cut") == ["history cut"]


def test_a_recorded_run_gives_the_same_bytes_each_time() -> None:
    first, again = linear_regression(), linear_regression()
    assert dot_of(first.graph, cuts=first.cuts) == dot_of(again.graph, cuts=again.cuts)


def test_marks_count_among_the_elements_of_a_small_picture() -> None:
    assert len(draw(rnn(6)).nodes) > SMALL_ELEMENTS
    small = rnn(4)
    assert len(draw(small).nodes) <= SMALL_ELEMENTS
    cuts = [cut("number", None, each.id) for each in small.functions]
    assert text_of(drawn(small), "t1")[1].startswith("is_leaf")
    assert text_of(drawn(small, cuts=cuts), "t1") == ["w", "(1,)"]
