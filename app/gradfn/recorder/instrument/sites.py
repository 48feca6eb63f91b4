"""The places of a program that are watched: what is known of each before the program runs."""

from dataclasses import dataclass
from typing import Literal

SiteKind = Literal[
    "statement",
    "call",
    "operator",
    "compare",
    "attribute",
    "subscript",
    "store",
    "augmented",
    "unbound",
    "other",
]


@dataclass(frozen=True, slots=True)
class Given:
    """An operand: a literal of the program (`pushed` False), or a value known when it runs.

    `label` is its keyword, its position from 0, or "self" for what stands before the dot.
    """

    label: str
    pushed: bool
    literal: object = None


@dataclass(frozen=True, slots=True)
class Site:
    """A statement or an expression. Lines count from 1, columns in UTF-8 bytes from 0, as in `ast`.

    `line` is where CPython says an error there is. `name` is the function, method or operator,
    `pops` how many operands are known when it runs, `pushes` whether it is one itself.
    """

    kind: SiteKind
    line: int
    span: tuple[int, int, int, int]
    name: str = ""
    in_function: bool = False
    operands: tuple[Given, ...] = ()
    pops: int = 0
    pushes: bool = False
    binds: tuple[str, ...] = ()
    outer: frozenset[str] = frozenset()  # names that its function declares global
    statement: int = 0  # the site of the statement that it is in
    loop: int = -1  # the site of the innermost loop around it, in the same function
    is_unforeseen: bool = False  # a loop that may end by more than comparisons of numbers
    ends: int = -1  # a comparison that may end this loop
    base: str = ""  # the name that a store or a method starts from: `w` in `w.grad.zero_()`
    through: str = ""  # the last attribute before the method or index: `grad` in it
