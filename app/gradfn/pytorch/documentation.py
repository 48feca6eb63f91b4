"""Signatures and first sentences of torch, numpy and pyplot, read from their files by name.

An editor shows them under the pointer and while a call is typed. As `members`, it is a table of
what is installed, made once: Jedi would read the same files again for each reader, with a parser
that strangers' programs go through, and knows nothing of functions that are written in C.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from inspect import cleandoc
from pathlib import Path
from threading import Lock

MOST_CHARACTERS = 900  # of what is said of one name
MOST_BASES = 5
# Not those of strings and of records: they have functions of the same names.
_OF_NUMPY = tuple(
    f"_core/{file}.py"
    for file in (
        "numeric", "fromnumeric", "function_base", "shape_base", "einsumfunc", "arrayprint",
        "_asarray", "getlimits", "memmap", "numerictypes", "_ufunc_config", "multiarray",
        "_add_newdocs", "_add_newdocs_scalars",
    )
)  # fmt: skip
# Where a package defines what its module has, by files in it; `*` are all of a folder.
_SOURCES = {
    "torch": ("torch", ("functional.py", "_torch_docs.py", "random.py", "_lobpcg.py")),
    "torch.Tensor": ("torch", ("_tensor.py", "_tensor_docs.py")),
    "torch.nn": ("torch", ("nn/modules/*.py", "nn/parameter.py")),
    "torch.nn.functional": ("torch", ("nn/functional.py",)),
    "torch.nn.init": ("torch", ("nn/init.py",)),
    "torch.optim": ("torch", ("optim/*.py",)),
    "torch.autograd": ("torch", ("autograd/__init__.py", "autograd/function.py")),
    "torch.optim.lr_scheduler": ("torch", ("optim/lr_scheduler.py",)),
    "numpy": ("numpy", (*_OF_NUMPY, "lib/*[!h]_impl.py")),  # scimath has other functions
    "matplotlib.pyplot": ("matplotlib", ("pyplot.py",)),
}
_ADDING = {"add_docstr", "_add_docstr", "add_docstr_all", "add_newdoc"}
_READING = Lock()  # so that requests at the same time do not read the same files
_SIGNATURE = re.compile(r"^[\w.]+\(.*?\)(?:\s*->.*)?(?:\s*--)?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Documentation:
    """A call as it is written, "" where that is not known, and what it is for."""

    name: str
    signature: str
    summary: str


def documentation(path: str) -> Documentation | None:
    """Of a full name as `torch.nn.Linear`; None where nothing is known of it."""
    module, _, name = path.rpartition(".")
    if module not in _SOURCES:
        return None
    with _READING:
        return _of_module(module).get(name)


@cache
def _of_module(module: str) -> dict[str, Documentation]:
    package, files = _SOURCES[module]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return {}
    root = Path(spec.origin).parent
    found: dict[str, Documentation] = {}
    for file in files:
        for path in sorted(root.glob(file)):
            for each in _in_file(path, module):
                known = found.get(each.name, each)
                signature, summary = (
                    known.signature or each.signature,
                    known.summary or each.summary,
                )
                found[each.name] = Documentation(each.name, signature, summary)
    return found


def _in_file(path: Path, module: str) -> Iterator[Documentation]:
    try:
        body = ast.parse(path.read_text(encoding="utf-8")).body
    except (OSError, ValueError, SyntaxError, RecursionError):
        return
    classes = [each for each in body if isinstance(each, ast.ClassDef) and each.name == "Tensor"]
    for node in classes[0].body if module == "torch.Tensor" and classes else body:
        if isinstance(node, ast.FunctionDef) and any(
            getattr(each, "id", "") == "overload" for each in node.decorator_list
        ):
            continue
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield _of(node.name, _call(node.name, node), _text(node.body[0]))
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            made = _constructor(
                node, {each.name: each for each in body if isinstance(each, ast.ClassDef)}
            )
            call = _call(node.name, made) if made else ""
            texts = (_text(each) for each in node.body if isinstance(each, ast.Expr | ast.Assign))
            yield _of(node.name, call, next(filter(None, texts), ""))
        elif isinstance(node, ast.Expr | ast.Assign) and isinstance(node.value, ast.Call):
            yield from _added(node.value)
        elif isinstance(node, ast.Assign) and isinstance(of := node.targets[0], ast.Attribute):
            if of.attr == "__doc__" and isinstance(of.value, ast.Name):
                yield _of(of.value.id, "", _written(node.value))


def _constructor(node: ast.ClassDef, known: dict[str, ast.ClassDef]) -> ast.FunctionDef | None:
    """Its own, or that of the first base in the file that has one; None when that is elsewhere."""
    for _ in range(MOST_BASES):
        for each in reversed(node.body):
            if isinstance(each, ast.FunctionDef) and each.name == "__init__":
                return each
        bases = [
            known[each.id] for each in node.bases if isinstance(each, ast.Name) and each.id in known
        ]
        if not bases:
            return None
        node = bases[0]
    return None


def _added(call: ast.Call) -> Iterator[Documentation]:
    """`add_docstr(torch.abs, "…")`, also with `.format(…)` behind the text, or a sum of texts."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name not in _ADDING or len(call.args) < 2:
        return
    of = call.args[-2]
    owner = ast.unparse(of.value).rpartition(".")[2] if isinstance(of, ast.Attribute) else ""
    if owner[:1].isupper() and owner != "TensorBase":
        return  # of another class, as `torch.Generator.seed`
    if isinstance(call.args[-1], ast.Tuple):
        return  # of a method, as numpy's `("__class_getitem__", "…")`
    known = of.attr if isinstance(of, ast.Attribute) else getattr(of, "value", None)
    if isinstance(known, str) and (text := _written(call.args[-1])):
        yield _of(known, "", text)


