"""A program for a GPU runs on the CPU: what asks for the device `cuda` gets `cpu`."""

import functools
from collections.abc import Callable
from typing import Any

import torch

from gradfn.recorder.torch_internals import device_constructors

LIKE = ("empty", "full", "ones", "rand", "randint", "randn", "zeros")
METHODS = ("to", "new_empty", "new_full", "new_ones", "new_tensor", "new_zeros")
QUIET = ("empty_cache", "ipc_collect", "reset_peak_memory_stats", "set_device", "synchronize")


def run_on_cpu(note: Callable[[str], None]) -> None:
    """Put it in place."""

    def on_cpu(device: Any) -> Any:
        if str(device).partition(":")[0] != "cuda":
            return device
        note("cuda")
        return "cpu"

    def placed(own: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(own)
        def call(*args: Any, **options: Any) -> Any:
            if "device" in options:
                options["device"] = on_cpu(options["device"])
            if len(args) > 1 and isinstance(args[1], str | torch.device):  # x.to("cuda")
                args = (args[0], on_cpu(args[1]), *args[2:])
            return own(*args, **options)

        return call

    def stay(self: torch.Tensor, *args: Any, **options: Any) -> torch.Tensor:
        note("cuda")
        return self

    def do_nothing(*args: Any, **options: Any) -> None:
        note("cuda")

    makers = {each.__name__ for each in device_constructors()}
    for name in (*makers, *(f"{each}_like" for each in LIKE)):
        if hasattr(torch, name):
            setattr(torch, name, placed(getattr(torch, name)))
    for name in METHODS:
        setattr(torch.Tensor, name, placed(getattr(torch.Tensor, name)))
    torch.Tensor.cuda = torch.Tensor.pin_memory = stay  # type: ignore[method-assign, assignment]
    for name in QUIET:
        setattr(torch.cuda, name, do_nothing)
    load, set_default = torch.load, torch.set_default_device

    @functools.wraps(load)
    def load_on_cpu(f: Any, map_location: Any = None, *args: Any, **options: Any) -> Any:
        if isinstance(map_location, str | torch.device):
            map_location = on_cpu(map_location)
        return load(f, map_location, *args, **options)

    torch.load = load_on_cpu
    torch.set_default_device = lambda device: set_default(on_cpu(device))
