"""What a page loads: the import map and the style sheets, each address with its content's hash.

A module reached by two addresses runs twice, so only the import map carries hashes: modules
import each other by their plain names, and the map leads every name to one address.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gradfn.web.places import STATIC

MOUNT = "/static"
ENTRY = "page/playground.js"
GUIDE_ENTRY = "page/guide.js"
STYLES = (
    "page/theme.css",
    "page/layout.css",
    "page/controls.css",
    "editor/editor.css",
    "graph/graph.css",
    "timeline/timeline.css",
    "live/live.css",
    "details/cards.css",
    "details/formulas.css",
    "details/tables.css",
    "output/output.css",
    "page/guide.css",
)

# What is at a hashed address never changes; any other is requested again each time.
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class Assets:
    """Addresses for one page. `bundled` is false while the libraries are not built."""

    entry: str
    preloads: tuple[str, ...]  # what the entry imports: all at once, not level by level
    styles: tuple[str, ...]
    imports: dict[str, str]
    bundled: bool


def assets(static: Path = STATIC) -> Assets:
    """The files as they are now, so that an edited module needs no restart."""
    vendor = _vendor(static)
    libraries = {name: _address(static, f"vendor/{file}") for name, file in vendor.imports.items()}
    modules = (path.relative_to(static).as_posix() for path in static.glob("*/*.js"))
    own = {
        f"{MOUNT}/{name}": _address(static, name)
        for name in modules
        if not name.startswith("vendor/")
    }
    at_once = (name for name in own if not name.endswith((GUIDE_ENTRY, ENTRY)))
    return Assets(
        entry=_address(static, ENTRY),
        preloads=tuple(own[name] for name in sorted(at_once)),
        styles=tuple(
            _address(static, name) for name in (*(f"vendor/{css}" for css in vendor.css), *STYLES)
        ),
        imports=libraries | dict(sorted(own.items())),
        bundled=bool(vendor.imports),
    )


def address_of(name: str) -> str:
    """The hashed address of one file below `static/`."""
    return _address(STATIC, name)


class HashedFiles(StaticFiles):
    """The files of a folder; those requested by their hash may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        hashed = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = FOR_EVER if hashed else ASK_AGAIN
        return response


@dataclass(frozen=True, slots=True)
class _Vendor:
    imports: dict[str, str]
    css: tuple[str, ...]


def _vendor(static: Path) -> _Vendor:
    """What bundle.mjs says it made; nothing when it has not run."""
    try:
        listed = json.loads((static / "vendor" / "vendor.json").read_bytes())
    except (OSError, ValueError):
        return _Vendor({}, ())
    return _Vendor(dict(listed["imports"]), tuple(listed["css"]))


def _address(static: Path, name: str) -> str:
    path = static / name
    return f"{MOUNT}/{name}?v={_hash(path, path.stat().st_mtime_ns)}"


@lru_cache(maxsize=256)
def _hash(path: Path, mtime_ns: int) -> str:
    """The first letters of the file's SHA-256; read again only when it was written."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
