"""`torch.compile` leaves a function as it is.

Its compiler reads the bytecode, in which the recorder's probes are, and inductor starts a C
compiler. The operations, and with them results and gradients, are the same.
"""

from collections.abc import Callable
from typing import Any

import torch


def run_uncompiled(note: Callable[[str], None]) -> None:
    """Put it in place."""

    def compile_nothing(model: Any = None, **options: Any) -> Any:
        note("compile")
        return (lambda function: function) if model is None else model

    torch.compile = compile_nothing
    torch.nn.Module.compile = lambda self, *args, **options: note("compile")  # type: ignore[method-assign]
