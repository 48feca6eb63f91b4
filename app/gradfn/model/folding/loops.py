"""The loops of a program's text, by the lines of their bodies. The text is only read."""

import ast
from collections.abc import Set

MAX_CHARACTERS = 60


class Loops:
    """The `for` and `while` loops; none where the text is no Python."""

    def __init__(self, code: str) -> None:
        self._loops: list[tuple[int, int, str]] = []
        try:
            tree = ast.parse(code.removeprefix("\ufeff"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.For | ast.AsyncFor | ast.While):
                last = node.body[-1].end_lineno or node.lineno
                self._loops.append((node.body[0].lineno, last, _head(node)))

    def around(self, lines: Set[int]) -> str:
        """The head of the innermost loop whose body has all of these lines; empty for none."""
        found = [
            (end - start, head)
            for start, end, head in self._loops
            if all(start <= line <= end for line in lines)
        ]
        return min(found)[1] if found and lines else ""


def _head(node: ast.For | ast.AsyncFor | ast.While) -> str:
    try:
        if isinstance(node, ast.While):
            text = f"while {ast.unparse(node.test)}"
        else:
            target = ast.unparse(node.target)
            if isinstance(node.target, ast.Tuple):
                target = target[1:-1]  # as it is written nearly always
            text = f"for {target} in {ast.unparse(node.iter)}"
    except RecursionError:
        return ""
    return text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 1]}…"
