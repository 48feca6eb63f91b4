"""Why a child ended before it said that it had finished, in the reader's words."""

import os
import signal
from dataclasses import dataclass

from gradfn.events.kinds import Crashed, LimitReached
from gradfn.events.limits_met import (
    broken_channel,
    cpu_limit,
    events_limit,
    memory_limit,
    wall_limit,
)
from gradfn.run.forkserver import Exit
from gradfn.run.limits import Limits

# Exit codes of a child that ended itself: an exception of ours went through it
# (`gradfn.jail.fork_server`), or it could not write to its wire (`gradfn.child.run_once`).
OUR_EXCEPTION, WIRE_CLOSED = 70, 71
CLOSED = "it was closed"


@dataclass(frozen=True, slots=True)
class ObservedEnd:
    """What this process saw of the end of a child.

    `limit` is the one for which it killed the child, `protocol_error` what was wrong with the wire.
    `exit` is None when the fork server is gone, or when the child lives on without a wire.
    """

    limit: str | None
    exit: Exit | None
    protocol_error: str | None


def exit_reason(end: ObservedEnd, limits: Limits, wall_seconds: float) -> LimitReached | Crashed:
    """Why the child ended. What it says of itself plays no part in it."""
    match end:
        case ObservedEnd(limit="time"):
            return wall_limit(wall_seconds)
        case ObservedEnd(limit="memory"):
            return memory_limit(limits.memory_mb)
        case ObservedEnd(limit="memory beside"):
            return LimitReached(
                "memory",
                "The server is full. Programs that sleep made room for others, this one too; "
                f"together they needed more than {limits.beside_memory_mb:,} MB, and this one the "
                "most of them.",
            )
        case ObservedEnd(limit="output"):
            size = f"{limits.output_bytes:,} bytes"
            return LimitReached("output", f"The program printed more than {size}.")
        case ObservedEnd(limit="events"):
            return events_limit(limits.on_wire)
        case ObservedEnd(exit=None, protocol_error=None):
            return Crashed(
                "crash",
                "The server's own process that runs programs was lost, and this run with it. "
                "It is being started again; run the program once more.",
            )
        case ObservedEnd(exit=Exit() as ended) if _ran_out_of_cpu(ended, limits):
            return cpu_limit(limits.cpu_seconds)
        case ObservedEnd(protocol_error=str() as reason):
            return broken_channel(reason)
        case ObservedEnd(exit=Exit() as ended) if os.WIFSIGNALED(ended.status):
            return _by_signal(os.WTERMSIG(ended.status), ended, limits)
        case ObservedEnd(exit=Exit(status=status)):
            code = os.waitstatus_to_exitcode(status)
            if code == WIRE_CLOSED:
                return broken_channel(CLOSED)
            if code == OUR_EXCEPTION:
                return Crashed(
                    "crash",
                    "The end of the program could not be reported: it changed or used up something "
                    "that Python itself needs.",
                )
            return Crashed(
                "crash",
                f"The process ended with exit code {code} before the program did, "
                "as by os._exit().",
            )
    raise AssertionError(end)


def _ran_out_of_cpu(ended: Exit, limits: Limits) -> bool:
    killed = os.WIFSIGNALED(ended.status) and os.WTERMSIG(ended.status)
    return killed == signal.SIGXCPU or (
        killed == signal.SIGKILL and ended.cpu_seconds >= limits.cpu_seconds
    )


_REASONS: dict[int, str] = {
    signal.SIGSEGV: "it touched memory that is not its own, as a null pointer or a recursion "
    "too deep for C does",
    signal.SIGBUS: "it touched memory that is not there",
    signal.SIGABRT: "a library gave up and called abort()",
    signal.SIGFPE: "an integer division by zero in C code",
    signal.SIGILL: "an instruction this processor does not have",
}


def _by_signal(number: int, ended: Exit, limits: Limits) -> LimitReached | Crashed:
    if number == signal.SIGSYS:
        return Crashed(
            "forbidden", "The program tried something the jail forbids and was ended (SIGSYS)."
        )
    if number == signal.SIGKILL and ended.peak_kib / 1024 > limits.memory_mb:
        return memory_limit(limits.memory_mb)  # the kernel was short of memory, and this was large
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    reason = _REASONS.get(number, "the signal came from outside")
    return Crashed("crash", f"The process was ended by {name}: {reason}.")
