"""Put all of them in place, each with a note to the reader when it is first used."""

from collections.abc import Callable

from gradfn.child.streams import Emit
from gradfn.child.substitutes.compiling import run_uncompiled
from gradfn.child.substitutes.cuda import run_on_cpu
from gradfn.child.substitutes.loops import wait_without_sockets
from gradfn.child.substitutes.processes import run_in_threads
from gradfn.child.substitutes.workers import load_in_process
from gradfn.events.kinds import Substituted
from gradfn.events.run import Program
from gradfn.recorder.recorder import line_of_program

Note = Callable[[str], None]


def install_substitutes(program: Program, emit: Emit) -> None:
    """Those that the program may need."""
    noted: set[str] = set()

    def note(what: str) -> None:
        if what not in noted:
            noted.add(what)
            emit(Substituted(what, line_of_program()))  # type: ignore[arg-type]

    load_in_process(note)
    run_in_threads(note)
    wait_without_sockets()
    run_uncompiled(note)
    if program.cuda_on_cpu and "cuda" in program.code:
        run_on_cpu(note)
