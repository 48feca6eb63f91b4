"""Texts that everybody meets: indices, shapes of layers, views, names, modules, devices."""

import ast
from dataclasses import replace

from gradfn.explain.advice.messages.message import Message, Text
from gradfn.explain.advice.source import name_of
from gradfn.model.document import Explanation


def _item(text: Text) -> Explanation:
    """`loss.data[0]` of PyTorch before 0.4."""
    source = text.case.source
    statement = source.statement(text.line)
    for node in ast.walk(statement) if statement is not None else ():
        if isinstance(node, ast.Subscript) and source.text(node.slice) == "0":
            owner = node.value
            if isinstance(owner, ast.Attribute) and owner.attr == "data":
                owner = owner.value
            edit = source.replaced(node, f"{source.operand(owner)}.item()")
            return replace(text.explanation, line=text.line, edits=(edit,))
    return text.explanation


def where_indexed(text: Text) -> Explanation | None:
    """Only of an index in the line: what PyTorch indexes within a layer is no index of ours."""
    statement = text.case.source.statement(text.line)
    if statement is None or any(map(_indexes, ast.walk(statement))):
        return text.explanation
    return None


def _indexes(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return any(each in name_of(node) for each in ("gather", "scatter", "index", "take", "pop"))
    return isinstance(node, ast.Subscript)


def _reshaped(text: Text) -> Explanation:
    source = text.case.source
    for call in source.calls_at(text.line, "view"):
        if isinstance(call.func, ast.Attribute):
            edit = source.replaced(call.func, f"{source.text(call.func.value)}.reshape")
            return replace(text.explanation, line=text.line, edits=(edit,))
    return text.explanation


def _to_cpu(text: Text) -> Explanation:
    """`.cuda()` left out."""
    source = text.case.source
    for call in source.calls_at(text.line, "cuda"):
        if isinstance(call.func, ast.Attribute):
            edit = source.replaced(call, source.text(call.func.value))
            return replace(text.explanation, line=text.line, edits=(edit,))
    statement = source.statement(text.line)
    for node in ast.walk(statement) if statement is not None else ():
        if isinstance(node, ast.Constant) and node.value in ("cuda", "cuda:0"):
            edit = source.replaced(node, '"cpu"')
            return replace(text.explanation, line=text.line, edits=(edit,))
    return text.explanation


def _undefined(text: Text) -> Explanation:
    """A name that is bound later, or a module that is not imported."""
    name, source = text.groups[0], text.case.source
    known = _IMPORTS.get(name)
    if known is not None:
        first = min(
            (each.lineno for each in source.statements if isinstance(each, ast.Import)), default=1
        )
        return replace(
            text.explanation,
            why=f"`{name}` is not imported.",
            fix=f"Add `{known}`.",
            edits=(source.before(first, known),),
        )
    binding = source.binding(name)
    if binding is not None and text.line is not None and binding.lineno > text.line:
        return replace(
            text.explanation,
            why=f"`{name}` is bound in line {binding.lineno} only, after this line has run.",
            line=text.line,
        )
    return text.explanation


_IMPORTS = {
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "np": "import numpy as np",
    "plt": "import matplotlib.pyplot as plt",
    "optim": "from torch import optim",
    "math": "import math",
    "random": "import random",
    "copy": "import copy",
}


def _in_channels(text: Text) -> Explanation:
    """The one convolution that asks for other channels than it got."""
    source = text.case.source
    wanted, given = text.groups[1], text.groups[3]
    asking = [
        each
        for each in source.calls_of("Conv1d", "Conv2d", "Conv3d")
        if each.args and source.text(each.args[0]) == wanted
    ]
    if len(asking) != 1:
        return text.explanation
    return replace(
        text.explanation,
        why=f"Line {asking[0].lineno}, `{source.text(asking[0])}`, expects {wanted} channels and "
        f"got {given}.",
        line=asking[0].lineno,
        edits=(source.replaced(asking[0].args[0], given),),
    )


def _target_dtype(text: Text) -> Explanation:
    """`loss(x, y.long())`, where the call at the line has two arguments."""
    source = text.case.source
    for call in source.calls_at(text.line):
        if len(call.args) == 2 and name_of(call) != "print":
            target = call.args[1]
            edit = source.replaced(target, f"{source.operand(target)}.long()")
            return replace(text.explanation, line=text.line, edits=(edit,))
    return text.explanation


def _randomness(text: Text) -> Explanation:
    source = text.case.source
    for call in source.calls_of("vmap"):
        edit = source.with_keyword(call, "randomness", '"different"')
        return replace(text.explanation, line=call.lineno, edits=(edit,))
    return text.explanation


MESSAGES = (
    Message(
        "index-of-a-scalar",
        r"invalid index of a 0-dim tensor|slice\(\) cannot be applied to a 0-dim tensor",
        "A tensor with a single number cannot be indexed",
        "It has no dimension that an index could refer to. Since PyTorch 0.4 a loss is such a "
        "tensor.",
        "Use `.item()` to get the number.",
        "using#shapes",
        _item,
    ),
    Message(
        "index-out-of-range",
        r"index (-?\d+) is out of bounds for dimension (\d+) with size (\d+)",
        "An index is out of range",
        "Dimension {1} has {2} elements, with the indices 0 to one less. The index is {0}.",
        "Use a smaller index, or check the shape.",
        "using#shapes",
        where_indexed,
    ),
    Message(
        "embedding-out-of-range",
        r"^index out of range in self$",
        "An index is not in the table",
        "An embedding has a row for each index from 0 to `num_embeddings` - 1, and a dimension one "
        "for each up to its size; here is an index outside of that range.",
        "Make `num_embeddings` larger than the largest index, and indices not negative.",
        "using#shapes",
    ),
    Message(
        "dimension-out-of-range",
        r"Dimension out of range \(expected to be in range of \[(-?\d+), (-?\d+)\], but got "
        r"(-?\d+)\)",
        "The tensor has no such dimension",
        "The tensor has dimensions {0} to {1}; this operation was given dimension {2}.",
        "Check the shape of the tensor, or use another `dim`.",
        "using#shapes",
    ),
    Message(
        "conv-channels",
        r"Given groups=(\d+), weight of size \[\d+, (\d+)[^\]]*\], expected input(\[[^\]]*\]) to "
        r"have \d+ channels, but got (\d+) channels instead",
        "A convolution got another number of channels",
        "The layer expects {1} channels in dimension 1, and the input of shape {2} has {3}.",
        "Change `in_channels`, or the order of dimensions: PyTorch takes (batch, channels, height, "
        "width).",
        "using#shapes",
        _in_channels,
    ),
    Message(
        "conv-dimensions",
        r"Expected (\d)D \(unbatched\) or (\d)D \(batched\) input to (\w+), but got input of "
        r"size: (\[[^\]]*\])",
        "The input of a convolution has the wrong number of dimensions",
        "`{2}` takes {0} dimensions, or {1} with a batch. The input has the shape {3}.",
        "Add the missing dimension with `unsqueeze`: (batch, channels, …).",
        "using#shapes",
    ),
    Message(
        "view-not-contiguous",
        r"view size is not compatible with input tensor's size and stride",
        "A view of this shape is not possible without a copy",
        "`view()` never copies. After `transpose` or `permute` the elements are not in the order "
        "in memory that the new shape needs.",
        "Use `reshape()`, which copies where necessary.",
        "using#shapes",
        _reshaped,
    ),
    Message(
        "view-size",
        r"shape '(\[[^']*\])' is invalid for input of size (\d+)",
        "The new shape has another number of elements",
        "The tensor has {1} elements, and {0} would need another number.",
        "Compute one of the sizes with -1, for example `x.view(x.shape[0], -1)`, and check the "
        "others.",
        "using#shapes",
    ),
    Message(
        "sizes-must-match",
        r"Sizes of tensors must match except in dimension (\d+)\. Expected size (\d+) but got "
        r"size (\d+) for tensor number (\d+)",
        "Tensors with different sizes cannot be concatenated",
        "`torch.cat` in dimension {0} needs all other sizes to be equal. Tensor number {3} has a "
        "size of {2} where the first has {1}.",
        "Concatenate in another dimension, or make the sizes equal.",
        "using#shapes",
    ),
    Message(
        "stack-sizes",
        r"stack expects each tensor to be equal size, but got (\[[^\]]*\]) at entry 0 and "
        r"(\[[^\]]*\]) at entry (\d+)",
        "Tensors of different shapes cannot be stacked",
        "The first has the shape {0}, number {2} has {1}.",
        "Pad them to one length, or use `torch.cat` in the dimension that differs.",
        "using#shapes",
    ),
    Message(
        "weight-dtype",
        r"Input type \(([\w.]+)\) and (?:weight|bias) type \(([\w.]+)\) should be the same",
        "Input and weights have different dtypes or devices",
        "The input is {0}, the weights are {1}.",
        "Convert the input to the type of the weights, for example with `.float()`.",
        "using#shapes",
    ),
    Message(
        "target-dtype",
        r"expected scalar type Long but found \w+|expected target dtype to be Long|"
        r"\"?nll_loss\w*\"? not implemented for '(\w+)'",
        "Classes must be integers",
        "Cross-entropy and NLL loss take the number of the class as a target of dtype int64.",
        "Convert the target: `target.long()`.",
        "using#losses",
        _target_dtype,
    ),
    Message(
        "expected-dtype",
        r"expected scalar type (\w+) but found (\w+)",
        "An operation got tensors of different dtypes",
        "It expected {0} and found {1}.",
        "Convert one of them: `.float()`, `.double()` or `.long()`.",
        "using#shapes",
    ),
    Message(
        "not-implemented-for-dtype",
        r"\"(\w+)\" not implemented for '(\w+)'",
        "The operation does not support this dtype",
        "`{0}` is not implemented for {1}.",
        "Convert the input, for example with `.float()`.",
        "using#shapes",
    ),
    Message(
        "mean-of-integers",
        r"mean\(\): could not infer output dtype\. Input dtype must be either a floating point or "
        r"complex dtype\. Got: (\w+)",
        "The mean of integers",
        "The mean of {0} numbers is usually no integer, so the dtype of the result is not clear.",
        "Convert first: `.float().mean()`.",
        "using#shapes",
    ),
    Message(
        "no-cuda",
        r"Torch not compiled with CUDA enabled|No CUDA GPUs are available|Found no NVIDIA driver",
        "There is no GPU here",
        "Programs run on the CPU.",
        'Leave `.cuda()` out, or choose the device with `"cuda" if torch.cuda.is_available() else '
        '"cpu"`.',
        None,
        _to_cpu,
    ),
    Message(
        "device-mismatch",
        r"Expected all tensors to be on the same device, but (?:found at least two devices|got \w+ "
        r"is on), ?(\w+:?\d*)",
        "Tensors are on different devices",
        "An operation needs all of its inputs on one device.",
        "Move them with `.to(device)`, the module as well as its input.",
        "using#shapes",
    ),
    Message(
        "name-not-defined",
        r"^name '(\w+)' is not defined",
        "A name is not defined",
        "Nothing has bound `{0}` before this line: no assignment, import or definition.",
        "Check the spelling, or define it first.",
        None,
        _undefined,
    ),
    Message(
        "index-dtype",
        r"tensors used as indices must be long, int, byte or bool tensors|Expected tensor for "
        r"argument #1 'indices' to have one of the following scalar types: Long, Int",
        "Indices must be integers",
        "A tensor that selects elements or rows has an integer dtype, or bool for a mask.",
        "Convert it: `.long()`.",
        "using#shapes",
    ),
    Message(
        "missing-argument",
        r"(?<![\w.])(\w+(?:\.\w+)*)\(\) missing (\d+) required positional arguments?: (.+)",
        "A function was called with too few arguments",
        "`{0}()` also needs {2}.",
        "Pass the missing argument. In a method, check that `self` is the first parameter.",
        None,
    ),
    Message(
        "too-many-arguments",
        r"(?<![\w.])(\w+(?:\.\w+)*)\(\) takes (\S+ ?\w* ?\d*) positional arguments? but (\d+) "
        r"(?:was|were) given",
        "A function was called with too many arguments",
        "`{0}()` takes {1} and got {2}; in a method, `self` counts as one.",
        "Leave the additional arguments out, or add parameters to the function.",
        None,
    ),
    Message(
        "no-attribute-of-module",
        r"(?:'(?!NoneType|tuple' object has no attribute 'dim')(\w+)' object|"
        r"module '([\w.]+)') has no attribute '(\w+)'",
        "There is no such attribute",
        "`{0}{1}` has no attribute `{2}`.",
        "Check the spelling, and that `__init__` sets the attribute before it is used.",
        None,
    ),
    Message(
        "state-dict-keys",
        r"Error\(s\) in loading state_dict for (\w+)",
        "The saved parameters are not those of this module",
        "Names or shapes of the parameters in the state dict differ from those of `{0}`: the "
        "message lists which.",
        "Build the module exactly as it was when it was saved, or load with `strict=False` to "
        "skip missing names.",
        "using#modules",
    ),
    Message(
        "vmap-randomness",
        r"vmap: called random operation while in randomness error mode",
        "vmap needs to know how random numbers are drawn",
        "Under vmap one call stands for a whole batch, so it is not clear whether each element has "
        "random numbers of its own, as Dropout would need.",
        'Pass `randomness="different"` to `vmap`, or "same", or call `net.eval()` to switch '
        "Dropout off.",
        "jacobian#func",
        _randomness,
    ),
    Message(
        "sparse-optimizer-dense-gradient",
        r"(SparseAdam) does not support dense gradients",
        "A dense gradient reached an optimizer for sparse ones",
        "An embedding with `sparse=True` gives a sparse gradient. Where its weight is also used in "
        "another operation, such as a matrix product, the sum of both gradients is dense.",
        "Use Adam, or a separate weight for the other operation.",
        "using#optimizers",
    ),
    Message(
        "dense-optimizer-sparse-gradient",
        r"\b(\w+) does not support sparse gradients",
        "A sparse gradient reached an optimizer for dense ones",
        "An embedding with `sparse=True` gives a sparse gradient, and `{0}` does not support it.",
        "Leave `sparse=True` out, or use SparseAdam or SGD.",
        "using#optimizers",
    ),
    Message(
        "unscaled-twice",
        r"unscale_\(\) has already been called on this optimizer since the last update\(\)",
        "The gradients were unscaled twice",
        "The GradScaler expects `update()` in each iteration, also in one in which the step was "
        "skipped, for example by `continue`.",
        "Call `scaler.update()` before each new `unscale_()`.",
        "using#optimizers",
    ),
    Message(
        "backward-hook-without-input-grad",
        r"Full backward hook is firing when gradients are computed with respect to module outputs",
        "The hook gets no gradient for the input",
        "No input of the module requires grad, so the hook runs when the gradients of the outputs "
        "are known, before those of the parameters, and its `grad_input` is None.",
        "This is no mistake if the hook reads `grad_output` only.",
        "back-propagation#hooks",
    ),
    Message(
        "old-weight-norm",
        r"`torch\.nn\.utils\.weight_norm` is deprecated in favor of",
        "The old weight_norm keeps a computed tensor in the module",
        "The weight is computed before each call and kept as an ordinary tensor with a history, "
        "so the module cannot be copied with `copy.deepcopy`.",
        "Use `torch.nn.utils.parametrizations.weight_norm`.",
        "using#modules",
    ),
    Message(
        "batch-norm-of-one",
        r"Expected more than 1 value per channel when training, got input size (.*)",
        "BatchNorm needs more than one value per channel",
        "In training mode it computes mean and variance over the batch, and the input of size "
        "{0} has a single value per channel.",
        "Use a larger batch (`drop_last=True` in the DataLoader), or call `eval()`.",
        "using#modules",
    ),
    Message(
        "no-network",
        r"Temporary failure in name resolution|urlopen error|Name or service not known",
        "There is no network here",
        "A program runs in a jail that cannot open connections, so nothing can be downloaded.",
        "Make the data in the program, for example with `torch.randn`, or run a server of your "
        "own.",
        None,
    ),
)
