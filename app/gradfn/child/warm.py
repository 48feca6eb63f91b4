"""Everything a program may need for the first time, needed once before it comes.

What user code imports lazily is imported, and one whole training step and one figure are done,
in the fork server, and a small program is run through a whole life. A child that waits does the
last again, which copies the pages that the next program will write to.
"""

import atexit
import contextlib
import ctypes
import gc
import importlib
import io
import logging
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import torch

from gradfn.child.preload import load_everything
from gradfn.child.program.figures import use_backend
from gradfn.child.program.tracebacks import install_hooks
from gradfn.pytorch.derivatives import definitions

LAZY_MODULES = (
    "torch._dynamo",  # the first optimizer imports it
    "torch.autograd.forward_ad",
    "torch.autograd.functional",
    "torch.autograd.gradcheck",
    "torch.distributions",
    "torch.func",
    "torch.nn.utils.parametrizations",
    "torch.utils.checkpoint",
    "torch.utils.data",
    "matplotlib.backends.backend_svg",
    "mpl_toolkits.mplot3d",
    "numpy.fft",
    "numpy.linalg",
    "numpy.random",
    "statistics",
)

TRAINING_STEP = """
import torch
import torch.nn as nn

x, y = torch.rand(8, 2), torch.rand(8, 1)
net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1), nn.Sigmoid())
loss = nn.functional.binary_cross_entropy(net(x), y) + (0.5 * (y - net(x)) ** 2).mean()
optimizer = {optimizer}
loss.backward()
optimizer.step()
optimizer.zero_grad()
w = torch.tensor([1.0], requires_grad=True)
a = torch.add(w, torch.tensor([2.0], requires_grad=True))
a.retain_grad()
b = torch.mul(a, torch.add(w, 1)) * w.sin() / 2 - 1
b.backward(retain_graph=True)
print(w.grad, a.is_leaf, a.grad_fn)
b
"""

# What a child does while it waits: short, for each child does it; it has what most programs do.
FEW_LINES = """
import torch
w = torch.tensor([1.0], requires_grad=True)
a = torch.add(w, torch.tensor([2.0], requires_grad=True))
b = torch.mul(a, torch.add(w, 1)) * w.sin() / 2 - 1
b.backward()
print(w.grad, a)
b
"""

COLLAPSE, HUGEPAGE = 25, 14  # madvise(2): MADV_COLLAPSE, MADV_HUGEPAGE
HUGE_BYTES = 2 * 2**20


def warm_server(rehearse: Callable[[], None], *, sealed: bool) -> None:
    """Import, train, draw and rehearse once; then make the heap cheap to fork."""
    torch.set_num_threads(1)  # an OpenMP pool does not survive a fork: children would hang
    for module in LAZY_MODULES:
        importlib.import_module(module)
    for optimizer in ("SGD(net.parameters(), 0.1, momentum=0.9)", "Adam(net.parameters())"):
        step = TRAINING_STEP.format(optimizer=f"torch.optim.{optimizer}")
        with contextlib.redirect_stdout(io.StringIO()):  # else every child would print it
            exec(compile(step, "warm-up", "exec"), {})
    definitions()  # a table that takes a quarter of a second to read
    use_backend()
    if sealed:
        load_everything()
    _draw_once()
    install_hooks()
    gc.collect()
    gc.freeze()  # else a collection in a child would copy every page
    rehearse()
    _forget_exit_functions()
    _collapse_heap()
    gc.enable()


def settle_child() -> None:
    """Leave no trace of a warm-up in a child."""
    plt.close("all")
    torch.utils.hooks.RemovableHandle.next_id = 0  # the program's first hook is the first
    gc.collect(1)
    gc.freeze()


def _forget_exit_functions() -> None:
    """The program's own exit functions run in the child, never ours."""
    atexit._clear()
    atexit.register(logging.shutdown)
    finalize: Any = weakref.finalize
    finalize._registry.clear()
    finalize._registered_with_atexit = False  # the program's first one registers again


def _draw_once() -> None:
    figure, axes = plt.subplots()
    axes.plot([0, 1], [0, 1], "r-", label="line")
    axes.scatter([0, 1], [0, 1])
    axes.text(0, 0, "text $w_0$")
    axes.set_title("title")
    axes.legend()
    for format in ("svg", "png"):
        figure.savefig("/dev/null", format=format)
    plt.close("all")


def _collapse_heap() -> None:
    """Put the heap into huge pages: a fork then takes a third of the time.

    Requested from the kernel map by map; where it says no, forks are slower and nothing else.
    """
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, permissions, _, _, inode, *path = line.split(maxsplit=5)
        if permissions == "rw-p" and inode == "0" and path in ([], ["[heap]"]):
            start, end = (int(address, 16) for address in addresses.split("-"))
            start = -(-start // HUGE_BYTES) * HUGE_BYTES
            size = (end - start) // HUGE_BYTES * HUGE_BYTES
            if size > 0:
                madvise(start, size, HUGEPAGE)
                madvise(start, size, COLLAPSE)
