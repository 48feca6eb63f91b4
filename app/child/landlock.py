"""Landlock: a process gives up all of the file system, TCP and signals but what it names.

The kernel's own interface (landlock(7)), by syscall: three calls that take a struct each. What
the kernel does not know yet is left out, `abi` tells how far it went.
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

READ_FILE, READ_DIR = 1 << 2, 1 << 3
NEWEST_ABI = 7
OUT_OF_THE_WAY = 900  # of the low numbers, which a child gives to its pipes

# How many rights to files, and to TCP, and how many scopes, each ABI knows.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16, 6: 16, 7: 16}
_NET_RIGHTS = {abi: 2 if abi >= 4 else 0 for abi in _FILE_RIGHTS}
_SCOPES = {abi: 2 if abi >= 6 else 0 for abi in _FILE_RIGHTS}

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


def reading_only(folders: Iterable[Path], files: Iterable[Path]) -> Ruleset | None:
    """A ruleset that allows reading below the folders and of the files; None without Landlock.

    Paths that do not exist are passed over: nothing is there to read.
    """
    abi = min(landlock_abi(), NEWEST_ABI)
    if abi == 0:
        return None
    words = [_bits(_FILE_RIGHTS[abi]), _bits(_NET_RIGHTS[abi]), _bits(_SCOPES[abi])]
    known = words if abi >= 6 else words[:2] if abi >= 4 else words[:1]
    attributes = struct.pack(f"<{len(known)}Q", *known)
    fd = _call(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    for folder in folders:
        _allow(fd, folder, READ_FILE | READ_DIR)
    for file in files:
        _allow(fd, file, READ_FILE)
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


def _bits(count: int) -> int:
    return (1 << count) - 1


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"landlock: {os.strerror(error)}")
    return result
