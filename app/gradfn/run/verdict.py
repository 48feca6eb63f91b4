"""Why a child ended without its last word, in the reader's words."""

import os
import signal
from dataclasses import dataclass

from gradfn.events.kinds import (
    EDGES_PER_FUNCTION,
    MAX_TENSORS,
    Crashed,
    Event,
    GraphWalked,
    LimitReached,
    Raised,
    TensorsRead,
)
from gradfn.run.forkserver import Exit
from gradfn.run.limits import Limits

# How a child ends itself: an exception of ours went through it (`gradfn.child.fork_server`), or it
# could write to its wire no more (`gradfn.child.run_once`).
UNTOLD, UNHEARD = 70, 71
CLOSED = "it was closed"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What this process saw: the limit for which it ended the child, the exit, the torn wire.

    `exit` is None when the fork server is gone, or when the child lives on without a wire.
    """

    limit: str | None
    exit: Exit | None
    broken: str | None


def judge(evidence: Evidence, limits: Limits, wall_seconds: float) -> LimitReached | Crashed:
    """The verdict. What the child says of itself plays no part in it."""
    match evidence:
        case Evidence(limit="time"):
            return _wall_limit(wall_seconds)
        case Evidence(limit="memory"):
            return _memory_limit(limits)
        case Evidence(limit="output"):
            size = f"{limits.output_bytes:,} bytes"
            return LimitReached("output", f"The program printed more than {size}.")
        case Evidence(limit="events"):
            return LimitReached(
                "events",
                f"The program told more than {limits.events:,} events or "
                f"{limits.wire_bytes / 1e6:,.0f} MB of figures and values.",
            )
        case Evidence(exit=None, broken=None):
            return Crashed(
                "crash",
                "The server's own process that runs programs was lost, and this run with it. "
                "It is being started again; run the program once more.",
            )
        case Evidence(exit=Exit() as ended) if _ran_out_of_cpu(ended, limits):
            return _cpu_limit(limits)
        case Evidence(broken=str() as reason):
            return _broken_channel(reason)
        case Evidence(exit=Exit() as ended) if os.WIFSIGNALED(ended.status):
            return _by_signal(os.WTERMSIG(ended.status), ended, limits)
        case Evidence(exit=Exit(status=status)):
            code = os.waitstatus_to_exitcode(status)
            if code == UNHEARD:
                return _broken_channel(CLOSED)
            if code == UNTOLD:
                return Crashed(
                    "crash",
                    "What the program left could not be told: it changed or used up something "
                    "that Python itself needs.",
                )
            return Crashed(
                "crash",
                f"The process ended with exit code {code} before the program did, "
                "as by os._exit().",
            )
    raise AssertionError(evidence)


def limit_behind(event: Event, limits: Limits, wall_seconds: float) -> LimitReached | None:
    """The limit that an event speaks of without knowing its number."""
    match event:
        case Raised(kind="time", message="CPU time"):
            return _cpu_limit(limits)
        case Raised(kind="time"):
            return _wall_limit(wall_seconds)
        case Raised(kind="memory"):
            return _memory_limit(limits)
        case GraphWalked(truncated=True):
            return LimitReached(
                "graph",
                f"The graph has more than {limits.functions:,} functions, or "
                f"{EDGES_PER_FUNCTION * limits.functions:,} edges; "
                "what is nearest to its roots is shown.",
            )
        case TensorsRead(truncated=True):
            return LimitReached(
                "graph", f"There are more than {MAX_TENSORS:,} tensors; the first are shown."
            )
        case _:
            return None


def _broken_channel(reason: str) -> Crashed:
    return Crashed("crash", f"The program broke the channel that tells of it: {reason}.")


def _wall_limit(wall_seconds: float) -> LimitReached:
    return LimitReached("time", f"The program ran longer than {wall_seconds:g} s.")


def _cpu_limit(limits: Limits) -> LimitReached:
    return LimitReached("time", f"The program used more than {limits.cpu_seconds} s of CPU time.")


def _memory_limit(limits: Limits) -> LimitReached:
    return LimitReached("memory", f"The program needed more than {limits.memory_mb:,} MB.")


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
        return _memory_limit(limits)  # the kernel was short of memory, and this was large
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    reason = _REASONS.get(number, "the signal came from outside")
    return Crashed("crash", f"The process was ended by {name}: {reason}.")
