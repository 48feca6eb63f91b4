"""PyTorch's own definition of every node: found without torch, read as PyTorch's generator does."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import torchgen
from torchgen.packaged.autograd.load_derivatives import load_derivatives

from gradfn.pytorch.derivatives import definitions

PACKAGED = Path(torchgen.__file__).parent / "packaged"
NODES = sorted(
    name for name in vars(torch._C._functions) if re.search(r"Backward\w*\d+(_copy)?$", name)
)


@pytest.fixture(scope="module")
def generated() -> dict[str, Any]:
    """What PyTorch's code generator makes of the file, by the name of the node."""
    infos, _ = load_derivatives(
        str(PACKAGED / "autograd" / "derivatives.yaml"),
        str(PACKAGED / "ATen" / "native" / "native_functions.yaml"),
        str(PACKAGED / "ATen" / "native" / "tags.yaml"),
    )
    return {info.op: info for keys in infos.values() for info in keys.values() if info.op}


def test_every_node_that_pytorch_generates_has_a_definition() -> None:
    assert len(NODES) > 600
    assert [name for name in NODES if name not in definitions()] == []


def test_the_definitions_are_those_of_pytorchs_own_generator(generated: dict[str, Any]) -> None:
    ours = definitions()

    assert set(generated) <= set(ours)
    for name, info in generated.items():
        theirs = {
            variable: " ".join(derivative.original_formula.split())
            for derivative in info.derivatives
            for variable in derivative.var_names
        }
        assert ours[name].gradients == theirs, name
        if not name.endswith("_copy"):
            edges = [argument.name for argument in info.args_with_derivatives]
            assert list(ours[name].gradients) == edges, name


def test_they_are_read_without_torch() -> None:
    code = (
        "import sys; from gradfn.pytorch.derivatives import definitions; "
        "print(definitions()['MulBackward0'].gradients['self'], 'torch' in sys.modules)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert printed.strip() == "mul_tensor_backward(grad, other, self.scalar_type()) False"
