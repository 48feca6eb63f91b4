"""Signatures that the editor shows are those of the installed libraries, which are asked here."""

import inspect

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
        checked += 1
        named = [each for each in wanted if each not in ("args", "kwargs")]
        missing = [each for each in named if each not in found.signature]
        assert not missing, (found, wanted)
    assert checked > 1


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
