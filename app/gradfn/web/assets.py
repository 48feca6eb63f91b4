"""What a page loads: the libraries by an import map, and our own modules and styles.

bundle.mjs puts our own into a few files, `static/release/`. As soon as one of the sources is
edited, a page loads the sources themselves instead: a developer reloads and sees the change.
A module reached by two addresses runs twice, so modules import each other by relative names.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gradfn.web.places import STATIC

MOUNT = "/static"
ENTRY = "page/playground.js"
GUIDE_ENTRY = "page/guide.js"
STYLES = "page/page.css"
BUILT = ("vendor", "release")  # what bundle.mjs writes, as opposed to what it reads

# What is at a hashed address never changes; any other is requested again each time.
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class Assets:
    """Addresses for the pages. `bundled` is false while the libraries are not built."""

    playground: str
    guide: str
    preloads: tuple[str, ...]  # what the playground imports: all at once, not level by level
    styles: str
    imports: dict[str, str]
    bundled: bool


def assets(static: Path = STATIC) -> Assets:
    """The files as they are now, so that an edited module needs no restart."""
    libraries = _listed(static / "vendor/vendor.json").get("imports", {})
    imports = {name: _address(static, f"vendor/{file}") for name, file in libraries.items()}
    release = _listed(static / "release/release.json")
    entries = release.get("entries", {}) if release.get("stamp") == _stamp(static) else {}

    def address(name: str) -> str:
        return f"{MOUNT}/release/{entries[name]['file']}" if entries else f"{MOUNT}/{name}"

    needs = entries[ENTRY]["needs"] if entries else imports
    at_once = (imports.get(name, f"{MOUNT}/release/{name}") for name in needs)
    return Assets(
        playground=address(ENTRY),
        guide=address(GUIDE_ENTRY),
        preloads=tuple(dict.fromkeys(at_once)) if entries else (),
        styles=address(STYLES),
        imports=imports,
        bundled=bool(imports),
    )


def address_of(name: str) -> str:
    """The hashed address of one file below `static/`."""
    return _address(STATIC, name)


class HashedFiles(StaticFiles):
    """The files of a folder; those requested by their hash may be kept for ever.

    What bundle.mjs has compressed is sent so: nothing is compressed for one reader at a time.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        wants_gzip = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        packed = wants_gzip and self.lookup_path(f"{path}.gz")[1] is not None
        response = await super().get_response(f"{path}.gz" if packed else path, scope)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers.add_vary_header("Accept-Encoding")
        hashed = scope.get("query_string", b"").startswith(b"v=") or path.startswith("release/")
        response.headers["Cache-Control"] = FOR_EVER if hashed else ASK_AGAIN
        return response


def _listed(path: Path) -> dict[str, Any]:
    """What bundle.mjs says it made; nothing when it has not run."""
    try:
        listed: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return listed


def _stamp(static: Path) -> str:
    """The SHA-256 of our own modules and styles; bundle.mjs and hatch_build.py compute the same."""
    digest = hashlib.sha256()
    names = (path.relative_to(static).as_posix() for path in static.glob("*/*"))
    for name in sorted(names):
        if name.endswith((".js", ".css")) and not name.startswith(BUILT):
            path = static / name
            digest.update(f"{name} {_hash(path, path.stat().st_mtime_ns)}\n".encode())
    return digest.hexdigest()


def _address(static: Path, name: str) -> str:
    path = static / name
    return f"{MOUNT}/{name}?v={_hash(path, path.stat().st_mtime_ns)[:12]}"


@lru_cache(maxsize=256)
def _hash(path: Path, mtime_ns: int) -> str:
    """The file's SHA-256; read again only when it was written."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
