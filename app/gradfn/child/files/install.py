"""Put the files in memory in the place of the kernel's, for all that a program calls."""

import builtins
import bz2
import contextlib
import functools
import io
import os
import shutil
import sqlite3
import sys
import tarfile
import tempfile
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.lib import _datasource
from torch import serialization

from gradfn.child.files.handles import open_raw
from gradfn.child.files.system import Calls, DescriptorCalls, Opener
from gradfn.child.files.tree import HOME, TEMPORARY, File, Tree
from gradfn.events.kinds import FileWritten

MOST_FILES = 200  # that are listed
MOST_NAME = 200  # characters
MOST_BYTES, MOST_BYTES_TOGETHER = 3_000_000, 16_000_000  # of what is sent along


@dataclass(frozen=True, slots=True)
class Path:
    """A path of ours: whole, and as the program wrote it, for its errors."""

    whole: str
    shown: Any


def install_files() -> Tree:
    """Give this process a home and a folder for temporary files, both in memory."""
    packages = tuple(f"{each}/" for each in sys.path if each.startswith(f"{TEMPORARY}/"))
    tree = Tree(packages)
    calls, own_unlink = Calls(tree), os.unlink
    for name in _names(calls):
        setattr(os, name, _by_path(tree, getattr(os, name), getattr(calls, name)))
    numbers = DescriptorCalls(calls.descriptors)
    for name in _names(numbers):
        own = getattr(os, name)
        setattr(os, name, _by_number(calls.descriptors.files, own, getattr(numbers, name)))
    os.getcwd = functools.wraps(os.getcwd)(lambda: tree.cwd)
    os.getcwdb = functools.wraps(os.getcwdb)(lambda: os.fsencode(tree.cwd))
    opener = Opener(tree, calls.descriptors, open)
    builtins.open = io.open = functools.wraps(open)(
        lambda *args, **more: opener.open(*args, **more)
    )
    vars(bz2)["_builtin_open"] = vars(tarfile)["bltn_open"] = open  # bound when they were imported
    vars(_datasource)["_file_openers"]._file_openers[None] = open
    os.environ |= {"HOME": HOME, "TMPDIR": TEMPORARY}
    tempfile.tempdir = None  # it is looked for when it is first needed
    _replace_default(tempfile._TemporaryFileCloser, own_unlink, os.unlink)  # type: ignore[attr-defined]
    # Copies by the kernel, from descriptor to descriptor, and by `openat`.
    vars(shutil).update(_USE_CP_SENDFILE=False, _use_fd_functions=False)
    _databases_in_memory(tree)
    _archives_by_python()
    return tree


def files_written(tree: Tree, *, with_data: bool) -> list[FileWritten]:
    """What lies in the folders now."""
    written: list[FileWritten] = []
    together = 0
    for path, connection in tree.databases.items():
        if isinstance(file := tree.find(path), File):
            with contextlib.suppress(sqlite3.Error):  # the program has closed it, or a lock is held
                file.data = bytearray(connection.serialize())
    for path, file in sorted(tree.files(), key=lambda each: each[0]):
        if len(written) == MOST_FILES:
            break
        size = len(file.data)
        data = None
        if with_data and size <= MOST_BYTES and together + size <= MOST_BYTES_TOGETHER:
            data, together = bytes(file.data), together + size
        name = path.encode("utf-8", "replace").decode()[:MOST_NAME]
        written.append(FileWritten(name, size, data))
    return written


def _names(calls: object) -> list[str]:
    return [name for name in dir(calls) if callable(getattr(calls, name)) and name[0] != "_"]


def _by_path(tree: Tree, own: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    """Ours for a path in memory, Python's own for any other."""

    @functools.wraps(own)
    def call(path: Any = ".", *arguments: Any, **options: Any) -> Any:
        if options.get("dir_fd") is None and (whole := tree.locate(path)) is not None:
            return ours(Path(whole, path), *arguments, **options)
        return own(path, *arguments, **options)

    return call


def _by_number(
    known: dict[int, Any], own: Callable[..., Any], ours: Callable[..., Any]
) -> Callable[..., Any]:
    @functools.wraps(own)
    def call(number: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(number, int) and number in known:
            return ours(number, *arguments)
        return own(number, *arguments, **options)

    return call


def _replace_default(kind: type, own: object, ours: object) -> None:
    """The default of an argument was bound when its function was defined."""
    for function in vars(kind).values():
        defaults = getattr(function, "__defaults__", None) or ()
        if own in defaults:
            function.__defaults__ = tuple(ours if each is own else each for each in defaults)


def _databases_in_memory(tree: Tree) -> None:
    """SQLite opens its file itself: one of ours is a database in memory, shared by its name."""
    own = sqlite3.connect

    @functools.wraps(own)
    def connect(database: Any, *arguments: Any, **options: Any) -> Any:
        whole = None if database == ":memory:" or options.get("uri") else tree.locate(database)
        if whole is None:
            return own(database, *arguments, **options)
        open_raw(tree, whole, database, os.O_RDWR | os.O_CREAT)
        address = f"file:{urllib.parse.quote(whole)}?mode=memory&cache=shared"
        if whole not in tree.databases:  # one in memory lasts as long as a connection to it
            tree.databases[whole] = own(address, uri=True, check_same_thread=False)
        return own(address, *arguments, **options | {"uri": True})

    sqlite3.connect = connect


def _archives_by_python() -> None:
    """`torch.save` lets C++ open a path; given a stream, it writes to that."""

    class ByStream(serialization._open_zipfile_writer_buffer):
        """As `torch.save` does it for a stream, and the stream is closed."""

        def __init__(self, name: str) -> None:
            self._stream = open(name, "wb")  # noqa: SIM115 - closed in __exit__
            super().__init__(self._stream)

        def __exit__(self, *args: object) -> None:
            super().__exit__(*args)
            self._stream.close()

    serialization._open_zipfile_writer_file = ByStream  # type: ignore[assignment, misc]
