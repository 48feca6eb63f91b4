"""How a loop may end, by its text: by which comparisons, and whether by more than those.

What decides a `while`, a `break` or a `return` is mostly a comparison of numbers, as `i < n` or
`loss < 1e-3`; while it runs, these numbers show when the end is near (`watch.sampling`).
"""

import ast
from dataclasses import dataclass, field

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_APART = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)
_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


@dataclass(slots=True)
class Exits:
    """The comparisons that may end a loop; `is_unforeseen`: something else may, too."""

    comparisons: list[ast.Compare] = field(default_factory=list)
    is_unforeseen: bool = False

    def decided_by(self, test: ast.expr | None) -> None:
        """This expression decides whether it goes on."""
        match test:
            case ast.Constant():
                pass
            case ast.BoolOp(values=values):
                for each in values:
                    self.decided_by(each)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self.decided_by(operand)
            case ast.Compare(ops=[op]) if isinstance(op, _ORDERED):
                self.comparisons.append(test)
            case _:
                self.is_unforeseen = True


def exits_of(loop: ast.stmt) -> Exits:
    """How the loop may end before what it goes through does; nothing of what is no loop."""
    exits = Exits()
    if not isinstance(loop, _LOOPS):
        return exits
    if isinstance(loop, ast.While):
        exits.decided_by(loop.test)
    # Statements, whether a `break` in them is the loop's own, and the tests around them.
    pending: list[tuple[ast.AST, bool, tuple[ast.expr | None, ...]]] = [
        (each, True, ()) for each in loop.body
    ]
    while pending:
        node, is_own, tests = pending.pop()
        if isinstance(node, ast.Return) or (isinstance(node, ast.Break) and is_own):
            for test in tests or (None,):
                exits.decided_by(test)
        if isinstance(node, _APART):
            continue
        if isinstance(node, ast.If):
            tests = (*tests, node.test)
        elif isinstance(node, ast.ExceptHandler | ast.match_case):
            tests = (*tests, None)
        for each in ast.iter_child_nodes(node):
            # A `break` in the `else` of an inner loop leaves the loop around it.
            is_inner = isinstance(node, _LOOPS) and each not in node.orelse
            pending.append((each, is_own and not is_inner, tests))
    return exits
