"""Landlock alone, without seccomp: what each version of its interface closes."""

import json
import subprocess
import sys

import pytest

from gradfn.jail.landlock import NEWEST_ABI, landlock_abi

# What a process tries once it is in: it prints the names of what was refused.
TRIES = """
import ctypes, errno, fcntl, json, os, socket, sys, tempfile, termios
from pathlib import Path
from gradfn.jail import landlock

abi = int(sys.argv[1])
folder = Path(tempfile.mkdtemp())
(folder / "file").write_text("text")
(folder / "deep").mkdir()
tcp = socket.create_server(("127.0.0.1", 0))
abstract = socket.socket(socket.AF_UNIX)
abstract.bind("\\0gradfn-%d" % os.getpid())
abstract.listen()
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
path = socket.socket(socket.AF_UNIX)
path.bind(str(folder / "socket"))
path.listen()
device = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)
parent = os.getpid()
if os.fork() == 0:
    device_type = lambda: fcntl.ioctl(os.open("/dev/null", os.O_RDONLY), termios.TCGETS)
    landlock.landlock_abi = lambda: abi
    ruleset = landlock.reading_only([folder], [Path("/dev/null"), Path("/dev/ptmx")])
    assert ruleset.abi == abi
    ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
    ruleset.restrict_self()
    tries = {
        "reading elsewhere": lambda: os.listdir("/etc"),
        "writing": lambda: (folder / "file").write_text("other"),
        "making": lambda: (folder / "new").write_text("text"),
        "moving": lambda: os.rename(folder / "file", folder / "deep" / "file"),
        "truncating": lambda: os.truncate(folder / "file", 0),
        "tcp": lambda: socket.socket().connect(tcp.getsockname()),
        "ioctl": lambda: fcntl.ioctl(os.open("/dev/ptmx", os.O_RDONLY), 0x80045430, bytes(4)),
        "abstract": lambda: socket.socket(socket.AF_UNIX).connect(abstract.getsockname()),
        "signal": lambda: os.kill(parent, 0),
        "unix": lambda: socket.socket(socket.AF_UNIX).connect(path.getsockname()),
        "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(udp.getsockname()),
    }
    refused = []
    for name, attempt in tries.items():
        try:
            attempt()
        except PermissionError:
            refused.append(name)
        except OSError as error:
            if error.errno == errno.EXDEV:  # how a move is refused by the first ABI
                refused.append(name)
    print(json.dumps(refused), flush=True)
    os._exit(0)
os.wait()
import shutil
shutil.rmtree(folder)
"""
FROM = {"truncating": 3, "tcp": 4, "ioctl": 5, "abstract": 6, "signal": 6, "unix": 9, "udp": 10}
ALWAYS = {"reading elsewhere", "writing", "making", "moving"}
HERE = landlock_abi()


def test_this_kernel_s_landlock_is_known() -> None:
    assert HERE <= NEWEST_ABI, "app/gradfn/jail/landlock.py can close more than it does"


@pytest.mark.skipif(HERE == 0, reason="this kernel has no Landlock: tests/jail/test_sealed.py")
@pytest.mark.parametrize("abi", range(1, max(HERE, 1) + 1))
def test_each_version_closes_what_it_can(abi: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", TRIES, str(abi)], capture_output=True, text=True, check=False
    )

    assert ran.stderr == ""
    assert set(json.loads(ran.stdout)) == ALWAYS | {name for name in FROM if FROM[name] <= abi}
