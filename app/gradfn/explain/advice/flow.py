"""Which bindings of a name a statement may read, by scope and by later rebindings."""

import ast
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Module
_LOOPS = ast.For | ast.AsyncFor | ast.While
LOOKED_AT = 50  # bindings before a statement; further back is not worth the time


class Flow:
    """Where every statement stands, in which block and inside of what, and what binds each name."""

    def __init__(self, tree: ast.Module, bindings: Mapping[str, Sequence[ast.stmt]]) -> None:
        self._tree = tree
        self._places: dict[ast.AST, tuple[list[ast.stmt], ast.AST]] = {}
        for owner in ast.walk(tree):
            for part in ("body", "orelse", "finalbody", "handlers", "cases"):
                block: object = getattr(owner, part, None)
                if isinstance(block, list):
                    self._places |= dict.fromkeys(block, (block, owner))
        self._every: dict[str, list[ast.stmt]] = {}
        self._bindings: dict[str, dict[_Scope, list[ast.stmt]]] = {}
        for name, binding in bindings.items():
            self._every[name] = sorted(binding, key=lambda each: each.lineno)
            scopes = self._bindings[name] = defaultdict(list)
            for each in self._every[name]:
                scopes[self._scope(each)].append(each)

    def reaching(self, name: str, statement: ast.stmt) -> list[ast.stmt]:
        """The statements whose binding of the name may be read here.

        Too many rather than too few: of a parameter all that have its name. Those of a whole
        scope are the same list every time.
        """
        scopes, every = self._bindings.get(name, {}), self._every.get(name, [])
        own = scopes.get(self._scope(statement), [])
        last = self._last(name, statement, own)
        if last is None:
            owner = self._owner(name, statement)
            return scopes.get(owner, every) if owner is not None else every
        first = bisect_left(own, last.lineno, key=lambda each: each.lineno)
        end = bisect_right(own, statement.lineno, key=lambda each: each.lineno)
        loops = {owner for _, owner in self._around(statement) if isinstance(owner, _LOOPS)} - {
            owner for _, owner in self._around(last)
        }
        round_again = [
            each
            for each in (own[:first] + own[end:] if loops else ())
            if any(owner in loops for _, owner in self._around(each))
        ]
        return own[first:end] + round_again

    def _around(self, node: ast.AST) -> Iterator[tuple[list[ast.stmt], ast.AST]]:
        """The block of a statement and what that belongs to; then the same of the latter."""
        while node in self._places:
            block, node = self._places[node]
            yield block, node

    def _scope(self, statement: ast.stmt) -> _Scope:
        owners = (owner for _, owner in self._around(statement) if isinstance(owner, _Scope))
        return next(owners, self._tree)

    def _owner(self, name: str, statement: ast.stmt) -> _Scope | None:
        """The function whose name it is, else the module; None of a parameter."""
        for _, owner in self._around(statement):
            if isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef):
                given = owner.args
                if any(
                    each.arg == name
                    for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)
                ):
                    return None
                if owner in self._bindings.get(name, {}):
                    return owner
        return self._tree

    def _last(self, name: str, statement: ast.stmt, own: list[ast.stmt]) -> ast.stmt | None:
        """The last binding that every path through the function to the statement executes."""
        blocks = {id(block) for block, _ in self._around(statement)}
        before = bisect_left(own, statement.lineno, key=lambda each: each.lineno)
        for each in reversed(own[max(0, before - LOOKED_AT) : before]):
            block, owner = self._places[each]
            while isinstance(owner, ast.With) and id(block) not in blocks:
                block, owner = self._places[owner]
            if id(block) in blocks and _binds_anew(name, each):
                return each
        return None


def _binds_anew(name: str, statement: ast.stmt) -> bool:
    """Whether it is an assignment to the name itself, not to an attribute or item."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = list(statement.targets)
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets = [statement.target]
    while targets:
        target = targets.pop()
        if isinstance(target, ast.Tuple | ast.List):
            targets += target.elts
        elif isinstance(target, ast.Name) and target.id == name:
            return True
    return False
