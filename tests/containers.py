"""A server in a container, run as a careful operator runs it.

Tests that start a server start it so when TEST_IMAGE names an image, which `make image-test` does.
"""

import json
import os
import subprocess
import uuid
from typing import Any

from tests.processes import children

IMAGE = os.environ.get("TEST_IMAGE")
MEMORY = "3g"
PIDS = 400
CAREFUL = [
    *("--read-only", "--tmpfs", "/tmp:rw,noexec,nosuid,nodev,size=64m"),
    *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
    *("--ulimit", "core=0", "--ulimit", "nofile=8192:8192"),
]


def run_command(
    name: str, environment: dict[str, str], options: list[str] | None = None
) -> list[str]:
    """The command that runs the image until it ends, on this machine's own network.

    `options` come last, so they may say another limit of memory or of processes.
    """
    settings = {"GRADFN_HOST": "127.0.0.1", "GRADFN_LOG_FORMAT": "text", **environment}
    return [
        *("docker", "run", "--rm", "--name", name, "--network", "host", *CAREFUL),
        *("--memory", MEMORY, "--memory-swap", MEMORY, "--pids-limit", str(PIDS)),
        *(option for each in settings.items() for option in ("--env", "=".join(each))),
        *(options or []),
        str(IMAGE),
    ]


def new_name() -> str:
    """A name that no other container has."""
    return f"gradfn-test-{uuid.uuid4().hex[:8]}"


def docker(*words: str) -> str:
    """What a command of Docker prints."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def logs(name: str) -> list[dict[str, Any]]:
    """What a container's server has logged."""
    told = subprocess.run(
        ["docker", "logs", name], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    return [json.loads(line) for line in told.stderr.decode().splitlines()]


def inspected(name: str) -> dict[str, Any]:
    """What the engine knows of a container or an image."""
    [known] = json.loads(docker("inspect", name))
    assert isinstance(known, dict)
    return known


def server_in(name: str) -> int:
    """The pid, on this machine, of the server below the container's init."""
    [server] = children(inspected(name)["State"]["Pid"])
    return server
