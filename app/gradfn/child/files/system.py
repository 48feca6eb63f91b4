"""The functions of `os`, and `open`, for paths of the folders in memory.

Each looks whether a path is one of theirs, and is Python's own function for every other.
"""

import errno
import os
import posixpath
import stat
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from gradfn.child.files.handles import Descriptors, OpenFile, as_stream, flags_of, open_raw
from gradfn.child.files.tree import File, Folder, Tree, failure

_O_TMPFILE = 0o20000000


class Entry:
    """What `os.scandir` gives."""

    def __init__(self, folder: str, name: str, node: File | Folder) -> None:
        self.name, self.path, self._node = name, posixpath.join(folder, name), node

    def __fspath__(self) -> str:
        return self.path

    def __repr__(self) -> str:
        return f"<DirEntry {self.name!r}>"

    def inode(self) -> int:
        """As ever."""
        return self._node.number

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """As ever."""
        return isinstance(self._node, Folder)

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """As ever."""
        return isinstance(self._node, File)

    def is_symlink(self) -> bool:
        """There are none."""
        return False

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """As ever."""
        return status_of(self._node)


class Entries:
    """The iterator that `os.scandir` gives."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = iter(entries)

    def __iter__(self) -> Iterator[Entry]:
        return self

    def __next__(self) -> Entry:
        return next(self._entries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """As ever."""
        self._entries = iter(())


def status_of(node: File | Folder) -> os.stat_result:
    """What `stat` tells of it."""
    size = len(node.data) if isinstance(node, File) else 0
    times = (node.modified,) * 3
    whole = tuple(map(int, times))
    nanoseconds = tuple(int(each * 1e9) for each in times)
    ids = (node.mode, node.number, 0, 1, os.geteuid(), os.getegid(), size)
    return os.stat_result((*ids, *whole, *times, *nanoseconds, 4096, -(-size // 512), 0))


class Calls:
    """A method for each function that is put in the place of Python's own, by its name."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.descriptors = tree, Descriptors()

    def stat(self, path: Any, **_: Any) -> os.stat_result:
        return status_of(self.tree.get(path.whole, path.shown))

    lstat = stat

    def access(self, path: Any, mode: int, **_: Any) -> bool:
        return self.tree.find(path.whole) is not None

    def mkdir(self, path: Any, mode: int = 0o777, **_: Any) -> None:
        if self.tree.find(path.whole) is not None:
            raise failure(errno.EEXIST, path.shown)
        self.tree.add(path.whole, Folder(), path.shown)

    def rmdir(self, path: Any, **_: Any) -> None:
        if self.tree.folder(path.whole, path.shown).entries:
            raise failure(errno.ENOTEMPTY, path.shown)
        self.tree.take(path.whole, path.shown)

    def unlink(self, path: Any, **_: Any) -> None:
        if isinstance(self.tree.get(path.whole, path.shown), Folder):
            raise failure(errno.EISDIR, path.shown)
        self.tree.take(path.whole, path.shown)

    remove = unlink

    def rename(self, path: Any, target: Any, **_: Any) -> None:
        try:
            self._rename(path, target)
        except OSError as error:
            raise failure(error.errno or errno.EIO, path.shown, target) from None

    replace = rename

    def _rename(self, path: Any, target: Any) -> None:
        tree, to = self.tree, self.tree.locate(target)
        if to is None:
            raise failure(errno.EXDEV, path.shown)
        node, there = tree.get(path.whole, path.shown), tree.find(to)
        if to == path.whole:
            return
        if to.startswith(f"{path.whole}/"):
            raise failure(errno.EINVAL, path.shown)
        if isinstance(there, Folder) and (there.entries or isinstance(node, File)):
            raise failure(errno.ENOTEMPTY if there.entries else errno.EISDIR, target)
        if isinstance(there, File) and isinstance(node, Folder):
            raise failure(errno.ENOTDIR, target)
        tree.parent(to, target)
        tree.take(path.whole, path.shown)
        if there is not None:
            tree.take(to, target)
        tree.add(to, node, target)

    def listdir(self, path: Any = ".") -> list[str] | list[bytes]:
        names = list(self.tree.folder(path.whole, path.shown).entries)
        return [os.fsencode(each) for each in names] if isinstance(path.shown, bytes) else names

    def scandir(self, path: Any = ".") -> Entries:
        folder = self.tree.folder(path.whole, path.shown)
        shown = os.fsdecode(path.shown)
        return Entries([Entry(shown, name, node) for name, node in folder.entries.items()])

    def chdir(self, path: Any) -> None:
        self.tree.folder(path.whole, path.shown)
        self.tree.cwd = path.whole

    def chmod(self, path: Any, mode: int, **_: Any) -> None:
        node = self.tree.get(path.whole, path.shown)
        node.mode = stat.S_IFMT(node.mode) | stat.S_IMODE(mode)

    def utime(self, path: Any, times: Any = None, *, ns: Any = None, **_: Any) -> None:
        node = self.tree.get(path.whole, path.shown)
        if times is not None:
            node.modified = times[1]
        elif ns is not None:
            node.modified = ns[1] / 1e9

    def listxattr(self, path: Any = None, **_: Any) -> list[str]:
        self.tree.get(path.whole, path.shown)
        return []

    def truncate(self, path: Any, length: int) -> None:
        open_raw(self.tree, path.whole, path.shown, os.O_WRONLY).truncate(length)

    def open(self, path: Any, flags: int, mode: int = 0o777, **_: Any) -> int:
        if flags & _O_TMPFILE == _O_TMPFILE:
            raise failure(errno.EISDIR, path.shown)  # whoever asks for it then does without
        return self.descriptors.add(open_raw(self.tree, path.whole, path.shown, flags))


class DescriptorCalls:
    """The same for functions that take the number of an open file."""

    def __init__(self, descriptors: Descriptors) -> None:
        self.descriptors = descriptors

    def close(self, number: int) -> None:
        self.descriptors.files.pop(number).close()

    def read(self, number: int, count: int) -> bytes:
        return self.descriptors.files[number].read(count) or b""

    def write(self, number: int, data: Any) -> int:
        return self.descriptors.files[number].write(data)

    def lseek(self, number: int, offset: int, whence: int) -> int:
        return self.descriptors.files[number].seek(offset, whence)

    def fstat(self, number: int) -> os.stat_result:
        return status_of(self.descriptors.files[number].file)

    stat = fstat

    def ftruncate(self, number: int, length: int) -> None:
        self.descriptors.files[number].truncate(length)

    def fsync(self, number: int) -> None:
        """Nothing: there is no disk."""

    fdatasync = fsync

    def isatty(self, number: int) -> bool:
        return False


class Opener:
    """`open` for files in memory."""

    def __init__(self, tree: Tree, descriptors: Descriptors, real: Callable[..., Any]) -> None:
        self._tree, self._descriptors, self._real = tree, descriptors, real

    def open(
        self,
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        """As ever."""
        raw = self._raw(file, mode, opener)
        if raw is None:
            return self._real(file, mode, buffering, encoding, errors, newline, closefd, opener)
        return as_stream(raw, mode, buffering, encoding, errors, newline)

    def _raw(self, file: Any, mode: str, opener: Any) -> OpenFile | None:
        if (known := self._descriptors.get(file)) is not None:
            return self._descriptors.files.pop(file) if known else None
        path = self._tree.locate(file) if isinstance(mode, str) else None
        if path is None:
            return None
        flags = flags_of(mode)
        if opener is None:
            return open_raw(self._tree, path, file, flags)
        return self._descriptors.files.pop(opener(file, flags), None)