def _text(statement: ast.stmt) -> str:
    """The text of a docstring, or of `__doc__ = …`; "" of anything else."""
    if isinstance(statement, ast.Assign):
        named = any(getattr(each, "id", "") == "__doc__" for each in statement.targets)
        return _written(statement.value) if named else ""
    is_text = isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Call)
    return _written(statement.value) if is_text and isinstance(statement, ast.Expr) else ""


def _written(expression: ast.expr) -> str:
    """All texts in an expression, in their order: they are added or formatted."""
    texts = [
        (each.lineno, each.col_offset, each.value)
        for each in ast.walk(expression)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return "".join(text for _, _, text in sorted(texts))


def _call(name: str, function: ast.FunctionDef) -> str:
    """The call, without annotations, which are long, and without `self`."""
    arguments = function.args
    for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        each.annotation = None
    for star in (arguments.vararg, arguments.kwarg):
        if star is not None:
            star.annotation = None
    written = ast.unparse(arguments)
    return f"{name}({re.sub(r'^self(?:, /)?(?:, |$)', '', written)})"


def _of(name: str, call: str, text: str) -> Documentation:
    """The first line of a text is the call, where it looks like one."""
    first, _, rest = cleandoc(text).partition("\n\n")
    if _SIGNATURE.match(first):
        call = " ".join(first.split()).removesuffix("--").strip()
        paragraphs = (" ".join(each.split()) for each in rest.split("\n\n"))
        first = next((each for each in paragraphs if each and not _SIGNATURE.match(each)), "")
        call = call.replace("__init__(", f"{name}(", 1)
        call = call.replace("( ", "(").replace(", )", ")").replace(" \\ ", " ")
    elif call == "" and (match := _SIGNATURE.match(first.partition("\n")[0])):
        call, first = match[0], first.partition("\n")[2]
    return Documentation(name, _cut(call), _cut(_plain(first)))


def _plain(text: str) -> str:
    """Without the marks of reStructuredText."""
    text = re.sub(r":\w+:`~?\.?([^`<]+?)(?:\s*<[^`]*>)?`", r"\1", " ".join(text.split()))
    return re.sub(r"`{1,2}([^`]*)`{1,2}", r"\1", text)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} …"
