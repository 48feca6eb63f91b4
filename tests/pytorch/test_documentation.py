"""Signatures that the editor shows are those of the installed libraries, which are asked here."""

import inspect
import re
from typing import Any

import matplotlib.pyplot
import numpy
import pytest
import torch

from gradfn.pytorch.documentation import documentation
from gradfn.pytorch.members import members

MODULES = {
    "torch.nn": torch.nn,
    "torch.optim": torch.optim,
    "torch.nn.functional": torch.nn.functional,
    "torch.autograd": torch.autograd,
    "numpy": numpy,
    "matplotlib.pyplot": matplotlib.pyplot,
}
EVERY: dict[str, Any] = {
    **MODULES,
    "torch": torch,
    "torch.Tensor": torch.Tensor,
    "torch.nn.init": torch.nn.init,
    "torch.optim.lr_scheduler": torch.optim.lr_scheduler,
}


@pytest.mark.parametrize("module", MODULES)
def test_arguments_are_those_that_python_itself_reports(module: str) -> None:
    checked = 0
    for name in members()[module]:
        found = documentation(f"{module}.{name}")
        real = getattr(MODULES[module], name)
        if (
            found is None
            or found.signature[-1:] in ("", "…")
            or not (inspect.isclass(real) or callable(real))
        ):
            continue
        try:
            wanted = list(inspect.signature(real).parameters)
        except (ValueError, TypeError):
            continue
        if set(wanted) == {"args", "kwargs"} or "init" in wanted:
            continue  # a decorator hides them
        if module == "numpy" and name in ("einsum_path", "errstate", "iinfo"):
            continue  # numpy's own docstring leaves out, or renames, what is not for users
        checked += 1
        named = [each for each in wanted if each not in ("args", "kwargs")]
        missing = [each for each in named if each not in found.signature]
        assert not missing, (found, wanted)
    assert checked > 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # `numpy.chararray`
@pytest.mark.parametrize("module", EVERY)
def test_what_is_said_of_a_name_is_said_by_its_own_docstring(module: str) -> None:
    checked = 0
    for name in dir(EVERY[module]):
        found = documentation(f"{module}.{name}")
        text = getattr(getattr(EVERY[module], name), "__doc__", None)
        if found is None or not isinstance(text, str):
            continue
        said = _words(text)
        checked += 1
        assert _words(found.summary.partition(". ")[0])[:80] in said, found
        called = found.signature.partition("(")[0].rpartition(".")[2]
        # PyTorch gives some aliases the docstring of what they stand for.
        assert called in ("", name) or _words(f"{called}(") in said or "_with_indices" in name, (
            found
        )
    assert checked > 1


def _words(text: str) -> str:
    """Without marks, space and roles of reStructuredText, which are not shown."""
    return re.sub(r"\W|_", "", re.sub(r":\w+:`~?\.?([^`<]+?)(?:\s*<[^`]*>)?`", r"\1", text))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("torch.nn.LSTM", "LSTM(input_size,"),
        ("torch.manual_seed", "manual_seed(seed)"),
        ("torch.seed", "seed()"),
        ("torch.initial_seed", "initial_seed()"),
        ("numpy.partition", "partition(a, kth,"),
        ("numpy.correlate", "correlate(a, v, mode='valid')"),
    ],
)
def test_a_call_is_that_of_the_name(name: str, wanted: str) -> None:
    found = documentation(name)
    assert found is not None
    assert found.signature.startswith(wanted)


@pytest.mark.parametrize("name", ["numpy.multiply", "numpy.mod", "numpy.less", "torch.wait"])
def test_of_a_namesake_nothing_is_said(name: str) -> None:
    """Their own docstrings are in no file."""
    assert documentation(name) is None


@pytest.mark.parametrize("name", ["torch.abs", "torch.nn.Linear", "torch.Tensor.backward"])
def test_a_sentence_says_what_it_is_for(name: str) -> None:
    found = documentation(name)
    assert found is not None
    assert found.summary.endswith(".")
    assert "`" not in found.summary


@pytest.mark.parametrize(
    "name", ["", "torch", "torch.nothing", "os.system", "torch.nn...", "x" * 99]
)
def test_of_other_names_nothing_is_known(name: str) -> None:
    assert documentation(name) is None


def test_every_name_of_numpy_that_is_offered_is_there() -> None:
    assert [name for name in members()["numpy"] if not hasattr(numpy, name)] == []
