"""The reader's program with probes put in: where a step begins, and what a name was bound to.

    y = 2 * x + 5        at(0)
                         y = made(2, made(1, 2 * took(x)) + 5)
                         bound(3, y)

`at` stands before every line that runs, `bound` after names were bound, `entered` first in a
function, `loops` around what a loop goes through, `looped` first in
its body. Every probe stands where the thing it probes stands,
so lines, columns and tracebacks stay what they were. In the body of a class no probe looks up a
name: its namespace may be the program's own invention.
"""

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from gradfn.recorder.instrument.exits import exits_of
from gradfn.recorder.instrument.expressions import (
    PROBES,
    Expressions,
    chain,
    probe_name,
    suspends,
    suspends_itself,
)
from gradfn.recorder.instrument.sites import Given, Site

Function = ast.FunctionDef | ast.AsyncFunctionDef


def instrument(tree: ast.Module) -> list[Site]:
    """Put the probes into the tree, in place; the sites they speak of, by number."""
    nodes = list(ast.walk(tree))
    imported = frozenset(name for node in nodes for name in _imported(node))
    statements = _Statements(imported, suspends=any(map(suspends_itself, nodes)))
    tree.body = statements.block(tree.body, docstring=True)
    return statements.sites


class _Statements(Expressions):
    """Puts probes between statements, and into them."""

    def block(self, body: list[ast.stmt], *, docstring: bool = False) -> list[ast.stmt]:
        """The statements, each with its probes before and after."""
        probed: list[ast.stmt] = []
        for position, statement in enumerate(body):
            if (docstring and position == 0 and _is_docstring(statement)) or _declares(statement):
                probed.append(statement)
                continue
            exits = exits_of(statement)
            at = self.site("statement", statement, is_unforeseen=exits.is_unforeseen)
            self.ending |= {id(each): at for each in exits.comparisons}
            outer, self.statement = self.statement, at
            probed += [self._do(statement, "at", at), statement, *self._statement(statement)]
            self.statement = outer
        return probed

    def _do(self, at: Any, probe: str, *arguments: int | ast.expr) -> ast.stmt:
        return ast.copy_location(ast.Expr(self.probe(at, probe, *arguments)), at)

    def _name(self, probe: str, at: Any, names: Iterable[str]) -> ast.stmt:
        """The probe with the values of names that are bound by now."""
        bound = () if self.in_class else tuple(dict.fromkeys(names))
        site = self.site("other", at, binds=bound)
        return self._do(at, probe, site, *(ast.Name(name, ast.Load()) for name in bound))

    def _statement(self, node: Any) -> list[ast.stmt]:
        """Mark the inside of a statement; the probes that follow it."""
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                node.decorator_list = [self.plain(each) for each in node.decorator_list]
                self.defaults(node.args)
                self._function(node)
                return [self._name("bound", node, [node.name])]
            case ast.ClassDef():
                self._class(node)
                return [self._name("bound", node, [node.name])]
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(node)
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript() as target]):
                return [self._store(node, target)]
            case ast.Assign() if places := [p for each in node.targets for p in _places(each)]:
                node.value = self.plain(node.value)
                names = [name for target in node.targets for name in _stored(target)]
                bound = [self._name("bound", node, names)] if names else []
                return [*self._stores(node, places, "="), *bound]
            case ast.AugAssign():
                changed = self._augmented(node)
                names = list(_stored(node.target))
                return [changed, self._name("bound", node, names)] if names else [changed]
            case ast.Delete():
                attributes = [each for each in node.targets if isinstance(each, ast.Attribute)]
                if not attributes:
                    self._parts(node)
                done = self._stores(node, attributes, "del")
                return [*done, *self._unbound(node, list(_deleted(node)))]
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
        """The probe of names that a `with` or an `except` binds before its body runs."""
        match node:
            case ast.With() | ast.AsyncWith():
                targets = [item.optional_vars for item in node.items if item.optional_vars]
                names = [name for target in targets for name in _stored(target)]
                return [self._name("bound", node, names)] if names else []
            case ast.ExceptHandler(name=str(name)):
                return self._clause(node, [name])
            case ast.match_case(pattern=pattern) if names := list(_captured(pattern)):
                return self._clause(pattern, names)
        return []

    def _clause(self, at: Any, names: list[str]) -> list[ast.stmt]:
        """The probes of a line within a statement that binds names."""
        outer, self.statement = self.statement, self.site("statement", at)
        probes = [self._do(at, "at", self.statement), self._name("bound", at, names)]
        self.statement = outer
        return probes

    def _unbound(self, at: Any, names: list[str]) -> list[ast.stmt]:
        """The probe of names that are gone; it is given no values."""
        if not names or self.in_class:
            return []
        return [self._do(at, "bound", self.site("unbound", at, binds=tuple(names)))]

    def _class(self, node: ast.ClassDef) -> None:
        self.inside(node)  # what it is derived from and decorated with
        # Metadata global, or the probes would be looked for in the namespace.
        first = ast.copy_location(ast.Global([probe_name(probe) for probe in PROBES]), node)
        with self._frame(in_class=True):
            self._body(node, first)

    def _function(self, node: Function) -> None:
        with self._frame(in_class=False, outer=frozenset(_global(node))):
            # Where the definition stands, but on the line of the body: a generator has not begun.
            self._body(node, self._name("entered", node, _parameters(node.args)))

    def _body(self, node: Any, first: ast.stmt) -> None:
        begin = 1 if _is_docstring(node.body[0]) else 0
        body = self.block(node.body, docstring=True)
        node.body = [*body[:begin], first, *body[begin:]]

    @contextmanager
    def _frame(self, *, in_class: bool, outer: frozenset[str] = frozenset()) -> Iterator[None]:
        """Meanwhile what is probed runs in a frame of its own."""
        around = self.in_function, self.in_class, self.outer, self.loop
        self.in_function, self.in_class, self.outer, self.loop = True, in_class, outer, -1
        yield
        self.in_function, self.in_class, self.outer, self.loop = around

    def _loop(self, node: Any) -> None:
        if isinstance(node, ast.While):
            node.test, names = self.plain(node.test), []
        else:
            node.iter, names = self.plain(node.iter), list(_stored(node.target))
            if isinstance(node, ast.For):
                node.iter = self.probe(node.iter, "loops", self.statement, node.iter)
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

    def _stores(self, node: Any, places: list[Any], name: str) -> list[ast.stmt]:
        """`w.grad = b.grad = None`, `x[0], y = 1, 2`: the last first, as their operands lie."""
        quiet = suspends(node)
        done: list[ast.stmt] = []
        for target in places:
            operands: list[Given] = []
            base, through = chain(target)
            self._into(target, operands, quiet)
            known = {"operands": operands, "base": base, "through": through}
            kind = "[]=" if isinstance(target, ast.Subscript) else name
            site = self.site("store", target, kind, **known)
            done.insert(0, self._do(node, "made", site, ast.Constant(None)))
        return done

    def _augmented(self, node: ast.AugAssign) -> ast.stmt:
        """`x += y`: what is changed is found before the value is computed."""
        operands: list[Given] = []
        base, through = chain(node.target)
        quiet = suspends(node)
        now: ast.expr = ast.Constant(None)
        if isinstance(node.target, ast.Name):
            now = now if self.in_class else ast.Name(node.target.id, ast.Load())
        else:
            self._into(node.target, operands, quiet)
        node.value = self.operand(node.value, "other", operands, quiet=quiet)
        known = {"operands": operands, "base": base, "through": through}
        site = self.site("augmented", node, type(node.op).__name__, **known)
        return self._do(node, "made", site, now)

    def _into(self, target: Any, operands: list[Given], quiet: bool) -> None:
        target.value = self.operand(target.value, "self", operands, quiet=quiet)
        if isinstance(target, ast.Subscript):
            target.slice = self.operand(target.slice, "index", operands, quiet=quiet)


