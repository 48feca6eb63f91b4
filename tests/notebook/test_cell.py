"""`%%gradfn` in a real IPython kernel."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

from tests.pace import patience


@dataclass
class Answer:
    """What a cell answered: ok or error, what it showed, what it printed, its traceback."""

    status: str
    shown: list[dict[str, str]] = field(default_factory=list)
    printed: str = ""
    traceback: list[str] = field(default_factory=list)


class Kernel:
    """A kernel that runs cells."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def run(self, *lines: str) -> Answer:
        """What a cell of these lines answers."""
        answer = Answer("")

        def take(message: dict[str, Any]) -> None:
            content = message["content"]
            match message["msg_type"]:
                case "display_data" | "execute_result":
                    answer.shown.append(content["data"])
                case "stream":
                    answer.printed += content["text"]
                case "error":
                    answer.traceback = content["traceback"]

        reply = self._client.execute_interactive(
            "\n".join(lines), output_hook=take, timeout=patience(100)
        )
        answer.status = reply["content"]["status"]
        return answer


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=patience(60))
    try:
        kernel = Kernel(client)
        assert kernel.run("%load_ext gradfn", "import torch").status == "ok"
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_cell_is_recorded_in_the_names_of_the_notebook(kernel: Kernel) -> None:
    kernel.run("w = torch.tensor([1.0, 2.0], requires_grad=True)", "old = w.exp()", "other = w * 9")

    cell = kernel.run("%%gradfn", "", "loss = (old * w).sum()", "print('hi')", "loss.backward()")

    assert (cell.status, cell.printed) == ("ok", "hi\n")
    (shown,) = cell.shown
    assert set(shown) == {"text/plain", "text/html", "image/svg+xml"}
    picture = shown["image/svg+xml"]
    assert all(name in picture for name in ("old", "loss", "ExpBackward0", "SumBackward0"))
    assert "other" not in picture
    after = kernel.run("w.grad.tolist() == (old * (w + 1)).tolist(), loss.item() > 0")
    assert after.shown[0]["text/plain"] == "(True, True)"


def test_an_error_is_explained_at_its_line_of_the_cell_and_ends_the_cell(kernel: Kernel) -> None:
    cell = kernel.run(
        "%%gradfn", "", "v = torch.ones(1, requires_grad=True)", "a = v.exp()", "kept = 1",
        "a.backward()", "a.backward()",
    )  # fmt: skip

    assert cell.status == "error"
    assert cell.traceback == ["RuntimeError in line 7, explained above"]
    html = cell.shown[0]["text/html"]
    assert "Line 7: RuntimeError: Trying to backward" in html
    assert "retain_graph=True` in line 6" in html
    assert kernel.run("kept").shown[0]["text/plain"] == "1"


def test_a_silent_mistake_is_shown_at_its_line(kernel: Kernel) -> None:
    cell = kernel.run(
        "%%gradfn", "net = torch.nn.Linear(2, 1)",
        "opt = torch.optim.SGD(net.parameters(), lr=0.01)", "for i in range(3):",
        "    loss = net(torch.ones(1, 2)).pow(2).mean()", "    loss.backward()", "    opt.step()",
    )  # fmt: skip

    assert cell.status == "ok"
    assert "Line 6: Gradients add up over the iterations" in cell.shown[0]["text/html"]


def test_what_is_no_python_is_said_at_its_line(kernel: Kernel) -> None:
    cell = kernel.run("%%gradfn", "x = 1", "x = (")

    assert cell.status == "error"
    assert "Line 3: SyntaxError" in cell.shown[0]["text/html"]


def test_the_last_value_a_command_and_a_magic_work_in_the_cell(kernel: Kernel) -> None:
    cell = kernel.run("%%gradfn", "!echo from the shell", "%env ABC=1", "6 * 7")

    assert cell.status == "ok"
    assert "from the shell" in cell.printed
    assert "The value of the last line\n42" in cell.shown[0]["text/plain"]


def test_an_interrupt_ends_the_cell_and_leaves_the_kernel_as_it_was(kernel: Kernel) -> None:
    run = "torch.autograd._engine_run_backward is mine, torch.ones(1).sum().item()"
    kernel.run("mine = torch.autograd._engine_run_backward", "import os, signal")

    cell = kernel.run("%%gradfn", "os.kill(os.getpid(), signal.SIGINT)", "for _ in range(10): 1")

    assert cell.status == "error"
    assert any("KeyboardInterrupt" in each for each in cell.traceback)
    assert kernel.run(run).shown[0]["text/plain"] == "(True, 1.0)"


def test_a_function_of_an_earlier_cell_brings_its_names(kernel: Kernel) -> None:
    kernel.run("def step():", "    return (w * 2).sum()", "w = torch.ones(1, requires_grad=True)")

    cell = kernel.run("%%gradfn", "total = step()")

    assert ">w =" in cell.shown[0]["image/svg+xml"]


def test_show_uses_the_names_of_the_notebook(kernel: Kernel) -> None:
    cell = kernel.run("import gradfn", "q = w.sin()", "q", "gradfn.show(q)")

    assert ">q =" in cell.shown[0]["image/svg+xml"]
    assert "_" not in cell.shown[0]["text/plain"]
