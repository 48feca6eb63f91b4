"""The arguments of every function of a graph; what was not recorded is computed from its origin.

Inside a library's own code the recorder sees no values: of `F.cross_entropy(x, t)` it knows what
went in and what came out, and the tensor between the two functions follows from the first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gradfn.explain.arrays.array import Array
from gradfn.explain.formulas.arguments import arguments_of, array_of
from gradfn.explain.formulas.evaluate import CannotCompute, forward
from gradfn.explain.formulas.operations import OPERATIONS
from gradfn.explain.formulas.value_history import ValueHistory
from gradfn.explain.time_budget import TimeBudget
from gradfn.model.document import Function, NextFunction, RunDocument

SECONDS = 0.3  # of work to fill them in
MAX_FUNCTIONS = 300  # of a graph whose values are filled in


class ArgumentValues:
    """The arguments of the functions of a run, by the names of their schemas."""

    def __init__(self, document: RunDocument) -> None:
        self._functions = _with_steps(document.graph.functions)
        self._tensors = {each.id: each for each in document.graph.tensors}
        self._history, self._budget = ValueHistory(document), TimeBudget(SECONDS)
        self._arguments: dict[str, dict[str, Any]] = {}
        if len(self._functions) <= MAX_FUNCTIONS:
            for id in origins_first(self._functions):
                self._arguments[id] = self._filled(self._functions[id])

    def of(self, id: str) -> dict[str, Any]:
        """The arguments of one function; what is not known is absent."""
        if id not in self._arguments:
            self._arguments[id] = self._recorded(self._functions[id])
        return self._arguments[id]

    def _recorded(self, function: Function) -> dict[str, Any]:
        return arguments_of(function, self._tensors, self._history)

    def _filled(self, function: Function) -> dict[str, Any]:
        values, operation = self._recorded(function), OPERATIONS.get(function.name)
        if operation is None:
            return values
        edges = function.next_functions
        if "tensors" in operation.slopes:
            parts = values.get("tensors") or [None] * len(edges)
            pairs = zip(parts, edges, strict=False)
            values["tensors"] = [self._made(e, function) if p is None else p for p, e in pairs]
        elif len(operation.slopes) == len(edges):
            for argument, edge in zip(operation.slopes, edges, strict=True):
                if values.get(argument) is None:
                    made = self._made(edge, function)
                    values |= {} if made is None else {argument: made}
        return values

    def _made(self, edge: NextFunction | None, user: Function) -> Array | None:
        """What the function at the end of an edge gave; the leaf of an AccumulateGrad."""
        origin = self._functions.get(edge.function) if edge else None
        if edge is None or origin is None or self._budget.is_over:
            return None
        if origin.variable is not None:
            leaf = self._tensors.get(origin.variable)
            return array_of(self._history.value(leaf, user.step)) if leaf else None
        values = self._arguments.get(origin.id, {})
        if isinstance(recorded := values.get(f"result{edge.input_nr}"), Array):
            return recorded
        if (operation := OPERATIONS.get(origin.name)) is None:
            return None
        try:
            return forward(operation, values, edge.input_nr)
        except CannotCompute:
            return None


def _with_steps(functions: Iterable[Function]) -> dict[str, Function]:
    """The functions by id; one of an unknown step ran before those that use what it made.

    Nothing is evaluated where `w, b = p` unpacks a tensor, so no step has its functions.
    """
    found = {each.id: each for each in functions}
    if len(found) > MAX_FUNCTIONS:
        return found
    before: dict[str, int] = {}
    for id in reversed(origins_first(found)):
        function = found[id]
        step = function.step if function.step is not None else before.get(id)
        if step is not None and function.step is None:
            found[id] = replace(function, step=step)
        for following in function.next_functions:
            if following is not None and step is not None:
                before[following.function] = min(step, before.get(following.function, step))
    return found


def origins_first(functions: Mapping[str, Function]) -> list[str]:
    """The functions, each after all that it leads to. With a stack, for chains are long."""
    found: list[str] = []
    seen: set[str] = set()
    for root in functions:
        stack = [(root, False)]
        while stack:
            id, done = stack.pop()
            if done:
                found.append(id)
            elif id not in seen and id in functions:
                seen.add(id)
                stack.append((id, True))
                stack += [(each.function, False) for each in functions[id].next_functions if each]
    return found
