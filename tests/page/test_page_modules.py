"""The modules of the page: which folder may import which, and no circle of modules."""

import re
import shutil
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from gradfn.web.assets import ENTRY, GUIDE_ENTRY, STYLES, assets
from gradfn.web.places import STATIC

MOST_FILES = 15

# folder: the folders it may import from, for types too
FOLDERS: dict[str, set[str]] = {
    "state": set(),
    "text": {"state"},
    "editor": {"state"},
    "program": {"state"},
    "run": {"state", "text"},
    "picture": {"state"},
    "graph": {"state", "text", "picture"},
    "compare": {"state", "text", "picture"},
    "timeline": {"state", "text"},
    "details": {"state", "text"},
    "output": {"state", "text"},
    "live": {"state", "text", "run"},
    "page": {
        "state",
        "text",
        "editor",
        "program",
        "run",
        "picture",
        "graph",
        "compare",
        "timeline",
        "details",
        "output",
        "live",
    },
}
# `import … from "./x.js"`, `import("./x.js")`, and the same within the comments that carry types
IMPORT = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)["'](\.[^"']*)["']""")
MODULES = sorted(
    path.relative_to(STATIC).as_posix()
    for path in STATIC.rglob("*.*")
    if path.suffix in {".js", ".ts"} and path.relative_to(STATIC).parts[0] in FOLDERS
)


def imported(module: str) -> Iterator[str]:
    """The modules below static/ that `module` imports, or takes types from."""
    path = STATIC / module
    for name in IMPORT.findall(path.read_text()):
        found = (path.parent / name).resolve()
        if not found.exists():  # a declaration file is imported by the name of its module
            found = found.with_suffix(".d.ts")
        assert found.exists(), f"{module} imports {name}, which does not exist"
        yield found.relative_to(STATIC.resolve()).as_posix()


def test_imports_are_found_in_code_and_in_the_comments_of_types() -> None:
    assert {
        "graph/keyboard.js",  # import { walk } from "./keyboard.js"
        "state/state.js",  # @import {State} from "../state/state.js"
    } <= set(imported("graph/graph.js"))
    assert "run/live-runner.js" in imported("live/panel.js")  # typeof import("…")


def test_every_module_lies_in_a_folder_with_a_rule() -> None:
    assert {module.split("/")[0] for module in MODULES} == set(FOLDERS)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_the_page_imports_only_what_its_folder_may(module: str) -> None:
    folder = module.split("/")[0]

    for name in imported(module):
        assert name.split("/")[0] in FOLDERS[folder] | {folder}, f"{folder} may not import {name}"


def test_no_modules_of_the_page_import_each_other_in_a_circle() -> None:
    TopologicalSorter({module: set(imported(module)) for module in MODULES}).prepare()


@pytest.mark.parametrize("folder", [*FOLDERS, "."])
def test_a_folder_of_the_page_is_small_enough_to_find_a_file_in(folder: str) -> None:
    files = [path for path in (STATIC / folder).iterdir() if path.is_file()]

    assert len(files) <= MOST_FILES


def test_every_module_is_reached_from_the_playground_or_the_guide() -> None:
    reached: set[str] = set()
    waiting = [ENTRY, GUIDE_ENTRY]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += imported(module)

    assert set(MODULES) <= reached


def test_every_style_sheet_is_loaded() -> None:
    sheets = {
        path.relative_to(STATIC).as_posix()
        for path in STATIC.rglob("*.css")
        if path.relative_to(STATIC).parts[0] in FOLDERS
    }
    imports = re.findall(r'@import "(.*)";', (STATIC / STYLES).read_text())
    imported = [((STATIC / STYLES).parent / name).resolve() for name in imports]

    assert len(imported) == len(set(imported))
    assert {STATIC.resolve() / sheet for sheet in sheets} == {
        *imported,
        (STATIC / STYLES).resolve(),
    }


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The folder of the page with what bundle.mjs wrote of it."""
    return Path(shutil.copytree(STATIC, tmp_path / "static"))


def test_a_page_loads_the_bundle_that_was_built_of_its_modules(copied: Path) -> None:
    page = assets(copied)

    assert page.playground.startswith("/static/release/"), "python hatch_build.py bundle"
    assert set(page.preloads) >= {page.imports["lit"], page.imports["d3-zoom"]}
    for address in (page.playground, page.guide, page.styles, *page.preloads):
        assert (copied / address.removeprefix("/static/").split("?")[0]).is_file()


@pytest.mark.parametrize("edited", ["state/state.js", "graph/graph.css"])
def test_after_an_edit_a_page_loads_the_modules_themselves(copied: Path, edited: str) -> None:
    with (copied / edited).open("a") as source:
        source.write(" ")
    page = assets(copied)

    assert (page.playground, page.styles) == (f"/static/{ENTRY}", f"/static/{STYLES}")
    assert page.preloads == ()


def test_without_libraries_a_page_says_that_they_are_not_built(copied: Path) -> None:
    (copied / "vendor/vendor.json").unlink()

    assert not assets(copied).bundled
