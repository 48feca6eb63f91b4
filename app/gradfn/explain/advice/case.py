"""A run to be explained: its document and its program, with indexes of both."""

from collections.abc import Iterable
from functools import cached_property

from gradfn.explain.advice.source import Source
from gradfn.model.document import Function, RunDocument, Tensor, TensorValue
from gradfn.model.recording import BackwardPass, PassedFunction


class Case:
    """A run document with its program; each index is computed once."""

    def __init__(self, document: RunDocument, code: str) -> None:
        self.document = document
        self.source = Source(code)

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Tensors by id."""
        return {each.id: each for each in self.document.graph.tensors}

    @cached_property
    def functions(self) -> dict[str, Function]:
        """Functions by id."""
        return {each.id: each for each in self.document.graph.functions}

    @cached_property
    def named(self) -> dict[str, Tensor]:
        """Tensors by each of their names."""
        return {name: each for each in self.document.graph.tensors for name in each.names}

    @cached_property
    def passed(self) -> frozenset[str]:
        """The functions that any backward pass went through."""
        return frozenset(
            each.function
            for one in self.document.backward
            for each in one.functions
            if each.function is not None
        )

    @cached_property
    def own(self) -> tuple[BackwardPass, ...]:
        """The passes over the graph that is shown, not over one that looks like it."""
        return tuple(one for one in self.document.backward if one.alike is None)

    @cached_property
    def updates(self) -> tuple[tuple[int, str], ...]:
        """Which tensors were changed at which steps: by optimizers, `.data` and in place."""
        found = [
            (event.step, each.tensor)
            for event in self.document.training
            if event.kind in ("optimizer_step", "assign_data") and event.step is not None
            for each in event.changed
            if each.tensor is not None
        ]
        found += [
            (each.step, each.tensor)
            for each in self.document.in_place
            if each.step is not None and each.tensor is not None
        ]
        return tuple(found)

    @cached_property
    def updated(self) -> frozenset[str]:
        """The tensors that were changed at any step."""
        return frozenset(id for _, id in self.updates)

    def below(self, id: str) -> list[Function]:
        """What follows a function, in order."""
        function = self.functions.get(id)
        following = function.next_functions if function is not None else ()
        found = (self.functions.get(each.function) for each in following if each is not None)
        return [each for each in found if each is not None]

    @cached_property
    def above(self) -> dict[str, list[Function]]:
        """What uses the outputs of a function, by its id."""
        found: dict[str, list[Function]] = {}
        for function in self.document.graph.functions:
            for each in function.next_functions:
                if each is not None:
                    found.setdefault(each.function, []).append(function)
        return found

    def reached(self, starts: Iterable[str]) -> set[str]:
        """The functions reachable from these, themselves included."""
        pending = list(starts)
        met = set(pending)
        while pending:
            for each in self.below(pending.pop()):
                if each.id not in met:
                    met.add(each.id)
                    pending.append(each.id)
        return met

    def names(self, id: str | None) -> tuple[str, ...]:
        """The names of a tensor; none of one that is not there."""
        tensor = self.tensors.get(id or "")
        return tensor.names if tensor is not None else ()

    def value_of(self, function: Function) -> TensorValue | None:
        """The value of a function's first output, where it is known."""
        tensors = (self.tensors.get(id) for id in function.outputs)
        return next((each.value for each in tensors if each is not None and each.value), None)

    def call_it(self, tensor: Tensor | None, otherwise: str = "a tensor") -> str:
        """How to speak of a tensor: by its first name."""
        if tensor is None or not tensor.names:
            return otherwise
        return f"`{tensor.names[0]}`"

    def origin(self, tensor: Tensor) -> str:
        """How to speak of the function that made a tensor."""
        return self.place(self.functions.get(tensor.grad_fn or ""))

    def place(self, function: Function | None) -> str:
        """How to speak of a function: its name, and the line that made it."""
        if function is None:
            return "a function"
        return f"`{function.name}`" + (f" (line {function.line})" if function.line else "")


def passed_in(one: BackwardPass) -> dict[str, PassedFunction]:
    """The functions of a pass by id."""
    return {each.function: each for each in one.functions if each.function is not None}
