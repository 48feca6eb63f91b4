"""The backward passes as events: on the functions of the graph at the end."""

from collections.abc import Callable

from gradfn.events.recorded import RecordedPass, RecordedPassedFunction
from gradfn.events.values import TensorValue
from gradfn.recorder.read.captured import Captured
from gradfn.recorder.read.graph import Walk
from gradfn.recorder.read.text import clean
from gradfn.recorder.report.tables import Tables
from gradfn.recorder.watch.backward import Pass, sent_by

Brief = Callable[[Captured | None], TensorValue | None]


class PassReport:
    """Reports backward passes on the functions of a walk."""

    def __init__(self, walk: Walk, tables: Tables) -> None:
        self._tables, self._function_of_seq = tables, tables.tensors.function_of_seq
        self._accumulators = {id(leaf): position for position, leaf in walk.leaves}

    def all_of(self, passes: list[Pass]) -> list[RecordedPass]:
        """Every pass; one whose graph is gone on the functions of the latest that looks like it."""
        own = [any(seq in self._function_of_seq for seq in one.seqs) for one in passes]
        latest = {one.shape: nr for nr, one in enumerate(passes) if own[nr]}
        found = []
        for nr, one in enumerate(passes):
            alike = None if own[nr] else latest.get(one.shape)
            found.append(self.of(one, one if alike is None else passes[alike], alike))
        return found

    def of(self, one: Pass, source: Pass, alike: int | None) -> RecordedPass:
        """What a pass did; `source` is the pass that went over the functions it is reported on."""
        index = [
            self._accumulators.get(id(source.leaves[position].ref()))
            if position in source.leaves
            else self._function_of_seq.get(seq)
            for position, seq in enumerate(source.seqs)
        ]
        tables = self._tables
        frames, value = tables.frames(one.stack), tables.tensors.brief
        return RecordedPass(
            call=one.call,
            line=frames[-1][1] if frames else None,
            stack=tables.stack(one.stack, 1) if frames else None,
            step=max(one.step, 0),
            roots=self._roots(source),
            root_values=[value(each) for each in one.root_values],
            seed=[value(each) for each in one.seed],
            functions=passed_functions(one, index, value),
            accumulated=[
                tables.change(seen, value(before), value(after))
                for seen, before, after in one.accumulated
            ],
            alike=alike,
            truncated=one.truncated,
        )

    def _roots(self, source: Pass) -> list[int]:
        """Root tensors by index: an output of a walked function, or the tensor itself."""
        tensors, found = self._tables.tensors, []
        for (seen, _, output_nr), seq in zip(source.roots, source.root_seqs, strict=True):
            function = self._function_of_seq.get(seq)
            position = tensors.output(function, output_nr) if function is not None else None
            if position is None and seen is not None:
                position = tensors.alive(seen)
            if position is not None:
                found.append(position)
        return found


def passed_functions(
    one: Pass, index: list[int | None], value: Brief
) -> list[RecordedPassedFunction]:
    """The functions of a pass in the engine's order; `index` says where they are in the graph."""
    arrived = {position: grads for position, _, grads in one.ran}
    return [
        RecordedPassedFunction(
            function=index[position] if position < len(index) else None,
            name=clean(one.types[position].__name__, 200),
            grad_outputs=[value(each) for each in grad_outputs],
            grad_inputs=[value(each) for each in sent_by(one, position, sent, arrived)],
        )
        for position, sent, grad_outputs in one.ran
    ]
