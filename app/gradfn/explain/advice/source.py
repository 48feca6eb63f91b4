"""The reader's program as text: its statements, what feeds what, and edits to it.

Only read, never run. A program that cannot be parsed has no statements.
"""

import ast
from collections import defaultdict
from functools import cached_property

from gradfn.events.source import lines_of, normalised
from gradfn.explain.advice.flow import Flow
from gradfn.model.document import Edit
from gradfn.model.recording import Span

FACTORIES = frozenset(
    ("tensor", "rand", "randn", "zeros", "ones", "full", "arange", "linspace", "eye", "empty")
)
GROWS = frozenset(("append", "extend", "insert", "add", "update"))
MAX_SLICE = 2_000  # statements


class Source:
    """A program, line by line and statement by statement; lines count from 1."""

    def __init__(self, code: str) -> None:
        self._code = normalised(code)
        self.lines = lines_of(self._code)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree; an empty one for what is not Python."""
        try:
            return ast.parse(self._code)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return ast.parse("")

    @cached_property
    def statements(self) -> tuple[ast.stmt, ...]:
        """All statements, in no particular order; walked with a queue, so depth is no matter."""
        return tuple(node for node in ast.walk(self.tree) if isinstance(node, ast.stmt))

    @cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        """All calls."""
        return tuple(node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    @cached_property
    def names(self) -> frozenset[str]:
        """All names that the program reads, binds or imports."""
        imported = {
            alias.asname or alias.name.split(".")[0]
            for each in self.statements
            if isinstance(each, ast.Import | ast.ImportFrom)
            for alias in each.names
        }
        return frozenset(
            {each.id for each in ast.walk(self.tree) if isinstance(each, ast.Name)} | imported
        )

    def text(self, node: ast.expr | ast.stmt) -> str:
        """The text of an expression or a statement."""
        span = self.span(node)
        lines = self.lines[span.line - 1 : span.end_line]
        lines[-1] = lines[-1][: span.end_column]
        return "\n".join(lines)[span.column :]

    def operand(self, node: ast.expr) -> str:
        """The text of an expression as it stands before a dot, in brackets where it needs them."""
        simple = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
        return self.text(node) if simple else f"({self.text(node)})"

    def statement(self, line: int | None) -> ast.stmt | None:
        """The innermost statement that the line belongs to."""
        found = [each for each in self.statements if line is not None and _covers(each, line)]
        return max(found, key=lambda each: (each.lineno, -_end(each)), default=None)

    def calls_at(self, line: int | None, *names: str) -> list[ast.Call]:
        """Calls of these functions or methods in the statement of the line, outermost first.

        All calls when none is named.
        """
        statement = self.statement(line)
        if statement is None or line is None:
            return []
        found = [
            call
            for call in self.calls
            if (not names or name_of(call) in names) and _within(call, statement)
        ]
        return sorted(
            found, key=lambda call: (call.lineno, -_end(call), -(call.end_col_offset or 0))
        )

    def calls_of(self, *names: str) -> list[ast.Call]:
        """Calls of these functions or methods anywhere, in order of their lines."""
        return sorted((c for c in self.calls if name_of(c) in names), key=lambda c: c.lineno)

    def loop_around(self, line: int | None) -> ast.stmt | None:
        """The innermost loop whose body has the line."""
        loops = [
            each
            for each in self.statements
            if isinstance(each, ast.For | ast.While)
            and line is not None
            and each.lineno < line <= _end(each)
        ]
        return max(loops, key=lambda each: each.lineno, default=None)

    def function_around(self, line: int | None) -> ast.FunctionDef | None:
        """The innermost function whose body has the line."""
        functions = [
            each
            for each in self.statements
            if isinstance(each, ast.FunctionDef)
            and line is not None
            and each.lineno < line <= _end(each)
        ]
        return max(functions, key=lambda each: each.lineno, default=None)

    def repeated_around(self, line: int | None) -> ast.For | ast.While | ast.FunctionDef | None:
        """What runs the line again: the innermost loop of its function, else the function."""
        function, loop = self.function_around(line), self.loop_around(line)
        if isinstance(loop, ast.For | ast.While) and (
            function is None or loop.lineno > function.lineno
        ):
            return loop
        return function

    def block_around(self, line: int | None, mode: str) -> ast.With | None:
        """The innermost `with torch.no_grad():`, or another such `mode`, around the line."""
        blocks = [
            each
            for each in self.statements
            if isinstance(each, ast.With)
            and line is not None
            and each.lineno <= line <= _end(each)
            and any(mode in self.text(item.context_expr) for item in each.items)
        ]
        return max(blocks, key=lambda each: each.lineno, default=None)

    @cached_property
    def _flow(self) -> Flow:
        return Flow(self.tree, self._bindings)

    @cached_property
    def _bindings(self) -> dict[str, list[ast.stmt]]:
        found: dict[str, list[ast.stmt]] = defaultdict(list)
        for statement in self.statements:
            for name in bound_by(statement):
                found[name].append(statement)
        return found

    def binding(self, name: str, before: int | None = None) -> ast.stmt | None:
        """The last statement that binds a name, before a line if there is one before it."""
        found = sorted(self._bindings.get(name, ()), key=lambda each: each.lineno)
        earlier = [each for each in found if before is None or each.lineno < before]
        wanted = earlier or found
        return wanted[-1] if wanted else None

    def reaching(self, name: str, statement: ast.stmt) -> list[ast.stmt]:
        """The statements whose binding of a name this one may read."""
        return self._flow.reaching(name, statement)

    def feeding(self, line: int | None) -> list[ast.stmt]:
        """The statements that the one at this line depends on by names, itself included.

        Too many rather than too few: what a function is given is looked for by name alone.
        """
        start = self.statement(line)
        pending = [start] if start is not None else []
        met = {id(start)}
        found: list[ast.stmt] = []
        whole: dict[int, list[ast.stmt]] = {}
        while pending and len(found) < MAX_SLICE:
            statement = pending.pop()
            found.append(statement)
            more: list[ast.stmt] = []
            if isinstance(statement, ast.FunctionDef | ast.ClassDef):
                more += [each for each in ast.walk(statement) if isinstance(each, ast.Return)]
            else:
                for name in names_in(statement):
                    reaching = self._flow.reaching(name, statement)
                    if id(reaching) not in whole:
                        more += reaching
                        whole[id(reaching)] = reaching  # held, so that its id stays its own
            for each in more:
                if id(each) not in met:
                    met.add(id(each))
                    pending.append(each)
        return found

    def moved(self, statement: ast.stmt, into: ast.For | ast.While | ast.FunctionDef) -> list[Edit]:
        """An assignment moved to where its name is first read inside a loop or a function.

        Nothing where the name is also used elsewhere, or bound more than once.
        """
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]):
                pass
            case _:
                return []
        uses = [
            node.lineno
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Name) and node.id == name and node.lineno != statement.lineno
        ]
        outside = any(not into.lineno < line <= _end(into) for line in uses)
        first = next((each for each in into.body if any(_covers(each, at) for at in uses)), None)
        if outside or first is None or len(self._bindings.get(name, ())) != 1:
            return []
        gone = Edit(statement.lineno, _end(statement), "")
        return [gone, self.before(first.lineno, self.text(statement))]

    def column(self, line: int, offset: int) -> int:
        """A column in characters from an offset in UTF-8 bytes, as `ast` counts."""
        return len(self.lines[line - 1].encode()[:offset].decode(errors="ignore"))

    def span(self, node: ast.expr | ast.stmt) -> Span:
        """Where an expression stands."""
        end = _end(node)
        return Span(
            node.lineno,
            self.column(node.lineno, node.col_offset),
            end,
            self.column(end, node.end_col_offset or 0),
        )

    def replaced(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        """The program with other text for an expression or a simple statement."""
        span = self.span(node)
        before = self.lines[span.line - 1][: span.column]
        after = self.lines[span.end_line - 1][span.end_column :]
        return Edit(span.line, span.end_line, before + text + after)

    def before(self, line: int, text: str) -> Edit:
        """The program with a statement put in before the one at this line."""
        statement = self.statement(line)
        first = statement.lineno if statement is not None else line
        return Edit(first, first - 1, self.indent(first) + text)

    def after(self, line: int, text: str) -> Edit:
        """The program with a statement put in after the one at this line."""
        statement = self.statement(line)
        last = _end(statement) if statement is not None else line
        return Edit(last + 1, last, self.indent(line) + text)

    def after_whole(self, statement: ast.stmt, text: str) -> Edit:
        """The program with a statement put in after a whole one, such as a loop."""
        last = _end(statement)
        return Edit(last + 1, last, self.indent(statement.lineno) + text)

    def wrapped(self, line: int, head: str) -> Edit | None:
        """The program with the statement at this line in a block of its own."""
        statement = self.statement(line)
        if statement is None:
            return None
        first, last, indent = statement.lineno, _end(statement), self.indent(line)
        body = ["    " + each if each else each for each in self.lines[first - 1 : last]]
        return Edit(first, last, "\n".join([indent + head, *body]))

    def unwrapped(self, block: ast.With) -> Edit:
        """The program without a `with`, whose body stays."""
        first, last = block.body[0].lineno, _end(block)
        if first == block.lineno:
            return Edit(first, last, self.indent(first) + self.text(block.body[0]))
        more = len(self.indent(first)) - len(self.indent(block.lineno))
        body = [
            each[more:] if not each[:more].strip() else each
            for each in self.lines[first - 1 : last]
        ]
        return Edit(block.lineno, last, "\n".join(body))

    def indent(self, line: int) -> str:
        """The white space that a line begins with."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return text[: len(text) - len(text.lstrip())]

    def with_keyword(self, call: ast.Call, name: str, value: str) -> Edit:
        """The program with an argument given by name, added or changed."""
        for keyword in call.keywords:
            if keyword.arg == name:
                return self.replaced(keyword.value, value)
        text = self.text(call)
        given = text[:-1].rstrip().rstrip(",")
        comma = ", " if call.args or call.keywords else ""
        return self.replaced(call, f"{given}{comma}{name}={value})")

    def requiring_grad(self, name: str) -> Edit | None:
        """The program with `requires_grad=True` where a tensor is made, if that is plain to see."""
        for statement in self._bindings.get(name, ()):
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
                call = statement.value
                if name_of(call) in FACTORIES and self.text(call.func).startswith("torch."):
                    return self.with_keyword(call, "requires_grad", "True")
        return None


