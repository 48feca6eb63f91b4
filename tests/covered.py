"""`python -m tests.covered`: the server, and what its children run is measured. `make coverage`.

The server itself is measured as every process of the tests is. Its fork server has a clean
environment and its children are in a jail, where they can open no file. So a piece of shared memory
is made for each before it is forked; it is the beginning of a file, which
`python -m tests.covered FOLDER` afterwards adds to what the others found.
A child that is killed tells nothing.
"""

import mmap
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[1]
FOLDER = "TESTS_COVERAGE"  # in the environment: where the files go
BYTES = 2**20


def serve() -> None:
    """The server, but its fork server is this module."""
    from gradfn.__main__ import main
    from gradfn.run.forkserver import ForkServer

    command = ForkServer._command

    def own_command(server: ForkServer, control: int) -> list[str]:
        words = command(server, control)
        if server._module != "gradfn.child":
            return words
        at = words.index("-m")
        return [*words[:at], __file__, *words[at + 2 :], os.environ[FOLDER]]

    ForkServer._command = own_command  # type: ignore[assignment,method-assign]
    main()


def fork(folder: Path) -> None:
    """The fork server, measured, and each of its children where it ends."""
    import coverage

    measured = coverage.Coverage(
        data_file=None, config_file=False, branch=True, source=[str(ROOT / "app/gradfn")]
    )
    memory = _shared(folder)
    leave = os._exit

    def before_fork() -> None:
        nonlocal memory
        memory = _shared(folder)

    def tell() -> None:
        told = measured.get_data().dumps()
        memory[:8] = len(told).to_bytes(8, "little")
        memory[8 : 8 + len(told)] = told

    def told_exit(status: int) -> NoReturn:
        try:
            tell()
        finally:
            leave(status)

    def told_end(*usage: Any) -> Any:
        tell()  # the server ends a child that has told its end
        return finished(*usage)

    os._exit = told_exit
    os.register_at_fork(before=before_fork)
    measured.start()
    from gradfn.child import run_once
    from gradfn.child.__main__ import main

    finished = run_once._finished
    run_once._finished = told_end  # type: ignore[assignment]
    main()


def _shared(folder: Path) -> mmap.mmap:
    """Memory that is shared with a file of its own."""
    with open(folder / f"{os.getpid()}-{os.urandom(8).hex()}", "w+b") as file:
        file.truncate(BYTES)
        return mmap.mmap(file.fileno(), BYTES)


def gather(folder: Path) -> None:
    """Makes one file of coverage's own of all that was told."""
    import coverage

    arcs: dict[str, set[tuple[int, int]]] = {}
    files = list(folder.iterdir())
    told = 0
    for path in files:
        content = path.read_bytes()
        if length := int.from_bytes(content[:8], "little"):
            one = coverage.CoverageData(no_disk=True)
            one.loads(content[8 : 8 + length])
            for file in one.measured_files():
                arcs.setdefault(file, set()).update(one.arcs(file) or ())
            told += 1
    coverage.CoverageData(str(ROOT / ".coverage.children")).add_arcs(arcs)
    print(f"coverage: {told} of {len(files)} processes told what they ran")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        fork(Path(sys.argv.pop()))
    elif len(sys.argv) > 1:
        gather(Path(sys.argv[1]))
    else:
        serve()
