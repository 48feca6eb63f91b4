"""Which layers of the jail this machine has, probed in a process before any child is needed."""

import json
import subprocess
import sys
from dataclasses import dataclass

from gradfn.run.forkserver import clean_environment

PROBE_SECONDS = 30
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class NoJail(Exception):
    """This machine cannot jail programs, and the operator did not allow to run them unjailed."""


@dataclass(frozen=True, slots=True)
class Layers:
    """`landlock` is the version of its ABI, 0 where the kernel has none."""

    landlock: int
    seccomp: bool

    def __str__(self) -> str:
        landlock = f"Landlock (ABI {self.landlock})" if self.landlock else "no Landlock"
        if not self.seccomp:
            return f"no seccomp, {landlock}: programs have the rights of this server's user"
        return f"seccomp, {landlock if self.landlock else 'no file may be opened'}"


def probe_layers() -> Layers:
    """The layers there are; NoJail where no program can be run at all."""
    if sys.platform != "linux":
        raise NoJail("programs are run on Linux alone. Run gradfn in a container, or under WSL 2.")
    command = [sys.executable, "-s", "-P", "-m", "gradfn.jail.probe"]
    probe = subprocess.run(
        command,
        env=clean_environment("/"),
        cwd="/",
        capture_output=True,
        check=True,
        timeout=PROBE_SECONDS,
    )
    return Layers(**json.loads(probe.stdout))


def check_jail(layers: Layers, host: str, *, unsafe: bool) -> None:
    """NoJail if the program of somebody else could be run unjailed."""
    if layers.seccomp:
        return
    if not unsafe:
        raise NoJail(
            "this kernel takes no seccomp filter, so a program could harm this machine. Run "
            "gradfn in a container, or set GRADFN_LOCAL_UNSAFE=1 to serve yourself alone, unjailed."
        )
    if host not in LOOPBACK:
        raise NoJail(
            f"HOST is {host!r}, and without a jail only this machine may be served: 127.0.0.1."
        )
