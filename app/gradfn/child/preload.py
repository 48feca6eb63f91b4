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
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib
from matplotlib import font_manager, ft2font

# They open a window, print, or are the standard library's own tests and tools.
LEFT_OUT = {
    *("antigravity", "ensurepip", "idlelib", "lib2to3", "test", "this", "tkinter", "turtle"),
    "turtledemo",
}
PACKAGES = (
    *("matplotlib.backends", "mpl_toolkits.mplot3d", "numpy"),
    *("torch._decomp", "torch.distributions", "torch.nn", "torch.optim"),
    *("torch.utils.data", "torch.utils.serialization", "tqdm"),
)


def load_everything() -> None:
    """Import what a program could import, and read the fonts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in sorted(sys.stdlib_module_names - LEFT_OUT):
            _load(name, levels=3)
        for name in PACKAGES:
            _load(name, levels=1)
    # Matplotlib asks for them by where they really lie.
    for path in Path(matplotlib.get_data_path(), "fonts", "ttf").resolve().glob("*.ttf"):
        _bytes_of(str(path))
    manager: Any = font_manager
    manager.ft2font = SimpleNamespace(**{**vars(ft2font), "FT2Font": _font_in_memory})


def _load(name: str, levels: int) -> None:
    """Import a module and, of a package, so many levels of what is in it."""
    with contextlib.suppress(Exception):  # what this machine cannot import
        importlib.import_module(name)
    if levels:
        for each in pkgutil.iter_modules(getattr(sys.modules.get(name), "__path__", [])):
            if each.name not in ("__main__", "test", "tests"):  # importing __main__ runs it
                _load(f"{name}.{each.name}", levels - 1)


@cache
def _bytes_of(path: str) -> bytes:
    return Path(path).read_bytes()


def _font_in_memory(path: str, **options: Any) -> ft2font.FT2Font:
    return ft2font.FT2Font(io.BytesIO(_bytes_of(path)), **options)
