"""The text of a stranger on a picture: it stays text, and fits its box."""

import re
from unicodedata import east_asian_width

import pytest

from gradfn.model.document import Graph
from gradfn.render.quote import shown
from gradfn.render.rows import number_text, value_text
from tests.render.graphs import (
    SVG,
    accumulate,
    classes,
    drawn,
    failed,
    function,
    tensor,
    text_of,
    value,
)

HOSTILE = [
    "<script>alert(1)</script>",
    "<b>x</b>",
    "<<TABLE><TR><TD>x</TD></TR></TABLE>>",
    '"];evil [URL="javascript:alert(1)"',
    '"',
    "\\",
    "a\\",
    '\\"',
    "\\\\\\",
    '\\\\"]; evil; x["',
    "\\N \\G \\E \\l\\r",
    "&lt;script&gt; &amp; &#60;",
    "]]>",
    "-->",
    "<?xml?>",
    "a:b:c",
    "a\nb\r\n\nc",
    "\n (1)",
    "\x00",
    "",
    "   ",
    "\u202egnp.exe\u202c\u2066x\u2069",
    "\ud800 lone \udfff",
    "\ufffe\uffff\U0001fffe",
    "שלום مرحبا",
    "日本語の名前",
    "👩‍👩‍👧‍👦 🏳️‍🌈",
    "z̸̢̛͎̾" * 50,
    "x" * 10_000,
    "\u2028\u2029\x85",
    "{a|b}",
    "%s %n {0}",
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:30])
def test_a_hostile_name_is_text_and_nothing_else(name: str) -> None:
    graph = Graph(
        (tensor("t1", name), tensor("t2", name, role="intermediate", grad_fn="f1")),
        (function("f1", name or "?", "f2", "f2"), accumulate("f2", "t1")),
    )
    svg = drawn(graph, failed(name, message=name), legend=True)

    ids = {id for id in classes(svg) if not id.startswith("legend-")}
    flow = {"e--t1--f2--0", "e--f2--f1--0", "e--t1-use2--f1--1", "e--f1--t2--0"}
    assert {id for id in ids if not re.fullmatch(r"e--t\d--error--\d", id)} == flow | {
        "t1", "t2", "f1", "f2", "t1-use2", "error",
    }  # fmt: skip
    tags = {element.tag.removeprefix(SVG) for element in svg.iter()}
    assert tags <= {"svg", "g", "title", "text", "path", "polygon", "polyline", "ellipse"}
    foreign = ("href", "on", "style", "target")
    assert not [a for e in svg.iter() for a in e.attrib if a.rpartition("}")[2].startswith(foreign)]
    assert "".join(text_of(svg, "f1")) == shown(name)


def test_text_is_cut_and_never_empty_nor_invisible() -> None:
    assert shown("x" * 10_000) == "x" * 39 + "…"
    assert shown("") == shown("\n") == shown("\x00\u202e\ud800") == "?"
    assert shown("a\nb") == "a b"


def test_an_id_that_is_not_ours_is_refused() -> None:
    with pytest.raises(ValueError, match="not an id of ours"):
        drawn(Graph((tensor('t1:n"', "w"),)))


@pytest.mark.parametrize("name", ["i", "m" * 40, "m" * 50, "日本" * 20, "مرحبا", "👪" * 9, "…"])
def test_text_fits_its_box(name: str) -> None:
    svg = drawn(Graph((tensor("t1", name),)))
    group = next(g for g in svg.iter(f"{SVG}g") if g.get("id") == "t1")
    outline = next(group.iter(f"{SVG}path")).get("d", "")
    sides = [float(x) for x in re.findall(r"(-?[\d.]+),", outline)]
    starts = [float(text.get("x", "0")) for text in group.iter(f"{SVG}text")]
    cells = [
        sum(2 if east_asian_width(c) in "WF" else 1 for c in text) for text in text_of(svg, "t1")
    ]
    assert min(starts) == pytest.approx(min(sides) + 8, abs=0.1)
    assert max(start + 7.2 * n for start, n in zip(starts, cells, strict=True)) < max(sides)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.5, "0.5"),
        (5.0, "5.0"),
        (-0.0, "-0.0"),
        (1 / 3, "0.33333"),
        (123456.0, "1.2346e+05"),
        (123456, "123456"),
        (True, "True"),
        ("NaN", "nan"),
        ("-Infinity", "-inf"),
        ([1.0, -2.0], "1.0-2.0j"),
        (["NaN", 2.0], "nan+2.0j"),
    ],
)
def test_a_number_is_short_and_python(number: float, text: str) -> None:
    assert number_text(number) == text


def test_a_value_is_nested_as_in_pytorch_or_named_by_its_shape() -> None:
    assert value_text(value(0.5, shape=[])) == "0.5"
    assert value_text(value(1.0, 2.0, 3.0, 4.0, shape=[2, 2])) == "[[1.0, 2.0], [3.0, 4.0]]"
    assert value_text(value(1.0, shape=[1, 1, 1])) == "[[[1.0]]]"
    assert value_text(value(*[1.0] * 15, shape=[5, 3])) == "(5, 3) float32"
    assert value_text(value(*[-0.12345] * 4)) == "(4,) float32"  # too long to list
    assert value_text(value(shape=[0, 3])) == "(0, 3) float32"
    assert value_text(value(1.0, shape=[2, 2])) == "(2, 2) float32"  # does not fit its shape
    assert value_text(None) == "(not shown)"
