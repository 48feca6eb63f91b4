"""`gradfn.show`: the graph behind live tensors, which it leaves as they are."""

import gc
import subprocess
import sys
import threading
import warnings
import weakref
from typing import Any
from xml.etree import ElementTree

import pytest
import torch

import gradfn
from gradfn.notebook.output import Output


def names_of(output: Output) -> set[str]:
    return {name for each in output.document.graph.tensors for name in each.names}


def kinds_of(output: Output) -> list[str]:
    return sorted(each.name for each in output.document.graph.functions)


def titles_of(output: Output) -> list[str]:
    return [each.title for each in output.notes]


def reached_from(node: Any) -> list[str]:
    """The oracle: the names of all nodes that `next_functions` leads to."""
    met, waiting = {node}, [node]
    while waiting:
        for following, _ in waiting.pop().next_functions:
            if following is not None and following not in met:
                met.add(following)
                waiting.append(following)
    return sorted(each.name().rpartition("::")[2] for each in met)


def test_it_shows_the_graph_that_pytorch_has_by_the_names_of_the_caller() -> None:
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    unused = torch.ones(1, requires_grad=True)
    loss = net(torch.ones(2)).sum()

    output = gradfn.show(loss)

    assert kinds_of(output) == reached_from(loss.grad_fn)
    assert names_of(output) == {"loss", "net[0].weight", "net[0].bias"}
    assert unused.grad is None
    assert output.notes == ()


def test_values_and_gradients_are_those_of_now() -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    before = gradfn.show(loss)
    loss.backward()

    after = gradfn.show(loss)

    grads = []
    for output in (before, after):
        (leaf,) = (each for each in output.document.graph.tensors if each.names == ("w",))
        grads.append(leaf.grad.data if leaf.grad else None)
    assert grads == [None, [2.0, 4.0]]
    assert titles_of(after) == ["A backward pass has freed what this graph kept"]


def test_a_notebook_gets_html_a_picture_and_text() -> None:
    w = torch.ones(2, requires_grad=True)
    sneaky = {"<script>alert(1)</script>": w.exp()}

    bundle = gradfn.show(sneaky["<script>alert(1)</script>"])._repr_mimebundle_()

    assert set(bundle) == {"text/plain", "text/html", "image/svg+xml"}
    assert ElementTree.fromstring(bundle["image/svg+xml"]).tag.endswith("svg")
    assert "<script>alert" not in bundle["text/html"]
    assert "ExpBackward0" in bundle["text/html"]
    assert "http" not in bundle["text/html"].replace("http://www.w3.org/", "")


@pytest.mark.parametrize(
    ("made", "title"),
    [
        ("torch.ones(1)", "This tensor has no graph: it does not require grad"),
        ("torch.ones(1, requires_grad=True)", "A leaf has no graph behind it"),
        ("torch.nn.Linear(1, 1)", "A module has no graph of its own"),
        ("torch.inference_mode()(torch.ones)(1)",
         "This tensor has no graph: it is an inference tensor"),
        ("torch.ones(2, device='meta', requires_grad=True).exp()", "About (unnamed), (unnamed)"),
    ],
)  # fmt: skip
def test_where_there_is_nothing_to_show_it_says_why(made: str, title: str) -> None:
    output = gradfn.show(eval(made))

    assert titles_of(output) == [title]
    assert title in output._repr_mimebundle_()["text/plain"]


def test_a_subclass_that_lies_is_read_all_the_same() -> None:
    class Liar(torch.Tensor):
        @property
        def grad_fn(self) -> Any:  # type: ignore[override]
            raise SystemError

        @classmethod
        def __torch_function__(cls, *args: Any, **kwargs: Any) -> Any:
            raise SystemError

    w = torch.ones(2, requires_grad=True)
    lie = w.exp().as_subclass(Liar)

    output = gradfn.show(lie)

    assert "ExpBackward0" in kinds_of(output)
    assert {"w", "lie"} <= names_of(output)


@pytest.mark.parametrize("wrong", [(), (3,), ([torch.ones(1)],)])
def test_what_is_no_tensor_is_refused(wrong: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match=r"show\(\)"):
        gradfn.show(*wrong)


def test_nothing_is_changed_and_no_tensor_is_kept() -> None:
    w = torch.ones(2, requires_grad=True)

    def of_own() -> tuple[Any, Output]:
        loss = (w * w).sum()
        gone = weakref.ref(loss)
        output = gradfn.show(loss)
        del loss  # the frame has no copy of its names either
        return gone(), output

    assert of_own()[0] is None

    def state() -> list[Any]:
        seed = torch.get_rng_state().tolist()
        return [w._version, w.grad, seed, sys.stdout, list(warnings.filters), gc.isenabled()]

    before = state()
    gradfn.show(w.exp())
    assert state() == before


def test_the_names_that_the_caller_asked_for_are_left_to_it() -> None:
    loss = torch.ones(2, requires_grad=True).exp()
    names = locals()

    gradfn.show(loss)

    assert names["loss"] is loss


def test_it_can_be_called_from_a_thread() -> None:
    found: list[Output] = []
    loss = torch.ones(2, requires_grad=True).exp()
    thread = threading.Thread(target=lambda: found.append(gradfn.show(loss)))
    thread.start()
    thread.join()

    assert names_of(found[0]) == {"loss"}


def test_a_long_graph_is_cut_said_to_be_and_let_go_of_safely() -> None:
    # In a process of its own, for C's stack would end this one (gradfn.recorder.read.release).
    code = """
import gc, torch, gradfn
x = torch.ones(1, requires_grad=True)
for _ in range(150_000): x = x * 1.0
output = gradfn.show(x, max_functions=1_000_000)
print("image/svg+xml" in output._repr_mimebundle_())
print(gradfn.show(x, max_functions=100).notes[-1].title)
del x
gc.collect()
print("alive")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout.splitlines() == [
        "True",
        "The graph is larger than what is shown",
        "alive",
    ], done.stderr
    gc.collect()


def test_importing_gradfn_loads_neither_torch_nor_a_server() -> None:
    code = (
        "import gradfn, sys; print({'torch', 'numpy', 'fastapi', 'IPython'} & set(sys.modules));"
        "gradfn.show; print({'torch', 'fastapi', 'IPython'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["set()", "{'torch'}"]
