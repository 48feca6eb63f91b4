"""A drawing as numbers has its boxes and arrows where the drawing of Graphviz has them."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from gradfn.events.reading import Choice
from gradfn.model.document import Graph
from gradfn.model.layout import Layout, PlacedBox, PlacedFrame
from gradfn.render.choice import Foldable, choose
from gradfn.render.dot import write_dot
from gradfn.render.drawing import Drawing, draw, merged
from gradfn.render.folded import FoldedDrawing, drawing_of
from gradfn.render.layout import lay_out
from gradfn.render.placed import placed
from tests.folding.graphs import chain
from tests.pace import patience
from tests.render.graphs import SVG, accumulate, article, function, rnn, tensor

CLOSE = 0.02  # of a point: the SVG has two decimals
PEN = 3.0  # a head that is drawn ends before its tip, by the width of the pen
OPERATIONS = ["MulBackward0", "AddBackward0", "SinBackward0"]
MODULES = ["encoder.attn", "encoder.mlp", "decoder"]
FOLDABLE = Foldable(
    chain(OPERATIONS * 3, modules=[name for name in MODULES for _ in OPERATIONS]),
)
GRAPHS = {"article": article(), "rnn": rnn(3)}
DRAWN: dict[str, tuple[Graph, Drawing | FoldedDrawing]] = {
    **{name: (graph, draw(graph)) for name, graph in GRAPHS.items()},
    "folded": (FOLDABLE.graph, choose(FOLDABLE, Choice(fold=True))),
}


def ids_by_path() -> dict[str, str]:
    """The folds of the foldable graph, by their place in it."""
    opened: dict[str, str] = {}
    pending = [""]
    while pending:
        view = FOLDABLE.folding.view(opened.values())
        known = {**opened}
        for box in view.boxes:
            if box.part is not None and box.can_open:
                known[box.part.path] = box.part.id
        for frame in view.frames:
            known[frame.part.path] = frame.part.id
        pending = [path for path in known if path not in opened]
        opened = known
    return opened


def both(name: str) -> tuple[Layout, dict[str, ElementTree.Element], float]:
    """The numbers, the elements of the SVG by id, and the y of the SVG's upper edge."""
    graph, drawn = DRAWN[name]
    return laid_out(graph, drawn)


def laid_out(
    graph: Graph, drawn: Drawing | FoldedDrawing, **options: Any
) -> tuple[Layout, dict[str, ElementTree.Element], float]:
    """The same of any drawing."""
    drawing = drawing_of(drawn)
    dot = write_dot(drawing, legend=False, background="transparent", rankdir="TB")
    svg = ElementTree.fromstring(lay_out(dot, "svg", seconds=patience(5)))
    groups = {group.get("id", ""): group for group in svg.iter(f"{SVG}g")}
    moved = re.search(r"translate\(([\d.]+) ([\d.]+)\)", groups["graph0"].get("transform", ""))
    assert moved
    margin, down = map(float, moved.groups())
    layout = placed(lay_out(dot, "json0", seconds=patience(5)), drawn, graph, **options)
    wide, high = map(float, svg.get("viewBox", "").split()[2:])
    assert layout.width + 2 * margin == pytest.approx(wide, abs=0.5)  # of a picture in whole points
    assert layout.height + 2 * margin == pytest.approx(high, abs=0.5)
    return layout, groups, down - margin


def pairs(text: str) -> list[tuple[float, float]]:
    """The points in the text of a path or a polygon."""
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", text)]


def outline(group: ElementTree.Element) -> list[tuple[float, float]]:
    """Points of the shape of a box, among them its outermost."""
    ellipse = group.find(f"{SVG}ellipse")
    if ellipse is not None:
        x, y, wide, high = (float(ellipse.get(name, "")) for name in ("cx", "cy", "rx", "ry"))
        return [(x - wide, y - high), (x + wide, y + high)]
    shape = next(each for each in group if each.tag in (f"{SVG}path", f"{SVG}polygon"))
    return pairs(shape.get("d") or shape.get("points") or "")


@pytest.mark.parametrize("name", DRAWN)
def test_a_box_is_where_the_picture_has_it(name: str) -> None:
    layout, groups, top = both(name)

    assert layout.boxes
    for box in layout.boxes:
        xs, ys = zip(*outline(groups[box.id]), strict=True)
        assert box.x == pytest.approx((min(xs) + max(xs)) / 2, abs=CLOSE)
        assert box.y == pytest.approx((min(ys) + max(ys)) / 2 + top, abs=CLOSE)
        assert box.width == pytest.approx(max(xs) - min(xs), abs=CLOSE)
        assert box.height == pytest.approx(max(ys) - min(ys), abs=CLOSE)
        assert box.width / 2 <= box.x <= layout.width - box.width / 2 + CLOSE
        assert box.height / 2 <= box.y <= layout.height - box.height / 2 + CLOSE


