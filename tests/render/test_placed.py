"""A drawing as numbers has its boxes and arrows where the drawing of Graphviz has them."""

import re
from xml.etree import ElementTree

import pytest

from gradfn.model.document import Graph
from gradfn.model.layout import Layout
from gradfn.render.dot import write_dot
from gradfn.render.drawing import draw
from gradfn.render.layout import lay_out
from gradfn.render.placed import placed
from tests.render.graphs import SVG, article, rnn

CLOSE = 0.02  # of a point: the SVG has two decimals
PEN = 3.0  # a head that is drawn ends before its tip, by the width of the pen
GRAPHS = {"article": article(), "rnn": rnn(3)}


def both(graph: Graph) -> tuple[Layout, dict[str, ElementTree.Element], float]:
    """The numbers, the elements of the SVG by id, and the y of the SVG's upper edge."""
    drawing = draw(graph)
    dot = write_dot(drawing, legend=False, background="transparent", rankdir="TB")
    svg = ElementTree.fromstring(lay_out(dot, "svg"))
    groups = {group.get("id", ""): group for group in svg.iter(f"{SVG}g")}
    moved = re.search(r"translate\(([\d.]+) ([\d.]+)\)", groups["graph0"].get("transform", ""))
    assert moved
    margin, down = map(float, moved.groups())
    layout = placed(lay_out(dot, "json0"), drawing, graph)
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


@pytest.mark.parametrize("name", GRAPHS)
def test_a_box_is_where_the_picture_has_it(name: str) -> None:
    layout, groups, top = both(GRAPHS[name])

    assert layout.boxes
    for box in layout.boxes:
        xs, ys = zip(*outline(groups[box.id]), strict=True)
        assert box.x == pytest.approx((min(xs) + max(xs)) / 2, abs=CLOSE)
        assert box.y == pytest.approx((min(ys) + max(ys)) / 2 + top, abs=CLOSE)
        assert box.width == pytest.approx(max(xs) - min(xs), abs=CLOSE)
        assert box.height == pytest.approx(max(ys) - min(ys), abs=CLOSE)
        assert box.width / 2 <= box.x <= layout.width - box.width / 2 + CLOSE
        assert box.height / 2 <= box.y <= layout.height - box.height / 2 + CLOSE


@pytest.mark.parametrize("name", GRAPHS)
def test_an_arrow_goes_the_way_that_the_picture_has(name: str) -> None:
    layout, groups, top = both(GRAPHS[name])

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
