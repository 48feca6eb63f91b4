"""Fork a child for every request, report every child that ended. No user text is read here."""

import contextlib
import fcntl
import os
import resource
import select
import signal
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

# What goes over the control socket; `gradfn.run.forkserver` holds the other end. In: b"F" with the
# four descriptors of a child, b"S" with the control socket of a spare, b"P" to get the same back.
# Out: b"R", ready, with our pidfd, b"N" when the kernel gives no process, and these.
REFUSED = b"N"
FORKED = struct.Struct("<cq")  # b"F", pid (with the pidfd as ancillary data)
EXITED = struct.Struct("<cqqdq")  # b"X", pid, wait status, CPU seconds, peak KiB above ours

CHILD_DESCRIPTORS = 4  # request, stdout, stderr, wire: they become 0, 1, 2, 3


def serve(control: socket.socket, run_once: Callable[[int], NoReturn]) -> None:
    """Fork on every datagram of `control` until it closes: children, or a spare of ourselves.

    `run_once` is what a child does; it is given the pid of its parent.

    Returns, or raises ConnectionError, when the other side is gone.

    Raises RuntimeError when the process has more than one thread: a fork would then copy
    locks that nobody will ever release.
    """
    if threading.active_count() != 1 or len(list(Path("/proc/self/task").iterdir())) != 1:
        raise RuntimeError("the fork server must be single-threaded")
    wake, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with open(os.pidfd_open(os.getpid()), "rb") as own_pidfd:
        socket.send_fds(control, [b"R"], [own_pidfd.fileno()])
    while True:
        readable, _, _ = select.select([control.fileno(), wake], [], [])
        if wake in readable:
            os.read(wake, 512)
            _report_exits(control)
        if control.fileno() in readable:
            message, descriptors, _, _ = socket.recv_fds(control, 1, CHILD_DESCRIPTORS)
            match message:
                case b"F":
                    _fork(control, descriptors, run_once)
                case b"P":
                    control.send(message)
                case b"S":
                    _fork_spare(control, descriptors[0], run_once)
                case _:
                    return


def _fork(
    control: socket.socket, descriptors: list[int], run_once: Callable[[int], NoReturn]
) -> None:
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError:  # as many processes, or as much memory, as there may be
        control.send(REFUSED)
        for descriptor in descriptors:
            os.close(descriptor)
        return
    if pid == 0:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _take(descriptors)
            run_once(parent)
        finally:
            os._exit(70)
    pidfd = os.pidfd_open(pid)
    socket.send_fds(control, [FORKED.pack(b"F", pid)], [pidfd])
    for descriptor in (pidfd, *descriptors):
        os.close(descriptor)


def _fork_spare(control: socket.socket, spare: int, run_once: Callable[[int], NoReturn]) -> None:
    """A copy of this process that waits in case this one is lost: warm, and nearly free."""
    with contextlib.suppress(OSError):  # the closed socket tells that there is none
        if os.fork() == 0:
            try:
                control.close()
                serve(socket.socket(fileno=spare), run_once)
            finally:
                os._exit(0)
    os.close(spare)


def _take(descriptors: list[int]) -> None:
    """Make the four descriptors 0 to 3; the jail closes every other."""
    # A received descriptor may itself be one of 0 to 3: lift all out of the way first.
    lifted = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 100) for descriptor in descriptors]
    for target, descriptor in enumerate(lifted):
        os.dup2(descriptor, target)


def _report_exits(control: socket.socket) -> None:
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        cpu_seconds = usage.ru_utime + usage.ru_stime
        peak_kib = usage.ru_maxrss - resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        control.send(EXITED.pack(b"X", pid, status, cpu_seconds, peak_kib))
