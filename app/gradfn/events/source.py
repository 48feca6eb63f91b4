r"""A program's text as everything here takes it: one kind of line end, and no byte order mark.

Compiler, recorder, explanations and the page count lines; they agree because the text is made so
where it comes in, and because all of them split it here. Python itself ends a line at `\n`, `\r\n`
and a lone `\r`, and at nothing else: a form feed or U+2028, where `str.splitlines` would split,
is part of its line.
"""

BYTE_ORDER_MARK = "\ufeff"


def normalised(source: str) -> str:
    r"""The text with `\n` for every line end, and without a byte order mark."""
    return source.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")


def lines_of(source: str) -> list[str]:
    """The lines of a normalised text; the last one is empty where the text ends in a line end."""
    return source.split("\n")
