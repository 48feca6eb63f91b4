"""The numbers of a program that a reader's hand is on.

A name is a control when the program assigns it once, at module level, from a literal number:
`lr = 0.05`. So are the hyper-parameters of its optimisers; where one was given by a control, as
in `SGD(…, lr=lr)`, the control moves both.
"""

import ast
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import torch

from gradfn.child.live.metadata import Metadata
from gradfn.events.kinds import ControlsFound
from gradfn.events.live import MAX_CONTROLS, Control
from gradfn.recorder.read.names import module_level
from gradfn.recorder.read.text import clean
from gradfn.recorder.torch_internals import is_a

HYPERPARAMETERS = ("lr", "momentum", "weight_decay", "dampening", "alpha", "rho", "eps")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.For, ast.AsyncFor, ast.While)


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """A name with its literal, and the optimiser's keyword that it was given to, if any."""

    name: str
    value: float | int
    line: int
    applies: Literal["now", "restart"]
    into: tuple[str, str] | None = None

    @property
    def kind(self) -> type[int] | type[float]:
        """What the program finds there, whatever number JSON had; an optimiser takes fractions."""
        return int if type(self.value) is int and self.into is None else float

    def takes(self, value: float | int) -> bool:
        """Whether it is a value of this kind."""
        return self.kind is float or float(value).is_integer()


@dataclass(slots=True)
class Controls:
    """The controls of one program, in whose namespace `names` they are set."""

    names: dict[str, Any]
    metadata: Metadata
    speed: float | None = None
    literals: dict[str, NumberLiteral] = field(default_factory=dict)
    early: dict[str, float | int] = field(default_factory=dict)  # set before its line has run
    _optimizers: dict[str, Any] = field(default_factory=dict)

    def find_literals(self, tree: ast.Module, values: dict[str, float | int]) -> list[str]:
        """Find them in the program, and give those in `values` their first value there.

        Gives the names in `values` that are no controls, or none for such a value.
        """
        self.literals = _literals_in(tree)
        left_out = []
        for name, value in values.items():
            literal = self.literals.get(name)
            if literal is None or not literal.takes(value):
                left_out.append(name)
            else:
                self.literals[name] = replace(literal, value=literal.kind(value))
        for statement in tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)]) if (
                    name in values and name not in left_out
                ):
                    constant = ast.Constant(self.literals[name].value)
                    statement.value = ast.copy_location(constant, statement.value)
        return left_out

    def find_optimizers(self) -> bool:
        """Whether there are other optimisers than before."""
        found = {
            name: thing
            for name, thing in module_level(self.names)
            if is_a(thing, torch.optim.Optimizer)
        }
        changed = found != self._optimizers
        self._optimizers = found
        return changed

    def set(self, values: dict[str, float | int]) -> None:
        """Give controls new values; one that is not there any more is left out."""
        for name, given in values.items():
            literal = self.literals.get(name)
            if literal is not None:
                value = literal.kind(given)
                self.literals[name] = literal = replace(literal, value=value)
                if name not in self.names:
                    self.early[name] = value
                    continue
                self.names[name] = value
                if literal.into is not None:
                    self._set_in_optimizer(*literal.into, value)
            else:
                optimizer, _, key = name.partition(".")
                self._set_in_optimizer(optimizer, key, given)

    def set_early(self) -> None:
        """Give those that were set too early their values, once their lines have run."""
        ready = {name: value for name, value in self.early.items() if name in self.names}
        for name in ready:
            del self.early[name]
        self.set(ready)

    def current(self) -> ControlsFound:
        """All of them as they are now, as an event."""
        listed = [self._of_literal(each) for each in self.literals.values()]
        linked = {each.into for each in self.literals.values()}
        for name, optimizer in self._optimizers.items():
            for key in HYPERPARAMETERS:
                value = _hyperparameter(optimizer, key)
                if value is not None and (name, key) not in linked:
                    listed.append(self._control(f"{name}.{key}", value, None, "now"))
        return ControlsFound(listed[:MAX_CONTROLS], self.speed)

    def _of_literal(self, literal: NumberLiteral) -> Control:
        now = self.names.get(literal.name, literal.value)
        value = now if type(now) in (int, float) and abs(now) < 2**53 else literal.value
        if literal.into is not None and literal.into[0] in self._optimizers:
            given = _hyperparameter(self._optimizers[literal.into[0]], literal.into[1])
            value = value if given is None else given
        return self._control(literal.name, literal.kind(value), literal.line, literal.applies)

    def _control(
        self, name: str, value: float | int, line: int | None, applies: Literal["now", "restart"]
    ) -> Control:
        low, high, scale = self.metadata.range_of(name, value)
        return Control(
            name=clean(name, 200),
            kind="int" if type(value) is int else "float",
            value=value,
            line=line,
            low=low,
            high=high,
            scale=scale,
            applies=applies,
        )

    def _set_in_optimizer(self, name: str, key: str, value: float | int) -> None:
        optimizer: Any = self._optimizers.get(name, self.names.get(name))
        if is_a(optimizer, torch.optim.Optimizer) and key in HYPERPARAMETERS:
            for group in optimizer.param_groups:
                if key in group:
                    group[key] = float(value)


def _hyperparameter(optimizer: Any, key: str) -> float | None:
    try:
        value = optimizer.param_groups[0].get(key)
    except Exception:  # the program's own class may have none
        return None
    if type(value) not in (int, float) or not abs(value) < 2**53:  # neither NaN nor infinite
        return None
    return float(value)


def _literals_in(tree: ast.Module) -> dict[str, NumberLiteral]:
    stored: dict[str, int] = {}
    shared: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            stored[node.id] = stored.get(node.id, 0) + 1
        elif isinstance(node, ast.Global):
            shared.update(node.names)
    now = _loaded_again(tree)
    given = _given_to(tree)
    found: dict[str, NumberLiteral] = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                literal = _number(value)
                if literal is None or stored[name] != 1 or name in shared:
                    continue
                into = given.get(name)
                applies: Any = "now" if name in now or into else "restart"
                found[name] = NumberLiteral(name, literal, statement.lineno, applies, into)
    return dict(list(found.items())[:MAX_CONTROLS])


def _loaded_again(tree: ast.Module) -> set[str]:
    """The names that are read in a loop or a function: a new value is met there."""
    pieces: list[ast.AST] = []
    for scope in ast.walk(tree):
        if isinstance(scope, ast.While):
            pieces.append(scope.test)
        if isinstance(scope, _SCOPES):
            pieces += scope.body if isinstance(scope.body, list) else [scope.body]
    return {
        node.id
        for piece in pieces
        for node in ast.walk(piece)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _given_to(tree: ast.Module) -> dict[str, tuple[str, str]]:
    """`opt = SGD(…, lr=rate)`: `rate` went into `opt`'s `lr`."""
    given = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=optimizer)], value=ast.Call(keywords=keywords)):
                for keyword in keywords:
                    if keyword.arg in HYPERPARAMETERS and isinstance(keyword.value, ast.Name):
                        given[keyword.value.id] = (optimizer, keyword.arg)
    return given


def _number(value: ast.expr) -> float | int | None:
    match value:
        case ast.Constant(value=int() | float() as literal) if type(literal) is not bool:
            return literal if abs(literal) < 2**53 else None
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as literal)):
            return -literal if type(literal) is not bool and abs(literal) < 2**53 else None
    return None
