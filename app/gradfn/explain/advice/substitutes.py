"""What was done in another way than the program asks for, and what that changes."""

from dataclasses import replace

from gradfn.model.document import Diagnostic

# title, why, fix
_WORDS = {
    "no-cuda": (
        "It runs on the CPU",
        'There is no GPU here, so `.cuda()`, `.to("cuda")` and `device="cuda"` mean the CPU. '
        "The graph is the same; numbers may differ from a GPU's in the last digits.",
        "Nothing needs to be changed.",
    ),
    "no-compile": (
        "torch.compile leaves the function as it is",
        "The graph shows the operations as they are written. Compiled by AOTAutograd, which "
        "`aot_eager` and the default backend `inductor` use, the whole function would be one node, "
        "`CompiledFunctionBackward`; the gradients would be the same up to rounding.",
        "Nothing needs to be changed.",
    ),
    "no-workers": (
        "The DataLoader loads in the program's own process",
        "Programs here cannot start processes. The batches come in the same order; "
        "`worker_init_fn` is not called, `get_worker_info()` is None, and random numbers that a "
        "dataset draws are those of the main process.",
        "Nothing needs to be changed.",
    ),
    "no-processes": (
        "Processes run as threads",
        "Programs here cannot start processes, so `multiprocessing` gives threads "
        "(`multiprocessing.dummy`). Unlike processes, they share all variables.",
        "Nothing needs to be changed, unless each process is to have variables of its own.",
    ),
}


def explain_substitute(noted: Diagnostic) -> Diagnostic:
    """The note with its words; of another diagnostic, itself."""
    words = _WORDS.get(noted.id)
    if words is None or noted.severity != "info":
        return noted
    title, why, fix = words
    return replace(noted, title=title, why=why, fix=fix)
