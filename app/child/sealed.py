"""What a child needs that can open no file at all: everything, beforehand.

Where the kernel has no Landlock, seccomp refuses every open. So the standard library and what
torch and matplotlib load late are imported in the fork server, and fonts are kept in memory.
"""

import contextlib
import importlib
import io
import pkgutil
import sys
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import matplotlib
from matplotlib import font_manager, ft2font

# They open a window, print, or are the standard library's own tests and tools.
LEFT_OUT = {"antigravity", "idlelib", "lib2to3", "test", "this", "tkinter", "turtle", "turtledemo"}
PACKAGES = ("matplotlib.backends", "numpy", "torch.optim", "torch.nn", "torch.utils.data")


def load_everything() -> None:
    """Import what a program could import, and read the fonts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in _names():
            with contextlib.suppress(Exception):  # what this machine cannot import
                importlib.import_module(name)
    for path in Path(matplotlib.get_data_path(), "fonts", "ttf").glob("*.ttf"):
        _bytes_of(str(path))
    manager: Any = font_manager
    manager.ft2font = SimpleNamespace(**{**vars(ft2font), "FT2Font": _font_in_memory})


def _names() -> Iterator[str]:
    for name in sorted(sys.stdlib_module_names - LEFT_OUT):
        yield name
        yield from _modules_of(name)
    for name in PACKAGES:
        yield from _modules_of(name)


def _modules_of(name: str) -> Iterator[str]:
    """The modules one level below a package; nothing below a module."""
    module = sys.modules.get(name)
    if isinstance(module, ModuleType) and (path := getattr(module, "__path__", None)):
        yield from (f"{name}.{each.name}" for each in pkgutil.iter_modules(path))


@cache
def _bytes_of(path: str) -> bytes:
    return Path(path).read_bytes()


def _font_in_memory(path: str, **options: Any) -> ft2font.FT2Font:
    return ft2font.FT2Font(io.BytesIO(_bytes_of(path)), **options)
