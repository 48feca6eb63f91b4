"""Landlock: a process gives up all of the file system, TCP, UDP and signals but what it names.

The kernel's own interface (landlock(7)), by syscall: three calls that take a struct each. What
the kernel does not know yet is left out, `abi` is the version that it has.
"""

import ctypes
import fcntl
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# The same numbers on every architecture.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG, PATH_BENEATH = 1, 1

EXECUTE, READ_FILE, READ_DIR = 1 << 0, 1 << 2, 1 << 3
NEWEST_ABI = 10  # Linux 7.2; a newer kernel gets the rules that this one knows
OUT_OF_THE_WAY = 900  # of the low numbers, which a child gives to its pipes

# The rights that an ABI adds, and how many there are of that kind then (linux/landlock.h): files
# by 2 (moving to another folder), 3 (truncating), 5 (ioctl of devices), 9 (Unix sockets by path),
# network by 4 (TCP) and 10 (UDP), scopes by 6 (abstract Unix sockets, signals).
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16, 9: 17}
_NET_RIGHTS = {1: 0, 4: 2, 10: 4}
_SCOPES = {1: 0, 6: 2}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Everything is forbidden but reading below some paths; kept open until it is put on."""

    fd: int
    abi: int

    def restrict_self(self) -> None:
        """Put it on this process, for good. Needs no_new_privs; OSError when the kernel refuses."""
        _call(RESTRICT_SELF, ctypes.c_int(self.fd), ctypes.c_uint32(0))


def landlock_abi() -> int:
    """The version the kernel speaks, 0 when it has no Landlock or may not use it."""
    size, flag = ctypes.c_size_t(0), ctypes.c_uint32(VERSION_FLAG)
    return max(0, int(_libc.syscall(CREATE_RULESET, None, size, flag)))


def reading_only(
    folders: Iterable[Path], files: Iterable[Path], programs: Iterable[Path] = ()
) -> Ruleset | None:
    """A ruleset that allows reading below the folders and of the files; None without Landlock.

    `programs` may be started: files, or whatever is below a folder.

    Paths that do not exist are passed over: nothing is there to read.
    """
    abi = min(landlock_abi(), NEWEST_ABI)
    if abi == 0:
        return None
    words = [_all(rights, abi) for rights in (_FILE_RIGHTS, _NET_RIGHTS, _SCOPES)]
    known = [word for word in words if word]  # the struct has grown with them
    attributes = struct.pack(f"<{len(known)}Q", *known)
    fd = _call(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    for folder in folders:
        _allow(fd, folder, READ_FILE | READ_DIR)
    for file in files:
        _allow(fd, file, READ_FILE)
    for program in programs:
        _allow(fd, program, READ_FILE | EXECUTE | (READ_DIR if program.is_dir() else 0))
    high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, OUT_OF_THE_WAY)
    os.close(fd)
    return Ruleset(high, abi)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        target = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rule = struct.pack("<Qi", rights, target)
        kind, flags = ctypes.c_int(PATH_BENEATH), ctypes.c_uint32(0)
        _call(ADD_RULE, ctypes.c_int(ruleset), kind, rule, flags)
    finally:
        os.close(target)


def _all(rights: dict[int, int], abi: int) -> int:
    """Every right that the ABI knows, as bits."""
    count = rights[max(known for known in rights if known <= abi)]
    return (1 << count) - 1


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"landlock: {os.strerror(error)}")
    return result