_HOLDERS = (ast.withitem, ast.ExceptHandler, ast.match_case)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    bare = isinstance(node, ast.AnnAssign) and node.value is not None
    return [node.target] if bare else []  # type: ignore[attr-defined]


def _places(target: ast.expr) -> Iterator[ast.Attribute | ast.Subscript]:
    """The attributes and elements that an assignment to the target sets, in their order."""
    match target:
        case ast.Attribute() | ast.Subscript():
            yield target
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _places(part)
        case ast.Starred(value=part):
            yield from _places(part)


def _stored(target: ast.expr) -> Iterator[str]:
    """The names that an assignment to the target binds."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _deleted(node: ast.Delete) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Del):
            yield each.id


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    rest = (each for each in (arguments.vararg, arguments.kwarg) if each)
    for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest):
        yield each.arg


def _captured(pattern: ast.pattern) -> Iterator[str]:
    """The names that a pattern binds."""
    for node in ast.walk(pattern):
        name = node.rest if isinstance(node, ast.MatchMapping) else getattr(node, "name", None)
        if name:
            yield name


def _global(function: Function) -> Iterator[str]:
    """The names that a function declares global."""
    for node in ast.walk(function):
        if isinstance(node, ast.Global):
            yield from node.names


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)


def _declares(node: ast.stmt) -> bool:
    """Whether it must stay where it is, or does nothing when it runs."""
    is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    return is_future or isinstance(node, ast.Global | ast.Nonlocal)
