"""`with gradfn.record() as run:` around ordinary code, which runs as if it were not recorded."""

import linecache
import sys
import threading
import warnings
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
import torch

import gradfn
from gradfn.model.document import RunDocument
from gradfn.notebook.record import record
from tests.explain.provoked.clean import CLEAN
from tests.explain.provoked.meant import HEAD, MEANT

SILENT = CLEAN | {name: HEAD + code for name, code in MEANT.items()}


def lines_of(document: RunDocument) -> dict[str, int | None]:
    return {
        each.name: each.line for each in document.graph.functions if each.name != "AccumulateGrad"
    }


def here() -> int:
    return sys._getframe(1).f_lineno


def state() -> list[Any]:
    """What recording replaces for a while."""
    return [
        torch.autograd._engine_run_backward,  # type: ignore[attr-defined]
        torch.autograd.graph._engine_run_backward,
        dict(vars(torch._C._autograd)),
        torch.nn.Module._call_impl.__code__,
        sys.gettrace(),
        threading.gettrace(),
        warnings._showwarnmsg_impl,  # type: ignore[attr-defined]
    ]


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    before = state()
    yield
    assert state() == before


def test_each_function_has_the_line_that_made_it_and_each_pass_its_own() -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    with gradfn.record() as run:
        squared = w * w
        first = here() - 1
        loss = squared.sum()
        loss.backward()

    assert lines_of(run.document) == {"MulBackward0": first, "SumBackward0": first + 2}
    (one,) = run.document.backward
    assert (one.line, one.call) == (first + 3, "backward")
    (leaf,) = (each for each in run.document.graph.tensors if each.names == ("w",))
    assert leaf.grad is not None
    assert leaf.grad.data == [2.0, 4.0]


def test_a_function_defined_in_the_block_has_lines_of_its_own_and_others_that_of_the_call() -> None:
    w = torch.ones(2, requires_grad=True)

    def outside(x: torch.Tensor) -> torch.Tensor:
        return x.exp()

    with gradfn.record() as run:

        def inside(x: torch.Tensor) -> torch.Tensor:
            return x.sin()

        a = outside(inside(w))
        line = here() - 1
        kept = a

    assert kept is a
    functions = {each.name: each for each in run.document.graph.functions}
    assert functions["ExpBackward0"].line == line
    assert functions["SinBackward0"].line == line - 2
    assert [each.line for each in functions["SinBackward0"].stack] == [line, line - 2]


def test_what_is_older_than_the_block_has_no_line_and_is_not_named_unless_it_is_used() -> None:
    w = torch.ones(2, requires_grad=True)
    old, other = w.exp(), w.tan()
    with gradfn.record() as run:
        new = old.sum()
        line = here() - 1

    assert new.grad_fn is not None
    assert other.grad_fn is not None
    assert lines_of(run.document) == {"ExpBackward0": None, "SumBackward0": line}
    names = {name for each in run.document.graph.tensors for name in each.names}
    assert names == {"w", "old", "new"}


def test_functions_know_the_modules_that_made_them() -> None:
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    with gradfn.record() as run:
        loss = net(torch.ones(2)).sum()

    assert loss.grad_fn is not None
    modules = {each.name: each.module for each in run.document.graph.functions}
    assert modules["ReluBackward0"] == "net.1"
    assert modules["SumBackward0"] == ""


def test_an_error_is_raised_as_ever_and_explained() -> None:
    run = gradfn.record()
    lines = []

    def block() -> None:
        with run:
            loss = torch.ones(1, requires_grad=True).exp()
            loss.backward()
            lines.append(here())
            loss.backward()

    with pytest.raises(RuntimeError, match="second time"):
        block()

    error = run.document.error
    assert error is not None
    assert error.explanation is not None
    assert (error.line, error.explanation.id) == (lines[0] + 1, "backward-twice")
    assert f"line {lines[0] - 1}" in error.explanation.fix


def test_an_interruption_is_raised_and_the_graph_is_there_as_far_as_it_got() -> None:
    run = gradfn.record()

    def block() -> None:
        with run:
            loss = torch.ones(1, requires_grad=True).exp()
            raise KeyboardInterrupt(loss)

    with pytest.raises(KeyboardInterrupt):
        block()

    assert "ExpBackward0" in lines_of(run.document)
    assert run.document.error is None


def test_a_warning_is_told_at_its_line() -> None:
    run = gradfn.record()

    def block() -> int:
        with run:
            warnings.warn("careful", stacklevel=1)
        return here() - 1

    with pytest.warns(UserWarning, match="careful"):
        line = block()

    assert [(each.why, each.line) for each in run.document.diagnostics] == [("careful", line)]


