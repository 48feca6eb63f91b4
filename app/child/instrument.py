"""The reader's program with marks put in: where a step begins, and what a name was bound to.

    y = 2 * x + 5        at(0)
                         y = made(2, made(1, 2 * took(x)) + 5)
                         bound(3, y)

`at` stands before every line that runs, `bound` after names were bound, `entered` first in a
function, `looped` first in the body of a loop. Every mark stands where the thing it marks stands,
so lines, columns and tracebacks stay what they were. The body of a class is left alone but for
its functions: its namespace may be the program's own invention.
"""

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from app.child.expressions import Expressions, chain, suspends
from app.child.sites import Given, Site

Function = ast.FunctionDef | ast.AsyncFunctionDef


def instrument(tree: ast.Module) -> list[Site]:
    """Put the marks into the tree, in place; the sites they speak of, by number."""
    imported = frozenset(name for node in ast.walk(tree) for name in _imported(node))
    statements = _Statements(imported)
    tree.body = statements.block(tree.body, docstring=True)
    return statements.sites


class _Statements(Expressions):
    """Puts marks between statements, and into them."""

    def block(self, body: list[ast.stmt], *, docstring: bool = False) -> list[ast.stmt]:
        """The statements, each with its marks before and after."""
        marked: list[ast.stmt] = []
        for position, statement in enumerate(body):
            if (docstring and position == 0 and _is_docstring(statement)) or _declares(statement):
                marked.append(statement)
                continue
            at = self.site("statement", statement)
            outer, self.statement = self.statement, at
            marked += [self._do(statement, "at", at), statement, *self._statement(statement)]
            self.statement = outer
        return marked

    def _do(self, at: Any, mark: str, *arguments: int | ast.expr) -> ast.stmt:
        return ast.copy_location(ast.Expr(self.mark(at, mark, *arguments)), at)

    def _name(self, mark: str, at: Any, names: Iterable[str]) -> ast.stmt:
        """The mark with the values of names that are bound by now."""
        bound = tuple(dict.fromkeys(names))
        site = self.site("other", at, binds=bound)
        return self._do(at, mark, site, *(ast.Name(name, ast.Load()) for name in bound))

    def _statement(self, node: Any) -> list[ast.stmt]:
        """Mark the inside of a statement; the marks that follow it."""
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                node.decorator_list = [self.plain(each) for each in node.decorator_list]
                self.defaults(node.args)
                self._function(node)
                return [self._name("bound", node, [node.name])]
            case ast.ClassDef():
                for function in _methods(node):
                    self._function(function)
                return [self._name("bound", node, [node.name])]
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(node)
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript() as target]):
                return [self._store(node, target)]
            case ast.AugAssign():
                return [self._augmented(node)]
            case ast.Import() | ast.ImportFrom():
                names = list(_imported(node))
                return [self._name("bound", node, names)] if "*" not in names else []
            case _:
                self._parts(node)
        names = [name for target in _targets(node) for name in _stored(target)]
        return [self._name("bound", node, names)] if names else []

    def _parts(self, node: ast.AST) -> None:
        """What a statement is made of: blocks, expressions, and things that hold either."""
        for name, part in ast.iter_fields(node):
            if isinstance(part, list) and part and isinstance(part[0], ast.stmt):
                first = self._bound_first(node) if name == "body" else []
                setattr(node, name, [*first, *self.block(part)])
            elif isinstance(part, list) and part and isinstance(part[0], _HOLDERS):
                for each in part:
                    self._parts(each)
        self.inside(node)

    def _bound_first(self, node: ast.AST) -> list[ast.stmt]:
        """The mark of names that a `with` or an `except` binds before its body runs."""
        match node:
            case ast.With() | ast.AsyncWith():
                targets = [item.optional_vars for item in node.items if item.optional_vars]
                names = [name for target in targets for name in _stored(target)]
                return [self._name("bound", node, names)] if names else []
            case ast.ExceptHandler(name=str(name)):
                return [self._name("bound", node, [name])]
        return []

    def _function(self, node: Function) -> None:
        outer, self.in_function, self.loop = (self.in_function, self.loop), True, -1
        begin = 1 if _is_docstring(node.body[0]) else 0
        # Where the definition stands, but on the line of the body: a generator has not begun.
        first = self._name("entered", node, _parameters(node.args))
        body = self.block(node.body, docstring=True)
        node.body = [*body[:begin], first, *body[begin:]]
        self.in_function, self.loop = outer

    def _loop(self, node: Any) -> None:
        if isinstance(node, ast.While):
            node.test, names = self.plain(node.test), []
        else:
            node.iter, names = self.plain(node.iter), list(_stored(node.target))
            self.inside(node.target)
        outer, self.loop = self.loop, self.statement
        node.body = [self._name("looped", node, names), *self.block(node.body)]
        self.loop = outer
        node.orelse = self.block(node.orelse)

    def _store(self, node: ast.Assign, target: ast.Attribute | ast.Subscript) -> ast.stmt:
        """`w.grad = g`, `x[0] = y`: the value is computed before what it is put into."""
        operands: list[Given] = []
        base, through = chain(target)
        quiet = suspends(node)
        node.value = self.operand(node.value, "value", operands, quiet=quiet)
        self._into(target, operands, quiet)
        known = {"operands": operands, "base": base, "through": through}
        name = "=" if isinstance(target, ast.Attribute) else "[]="
        return self._do(node, "made", self.site("store", node, name, **known), ast.Constant(None))

    def _augmented(self, node: ast.AugAssign) -> ast.stmt:
        """`x += y`: what is changed is found before the value is computed."""
        operands: list[Given] = []
        base, through = chain(node.target)
        quiet = suspends(node)
        now: ast.expr = ast.Constant(None)
        if isinstance(node.target, ast.Name):
            now = ast.Name(node.target.id, ast.Load())
        else:
            self._into(node.target, operands, quiet)
        node.value = self.operand(node.value, "other", operands, quiet=quiet)
        known = {"operands": operands, "base": base, "through": through}
        if isinstance(node.target, ast.Name):
            known["binds"] = (node.target.id,)
        site = self.site("augmented", node, type(node.op).__name__, **known)
        return self._do(node, "made", site, now)

    def _into(self, target: Any, operands: list[Given], quiet: bool) -> None:
        target.value = self.operand(target.value, "self", operands, quiet=quiet)
        if isinstance(target, ast.Subscript):
            target.slice = self.operand(target.slice, "index", operands, quiet=quiet)


_HOLDERS = (ast.withitem, ast.ExceptHandler, ast.match_case)


def _methods(node: ast.ClassDef) -> Iterator[Function]:
    """The functions that stand in a class, and in classes within it, whatever is around them."""
    pending: list[ast.stmt] = list(node.body)
    while pending:
        each = pending.pop()
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            yield each
        else:
            pending += [part for part in ast.walk(each) if isinstance(part, ast.stmt)][1:]


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    bare = isinstance(node, ast.AnnAssign) and node.value is not None
    return [node.target] if bare else []  # type: ignore[attr-defined]


def _stored(target: ast.expr) -> Iterator[str]:
    """The names that an assignment to the target binds."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        yield each.arg


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)


def _declares(node: ast.stmt) -> bool:
    """Whether it must stay where it is, or does nothing when it runs."""
    is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    return is_future or isinstance(node, ast.Global | ast.Nonlocal)