def name_of(call: ast.Call) -> str:
    """The last part of the called name."""
    function = call.func
    return getattr(function, "attr", None) or getattr(function, "id", None) or ""


def keyword_of(call: ast.Call, name: str) -> object:
    """The constant given by name, None when there is none."""
    for keyword in call.keywords:
        if keyword.arg == name and isinstance(keyword.value, ast.Constant):
            return keyword.value.value
    return None


def names_in(node: ast.AST) -> set[str]:
    """The names that are read in it."""
    return {
        each.id
        for part in _parts(node)
        for each in ast.walk(part)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    }


def bound_by(statement: ast.stmt) -> set[str]:
    """The names that a statement binds or fills, those of attributes and methods too."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    targets: list[ast.AST] = []
    match statement:
        case ast.Assign():
            targets = list(statement.targets)
        case ast.AugAssign() | ast.AnnAssign() | ast.For():
            targets = [statement.target]
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name, value=owner))):
            targets = [owner] if name in GROWS or name.endswith("_") else []
        case _:
            pass
    return {
        each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
    }


def _parts(node: ast.AST) -> list[ast.AST]:
    """Of a compound statement only its head."""
    match node:
        case ast.For(iter=iterated):
            return [iterated]
        case ast.While(test=test) | ast.If(test=test):
            return [test]
        case ast.With(items=items):
            return [item.context_expr for item in items]
        case ast.Try() | ast.FunctionDef() | ast.ClassDef():
            return []
        case _:
            return [node]


def _end(node: ast.expr | ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _covers(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= _end(node)


def _within(node: ast.expr, statement: ast.stmt) -> bool:
    start = (statement.lineno, statement.col_offset)
    end = (_end(statement), statement.end_col_offset or 0)
    return start <= (node.lineno, node.col_offset) and (
        (_end(node), node.end_col_offset or 0) <= end
    )
