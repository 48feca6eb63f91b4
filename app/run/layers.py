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
    """`landlock` is the version of its ABI, 0 for none; `unsafe`, that seccomp may be missing."""

    landlock: int
    seccomp: bool
    unsafe: bool

    @property
    def sealed(self) -> bool:
        """Whether children may open no file at all, for want of Landlock."""
        return self.seccomp and not self.landlock

    def __str__(self) -> str:
        landlock = f"Landlock (ABI {self.landlock})" if self.landlock else "no Landlock: sealed"
        return f"{landlock if self.seccomp else 'no Landlock'}, " + (
            "seccomp" if self.seccomp else "NO SECCOMP: only for programs you wrote yourself"
        )


def probe_layers(*, unsafe: bool) -> Layers:
    """The layers there are; NoJail without seccomp, unless that is wanted (`unsafe`)."""
    command = [sys.executable, "-s", "-P", "-m", "app.child.layers"]
    probe = subprocess.run(
        command,
        env=clean_environment("/"),
        cwd="/",
        capture_output=True,
        check=True,
        timeout=PROBE_SECONDS,
    )
    layers = Layers(**json.loads(probe.stdout), unsafe=unsafe)
    if not layers.seccomp and not unsafe:
        raise NoJail(
            "this kernel takes no seccomp filter, so a program could harm this machine. "
            "Run gradfn on Linux or in a container; or, for programs that you wrote yourself, "
            "set GRADFN_LOCAL_UNSAFE=1, which serves this machine alone."
        )
    return layers
