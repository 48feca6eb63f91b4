"""Figures are told of where a window would have opened."""

import base64
from typing import Any

import pytest

from tests.conftest import Served

PLOT = "import matplotlib.pyplot as plt\n"


def figures(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures of a run that finished."""
    assert document["status"] == "finished", document["error"]
    told: list[dict[str, Any]] = document["figures"]
    return told


def test_show_tells_of_a_figure_with_its_line(server: Served) -> None:
    [figure] = figures(server.run(f"{PLOT}plt.plot([1, 2])\nplt.title('loss')\n\nplt.show()\n"))
    assert (figure["format"], figure["line"]) == ("svg", 5)
    assert "<svg" in figure["data"]
    assert "</svg>" in figure["data"]


def test_show_tells_of_every_open_figure_and_closes_them(server: Served) -> None:
    code = f"{PLOT}plt.figure()\nplt.plot([1])\nplt.figure()\nplt.plot([2, 3])\n"
    document = server.run(f"{code}plt.show()\nprint(plt.get_fignums())\nplt.show()")
    assert len(figures(document)) == 2
    assert document["stdout"] == "[]\n"


def test_a_figure_left_open_is_told_of_at_the_end(server: Served) -> None:
    told = figures(server.run(f"{PLOT}plt.plot([1, 2])\nplt.figure()\nplt.plot([2, 1])"))
    assert [figure["line"] for figure in told] == [None, None]


def test_a_figure_that_was_closed_is_not_told_of(server: Served) -> None:
    assert figures(server.run(f"{PLOT}plt.plot([1, 2])\nplt.close()")) == []


def test_a_figure_is_told_of_again_only_when_it_changed(server: Served) -> None:
    code = """
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show(block=False)
plt.show(block=False)
plt.plot([2, 1])
plt.show(block=False)
print(plt.get_fignums())
"""
    document = server.run(code)
    assert [figure["line"] for figure in figures(document)] == [4, 7]
    assert document["stdout"] == "[1]\n"


@pytest.mark.parametrize(
    "redraw",
    [
        "plt.pause(0.01)",
        "figure.canvas.draw(); figure.canvas.flush_events()",
        "figure.canvas.draw_idle(); plt.show(block=False)",
        "plt.draw(); plt.show(block=False)",
    ],
)
def test_every_change_of_a_live_figure_is_told_of(server: Served, redraw: str) -> None:
    code = f"""
import matplotlib.pyplot as plt
plt.ion()
figure, axes = plt.subplots()
[line] = axes.plot([0, 1])
for step in range(4):
    line.set_ydata([step, 1])
    axes.set_title(f"step {{step}}")
    {redraw}
plt.ioff()
plt.show()
"""
    assert len(figures(server.run(code))) == 4


def test_pause_does_not_wait_for_a_window(server: Served) -> None:
    document = server.run(f"{PLOT}plt.plot([1])\nplt.pause(60)", timeout_ms=3_000)
    assert len(figures(document)) == 1


@pytest.mark.parametrize("name", ["Agg", "TkAgg", "QtAgg", "svg", "module://somewhere.else"])
@pytest.mark.parametrize("how", ["matplotlib.use({!r})", "plt.switch_backend({!r})"])
def test_the_choice_of_a_backend_changes_nothing(server: Served, name: str, how: str) -> None:
    code = f"import matplotlib\n{PLOT}{how.format(name)}\nplt.plot([1, 2])\nplt.show()"
    document = server.run(code)
    assert len(figures(document)) == 1
    assert document["stderr"] == ""


def test_savefig_writes_into_memory(server: Served) -> None:
    code = f"""{PLOT}import io
plt.plot([1, 2])
for format in ("png", "svg", "pdf", "jpg"):
    target = io.BytesIO()
    plt.savefig(target, format=format)
    print(format, len(target.getvalue()) > 1_000)
plt.close()
"""
    document = server.run(code)
    assert figures(document) == []
    assert document["stdout"] == "png True\nsvg True\npdf True\njpg True\n"


def test_a_figure_of_many_points_travels_as_png(server: Served) -> None:
    code = f"{PLOT}import torch\nplt.scatter(*torch.rand(2, 200_000))\nplt.show()"
    document = server.run(code)
    [figure] = figures(document)
    assert figure["format"] == "png"
    assert base64.b64decode(figure["data"]).startswith(b"\x89PNG")


@pytest.mark.parametrize("inches", ["(100, 150)", "(1, 3000)", "(3000, 0.1)"])
def test_a_huge_figure_is_told_of_all_the_same(server: Served, inches: str) -> None:
    code = f"{PLOT}import numpy as np\nplt.figure(figsize={inches})\n"
    code += "plt.imshow(np.random.rand(900, 900))\nplt.show()"
    [figure] = figures(server.run(code))
    assert len(figure["data"]) < 6_000_000


def test_a_figure_that_is_too_large_to_show_is_an_error_in_words(server: Served) -> None:
    error = server.run(f"{PLOT}plt.figure(figsize=(1000, 1000))\nplt.show()")["error"]
    assert (error["type"], error["line"]) == ("ValueError", 3)
    assert "1000 x 1000 inches" in error["message"]


@pytest.mark.parametrize(
    "draw",
    [
        "plt.figure().add_subplot(projection='3d').plot_surface(*np.mgrid[0:3, 0:3], np.eye(3))",
        "plt.subplot(projection='polar').plot([0, 1], [1, 2])",
        "plt.imshow(np.random.rand(9, 9)); plt.colorbar()",
        "plt.contourf(np.random.rand(9, 9))",
        "plt.hist(np.random.rand(99)); plt.yscale('log')",
        "plt.quiver([0, 1], [0, 1], [1, 2], [2, 1])",
        "plt.style.use('ggplot'); plt.plot([1, 2])",
        "plt.rcdefaults(); plt.plot([1, 2])",
        "plt.title('中文 größe $\\\\frac{1}{2}$'); plt.plot([1])",
        "from matplotlib.figure import Figure; plt.figure(FigureClass=Figure).subplots()",
        "plt.subplots(2, 2, layout='constrained')",
    ],
)
def test_all_kinds_of_plots_are_told_of(server: Served, draw: str) -> None:
    document = server.run(f"{PLOT}import numpy as np\n{draw}\nplt.show()")
    assert len(figures(document)) == 1


def test_an_animation_shows_its_first_frame(server: Served) -> None:
    code = """
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
figure, axes = plt.subplots()
[line] = axes.plot([0, 1])
def update(step):
    line.set_ydata([step, 1])
    return [line]
animation = FuncAnimation(figure, update, frames=10, interval=10)
plt.show()
"""
    document = server.run(code)
    assert len(figures(document)) == 1
    assert document["stderr"] == ""


def test_the_same_program_draws_the_same_bytes(server: Served) -> None:
    code = f"""{PLOT}
for _ in range(2):
    figure, axes = plt.subplots()
    axes.plot([1, 2], label="line")
    axes.scatter([1, 2], [2, 1])
    axes.fill_between([0, 1], [1, 2])
    axes.set_title("a title")
    axes.legend()
    plt.show()
"""
    first, second = figures(server.run(code)), figures(server.run(code))
    assert first[0]["data"] == first[1]["data"]
    assert [each["data"] for each in first] == [each["data"] for each in second]


def test_text_in_a_figure_is_text(server: Served) -> None:
    text = "<script>alert(1)</script>]]>&"
    code = f"""{PLOT}plt.rcParams["svg.fonttype"] = "none"
plt.plot([1, 2], label={text!r}, gid={text!r}, url="javascript:alert(1)")
plt.title({text!r})
plt.legend()
plt.show()
"""
    [figure] = figures(server.run(code))
    assert "<script" not in figure["data"]
    assert "&lt;script&gt;" in figure["data"]


def test_more_figures_than_allowed_are_left_out_and_it_says_so(server: Served) -> None:
    code = f"{PLOT}for i in range(60):\n    plt.figure(figsize=(1, 1))\n    plt.plot([i, 1])\n"
    document = server.run(f"import warnings\nwarnings.simplefilter('ignore')\n{code}plt.show()")
    assert len(figures(document)) == 50
    assert [each["title"] for each in document["diagnostics"]] == ["FigureLimit"]
    assert "50 figures" in document["diagnostics"][0]["why"]


WRONG = "plt.title('$\\\\frac{$')"


def test_a_figure_that_cannot_be_shown_is_the_programs_error(server: Served) -> None:
    document = server.run(f"{PLOT}{WRONG}\nplt.show()")
    assert document["status"] == "raised"
    assert (document["error"]["type"], document["error"]["line"]) == ("ValueError", 3)


def test_a_figure_left_open_that_cannot_be_drawn_is_a_warning(server: Served) -> None:
    code = f"{PLOT}import torch\nw = torch.ones(1, requires_grad=True)\ny = w * 2\n{WRONG}"
    document = server.run(f"{code}\nplt.figure()\nplt.plot([1])")
    assert len(figures(document)) == 1
    [warned] = document["diagnostics"]
    assert warned["title"] == "FigureError"
    assert "ValueError" in warned["why"]
    assert len(document["graph"]["functions"]) == 2


def test_figures_of_a_program_that_raised_are_told_of(server: Served) -> None:
    document = server.run(f"{PLOT}plt.plot([1, 2])\n1 / 0")
    assert document["status"] == "raised"
    assert len(document["figures"]) == 1


def test_drawing_leaves_the_settings_of_the_program_alone(server: Served) -> None:
    code = f"""{PLOT}
plt.plot([1])
before = dict(plt.rcParams)
plt.show(block=False)
figure = plt.gcf()
print(dict(plt.rcParams) == before, figure.dpi, figure.get_size_inches())
"""
    assert server.run(code)["stdout"] == "True 100.0 [6.4 4.8]\n"
