"""What the modules of torch, numpy and pyplot hold, by name, read without importing them.

An editor offers these. A table made once from the installed torch is right for that torch, costs no
process, and answers at once; a language server would have to import torch for each reader.
"""

import ast
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_TENSOR = "torch.Tensor"
# Files, and the class in them whose body counts, if not the file's.
_SOURCES: dict[str, tuple[tuple[str, str], ...]] = {
    "torch": (("_C/_VariableFunctions.pyi", ""), ("__init__.py", "__all__")),
    _TENSOR: (("_C/__init__.pyi", "TensorBase"), ("_tensor.py", "Tensor")),
    "torch.nn": (("nn/modules/__init__.py", "__all__"),),
    "torch.nn.functional": (("nn/functional.pyi", ""),),
    "torch.nn.init": (("nn/init.py", ""),),
    "torch.optim": (("optim/__init__.py", "__all__"),),
    "torch.autograd": (("autograd/__init__.py", "__all__"),),
}
_MORE = {
    "torch": ("nn", "optim", "autograd", "Tensor", "float32", "float64", "int64", "bool"),
    "torch.nn": ("functional", "init", "Parameter", "Module"),
}
_OTHERS = {
    "numpy": ("numpy", "__init__.py", "imported"),
    "matplotlib": ("matplotlib.pyplot", "pyplot.py", ""),
}


@cache
def members() -> dict[str, tuple[str, ...]]:
    """The public names of each module, and of a tensor; empty where torch is not installed."""
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return {}
    root = Path(spec.origin).parent
    found = {
        module: {name for file, part in sources for name in _names(root / file, part)}
        for module, sources in _SOURCES.items()
    }
    for package, (module, file, part) in _OTHERS.items():
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            found[module] = set(_names(Path(spec.origin).parent / file, part))
    return {
        module: tuple(sorted({*names, *_MORE.get(module, ())}, key=str.lower))
        for module, names in found.items()
    }


def _names(path: Path, part: str) -> Iterator[str]:
    try:
        body = ast.parse(path.read_text()).body
    except (OSError, ValueError, SyntaxError):
        return
    if part == "__all__":
        yield from _listed(body)
        return
    if part == "imported":
        imported = (
            each.asname or each.name
            for statement in ast.walk(ast.Module(body, []))
            if isinstance(statement, ast.ImportFrom) and statement.level
            for each in statement.names
        )
        yield from (name for name in imported if not name.startswith("_"))
        return
    if part:
        body = [
            inner
            for node in body
            if isinstance(node, ast.ClassDef) and node.name == part
            for inner in node.body
        ]
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            name = node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        else:
            continue
        if not name.startswith("_"):
            yield name


def _listed(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.List | ast.Tuple)
            and any(isinstance(each, ast.Name) and each.id == "__all__" for each in node.targets)
        ):
            for each in node.value.elts:
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.value
