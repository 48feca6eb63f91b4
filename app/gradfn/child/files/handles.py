"""Open files: what `open` and `os.open` give of a file in memory."""

import errno
import io
import os
from itertools import count
from typing import IO, Any

from gradfn.child.files.tree import File, Folder, Tree, failure

FIRST_DESCRIPTOR = 100_000  # the kernel gives none as high


class OpenFile(io.RawIOBase):
    """A file in memory, opened; it has no descriptor of the kernel's, as an `io.BytesIO`."""

    def __init__(self, tree: Tree, file: File, name: object, flags: int) -> None:
        super().__init__()
        self.name, self.file = name, file
        self._tree, self._place = tree, 0
        self._reads = flags & os.O_ACCMODE in (os.O_RDONLY, os.O_RDWR)
        self._writes = flags & os.O_ACCMODE in (os.O_WRONLY, os.O_RDWR)
        self._appends = bool(flags & os.O_APPEND)
        self.mode = {(True, False): "rb", (False, True): "wb"}.get(
            (self._reads, self._writes), "rb+"
        )

    def readable(self) -> bool:
        """As ever."""
        return self._reads

    def writable(self) -> bool:
        """As ever."""
        return self._writes

    def seekable(self) -> bool:
        """As ever."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """As ever."""
        if not self._reads:
            raise io.UnsupportedOperation("not readable")
        view = memoryview(buffer).cast("B")
        chunk = bytes(self.file.data[self._place : self._place + len(view)])
        view[: len(chunk)] = chunk
        self._place += len(chunk)
        return len(chunk)

    def write(self, data: Any, /) -> int:
        """As ever."""
        if not self._writes:
            raise io.UnsupportedOperation("not writable")
        chunk = memoryview(data).cast("B")
        if self._appends:
            self._place = len(self.file.data)
        end = self._place + len(chunk)
        self._tree.resize(self.file, max(end, len(self.file.data)))
        self.file.data[self._place : end] = chunk
        self._place = end
        return len(chunk)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As ever."""
        start = (0, self._place, len(self.file.data))[whence]
        if start + offset < 0:
            raise failure(errno.EINVAL, None)
        self._place = start + offset
        return self._place

    def truncate(self, size: int | None = None, /) -> int:
        """As ever."""
        size = self._place if size is None else size
        self._tree.resize(self.file, size)
        return size


class Descriptors:
    """Numbers of open files, for `os.open` and what takes such numbers."""

    def __init__(self) -> None:
        self.files: dict[int, OpenFile] = {}
        self._numbers = count(FIRST_DESCRIPTOR)

    def add(self, file: OpenFile) -> int:
        """A number for it."""
        number = next(self._numbers)
        self.files[number] = file
        return number

    def get(self, number: object) -> OpenFile | None:
        """The file of that number; None when it is not one of these."""
        return self.files.get(number) if isinstance(number, int) else None


def open_raw(tree: Tree, path: str, shown: object, flags: int) -> OpenFile:
    """What `open(2)` does."""
    node = tree.find(path)
    writes = flags & os.O_ACCMODE != os.O_RDONLY
    if isinstance(node, Folder) and (writes or flags & os.O_CREAT):
        raise failure(errno.EISDIR, shown)
    if node is None and flags & os.O_CREAT:
        node = File()
        tree.add(path, node, shown)
    elif flags & os.O_CREAT and flags & os.O_EXCL:
        raise failure(errno.EEXIST, shown)
    node = tree.get(path, shown)
    if isinstance(node, Folder):
        raise failure(errno.EISDIR, shown)
    if flags & os.O_TRUNC and writes:
        tree.resize(node, 0)
    return OpenFile(tree, node, shown, flags)


def flags_of(mode: str) -> int:
    """The flags that `open` gives to `open(2)` for a mode; ValueError of one that there is not."""
    kinds = [each for each in mode if each in "rwxa"]
    if len(kinds) != 1 or set(mode) - set("rwxatb+") or len(set(mode)) != len(mode):
        raise ValueError(f"invalid mode: {mode!r}")
    how = {"r": 0, "w": os.O_CREAT | os.O_TRUNC, "x": os.O_CREAT | os.O_EXCL}
    access = os.O_RDWR if "+" in mode else os.O_RDONLY if kinds[0] == "r" else os.O_WRONLY
    return access | how.get(kinds[0], os.O_CREAT | os.O_APPEND)


def as_stream(
    raw: OpenFile,
    mode: str,
    buffering: int,
    encoding: str | None,
    errors: str | None,
    newline: str | None,
) -> IO[Any]:
    """The layers that `open` puts on a raw file."""
    binary = "b" in mode
    texts = {"an encoding": encoding, "an errors": errors, "a newline": newline}
    for name, value in texts.items():
        if binary and value is not None:
            raise ValueError(f"binary mode doesn't take {name} argument")
    if buffering == 0:
        if not binary:
            raise ValueError("can't have unbuffered text I/O")
        return raw  # type: ignore[return-value]
    kind: Any = io.BufferedWriter
    if "+" in mode:
        kind = io.BufferedRandom
    elif "r" in mode:
        kind = io.BufferedReader
    buffer = kind(raw, buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE)
    if "a" in mode:
        buffer.seek(0, io.SEEK_END)
    if binary:
        return buffer  # type: ignore[no-any-return]
    text = io.TextIOWrapper(buffer, encoding, errors, newline, line_buffering=buffering == 1)
    vars(text)["mode"] = mode
    return text
