"""Fork a child for every request, report every child that ended. No user text is read here."""

import fcntl
import os
import select
import signal
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

# What goes over the control socket; `app.run.forkserver` holds the other end.
FORKED = struct.Struct("<cq")  # b"F", pid (with the pidfd as ancillary data)
EXITED = struct.Struct("<cqqdq")  # b"X", pid, wait status, CPU seconds, peak RSS in KiB

CHILD_DESCRIPTORS = 4  # request, stdout, stderr, wire: they become 0, 1, 2, 3


def serve(control: socket.socket, live: Callable[[], NoReturn]) -> None:
    """Fork on every datagram of `control` (it carries four descriptors) until it closes.

    Raises RuntimeError when the process has more than one thread: a fork would then copy
    locks that nobody will ever release.
    """
    if threading.active_count() != 1 or len(list(Path("/proc/self/task").iterdir())) != 1:
        raise RuntimeError("the fork server must be single-threaded")
    wake, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    control.send(b"R")
    while True:
        readable, _, _ = select.select([control.fileno(), wake], [], [])
        if wake in readable:
            os.read(wake, 512)
            _report_exits(control)
        if control.fileno() in readable:
            message, descriptors, _, _ = socket.recv_fds(control, 1, CHILD_DESCRIPTORS)
            if not message:
                return
            _fork(control, descriptors, live)


def _fork(control: socket.socket, descriptors: list[int], live: Callable[[], NoReturn]) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _take(descriptors)
            live()
        finally:
            os._exit(70)
    pidfd = os.pidfd_open(pid)
    socket.send_fds(control, [FORKED.pack(b"F", pid)], [pidfd])
    for descriptor in (pidfd, *descriptors):
        os.close(descriptor)


def _take(descriptors: list[int]) -> None:
    """Make the four descriptors 0 to 3 and close every other."""
    # A received descriptor may itself be one of 0 to 3: lift all out of the way first.
    lifted = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 100) for descriptor in descriptors]
    for target, descriptor in enumerate(lifted):
        os.dup2(descriptor, target)
    os.closerange(CHILD_DESCRIPTORS, os.sysconf("SC_OPEN_MAX"))


def _report_exits(control: socket.socket) -> None:
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        cpu_seconds = usage.ru_utime + usage.ru_stime
        control.send(EXITED.pack(b"X", pid, status, cpu_seconds, usage.ru_maxrss))
