"""What a fold of repeated parts is called: the head of its loop, or a range of names."""

import ast

import pytest

from gradfn.model.folding.build import ranged
from gradfn.model.folding.loops import MAX_CHARACTERS, Loops

CODE = """\
for epoch in range(3):
    total = 0
    while total < 5:
        total += 1
        print(total)
    for i, x in enumerate(data):
        print(x)
print("after")
"""


@pytest.mark.parametrize(
    ("lines", "head"),
    [
        ({4}, "while total < 5"),
        ({4, 5}, "while total < 5"),
        ({7}, "for i, x in enumerate(data)"),
        ({2}, "for epoch in range(3)"),
        ({4, 7}, "for epoch in range(3)"),
        ({8}, ""),
        ({1}, ""),
        (set(), ""),
    ],
)
def test_the_loop_around_lines_is_the_innermost_whose_body_has_all_of_them(
    lines: set[int], head: str
) -> None:
    assert Loops(CODE).around(lines) == head


def test_a_long_head_is_cut_to_sixty_characters_and_a_shorter_one_is_not() -> None:
    fits = "while " + "x" * (MAX_CHARACTERS - 6)

    assert Loops(f"{fits}:\n    y").around({2}) == fits
    assert Loops(f"{fits}x:\n    y").around({2}) == fits[:-1] + "…"


def test_a_text_that_is_no_python_and_one_with_a_byte_order_mark_are_read_as_far_as_they_can() -> (
    None
):
    assert Loops("for").around({1}) == ""
    assert Loops("\0").around({1}) == ""
    assert Loops("\ufefffor a in b:\n    c").around({2}) == "for a in b"
    assert Loops("while (" * 200 + ")" * 200).around({1}) == ""


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("blocks.0", "blocks.11", "blocks[0…11]"),
        ("net.blocks.0", "net.blocks.1", "net.blocks[0…1]"),
        ("fc1", "fc3", "fc1 … fc3"),
        ("a.0", "b.1", "a.0 … b.1"),
        ("a.0", "a.last", "a.0 … a.last"),
        ("a.first", "a.1", "a.first … a.1"),
        ("0", "3", "[0…3]"),
    ],
)
def test_names_of_a_repeat_are_a_range_where_they_differ_in_a_number_alone(
    first: str, last: str, name: str
) -> None:
    assert ranged(first, last) == name


def test_the_head_is_written_as_python_writes_it() -> None:
    head = Loops("for  (a,b)  in  zip( x,y ):\n    c").around({2})

    assert head.startswith("for ")
    assert ast.dump(ast.parse(f"{head}: pass")) == ast.dump(
        ast.parse("for (a, b) in zip(x, y): pass")
    )
