"""A seccomp filter as classic BPF: what `syscalls.py` allows, and nothing else.

An allow-list, read from top to bottom by the kernel at each call. A call by another
architecture's numbers (i386, x32) ends the process, since the numbers would mean other calls.
"""

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gradfn.jail.syscalls import (
    ALLOWED,
    ARCHITECTURES,
    CHECKED,
    KILLED,
    MISSING,
    NO_FILES,
    STARTED,
    STARTING,
    Checked,
    Condition,
    OneOf,
    OwnPid,
    Without,
    number_of,
)

SECCOMP = {"x86_64": 317, "aarch64": 277}
SET_MODE_FILTER = 1

RET_ALLOW, RET_KILL_PROCESS, RET_ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
LOAD, RETURN, AND = 0x20, 0x06, 0x54
JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_ANY_BIT = 0x15, 0x35, 0x45

NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
X32_BIT = 0x40000000
OWN_PID = -1  # no value of a word: stands in the program until it is loaded

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, k
SIZE, K = 8, 4  # of struct sock_filter, and where its k is


_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Filter:
    """An assembled filter, ready to be put on."""

    instructions: tuple[Instruction, ...]

    @cached_property
    def packed(self) -> Any:
        """The instructions as the kernel reads them; asked for once, before many are forked."""
        code = b"".join(
            struct.pack("<HBBI", op, true, false, 0 if k == OWN_PID else k)
            for op, true, false, k in self.instructions
        )
        return ctypes.create_string_buffer(code, len(code))

    @cached_property
    def own_pids(self) -> list[int]:
        """Where in `packed` the pid of the process stands that puts the filter on."""
        places = enumerate(self.instructions)
        return [SIZE * place + K for place, (*_, k) in places if k == OWN_PID]

    def load(self) -> None:
        """Put it on this process, for good. Needs no_new_privs; OSError when it is refused."""
        pid = os.getpid()
        for place in self.own_pids:
            struct.pack_into("<I", self.packed, place, pid)
        address = ctypes.addressof(self.packed)
        program = struct.pack("<HxxxxxxQ", len(self.instructions), address)
        if _libc.syscall(SECCOMP[platform.machine()], SET_MODE_FILTER, 0, program) != 0:
            raise OSError(ctypes.get_errno(), "seccomp")


def assemble(*, sealed: bool, starts: bool = False) -> Filter:
    """The filter; a sealed one lets no file be opened, one that `starts` another program be run.

    KeyError on an unknown architecture.
    """
    program: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, ARCHITECTURES[platform.machine()]),
        (RETURN, 0, 0, RET_KILL_PROCESS),
        (LOAD, 0, 0, NUMBER),
        (JUMP_GREATER_EQUAL, 0, 1, X32_BIT),
        (RETURN, 0, 0, RET_KILL_PROCESS),
    ]
    for name in (*ALLOWED, *(STARTING if starts else ())):
        program += _on(name, [_return(RET_ALLOW)])
    started = {"arch_prctl": STARTED} if starts else {}
    for name, checked in {**CHECKED, **started}.items():
        refused = sealed and name in NO_FILES
        program += _on(name, [_refuse(errno.EACCES)] if refused else _check(checked))
    for name in MISSING:
        program += _on(name, [_refuse(errno.ENOSYS)])
    for name in KILLED:
        program += _on(name, [_return(RET_KILL_PROCESS)])
    return Filter((*program, _refuse(errno.EPERM)))


def _on(name: str, body: list[Instruction]) -> list[Instruction]:
    """The body, jumped over by every call but this one; it ends in a return."""
    number = number_of(name)
    return [] if number is None else [(JUMP_EQUAL, 0, len(body), number), *body]


def _check(checked: Checked) -> list[Instruction]:
    tests = [_test(condition) for condition in checked.conditions]
    body: list[Instruction] = [_return(RET_ALLOW), _refuse(checked.refusal)]
    for test in reversed(tests):  # from the last: a test that fails jumps to the refusal
        to_refusal = len(body) - 1
        body = [*_resolve(test, to_refusal), *body]
    return body


# A test is instructions whose last ones have these in place of a distance.
PASS, FAIL = -1, -2


def _test(condition: Condition) -> list[Instruction]:
    match condition:
        case Without(argument, bits):
            return [_load(argument), (JUMP_ANY_BIT, FAIL, PASS, bits)]
        case OneOf(argument, values, mask):
            *most, last = values
            return [
                _load(argument),
                (AND, 0, 0, mask),
                *((JUMP_EQUAL, PASS, 0, value) for value in most),
                (JUMP_EQUAL, PASS, FAIL, last),
            ]
        case OwnPid(argument):
            return [_load(argument), (JUMP_EQUAL, PASS, FAIL, OWN_PID)]


def _resolve(test: list[Instruction], to_refusal: int) -> list[Instruction]:
    """The test with its jumps counted: to what follows it, or on to the refusal."""
    resolved = []
    for position, (code, true, false, k) in enumerate(test):
        after = len(test) - position - 1
        true, false = (
            {PASS: after, FAIL: after + to_refusal}.get(jump, jump) for jump in (true, false)
        )
        resolved.append((code, true, false, k))
    return resolved


def _load(argument: int) -> Instruction:
    return (LOAD, 0, 0, ARGUMENTS + 8 * argument)  # the low word: both architectures are little


def _return(action: int) -> Instruction:
    return (RETURN, 0, 0, action)


def _refuse(number: int) -> Instruction:
    return _return(RET_ERRNO | number)
