"""Whatever the graph: each function is in one box, what flows goes forward, and it is the same."""

import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradfn.events.reading import MOST_BOXES
from gradfn.model.document import Graph
from gradfn.model.folding.view import MOST_FIRST, Folding, TooManyBoxes, View, folding_of
from tests.folding.graphs import chain, graphs, irregular


def openings(folding: Folding) -> Iterator[View]:
    """The first view, and those in which one more of its folds is open, and so on down."""
    opened = folding.first()
    for _ in range(10):
        view = folding.view(opened)
        yield view
        more = [box.part for box in view.boxes if box.part is not None and box.can_open]
        if not more:
            return
        part = more[len(more) // 2]
        opened = opened | {part.each if part.each and len(opened) % 2 else part.id}


def is_partition(view: View, graph: Graph) -> bool:
    """Whether each function is in exactly one box, and the view knows in which."""
    found = sorted(number for box in view.boxes for number in box.functions)
    return found == list(range(len(graph.functions))) and all(
        number in view.boxes[view.box_of[number]].functions for number in found
    )


def goes_in_a_circle(view: View) -> bool:
    """Whether what flows, carried apart, ever comes back to where it was."""
    users: list[set[int]] = [set() for _ in view.boxes]
    missing = [0] * len(view.boxes)
    for flow in view.flows:
        if not flow.carried and flow.head not in users[flow.tail]:
            users[flow.tail].add(flow.head)
            missing[flow.head] += 1
    free = [at for at, count in enumerate(missing) if not count]
    for at in free:
        for user in users[at]:
            missing[user] -= 1
            if not missing[user]:
                free.append(user)
    return len(free) < len(view.boxes)


def edges_between_boxes(view: View, graph: Graph) -> set[tuple[int, int]]:
    numbers = {function.id: at for at, function in enumerate(graph.functions)}
    return {
        (view.box_of[numbers[following.function]], view.box_of[at])
        for at, function in enumerate(graph.functions)
        for following in function.next_functions
        if following is not None
    }


@given(graphs())
@settings(max_examples=50)
def test_every_function_is_in_exactly_one_box_of_every_view(graph: Graph) -> None:
    assert all(is_partition(view, graph) for view in openings(folding_of(graph)))


@given(graphs())
@settings(max_examples=50)
def test_what_flows_between_boxes_is_what_next_functions_say_and_goes_forward(
    graph: Graph,
) -> None:
    for view in openings(folding_of(graph)):
        told = {(flow.tail, flow.head) for flow in view.flows}
        real = edges_between_boxes(view, graph)
        assert {each for each in told if each[0] != each[1]} == {e for e in real if e[0] != e[1]}
        assert not goes_in_a_circle(view)


@given(graphs())
@settings(max_examples=40)
def test_the_same_graph_is_folded_the_same_way(graph: Graph) -> None:
    first, second = folding_of(graph), folding_of(graph)

    assert first.first() == second.first()
    assert first.view(first.first()) == second.view(second.first())


@given(graphs())
@settings(max_examples=40)
def test_no_two_boxes_of_a_view_have_the_same_id(graph: Graph) -> None:
    for view in openings(folding_of(graph)):
        ids = [box.id for box in view.boxes] + [frame.id for frame in view.frames]
        assert len(ids) == len(set(ids))


@given(graphs(most=30))
@settings(max_examples=30)
def test_all_open_is_pytorchs_graph_node_for_node(graph: Graph) -> None:
    folding, opened = folding_of(graph), set[str]()
    while True:
        view = folding.view(opened, depth=100)
        closed = {b.part.each or b.part.id for b in view.boxes if b.part and b.can_open}
        closed |= {f.part.each for f in view.frames if f.part.each and f.id != f.part.each}
        closed |= {box.id for box in view.boxes if box.part is None and box.can_open}
        if closed <= opened:
            break
        opened |= closed

    assert sorted(box.id for box in view.boxes) == sorted(f.id for f in graph.functions)
    assert all(len(box.functions) == 1 for box in view.boxes)


@pytest.mark.parametrize(
    "graph",
    [
        chain(["SinBackward0"] * 3_000),
        chain(["SinBackward0", "MulBackward0", "MulBackward0"] * 1_000),
        irregular(3_000),
        chain([f"Kind{nr}Backward0" for nr in range(2_000)]),
        chain(["SinBackward0"] * 2_000, modules=[f"m{nr}" for nr in range(2_000)]),
    ],
    ids=["chain", "period of three", "irregular", "all kinds", "all modules"],
)
def test_the_first_view_of_any_graph_has_few_boxes(graph: Graph) -> None:
    folding = folding_of(graph)
    view = folding.view(folding.first())

    assert len(view.boxes) <= MOST_FIRST
    assert is_partition(view, graph)


def test_an_irregular_graph_opens_down_to_its_functions_with_few_boxes_at_a_time() -> None:
    graph = irregular(3_000)
    views = list(openings(folding_of(graph)))

    assert all(is_partition(view, graph) for view in views)
    assert {box.id for box in views[-1].boxes} & {function.id for function in graph.functions}
    assert all(len(view.boxes) <= MOST_BOXES for view in views)


def test_a_view_with_more_boxes_than_asked_for_is_refused_with_both_numbers() -> None:
    folding = folding_of(irregular(3_000))

    with pytest.raises(TooManyBoxes, match=r"boxes, more than the limit of 500"):
        folding.view((), depth=100)


def executed(work: Any) -> int:
    """How many lines of folding ran, those of a loop each time."""
    count = 0

    def local(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        count += event == "line"
        return local

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        return local if "folding" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


QUADRATIC: dict[str, Callable[[int], Graph]] = {
    "chain": lambda n: chain(["SinBackward0"] * n),
    "irregular": irregular,
    "all modules": lambda n: chain(["SinBackward0"] * n, modules=[f"m{i}" for i in range(n)]),
    "two modules in turns": lambda n: chain(
        ["SinBackward0"] * n, modules=[f"m{i % 2}" for i in range(n)]
    ),
    "deep modules": lambda n: chain(
        ["SinBackward0"] * n, modules=[".".join("m" * (i % 60 + 1)) for i in range(n)]
    ),
    # Every distance between two that are alike occurs, and no period goes on.
    "growing gaps": lambda n: chain(
        ["SinBackward0" if int(i**0.5) ** 2 == i else "MulBackward0" for i in range(n)]
    ),
    "Thue and Morse": lambda n: chain(
        [("SinBackward0", "MulBackward0")[i.bit_count() % 2] for i in range(n)]
    ),
    "Fibonacci": lambda n: chain(
        [("SinBackward0", "MulBackward0")[int((i + 2) * 0.6180339887) - int((i + 1) * 0.6180339887)]
         for i in range(n)]
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", QUADRATIC)
def test_twice_the_functions_are_twice_the_work(shape: str) -> None:
    def work(count: int) -> int:
        graph = QUADRATIC[shape](count)

        def fold() -> None:
            folding = folding_of(graph)
            folding.view(folding.first())

        return executed(fold)

    assert work(8_000) < 2.6 * work(4_000)


def repeats(graph: Graph) -> list[tuple[str, int, int]]:
    folding = folding_of(graph)
    return [
        (part.name, part.fold.unit, part.times)
        for part in folding.children(folding.view().frames[0].part)
        if part.fold is not None and part.kind == "repeat"
    ]


@given(st.integers(1, 6), st.integers(3, 40), st.integers(0, 5), st.integers(0, 5))
@settings(max_examples=40)
def test_what_was_made_so_many_times_is_found_so_many_times(
    period: int, times: int, before: int, after: int
) -> None:
    unit = [f"Unit{nr}Backward0" for nr in range(period)]
    head = [f"Head{nr}Backward0" for nr in range(before)]
    tail = [f"Tail{nr}Backward0" for nr in range(after)]

    assert repeats(chain([*head, *unit * times, *tail])) == [("", period, times)]


@given(st.integers(3, 9), st.integers(3, 9), st.booleans())
@settings(max_examples=20)
def test_a_loop_in_a_loop_is_a_repeat_in_a_repeat(outer: int, inner: int, each: bool) -> None:
    turn = ["HeadBackward0", *["InnerBackward0", "OtherBackward0"] * inner, "TailBackward0"]
    graph = chain(turn * outer)
    folding = folding_of(graph)

    [loop] = folding.children(folding.view().frames[0].part)
    [_, nested, _] = folding.children(loop)
    assert (loop.times, nested.times) == (outer, inner)
    opened = {(each and loop.each) or loop.id, nested.id}
    opened |= {part.id for part in folding.children(loop, each=each)}
    opened |= {part.id for turn in folding.children(loop, each=True)
               for part in folding.children(turn) if part.fold}  # fmt: skip
    view = folding.view(opened)
    assert is_partition(view, graph)
    assert not goes_in_a_circle(view)
    names = [box.name for box in view.boxes]
    assert names.count("InnerBackward0") == (outer if each else 1)
    # From the last of a turn to the first of the next, in each loop that is shown as one turn.
    carried = {(names[flow.tail], names[flow.head]) for flow in view.flows if flow.carried}
    back = {("OtherBackward0", "InnerBackward0")}
    assert carried == (back if each else back | {("TailBackward0", "HeadBackward0")})
