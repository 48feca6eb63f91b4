"""Which layers of the jail this machine has, asked of a child before any is needed."""

import json
import subprocess
import sys
from dataclasses import dataclass

from app.run.forkserver import clean_environment

PROBE_SECONDS = 30


class NoJail(Exception):
    """The machine cannot keep a stranger's program in."""


@dataclass(frozen=True, slots=True)
class Layers:
    """`landlock` is the version of its ABI, 0 where the kernel has none."""

    landlock: int
    seccomp: bool

    def __str__(self) -> str:
        landlock = f"Landlock (ABI {self.landlock})" if self.landlock else "no file may be opened"
        return f"seccomp, {landlock}"


def probe_layers() -> Layers:
    """The layers there are; NoJail without seccomp."""
    command = [sys.executable, "-s", "-P", "-m", "app.child.layers"]
    probe = subprocess.run(
        command,
        env=clean_environment("/"),
        cwd="/",
        capture_output=True,
        check=True,
        timeout=PROBE_SECONDS,
    )
    layers = Layers(**json.loads(probe.stdout))
    if not layers.seccomp:
        raise NoJail(
            "this kernel takes no seccomp filter, so a program could harm this machine. "
            "Run gradfn on Linux, or in a container."
        )
    return layers
