"""The programs in tests/jail/hostile, each of which tries to do harm, and what is to come of it.

A program prints a line that begins with HARM when it did what it tried. What its first lines say:

    # tries: what the attack is
    # must: what must be true afterwards
    # ends: how the run ends: its status, and the error's type, kind or limit; `|` between several
    # control: `yes` when it does its harm in tests/jail/unjailed.py, else `no` and why
    # runs: how often it runs, when one run looks for the traces of the one before
    # machine: the only architecture that it is meant for
"""

import platform
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import Served

WALL_SECONDS, GRACE_SECONDS = 2.0, 0.5
READY_CHILDREN = 4
SETTINGS: dict[str, Any] = {
    "GRADFN_GRACE_SECONDS": str(GRACE_SECONDS),
    "GRADFN_CPU_SECONDS": "3",
    "GRADFN_MEMORY_MB": "256",
    "GRADFN_OUTPUT_BYTES": "50000",
    "GRADFN_WIRE_BYTES": "32000000",
    "GRADFN_EVENTS": "300",
    "GRADFN_FIGURES": "5",
    "GRADFN_FUNCTIONS": "10000",
    "GRADFN_READY_CHILDREN": str(READY_CHILDREN),
    "TEST_SECRET": f"hush-{secrets.token_hex(16)}",
}
SOUND = """
import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
w = torch.tensor([3.0, 4.0], requires_grad=True)
y = (x * w).sum()
y.backward()
x.grad + w.grad
"""


@dataclass(frozen=True, slots=True)
class Attack:
    """A program, and what its first lines say of it."""

    name: str
    code: str
    said: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> "Attack":
        """The attack in a file."""
        code = path.read_text()
        head = re.match(r"(# \w+: .+\n)+", code)
        assert head, f"{path.name} does not say what it tries"
        return cls(path.stem, code, dict(re.findall(r"# (\w+): (.+)", head[0])))

    @property
    def runs(self) -> int:
        """How often it runs."""
        return int(self.said.get("runs", "1"))

    @property
    def options(self) -> dict[str, Any]:
        """Little time, where that is what ends it; else no clock decides how it ends."""
        return {"timeout_ms": WALL_SECONDS * 1e3} if "limit time" in self.said["ends"] else {}


ATTACKS = [Attack.read(path) for path in sorted(Path(__file__).parent.glob("hostile/*.py"))]
HERE = [a for a in ATTACKS if a.said.get("machine", platform.machine()) == platform.machine()]
REAL = [attack for attack in HERE if attack.said["control"] == "yes"]
INJECTIONS = [attack for attack in HERE if attack.name.startswith("inject_")]


def named(attack: Attack) -> str:
    return attack.name


def run_sound(server: Served) -> None:
    """A program of six lines, whose figures must be right."""
    document = server.run(SOUND)
    assert (document["status"], document["stderr"]) == ("finished", ""), document["error"]
    assert document["result"] == {"repr": "tensor([4., 6.])"}
    tensors = {t["names"][0]: t for t in document["graph"]["tensors"] if t["names"]}
    assert tensors["x"]["grad"]["data"] == [3.0, 4.0]
    assert tensors["w"]["grad"]["data"] == [1.0, 2.0]
    assert tensors["y"]["value"]["data"] == [11.0]


def harm_in(document: dict[str, Any]) -> list[str]:
    """The lines in which a program says that it did what it tried."""
    lines: list[str] = (document["stdout"] + document["stderr"]).splitlines()
    return [line for line in lines if line.startswith("HARM")]


def end_of(document: dict[str, Any]) -> set[str]:
    """How a run ended, in the words that an attack may use for it."""
    status, error = document["status"], document["error"]
    if error is None:
        return {status}
    return {f"{status} {error[word]}" for word in ("type", "kind", "limit")}
