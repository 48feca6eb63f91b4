"""gradfn: see what autograd sees. The rooms and the way through them: docs/architecture.md.

Importing it loads neither torch nor a server. `show`, `record` and
`%load_ext gradfn` load what they need.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradfn.notebook.cell import load_ipython_extension, unload_ipython_extension
    from gradfn.notebook.record import record
    from gradfn.notebook.show import show

__all__ = ["__version__", "load_ipython_extension", "record", "show", "unload_ipython_extension"]

try:
    __version__ = version("gradfn")  # as installed; the build takes it from the git tag
except PackageNotFoundError:  # imported from a source tree that was never installed
    __version__ = "0.0.0"

_LAZY = {
    "record": "gradfn.notebook.record",
    "show": "gradfn.notebook.show",
    "load_ipython_extension": "gradfn.notebook.cell",
    "unload_ipython_extension": "gradfn.notebook.cell",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'gradfn' has no attribute {name!r}")
