"""The rooms keep to the design: who may import whom, and who may load torch."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import gradfn
from tests.conftest import Served

PACKAGE = Path(gradfn.__file__).parent
MOST_FILES = 15  # of one folder; more of them, and nobody finds the one for a change

# room: (rooms it may import, libraries it owns); a room is a folder with all that is below it
ROOMS: dict[str, tuple[set[str], set[str]]] = {
    "web": (
        {"settings", "run", "events", "model", "examples", "pytorch"},
        {
            "fastapi",
            "starlette",
            "pydantic",
            "jinja2",
            "uvicorn",
            "msgspec",
            "prometheus_client",
            "limits",
            "structlog",
        },
    ),
    "run": ({"events"}, {"pydantic"}),
    "reader": ({"jail", "events", "model", "explain", "render", "pytorch"}, {"msgspec"}),
    "jail": (set(), set()),
    "child": (
        {"jail", "recorder", "events", "pytorch"},
        {"torch", "numpy", "matplotlib", "msgspec"},
    ),
    "recorder": ({"events", "pytorch"}, {"torch", "msgspec"}),
    "commands": (
        {"recorder", "events", "model", "explain", "render"},
        {"msgspec", "reportlab", "svglib"},
    ),
    "notebook": ({"recorder", "events", "model", "explain", "render"}, {"torch", "IPython"}),
    "events": (set(), {"msgspec"}),
    "model": ({"events"}, set()),
    "explain": ({"model", "events", "pytorch"}, set()),
    "render": ({"model", "events"}, {"graphviz"}),
    "pytorch": (set(), {"yaml"}),
    "examples": (set(), set()),
}
WEB_SIDE = {"fastapi", "starlette", "pydantic", "jinja2", "uvicorn", "httpx", "graphviz"}
SOURCES = [
    path
    for room in ROOMS
    for path in sorted((PACKAGE / room).rglob("*.py"))
    if not (room == "examples" and path.name != "__init__.py")  # programs, not modules
]


def imported(source: str) -> Iterator[str]:
    """The dotted names of all modules that `source` imports, wherever it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide which room they reach"
            yield node.module or ""
            if node.module == "gradfn":
                yield from (f"gradfn.{alias.name}" for alias in node.names)


def test_every_folder_of_the_package_is_a_room_with_a_rule() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}

    assert folders == set(ROOMS)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_room_may(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0]
    rooms, libraries = ROOMS[room]
    allowed = rooms | {room, "__version__", ""}

    for name in imported(path.read_text()):
        first, *rest = name.split(".")
        if first == "gradfn":
            assert (rest or [""])[0] in allowed, f"{room} may not import {name}"
        else:
            assert first in libraries | sys.stdlib_module_names, f"{room} may not import {name}"


def module_name(path: Path) -> str:
    """As it is imported: `gradfn.web.app`, and a package by its folder."""
    parts = ["gradfn", *path.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules_imported(source: str, modules: set[str]) -> set[str]:
    """Which of the modules it imports, also inside functions and under TYPE_CHECKING."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules else node.module or "" for name in names}
    return found & modules


def test_no_module_imports_itself_by_way_of_others() -> None:
    paths = {module_name(path): path for path in [*SOURCES, *PACKAGE.glob("*.py")]}
    graph = {name: modules_imported(path.read_text(), set(paths)) for name, path in paths.items()}

    order = list(TopologicalSorter(graph).static_order())  # CycleError names the circle

    assert set(order) == set(paths)
    assert any(graph.values())


def test_a_circle_of_modules_would_be_found() -> None:
    modules = {"gradfn.a", "gradfn.a.b", "gradfn.c"}
    hidden = "if TYPE_CHECKING:\n    from gradfn.a import b\ndef f():\n    import gradfn.c"

    assert modules_imported(hidden, modules) == {"gradfn.a.b", "gradfn.c"}


def test_no_folder_has_so_many_modules_that_one_is_hard_to_find() -> None:
    folders = {path.parent for path in SOURCES} | {PACKAGE}

    counts = {folder.name: len(list(folder.glob("*.py"))) for folder in folders}
    counts.pop("examples")  # programs of the menu, one a file

    assert {name: count for name, count in counts.items() if count > MOST_FILES} == {}


def test_the_table_of_the_architecture_is_the_rule() -> None:
    text = (PACKAGE.parents[1] / "docs/architecture.md").read_text()
    rows = text.partition("| room | holds |")[2].partition("\n\n")[0].splitlines()[2:]
    told = {}
    for row in rows:
        room, _, rooms, libraries = (re.findall(r"`(\w+)`", cell) for cell in row.split("|")[1:-1])
        told[room[0]] = set(rooms), set(libraries)

    assert told == ROOMS


def test_nobody_imports_the_child() -> None:
    importers = [
        path
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] != "child"
        if any(name.startswith("gradfn.child") for name in imported(path.read_text()))
    ]

    assert importers == []


def test_the_web_side_can_be_imported_without_torch() -> None:
    code = "import gradfn.server, sys; print({'torch', 'numpy'} & set(sys.modules))"

    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert printed.strip() == "set()"


def test_the_running_web_process_has_no_torch_in_its_memory(server: Served) -> None:
    server.run("import torch")

    maps = Path(f"/proc/{server.pid}/maps").read_text()

    assert "libtorch" not in maps
    assert "libpython" in maps or "python" in maps  # we read the right thing


def test_the_web_process_knows_neither_how_to_explain_nor_how_to_draw() -> None:
    code = "import gradfn.server, sys; print([name for name in sys.modules if name in %r])"
    never = ["gradfn.explain", "gradfn.render", "gradfn.reader", "gradfn.jail", "graphviz"]

    printed = subprocess.run(
        [sys.executable, "-c", code % never], capture_output=True, text=True, check=True
    ).stdout

    assert printed.strip() == "[]"


def test_a_child_has_nothing_of_the_web_side_in_it(server: Served) -> None:
    document = server.run("import sys\nfor name in sorted(sys.modules): print(name)")

    loaded = set(document["stdout"].split())
    assert "torch" in loaded
    assert not {name for name in loaded if name.split(".")[0] in WEB_SIDE}
    rooms = {".".join(name.split(".")[:2]) for name in loaded if name.startswith("gradfn.")}
    own = ("child", "events", "jail", "pytorch", "recorder")
    assert rooms <= {f"gradfn.{room}" for room in own}
