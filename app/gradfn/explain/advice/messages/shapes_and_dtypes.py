"""Texts about shapes, dtypes and what losses expect."""

from dataclasses import replace

from gradfn.explain.advice.messages.message import Message, Text
from gradfn.explain.advice.source import name_of
from gradfn.model.document import Explanation


def _target_shape(text: Text) -> Explanation:
    source = text.case.source
    target, given = (each.replace(" ", "") for each in text.groups[:2])
    for call in text.case.source.calls_at(text.line):
        if len(call.args) != 2:
            continue
        wanted = call.args[1]
        written = source.operand(wanted)
        if given == f"{target[:-1]},1]":
            edit = source.replaced(wanted, f"{written}.unsqueeze(-1)")
        elif target == f"{given[:-1]},1]":
            edit = source.replaced(wanted, f"{written}.squeeze(-1)")
        else:
            continue
        return replace(text.explanation, line=text.line, edits=(edit,))
    return text.explanation


def _other_in_features(text: Text) -> Explanation:
    """The one Linear that asks for what it did not get."""
    source, (_, given, wanted, _) = text.case.source, text.groups
    asking = [
        each
        for each in source.calls_of("Linear", "LazyLinear")
        if each.args and source.text(each.args[0]) == wanted
    ]
    if len(asking) != 1:
        return text.explanation
    return replace(
        text.explanation,
        why=f"Line {asking[0].lineno}, `{source.text(asking[0])}`, expects rows of {wanted} "
        f"elements and got rows of {given}.",
        line=asking[0].lineno,
        edits=(source.replaced(asking[0].args[0], given),),
    )


def _to_float(text: Text) -> Explanation:
    """`net(x.float())`, where it is plain which argument is double."""
    source = text.case.source
    for call in source.calls_at(text.line) if text.groups[:2] == ("Double", "Float") else ():
        tensor = text.case.named.get(source.text(call.args[0])) if len(call.args) == 1 else None
        if tensor is not None and tensor.value is not None and tensor.value.dtype == "float64":
            given = call.args[0]
            edit = source.replaced(given, f"{source.operand(given)}.float()")
            return replace(text.explanation, tensors=(tensor.id,), edits=(edit,))
    return text.explanation


def _with_logits(text: Text) -> Explanation:
    source = text.case.source
    for call in source.calls_of("BCELoss", "binary_cross_entropy"):
        longer = {
            "BCELoss": "BCEWithLogitsLoss",
            "binary_cross_entropy": "binary_cross_entropy_with_logits",
        }
        name = name_of(call)
        called = source.text(call.func)
        edit = source.replaced(call.func, called[: -len(name)] + longer[name])
        return replace(text.explanation, line=call.lineno, edits=(edit,))
    return text.explanation


MESSAGES = (
    Message(
        "matrix-shapes",
        r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)",
        "The inner sizes of a matrix product differ",
        "({0}×{1}) times ({2}×{3}): each row of the left has {1} elements, each column of the "
        "right {2}. In a Linear layer, {2} is `in_features` and {1} is the size of its input.",
        "Make the inner sizes equal: change `in_features`, or transpose with `.T`.",
        "using#shapes",
        _other_in_features,
    ),
    Message(
        "vector-shapes",
        r"size mismatch, got input \(\d+\), mat \((\d+)x(\d+)\), vec \((\d+)\)",
        "The vector does not fit the matrix",
        "({0}×{1}) times a vector of {2}: each row has {1} elements, the vector {2}.",
        "Make the two equal: change the size, or transpose with `.T`.",
        "using#shapes",
    ),
    Message(
        "matrix-dtypes",
        r"(?:mat1 and mat2 must have the same dtype|expected m1 and m2 to have the same dtype)"
        r", but got:? (\w+) (?:and|!=) (\w+)",
        "The two sides of a matrix product have different dtypes",
        "The left is {0}, the right {1}. NumPy arrays are double by default, PyTorch layers are "
        "float.",
        "Convert the inputs with `.float()`, or the module with `.double()`.",
        "using#shapes",
        _to_float,
    ),
    Message(
        "loss-broadcast",
        r"Using a target size \(torch\.Size\((\[.*?\])\)\) that is different to the input size "
        r"\(torch\.Size\((\[.*?\])\)\)",
        "The loss compares everything with everything",
        "The target has the shape {0}, the prediction {1}. Broadcasting combines each prediction "
        "with every target, so each prediction is compared with all of them.",
        "Give both the same shape.",
        "using#shapes",
        _target_shape,
    ),
    Message(
        "bce-of-logits",
        r"all elements of input should be between 0 and 1",
        "BCE needs probabilities and got other numbers",
        "Binary cross-entropy takes the logarithm of p and of 1 - p, so p must be from 0 to 1.",
        "Use BCEWithLogitsLoss, which takes logits, or put a sigmoid before it.",
        "using#losses",
        _with_logits,
    ),
    Message(
        "target-out-of-bounds",
        r"Target (-?\d+) is out of bounds",
        "A target is not a valid class",
        "Classes count from 0 to one less than the number of columns of the prediction; a target "
        "is {0}.",
        "Give the last layer one output for each class, or count the classes from 0.",
        "using#losses",
    ),
    Message(
        "batch-sizes",
        r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)",
        "The numbers of targets and predictions differ",
        "The prediction has {0} rows, the target {1}.",
        "Check which of the two lost or gained a dimension, for example by `view` or `squeeze`.",
        "using#shapes",
    ),
    Message(
        "shapes-do-not-broadcast",
        r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at "
        r"non-singleton dimension (\d+)",
        "These two shapes cannot be broadcast",
        "In dimension {2} the left has the size {0}, the right {1}. Broadcasting repeats only a "
        "size of 1.",
        "Use `view`, `unsqueeze` or a transpose so that the sizes agree.",
        "using#shapes",
    ),
)
