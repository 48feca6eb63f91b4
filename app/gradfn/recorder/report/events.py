"""The last events of a recorded program: its graph, its tensors, what was recorded, its names."""

from collections.abc import Callable, Iterator
from typing import Any

from gradfn.events.kinds import ChildEvent
from gradfn.events.run import Program
from gradfn.recorder.read.graph import Walk, walk_functions
from gradfn.recorder.read.tensors import Found, find_tensors, reached, read_tensors, read_variables
from gradfn.recorder.recorder import Recorder
from gradfn.recorder.report.report import report_recording


def graph_events(
    names: dict[str, Any],
    recorder: Recorder,
    program: Program,
    others: frozenset[int] = frozenset(),
    keep: Callable[[Walk, Found], object] = lambda walk, found: None,
) -> Iterator[ChildEvent]:
    """The events, when the program in the namespace `names` is over.

    `others` are the ids of tensors that are not the program's; `keep` is given the walk
    and the tensors, for whoever decides when to let go of them.
    """
    found = find_tensors(names, others)
    roots = found.roots(program.roots)
    if program.roots is None:
        roots += recorder.roots
    walk = walk_functions(roots, program.max_functions)
    found = reached(found, walk, program.roots)
    keep(walk, found)
    yield walk.walked
    read = read_tensors(found, walk, program.max_values)
    if recorder.probes is None:
        yield read
    else:
        yield from report_recording(recorder, walk, found, read, names, program)
    yield read_variables(names, found)