@pytest.mark.parametrize("name", SILENT)
def test_nothing_is_said_of_programs_without_mistakes(name: str) -> None:
    run = recorded(SILENT[name])

    assert [each.id for each in run.document.diagnostics] == []
    made = [each for each in run.document.graph.functions if each.name != "AccumulateGrad"]
    assert [each.name for each in made if each.line is None] == []


def recorded(code: str) -> record:
    """The recording of a program that stands in a block."""
    text = "import gradfn\nwith gradfn.record() as run:\n"
    text += "".join(f"    {line}\n" for line in code.splitlines())
    linecache.cache["<block>"] = (len(text), None, text.splitlines(True), "<block>")
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, "<block>", "exec"), names)
    run: record = names["run"]
    return run


def test_gradients_are_bit_for_bit_those_of_an_unrecorded_run() -> None:
    def train() -> list[torch.Tensor]:
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(), torch.nn.Linear(8, 1))
        net(torch.randn(5, 4)).pow(2).mean().backward()
        return [each.grad.clone() for each in net.parameters() if each.grad is not None]

    plain = train()
    with gradfn.record():
        seen = train()

    assert len(plain) == 4
    assert all(map(torch.equal, plain, seen))


def test_no_tensor_is_kept_alive() -> None:
    def block() -> tuple[record, Any]:
        with gradfn.record() as run:
            loss = torch.ones(2, requires_grad=True).exp()
        return run, weakref.ref(loss)

    run, gone = block()

    assert gone() is None
    assert "ExpBackward0" in lines_of(run.document)


def test_what_another_thread_made_has_no_line_that_could_be_wrong() -> None:
    w, made = torch.ones(1, requires_grad=True), []
    with gradfn.record() as run:
        thread = threading.Thread(target=lambda: made.append(w.exp()))
        thread.start()
        thread.join()
        loss = made[0].sum()

    assert loss.requires_grad
    assert set(lines_of(run.document).values()) == {None}


def test_it_works_in_a_thread_and_within_another_recording() -> None:
    found: list[record] = []

    def elsewhere() -> None:
        with gradfn.record() as outer:
            a = torch.ones(1, requires_grad=True).exp()
            with gradfn.record() as inner:
                b = a.sin()
            b.backward()
        found.extend((outer, inner))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    outer, inner = found

    assert len(outer.document.backward) == 1
    assert inner.document.backward == ()
    assert lines_of(inner.document)["ExpBackward0"] is None


def test_without_source_it_says_that_no_lines_are_known() -> None:
    names: dict[str, Any] = {"torch": torch, "gradfn": gradfn}
    exec("with gradfn.record() as run:\n    b = torch.ones(1, requires_grad=True).exp()", names)

    assert [each.title for each in names["run"].output.notes] == [
        "The lines of this block are not known"
    ]
    assert "ExpBackward0" in lines_of(names["run"].document)


def test_a_cell_that_was_moved_to_the_left_has_its_lines() -> None:
    body = "with gradfn.record() as run:\n    b = torch.ones(1, requires_grad=True).exp()\n"
    file = "def cell():\n" + "".join(f"    {line}\n" for line in body.splitlines())
    linecache.cache["<cell>"] = (len(file), None, file.splitlines(True), "<cell>")
    names: dict[str, Any] = {"torch": torch, "gradfn": gradfn}
    exec(compile("\n" + body, "<cell>", "exec"), names)

    assert lines_of(names["run"].document) == {"ExpBackward0": 3}


@pytest.mark.skipif(
    hasattr(torch.autograd.graph, "node_creation_hook"), reason="PyTorch needs no trace function"
)
def test_a_debugger_stays_and_is_told_to_be_the_reason() -> None:
    def trace(*_: object) -> None:
        """A debugger's."""

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with gradfn.record() as run:
            loss = torch.ones(1, requires_grad=True).exp()
        assert sys.gettrace() is trace
    finally:
        sys.settrace(before)

    assert loss.requires_grad
    assert set(lines_of(run.document).values()) == {None}
    assert "debugger" in run.output.notes[-1].text


def test_it_can_be_used_once_and_asked_when_it_is_over() -> None:
    run = gradfn.record()
    with run:
        with pytest.raises(RuntimeError, match="not over"):
            run.document  # noqa: B018
        assert run._repr_mimebundle_() == {"text/plain": "<recording>"}

    with pytest.raises(RuntimeError, match="once more"), run:
        pass
    assert set(run._repr_mimebundle_()) >= {"text/html", "text/plain"}
