"""Warnings of PyTorch that we can say more about."""

from dataclasses import replace

from app.model.document import Diagnostic, Explanation

_KNOWN = {
    "The .grad attribute of a Tensor that is not a leaf Tensor": Explanation(
        id="non-leaf-grad",
        title="`.grad` of a tensor that is not a leaf",
        why="backward() fills `.grad` of leaves only: of the tensors you made with "
        "requires_grad=True. This one came out of an operation, so its gradient was used "
        "on the way and dropped, and `.grad` is None.",
        fix="Call `.retain_grad()` on it before backward(), or read the gradient of a leaf.",
    ),
}


def explain_warning(warning: Diagnostic) -> Diagnostic:
    """The warning with its cause and its cure, when it is one we know."""
    for text, known in _KNOWN.items():
        if warning.id == "warning" and text in warning.why:
            return replace(warning, id=known.id, title=known.title, why=known.why, fix=known.fix)
    return warning
