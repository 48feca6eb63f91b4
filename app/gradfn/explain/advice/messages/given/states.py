"""Texts about the state that a recurrent layer was given.

PyTorch takes the state apart before it looks at it, so its texts are about the parts.
"""

import ast
from dataclasses import replace

from gradfn.explain.advice.messages.message import Details, Message, Text
from gradfn.explain.advice.source import FACTORIES, Source, name_of
from gradfn.model.document import Edit, Explanation

PAIR = "An LSTM has a hidden state and a cell state"


def _of(*kinds: str) -> Details:
    """Only where the line calls a layer of one of these classes with a state.

    A text about dimensions may be about a pair: there the state must be known to be one tensor.
    """

    def details(text: Text) -> Explanation | None:
        source = text.case.source
        for call in source.calls_at(text.line):
            if len(call.args) < 2 or (any(text.groups) and not _is_tensor(text, call.args[1])):
                continue
            if _class_of(source, call.func) in kinds:
                return replace(text.explanation, line=text.line, edits=_as_pair(text, call.args[1]))
        return None

    return details


def _class_of(source: Source, layer: ast.expr) -> str | None:
    """The class of a layer, where the program says how it was made."""
    if isinstance(layer, ast.Call):
        return name_of(layer)
    name = source.text(layer)
    for statement in source.statements:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            if any(source.text(target) == name for target in statement.targets):
                return name_of(statement.value)
    return None


def _is_tensor(text: Text, state: ast.expr) -> bool:
    if isinstance(state, ast.Call):
        return name_of(state) in FACTORIES
    return isinstance(state, ast.Name) and state.id in text.case.named


def _as_pair(text: Text, state: ast.expr) -> tuple[Edit, ...]:
    """With a cell state of zeros, which is what PyTorch begins with."""
    if text.explanation.title != PAIR or not isinstance(state, ast.Name):
        return ()
    pair = f"({state.id}, torch.zeros_like({state.id}))"
    return (text.case.source.replaced(state, pair),) if "torch" in text.case.source.names else ()


MESSAGES = (
    Message(
        "lstm-state",
        r"^index 1 is out of bounds for dimension 0 with size 1$|^list index out of range$|"
        r"^tuple index out of range$|(hx and cx should also be) \d-D but got|"
        r"lstm_cell\(\): argument 'hx' \(position 2\) must be tuple of Tensors",
        PAIR,
        "This one was given something else as its state. It takes them as one tuple of two "
        "tensors, `(h, c)`.",
        "Pass `(h, c)`. For a batch, the shapes are (layers, batch, features) in an LSTM and "
        "(batch, features) in an LSTMCell. Without a state both begin with zeros.",
        "using#shapes",
        _of("LSTM", "LSTMCell"),
    ),
    Message(
        "state-dimensions",
        r"For (batched|unbatched) (\d)-D input, hx (?:and cx )?should also be (\d)-D but got "
        r"\(?(\d)-D",
        "The state has another number of dimensions",
        "The input is {0}, with {1} dimensions, so the state needs {2}, and it has {3}.",
        "A state has the shape layers, batch, features; without a batch layers, features.",
        "using#shapes",
    ),
    Message(
        "single-state",
        r"^'tuple' object has no attribute 'dim'$",
        "This layer has one state",
        "It takes the hidden state as a tensor, and was given several.",
        "Pass the hidden state alone; only an LSTM has a pair.",
        "using#shapes",
        _of("GRU", "RNN", "GRUCell", "RNNCell"),
    ),
)
