"""There is nothing to steal: what a program can see holds no secret, and nothing of another run."""

import ast
import itertools
import os
import secrets
import sys
import sysconfig
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gradfn.jail.jail import READABLE_FILES, READABLE_FOLDERS
from gradfn.run.forkserver import KEPT_VARIABLES
from tests.conftest import Serve, Served
from tests.processes import children, fork_server_below

SECRET = f"hush-{secrets.token_hex(16)}"
PROJECT = Path(__file__).parents[2]
ROOMY: dict[str, Any] = {"GRADFN_SOURCE_BYTES": "10000000", "GRADFN_OUTPUT_BYTES": "10000000"}
FOLDERS_DEEP = 4
UNREAL = ("/proc", "/sys", "/dev")  # made as they are read; tests/jail/hostile tries them
READABLE = (*READABLE_FOLDERS, *READABLE_FILES)


@pytest.fixture(scope="module")
def rich(serve: Serve) -> Iterator[Served]:
    """A server with a secret in its environment."""
    with serve(DATABASE_PASSWORD=SECRET, **ROOMY) as served:
        yield served


def result_of(server: Served, code: str, **options: Any) -> Any:
    """The literal that a program ends in."""
    document = server.run(code, **options)
    assert document["status"] == "finished", document["error"]
    return ast.literal_eval(document["result"]["repr"])


def memory_of(pid: int) -> Iterator[bytes]:
    """Whatever of a process's memory can be read, map by map."""
    with open(f"/proc/{pid}/mem", "rb") as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            addresses, permissions, *_ = line.split()
            if permissions.startswith("rw"):
                start, end = (int(each, 16) for each in addresses.split("-"))
                memory.seek(start)
                try:
                    yield memory.read(end - start)
                except OSError:  # a map of the kernel's own
                    continue


def test_the_environment_is_a_list_that_we_wrote(rich: Served) -> None:
    names = result_of(rich, "import os\nsorted(os.environ)")

    assert set(names) - set(KEPT_VARIABLES) == {
        *("HOME", "LANG", "MPLCONFIGDIR", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED"),
        *("PYTHONPATH", "TMPDIR", "TORCHINDUCTOR_CACHE_DIR"),
        *("MKL_NUM_THREADS", "OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS"),
    }


def test_the_secret_is_in_the_server_and_in_no_process_below_it(rich: Served) -> None:
    secret = SECRET.encode()
    fork_server = fork_server_below(rich.process.pid)
    try:
        assert any(secret in part for part in memory_of(rich.process.pid))
    except PermissionError:
        pytest.skip("this machine lets nobody read another process, so nothing can be compared")

    for pid in (fork_server, *children(fork_server)):
        assert not any(secret in part for part in memory_of(pid))
        assert secret not in Path(f"/proc/{pid}/environ").read_bytes()


def files_of_this_machine() -> Iterator[Path]:
    """Of every folder near the root its first files, which stand for all of it."""
    for folder, folders, files in os.walk("/"):
        deep = folder.count("/") >= FOLDERS_DEEP
        folders[:] = [] if deep else [n for n in folders if str(Path(folder, n)) not in UNREAL]
        paths = (Path(folder, name) for name in sorted(files))
        yield from itertools.islice((path for path in paths if path.is_file()), 2)


def test_a_file_that_can_be_read_is_part_of_python_or_its_packages(
    rich: Served, tmp_path: Path
) -> None:
    own = tmp_path / "settings"
    own.write_text(SECRET)
    settings = [PROJECT / name for name in (".env", "pyproject.toml", "app/gradfn/settings.py")]
    paths = [str(path.resolve()) for path in (own, *settings, *files_of_this_machine())]

    printed = rich.run(
        "def can_be_read(path):\n"
        "    try:\n"
        "        open(path, 'rb').close()\n"
        "    except OSError:\n"
        "        return False\n"
        "    return True\n"
        f"print(*filter(can_be_read, {paths!r}), sep='\\n')"
    )

    assert printed["status"] == "finished", printed["error"]
    readable = printed["stdout"].splitlines()
    allowed = [Path(path).resolve() for path in (*READABLE, *sysconfig.get_paths().values())]
    allowed += [Path(path).resolve() for path in sys.path if Path(path).resolve() != PROJECT]
    assert len(readable) > 100
    outside = [path for path in readable if not {Path(path), *Path(path).parents} & {*allowed}]
    assert outside == []


def test_two_programs_at_once_see_nothing_of_each_other(rich: Served) -> None:
    code = """
import builtins, os, sys, time, torch
builtins.mine = mine = {number}
os.environ["MINE"] = str(mine)
torch.manual_seed(mine)
torch.set_default_dtype([torch.float32, torch.float64][mine % 2])
sys.modules["mine"] = type(sys)("mine")
time.sleep(0.3)
(builtins.mine, os.environ["MINE"], torch.initial_seed(), str(torch.get_default_dtype()))
"""
    with ThreadPoolExecutor(4) as pool:
        seen = [*pool.map(lambda n: result_of(rich, code.replace("{number}", str(n))), range(8))]

    assert seen == [(n, str(n), n, f"torch.float{(32, 64)[n % 2]}") for n in range(8)]


def test_no_number_of_one_run_tells_of_the_next(rich: Served) -> None:
    code = (
        "import numpy, os, random, torch, uuid\n"
        "(random.random(), float(numpy.random.rand()), torch.rand(1).item(), torch.randn(1).item(),"
        " os.urandom(8), uuid.uuid4().hex, torch.initial_seed())"
    )
    drawn = [result_of(rich, code) for _ in range(12)]

    for numbers in zip(*drawn, strict=True):
        assert len(set(numbers)) == len(drawn)


def test_no_descriptor_leads_out(rich: Served) -> None:
    code = """
import os, stat
def kind(descriptor):
    try:
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except OSError:
        return None
{n: kind(n) for n in range(4096) if kind(n) is not None}
"""
    assert result_of(rich, code) == {0: True, 1: True, 2: True, 3: True}
