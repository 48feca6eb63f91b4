"""The tables of system calls say what the kernel means, on both architectures."""

import errno
import os
import platform
import struct
from collections.abc import Callable
from typing import Any

import pytest
from system_calls import NotSupportedSystemCall, syscalls

from gradfn.jail import landlock
from gradfn.jail.seccomp import (
    LOAD,
    RET_ALLOW,
    RET_ERRNO,
    RET_KILL_PROCESS,
    RETURN,
    SECCOMP,
    Filter,
    assemble,
)
from gradfn.jail.syscalls import (
    ALLOWED,
    ARCHITECTURES,
    CHECKED,
    KILLED,
    MISSING,
    NUMBERS,
    STARTING,
)

ORACLE: Any = syscalls()
NAMES = {"x86_64": "x86_64", "aarch64": "arm64"}  # ours, the oracle's
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7, "i386": 0x40000003, "arm": 0x40000028}
PID = 4321


def number_of(name: str, architecture: str) -> int | None:
    try:
        number: int = ORACLE.get(name, NAMES[architecture])
    except NotSupportedSystemCall:
        return None
    return number


@pytest.fixture(params=NAMES)
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each architecture in turn is the one that filters are made for."""
    monkeypatch.setattr(platform, "machine", lambda: request.param)
    return str(request.param)


def test_every_number_is_the_kernel_s(machine: str) -> None:
    place = list(ARCHITECTURES).index(machine)
    ours = {name: numbers[place] for name, numbers in NUMBERS.items()}

    assert ours == {name: number_of(name, machine) for name in NUMBERS}
    assert SECCOMP[machine] == number_of("seccomp", machine)
    assert ARCHITECTURES[machine] == AUDIT[machine]
    for number, name in (
        (landlock.CREATE_RULESET, "landlock_create_ruleset"),
        (landlock.ADD_RULE, "landlock_add_rule"),
        (landlock.RESTRICT_SELF, "landlock_restrict_self"),
    ):
        assert number == number_of(name, machine)


def test_every_name_stands_in_one_list() -> None:
    named = [*ALLOWED, *CHECKED, *MISSING, *KILLED, *STARTING]

    assert sorted(named) == sorted(NUMBERS)


def answer(filter: Filter, audit: int, number: int, *arguments: int) -> int:
    """What the filter answers to a call, by the rules of classic BPF (seccomp(2))."""
    call = struct.pack("<iIQ6Q", number, audit, 0, *arguments, *[0] * (6 - len(arguments)))
    accumulator = at = 0
    jumps: dict[int, Callable[[int, int], object]] = {
        0x15: lambda a, k: a == k,
        0x35: lambda a, k: a >= k,
        0x45: lambda a, k: a & k,
    }
    while True:
        code, true, false, k = filter.instructions[at]
        k = PID if k == -1 else k
        at += 1
        if code == RETURN:
            return k
        if code == LOAD:
            (accumulator,) = struct.unpack_from("<I", call, k)
        elif code == 0x54:
            accumulator &= k
        else:
            at += true if jumps[code](accumulator, k) else false


def refusal(number: int) -> int:
    return RET_ERRNO | number


def test_what_is_not_named_is_refused(machine: str) -> None:
    made = assemble(sealed=False)
    known = {number: name for name in NUMBERS if (number := number_of(name, machine)) is not None}
    answers = {name: answer(made, AUDIT[machine], number) for number, name in known.items()}

    for number in set(range(600)) - set(known):
        assert answer(made, AUDIT[machine], number) == refusal(errno.EPERM)
    assert {answers[name] for name in ALLOWED if name in answers} == {RET_ALLOW}
    assert {answers[name] for name in KILLED if name in answers} == {RET_KILL_PROCESS}
    assert {answers[name] for name in MISSING if name in answers} == {refusal(errno.ENOSYS)}


def test_only_a_jail_for_another_program_lets_one_be_started(machine: str) -> None:
    numbers = [number_of(name, machine) for name in STARTING]
    audit = AUDIT[machine]

    for number in numbers:
        assert number is not None
        assert answer(assemble(sealed=False), audit, number) == refusal(errno.EPERM)
        assert answer(assemble(sealed=True), audit, number) == refusal(errno.EPERM)
        assert answer(assemble(sealed=False, starts=True), audit, number) == RET_ALLOW


def test_another_architecture_s_calls_end_the_process(machine: str) -> None:
    made = assemble(sealed=False)
    (read,) = [number_of("read", machine)]
    assert read is not None

    for name in {*AUDIT} - {machine}:
        assert answer(made, AUDIT[name], read) == RET_KILL_PROCESS
    assert answer(made, AUDIT[machine], read | 0x40000000) == RET_KILL_PROCESS  # x32


THREAD = 0x10000 | 0x100 | 0x800 | 0x200 | 0x400
ARGUMENTS = [
    ("openat", (-100 % 2**64, 0, os.O_RDONLY | os.O_CLOEXEC), 0),
    ("openat", (-100 % 2**64, 0, os.O_WRONLY), errno.EACCES),
    ("openat", (-100 % 2**64, 0, os.O_RDWR), errno.EACCES),
    ("openat", (-100 % 2**64, 0, os.O_CREAT), errno.EACCES),
    ("openat", (-100 % 2**64, 0, os.O_RDONLY | os.O_TRUNC), errno.EACCES),
    ("openat", (-100 % 2**64, 0, 1 << 32 | os.O_WRONLY), errno.EACCES),
    ("clock_getres", (0, 0), 0),
    ("clock_gettime", (1, 0), 0),
    ("clock_gettime", (-6 % 2**32, 0), errno.EINVAL),  # the CPU clock of process 0
    ("clock_getres", (-6 % 2**32, 0), errno.EINVAL),
    ("clock_nanosleep", (1, 0, 0, 0), 0),
    ("clock_nanosleep", (-6 % 2**32, 0, 0, 0), errno.EINVAL),
    ("mmap", (0, 4096, 3, 0x22), 0),
    ("mmap", (0, 4096, 3, 0x21), errno.EPERM),
    ("mmap", (0, 4096, 3, 0x03), errno.EPERM),
    ("mmap", (0, 4096, 3, 0x122), errno.EPERM),
    ("clone", (THREAD | 0x50000,), 0),
    ("clone", (17,), errno.EPERM),
    ("clone", (THREAD | 0x20000000,), errno.EPERM),
    ("clone", (THREAD & ~0x100,), errno.EPERM),
    ("tgkill", (PID, PID, 6), 0),
    ("tgkill", (PID + 1, PID, 6), errno.EPERM),
    ("madvise", (0, 4096, 4), 0),
    ("madvise", (0, 4096, 12), errno.EINVAL),
    ("futex", (0, 0x80), 0),
    ("futex", (0, 6), errno.ENOSYS),
    ("ioctl", (1, 0x541B), 0),
    ("ioctl", (1, 0x5412), errno.ENOTTY),
    ("fcntl", (1, 3), 0),
    ("fcntl", (1, 4), errno.EPERM),
    ("prctl", (15,), 0),
    ("prctl", (8,), errno.EPERM),
    ("prlimit64", (0, 7), 0),
    ("prlimit64", (PID, 7), errno.EPERM),
]


@pytest.mark.parametrize(("name", "arguments", "error"), ARGUMENTS)
def test_arguments_decide(machine: str, name: str, arguments: tuple[int, ...], error: int) -> None:
    number = number_of(name, machine)
    assert number is not None
    expected = refusal(error) if error else RET_ALLOW

    assert answer(assemble(sealed=False), AUDIT[machine], number, *arguments) == expected


def test_every_call_with_conditions_is_tried() -> None:
    tried = {name for name, _, _ in ARGUMENTS}

    assert {*CHECKED} - tried == {"open", "arch_prctl"}  # only x86_64 has them: below


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("open", (0, os.O_RDONLY), 0),
        ("open", (0, os.O_WRONLY), errno.EACCES),
        ("arch_prctl", (0x1022,), 0),
        ("arch_prctl", (0x1002,), errno.EPERM),
    ],
)
def test_arguments_decide_on_x86_64(
    monkeypatch: pytest.MonkeyPatch, name: str, arguments: tuple[int, ...], error: int
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    test_arguments_decide("x86_64", name, arguments, error)


def test_a_sealed_filter_lets_nothing_be_opened(machine: str) -> None:
    made = assemble(sealed=True)

    for name in ("open", "openat"):
        if (number := number_of(name, machine)) is not None:
            assert answer(made, AUDIT[machine], number) == refusal(errno.EACCES)
