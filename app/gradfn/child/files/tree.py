"""Folders and files in memory.

They are objects of the program's own process, so the limit of its memory holds for them, they end
with it, no other run can see them, and the jail needs no exception: the kernel is never asked.
"""

import errno
import os
import posixpath
import sqlite3
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

HOME, TEMPORARY = "/scratch", "/tmp"
MOST_BYTES = 256 * 2**20  # of all files; beyond, the disk is full
MOST_ENTRIES = 10_000

_numbers = count(1)


@dataclass(slots=True, eq=False)
class File:
    """A file."""

    data: bytearray = field(default_factory=bytearray)
    mode: int = stat.S_IFREG | 0o644
    modified: float = field(default_factory=time.time)
    number: int = field(default_factory=_numbers.__next__)


@dataclass(slots=True, eq=False)
class Folder:
    """A folder."""

    entries: "dict[str, File | Folder]" = field(default_factory=dict)
    mode: int = stat.S_IFDIR | 0o755
    modified: float = field(default_factory=time.time)
    number: int = field(default_factory=_numbers.__next__)


def failure(number: int, path: object, target: object = None) -> OSError:
    """The error that the kernel would answer with."""
    return OSError(number, os.strerror(number), path, None, target)


class Tree:
    """The two folders of a run, by path. What begins with one of `others` lies on the disk."""

    def __init__(self, others: tuple[str, ...] = ()) -> None:
        self.cwd, self._others = HOME, others
        self._root = Folder({HOME[1:]: Folder(), TEMPORARY[1:]: Folder()})
        self._entries = self._bytes = 0
        self.databases: dict[str, sqlite3.Connection] = {}  # by the path of their file

    def locate(self, path: object) -> str | None:
        """The whole path of something in these folders; None of what is elsewhere."""
        if isinstance(path, int):
            return None
        try:
            name = os.fsdecode(path)  # type: ignore[arg-type]
        except TypeError:  # the function that was called says it better
            return None
        if not name or "\0" in name:
            return None
        whole = posixpath.normpath(posixpath.join(self.cwd, name))
        ours = whole in ROOTS or whole.startswith((f"{HOME}/", f"{TEMPORARY}/"))
        return whole if ours and not whole.startswith(self._others) else None

    def find(self, path: str) -> File | Folder | None:
        """What is there; None when nothing is."""
        node: File | Folder | None = self._root
        for name in path.strip("/").split("/"):
            if not isinstance(node, Folder):
                return None
            node = node.entries.get(name)
        return node

    def get(self, path: str, shown: object) -> File | Folder:
        """What is there; FileNotFoundError or NotADirectoryError when nothing is."""
        node = self.find(path)
        if node is None:
            folder = self.find(posixpath.dirname(path))
            raise failure(errno.ENOTDIR if isinstance(folder, File) else errno.ENOENT, shown)
        return node

    def folder(self, path: str, shown: object) -> Folder:
        """The folder that is there."""
        node = self.get(path, shown)
        if not isinstance(node, Folder):
            raise failure(errno.ENOTDIR, shown)
        return node

    def parent(self, path: str, shown: object) -> Folder:
        """The folder in which a path lies or would lie; the two folders themselves stay."""
        if path in ROOTS:
            raise failure(errno.EBUSY, shown)
        return self.folder(posixpath.dirname(path), shown)

    def add(self, path: str, node: File | Folder, shown: object) -> None:
        """Put something new there."""
        folder = self.parent(path, shown)
        if self._entries >= MOST_ENTRIES:
            raise failure(errno.ENOSPC, shown)
        self._entries += 1
        folder.entries[posixpath.basename(path)] = node
        folder.modified = time.time()

    def take(self, path: str, shown: object) -> File | Folder:
        """Take away what is there."""
        node = self.get(path, shown)
        folder = self.parent(path, shown)
        del folder.entries[posixpath.basename(path)]
        folder.modified = time.time()
        self._entries -= 1
        return node

    def resize(self, file: File, size: int) -> None:
        """Make a file longer, by zeros, or shorter."""
        more = size - len(file.data)
        if more > 0 and self._bytes + more > MOST_BYTES:
            self._bytes = self._bytes_in_use()
            if self._bytes + more > MOST_BYTES:
                raise failure(errno.ENOSPC, None)
        if more > 0:
            file.data.extend(bytes(more))
        else:
            del file.data[size:]
        self._bytes += more
        file.modified = time.time()

    def files(self) -> Iterator[tuple[str, File]]:
        """Every file by its path from the home folder, or its whole one."""
        pending: list[tuple[str, Folder]] = [("", self._root)]
        while pending:
            path, folder = pending.pop()
            for name, node in sorted(folder.entries.items(), reverse=True):
                whole = f"{path}/{name}"
                if isinstance(node, Folder):
                    pending.append((whole, node))
                else:
                    yield whole.removeprefix(f"{HOME}/"), node

    def _bytes_in_use(self) -> int:
        """Counted anew: of files that were removed some may still be open."""
        return sum(len(file.data) for _, file in self.files())


ROOTS = (HOME, TEMPORARY)
