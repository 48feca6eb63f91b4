"""A folder in TMPDIR for one fork server: its home, where matplotlib and torch keep their caches.

It goes when the server ends. Killed before it could tidy up, it leaves the folder behind, and
the next server takes it away: the lock in it, which the kernel drops with the last process that
has it, shows whether its owner lives.
"""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PREFIX, LOCK = "gradfn-", ".gradfn-lock"


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder, and the descriptor that keeps it."""

    path: Path
    lock: int

    @classmethod
    def create(cls) -> Self:
        """A new one; OSError when there is no room for it."""
        while True:
            path = Path(tempfile.mkdtemp(prefix=PREFIX))
            try:
                lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
                fcntl.flock(lock, fcntl.LOCK_EX)
            except OSError:
                shutil.rmtree(path, ignore_errors=True)
                raise
            if path.exists():
                return cls(path, lock)
            os.close(lock)  # somebody swept it before it was locked

    def remove(self) -> None:
        """Take it away with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.lock)


def sweep_folders() -> None:
    """Take away the folders of this user whose owners are gone."""
    with suppress(OSError):  # a full disk has no folder for temporary files
        for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            with suppress(OSError):  # not ours, gone, kept by its owner, or never one of these
                _sweep(path)


def _sweep(path: Path) -> None:
    if path.is_symlink() or path.stat().st_uid != os.geteuid():
        return
    lock = os.open(path / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(lock)
