"""The backward passes as they are told: on the functions of the graph at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.child.captured import Captured
from app.child.passes import Pass, sent_by
from app.child.text import clean
from app.events.recorded import PassedTold, PassTold
from app.events.values import TensorValue

if TYPE_CHECKING:
    from app.child.story import Story

Brief = Callable[[Captured | None], TensorValue | None]


def passes_of(story: Story) -> list[PassTold]:
    """Every pass; one whose graph is gone on the functions of the latest that looks like it."""
    passes = story.recorder.passes.passes
    own = [_is_shown(story, one) for one in passes]
    latest = {one.shape: nr for nr, one in enumerate(passes) if own[nr]}
    told = []
    for nr, one in enumerate(passes):
        alike = None if own[nr] else latest.get(one.shape)
        told.append(pass_of(story, one, one if alike is None else passes[alike], alike))
    return told


def pass_of(story: Story, one: Pass, source: Pass, alike: int | None) -> PassTold:
    """What a pass did; `source` is the pass that went over the functions it is told on."""
    of_seq = story.cast.function_of_seq
    accumulators = {id(leaf): position for position, leaf in story.walk.leaves}
    index = [
        accumulators.get(id(source.leaves[position].ref()))
        if position in source.leaves
        else of_seq.get(seq)
        for position, seq in enumerate(source.seqs)
    ]
    frames = story.frames(one.stack)
    value = story.cast.brief
    return PassTold(
        call=one.call,  # type: ignore[arg-type]
        line=frames[-1][1] if frames else None,
        stack=story.stack(one.stack, 1) if frames else None,
        step=max(one.step, 0),
        roots=_roots(story, source),
        root_values=[value(each) for each in one.root_values],
        seed=[value(each) for each in one.seed],
        functions=passed_told(one, index, value),
        accumulated=[
            story.changed(seen, value(before), value(after))
            for seen, before, after in one.accumulated
        ],
        alike=alike,
        truncated=one.truncated,
    )


def passed_told(one: Pass, index: list[int | None], value: Brief) -> list[PassedTold]:
    """The functions of a pass in the engine's order; `index` says where they are in the graph."""
    arrived = {position: grads for position, _, grads in one.ran}
    return [
        PassedTold(
            function=index[position] if position < len(index) else None,
            name=clean(one.types[position].__name__, 200),
            grad_outputs=[value(each) for each in grad_outputs],
            grad_inputs=[value(each) for each in sent_by(one, position, sent, arrived)],
        )
        for position, sent, grad_outputs in one.ran
    ]


def _is_shown(story: Story, one: Pass) -> bool:
    return any(seq in story.cast.function_of_seq for seq in one.seqs)


def _roots(story: Story, source: Pass) -> list[int]:
    """Root tensors by index: an output of a walked function, or the tensor itself."""
    cast, found = story.cast, []
    for (seen, _, output_nr), seq in zip(source.roots, source.root_seqs, strict=True):
        function = cast.function_of_seq.get(seq)
        position = cast.output(function, output_nr) if function is not None else None
        if position is None and seen is not None:
            position = cast.alive(seen)
        if position is not None:
            found.append(position)
    return found
