"""Expressions with probes put in: `2 * x + 5` as `made(2, made(1, 2 * took(x)) + 5)`.

`took` notes an operand, `made` a result, `flush` what C code did between two calls of ours,
`entered` a lambda or generator that begins, `resumed` one that goes on. An operation runs where
it ran, in the program's own frame and order; probes only look at its operands and its result.
"""

import ast
from typing import Any

from gradfn.recorder.instrument.sites import Given, Site, SiteKind

# Their calls make no node, and what they are given is of no interest.
UNPROBED = frozenset(
    "callable dir eval exec getattr globals hasattr id input isinstance issubclass len locals "
    "print range repr str super type vars".split()
)
PROBES = (
    *("at", "took", "made", "named", "bound", "flush", "entered", "resumed"),
    *("loops", "looped", "weighed"),
)
_SUSPENDING = (ast.Yield, ast.YieldFrom, ast.Await)
_SIGNS: dict[type, Any] = {ast.USub: lambda number: -number, ast.UAdd: lambda number: number}
_LAST = -1


def probe_name(probe: str) -> str:
    """How code calls a probe, by a name that no program can write."""
    return f"gradfn {probe}"


class Expressions:
    """Puts probes into expressions, in place, and keeps the sites they speak of."""

    def __init__(self, imported: frozenset[str], *, suspends: bool) -> None:
        self.sites: list[Site] = []
        self.imported = imported  # names that imports bind: modules most of all, never tensors
        self.ending: dict[int, int] = {}  # by id of a comparison: the loop that it may end
        self._suspends = suspends  # whether anything in the program does
        self.in_function = False  # or in a class: a frame of its own
        self.in_class = False
        self.outer: frozenset[str] = frozenset()  # names that the function declares global
        self.statement = 0  # the site of the one being probed
        self.loop = -1  # the site of the innermost loop around it

    def site(self, kind: SiteKind, node: Any, name: str = "", **known: Any) -> int:
        """A new site at the place of the node; its number."""
        operands = tuple(known.pop("operands", ()))
        self.sites.append(
            Site(
                kind,
                _line_of(node),
                (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset),
                name,
                in_function=self.in_function,
                outer=self.outer,
                loop=self.loop,
                statement=self.statement if kind != "statement" else len(self.sites),
                operands=operands,
                pops=sum(given.pushed for given in operands),
                **known,
            )
        )
        return len(self.sites) - 1

    def probe(self, at: Any, probe: str, *arguments: int | ast.expr) -> ast.expr:
        """A call of the probe that stands where the node stands, for frames and tracebacks."""
        values = [each if isinstance(each, ast.expr) else ast.Constant(each) for each in arguments]
        function = ast.Name(probe_name(probe), ast.Load())
        call = ast.Call(function, values, [])
        for new in (function, call, *(each for each in values if not hasattr(each, "lineno"))):
            ast.copy_location(new, at)
        if is_method(at):  # as CPython does: a method that spans lines is where its name is
            call.lineno, call.col_offset = (
                at.func.end_lineno,
                at.func.end_col_offset - len(at.func.attr),
            )
        return call

    def plain(self, node: Any, *, push: bool = False) -> Any:
        """The expression with its probes; with `push`, it is an operand of what is around it."""
        match node:
            case ast.Constant():
                return node
            case ast.Call(func=ast.Name(id=name)) if name in UNPROBED:
                self.inside(node)
            case ast.Call() | ast.BinOp() | ast.UnaryOp() | ast.Compare():
                return self._operation(node, push)
            case ast.Attribute() | ast.Subscript() if not self.is_imported(node):
                return self._operation(node, push)
            case ast.Lambda():
                self.defaults(node.args)
                outer, self.in_function = self.in_function, True
                node.body = self._after("entered", node, self.plain(node.body))
                self.in_function = outer
                return node
            case ast.GeneratorExp():
                self._comprehension(node, "entered")
            case ast.ListComp() | ast.SetComp() | ast.DictComp():
                self._comprehension(node, "flush")
            case ast.NamedExpr() if not self.in_class:
                self.inside(node)
                site = self.site("other", node, binds=(node.target.id,))
                node = self.probe(node, "named", site, node)
            case ast.Yield() | ast.YieldFrom() | ast.Await():
                self.inside(node)
                node = self.probe(node, "resumed", node)
            case _:
                self.inside(node)
        return self.probe(node, "took", node) if push else node

    def operand(self, node: Any, label: str, operands: list[Given], *, quiet: bool) -> Any:
        """The expression as an operand, added to `operands`; not when `quiet`."""
        if quiet or isinstance(node, ast.Starred | ast.Slice | ast.Lambda):
            return self.plain(node)
        if (number := _literal(node)) is not None:
            operands.append(Given(label, pushed=False, literal=number.value))
            return node
        if isinstance(node, ast.List | ast.Tuple) and not _has_star(node.elts):
            node.elts = [
                self.operand(each, f"{label}[{at}]", operands, quiet=quiet)
                for at, each in enumerate(node.elts)
            ]
            return node
        operands.append(Given(label, pushed=True))
        return self.plain(node, push=True)

    def inside(self, node: ast.AST) -> None:
        """Mark the expressions in a node of whatever kind."""
        for name, part in ast.iter_fields(node):
            if name == "annotation":
                continue
            if isinstance(part, ast.expr):
                setattr(node, name, self.plain(part))
            elif isinstance(part, list):
                part[:] = [self.plain(p) if isinstance(p, ast.expr) else p for p in part]
                for each in part:
                    if isinstance(each, ast.keyword):
                        each.value = self.plain(each.value)

    def defaults(self, arguments: ast.arguments) -> None:
        """The defaults of a function's parameters, computed where it is defined."""
        arguments.defaults = [self.plain(each) for each in arguments.defaults]
        arguments.kw_defaults = [each and self.plain(each) for each in arguments.kw_defaults]

    def is_imported(self, node: ast.expr) -> bool:
        """Whether it is `torch`, `torch.nn`, `F.relu`: nothing that a run changes."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.imported

    def _operation(self, node: Any, push: bool) -> ast.expr:
        if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            self.inside(node)
            return node  # type: ignore[no-any-return]
        operands: list[Given] = []
        quiet = self._suspends and suspends(node)
        kind, name = self._mark_operands(node, operands, quiet)
        base, through = chain(node.func.value) if is_method(node) else chain(node)
        base = "" if base in self.imported else base
        known = {"operands": operands, "pushes": push, "base": base, "through": through}
        return self.probe(node, "made", self.site(kind, node, name, **known), node)

    def _mark_operands(self, node: Any, operands: list[Given], quiet: bool) -> tuple[SiteKind, str]:
        def operand(each: Any, label: str) -> Any:
            return self.operand(each, label, operands, quiet=quiet)

        match node:
            case ast.BinOp():
                node.left, node.right = operand(node.left, "0"), operand(node.right, "1")
                return "operator", type(node.op).__name__
            case ast.UnaryOp():
                node.operand = operand(node.operand, "0")
                return "operator", type(node.op).__name__
            case ast.Compare():
                node.left = operand(node.left, "0")
                first, *others = node.comparators  # the others may never be computed
                node.comparators = [operand(first, "1"), *map(self.plain, others)]
                if (loop := self.ending.get(id(node))) is not None:
                    self._weigh(node, self.site("other", node, ends=loop))
                return "compare", type(node.ops[0]).__name__
            case ast.Attribute():
                node.value = operand(node.value, "self")
                return "attribute", node.attr
            case ast.Subscript():
                node.value = operand(node.value, "self")
                node.slice = operand(node.slice, "index")
                return "subscript", "[]"
        return "call", self._mark_call(node, operand)

    def _weigh(self, node: ast.Compare, site: int) -> None:
        """Both sides of a comparison that may end a loop, looked at where they stand."""
        (right,) = node.comparators
        node.left = self.probe(node.left, "weighed", site, node.left)
        node.comparators = [self.probe(right, "weighed", -site, right)]

    def _mark_call(self, node: ast.Call, operand: Any) -> str:
        name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
        if is_method(node) and not self.is_imported(node.func):
            node.func.value = operand(node.func.value, "self")  # type: ignore[attr-defined]
        elif not isinstance(node.func, ast.Name | ast.Attribute):
            node.func = self.plain(node.func)
        starred = _has_star(node.args)
        node.args = [
            self.plain(each) if starred else operand(each, str(at))
            for at, each in enumerate(node.args)
        ]
        for keyword in node.keywords:
            wanted = keyword.arg is not None and not starred
            keyword.value = (
                operand(keyword.value, keyword.arg) if wanted else self.plain(keyword.value)
            )
        return name

    def _comprehension(self, node: Any, probe: str) -> None:
        node.generators[0].iter = self.plain(node.generators[0].iter)  # computed outside
        outer, self.in_function = self.in_function, self.in_function or probe == "entered"
        for position, generator in enumerate(node.generators):
            if position:
                generator.iter = self.plain(generator.iter)
            generator.ifs = [self._after(probe, node, self.plain(each)) for each in generator.ifs]
        if isinstance(node, ast.DictComp):
            node.key = self._after(probe, node, self.plain(node.key))
            node.value = self.plain(node.value)
        else:
            node.elt = self._after(probe, node, self.plain(node.elt))
        self.in_function = outer

    def _after(self, probe: str, of: ast.expr, value: ast.expr) -> ast.expr:
        """The value, and the probe before it is computed: `(probe(k), value)[-1]`."""
        probed = self.probe(of, probe, self.site("other", of))
        pair = ast.Tuple([probed, value], ast.Load())
        last = ast.Constant(_LAST)
        one = ast.Subscript(pair, last, ast.Load())
        for new in (pair, last, one):
            ast.copy_location(new, value)
        return one


def is_method(node: ast.AST) -> bool:
    """Whether it is a call of something that stands behind a dot."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