@pytest.mark.parametrize("name", DRAWN)
def test_an_arrow_goes_the_way_that_the_picture_has(name: str) -> None:
    layout, groups, top = both(name)

    assert layout.edges
    for edge in layout.edges:
        path, head = groups[edge.id].find(f"{SVG}path"), groups[edge.id].find(f"{SVG}polygon")
        assert path is not None
        drawn = [(x, y + top) for x, y in pairs(path.get("d", ""))]
        assert len(edge.points) == len(drawn)
        for point, there in zip(edge.points, drawn, strict=True):
            assert point == pytest.approx(there, abs=CLOSE)
        if edge.tip is not None:
            assert head is not None
            corners = [(x, y + top) for x, y in pairs(head.get("points", ""))]
            assert any(edge.tip == pytest.approx(corner, abs=PEN) for corner in corners)


def opened() -> tuple[Layout, dict[str, ElementTree.Element], float]:
    """The encoder open, in it one of its two folds; a fold that there is not is asked for too."""
    ids = ids_by_path()
    asked = [ids[path] for path in ids if path.strip("/") in ("", "encoder", "encoder/mlp")]
    drawn = choose(FOLDABLE, Choice(open=tuple(asked)))
    return laid_out(FOLDABLE.graph, drawn, key="kept", asked=[*asked, "none", "none"])


def around(layout: Layout, inner: PlacedBox | PlacedFrame) -> list[str]:
    """The titles of the frames that something is in, the innermost first."""
    frames = {frame.id: frame for frame in layout.frames}
    titles = []
    outer = inner.frame
    while outer is not None:
        titles.append(frames[outer].title)
        outer = frames[outer].frame
    return titles


def test_the_frame_of_an_open_fold_is_where_the_picture_has_it_and_around_what_is_in_it() -> None:
    layout, groups, top = opened()

    assert len(layout.frames) > 1
    for frame in layout.frames:
        xs, ys = zip(*outline(groups[frame.id]), strict=True)
        assert frame.x == pytest.approx(min(xs), abs=CLOSE)
        assert frame.y == pytest.approx(min(ys) + top, abs=CLOSE)
        assert frame.width == pytest.approx(max(xs) - min(xs), abs=CLOSE)
        assert frame.height == pytest.approx(max(ys) - min(ys), abs=CLOSE)
    within = {frame.title: around(layout, frame) for frame in layout.frames}
    assert "encoder" in within["mlp"]
    assert "mlp" not in within["encoder"]
    for box in layout.boxes:
        for frame in layout.frames:
            inside = frame.x < box.x < frame.x + frame.width and frame.y < box.y < (
                frame.y + frame.height
            )
            assert inside == (frame.title in around(layout, box))


def test_the_numbers_say_what_is_open_what_is_not_there_and_which_functions_a_box_has() -> None:
    layout, _, _ = opened()

    assert (layout.schema, layout.graph, layout.folded) == ("gradfn/layout/1", "kept", True)
    assert layout.functions == len(FOLDABLE.graph.functions)
    assert set(layout.opened) == {frame.id for frame in layout.frames}
    assert layout.unknown == ("none",)
    listed = [each for box in layout.boxes for each in box.functions or ()]
    assert sorted(listed) == sorted(each.id for each in FOLDABLE.graph.functions)
    for box in layout.boxes:
        assert box.count == len(box.functions or ())
        assert (box.fold is not None) == (box.count > 1)
    names = {box.fold.name for box in layout.boxes if box.fold is not None}
    assert names == {"attn", "decoder"}
    for frame in layout.frames:
        assert frame.fold.name in (frame.title, "")
        assert frame.inside.functions >= sum(
            box.count for box in layout.boxes if frame.title in around(layout, box)
        )


def test_the_text_of_an_arrow_is_where_the_picture_has_it() -> None:
    graph = Graph(
        tensors=(tensor("t1", "w"), tensor("t2", "y", role="intermediate", grad_fn="f1")),
        functions=(
            function("f1", "MulBackward0", "f2"),
            function("f2", "TBackward0", "f3"),
            accumulate("f3", "t1"),
        ),
    )
    layout, groups, top = laid_out(graph, merged(draw(graph), graph.functions))

    texts = {edge.id: edge for edge in layout.edges if edge.label}
    assert texts
    for id, edge in texts.items():
        text = groups[id].find(f"{SVG}text")
        assert text is not None
        assert edge.label_at is not None
        assert edge.label_at[0] == pytest.approx(float(text.get("x", "")), abs=40)
        assert edge.label_at[1] == pytest.approx(float(text.get("y", "")) + top, abs=12)


def test_what_goes_back_to_the_next_turn_of_a_repeat_is_marked() -> None:
    graph = rnn(12)
    layout, _, _ = laid_out(graph, choose(Foldable(graph), Choice(fold=True)))

    assert [edge.carried for edge in layout.edges].count(True) == 1


def test_a_drawing_node_for_node_has_no_folds() -> None:
    layout, _, _ = both("article")

    assert (layout.folded, layout.frames, layout.graph, layout.unknown) == (False, (), None, ())
    counts = {box.id: box.count for box in layout.boxes}
    for each in GRAPHS["article"].functions:
        assert counts[each.id] == 1
