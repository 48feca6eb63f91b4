"""The one call of Graphviz: its budget, its failures, and that it is made once."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gradfn.render.dot import dot_of
from gradfn.render.layout import (
    GraphvizMissing,
    LayoutFailed,
    LayoutTooSlow,
    RenderError,
    find_graphviz,
    lay_out,
)
from tests.pace import patience
from tests.render.graphs import rnn

SMALL = "digraph { a -> b }"


def unrolled(steps: int) -> str:
    """An RNN as others draw it: each step's arrows from the same three weights."""
    edges = []
    for step in range(steps):
        mm, add, bias, tanh = (f"f{step}_{nr}" for nr in range(4))
        edges += [f"w -> {mm}", f"{mm} -> {add}", f"u -> m{step}", f"m{step} -> {add}"]
        edges += [f"{add} -> {bias}", f"b -> {bias}", f"{bias} -> {tanh}"]
        edges += [f"{tanh} -> f{step + 1}_0"]
    return f"digraph {{ {'; '.join(edges)} }}"


@pytest.fixture
def wrapper(tmp_path: Path) -> Callable[[str], str]:
    """A program in Graphviz's place that notes its process and then does as it is told."""

    def write(then: str) -> str:
        program = tmp_path / "dot"
        program.write_text(f'#!/bin/sh\necho $$ >> "{tmp_path}/calls"\n{then}\n')
        program.chmod(0o755)
        return str(program)

    return write


@pytest.fixture
def calls(tmp_path: Path) -> Callable[[], list[int]]:
    """The processes that the wrapper has been so far."""

    def read() -> list[int]:
        noted = tmp_path / "calls"
        return [int(line) for line in noted.read_text().split()] if noted.exists() else []

    return read


def real() -> str:
    return f'exec "{find_graphviz(None)}" "$@"'


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_picture_comes_back_in_the_format_asked_for() -> None:
    assert b"<svg" in lay_out(SMALL, "svg")
    assert lay_out(SMALL, "png").startswith(b"\x89PNG")


def test_200_steps_with_three_shared_weights_lay_out_upright() -> None:
    svg = lay_out(dot_of(rnn(200)), "svg", seconds=patience(5))
    width, height = (float(n) for n in svg.split(b'viewBox="', 1)[1].split(b'"')[0].split()[2:])
    assert svg.count(b'class="node proxy leaf"') == 3 * 199
    assert width < 1_000 < height


def test_a_tall_graph_still_fits_a_png() -> None:
    png = lay_out(dot_of(rnn(200)), "png", seconds=patience(5))
    width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
    assert 0 < width <= height <= 64 * 144


def test_a_slow_layout_is_cut_off_and_its_process_is_gone(
    wrapper: Callable[[str], str], calls: Callable[[], list[int]]
) -> None:
    with pytest.raises(LayoutTooSlow, match=r"longer than the limit of 0\.5 s") as caught:
        lay_out(unrolled(50), "svg", seconds=0.5, command=wrapper(real()))
    assert caught.value.seconds == 0.5
    [process] = calls()
    assert not alive(process)


def test_what_graphviz_itself_started_is_gone_too(
    wrapper: Callable[[str], str], calls: Callable[[], list[int]], tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = wrapper(f'sleep 600 > "{pipe}" & wait')
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(LayoutTooSlow):
        lay_out(SMALL, "svg", seconds=0.5, command=command)
    [process] = calls()
    assert not alive(process)
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""  # which returns when nobody holds the other end
    os.close(reader)


@pytest.mark.parametrize("then", ["", "exec >&-;", "echo '<svg>';"])
def test_one_that_hangs_is_cut_off_however_it_hangs(
    then: str, wrapper: Callable[[str], str], calls: Callable[[], list[int]]
) -> None:
    with pytest.raises(LayoutTooSlow):
        lay_out(SMALL, "svg", seconds=0.5, command=wrapper(f"{then} exec sleep 600"))
    assert not alive(calls()[0])


def test_broken_dot_is_a_failure_in_graphviz_own_words() -> None:
    with pytest.raises(LayoutFailed, match="syntax error"):
        lay_out("digraph { a -> ", "svg")


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("echo sorry >&2; exit 3", r"failed \(3\): sorry"),
        ("kill -SEGV $$", "ended by signal 11"),
        ("exit 0", r"failed \(0\)"),
        ("exec cat /dev/zero", "larger than 64 MB"),
    ],
)
def test_a_graphviz_that_fails_says_how(
    then: str, words: str, wrapper: Callable[[str], str], calls: Callable[[], list[int]]
) -> None:
    with pytest.raises(LayoutFailed, match=words):
        lay_out(SMALL, "svg", command=wrapper(then))
    assert not alive(calls()[0])


def test_a_graphviz_that_does_not_exist_or_start_is_named(tmp_path: Path) -> None:
    with pytest.raises(GraphvizMissing, match="no-such-dot"):
        lay_out(SMALL, "svg", command="no-such-dot")
    broken = tmp_path / "dot"
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o755)
    with pytest.raises(GraphvizMissing, match="does not start"):
        lay_out(SMALL, "svg", command=str(broken))
    assert issubclass(GraphvizMissing, RenderError)


def test_graphviz_sees_nothing_of_our_environment(
    wrapper: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADFN_SECRET", "swordfish")
    assert b"swordfish" not in lay_out(SMALL, "svg", command=wrapper("env"))