def chain(node: ast.AST) -> tuple[str, str]:
    """The name it starts from and its last attribute: `("w", "grad")` of `w.grad`, `w.grad[0]`."""
    through = ""
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute):
            through = through or node.attr
        node = node.value
    return (node.id if isinstance(node, ast.Name) else ""), through


def suspends(node: ast.AST) -> bool:
    """Whether it may stop half-way, other code running meanwhile."""
    return any(map(suspends_itself, ast.walk(node)))


def suspends_itself(node: ast.AST) -> bool:
    """Whether it is what stops there."""
    return isinstance(node, _SUSPENDING)


def _line_of(node: Any) -> int:
    """CPython says of a method that spans lines the line of its name."""
    line: int = node.lineno
    if is_method(node):
        line = node.func.end_lineno
    elif isinstance(node, ast.Attribute):
        line = node.end_lineno or line
    return line


def _literal(node: ast.expr) -> ast.Constant | None:
    """The node as a constant, if it is one: `2`, `"mean"`, `None`, `-1.5`."""
    match node:
        case ast.Constant():
            return node
        case ast.UnaryOp(op=op, operand=ast.Constant(value=int() | float() as number)):
            if type(op) in _SIGNS and not isinstance(number, bool):
                return ast.Constant(_SIGNS[type(op)](number))
    return None


def _has_star(nodes: list[ast.expr]) -> bool:
    return any(isinstance(each, ast.Starred) for each in nodes)
