"""Where the pages' files lie: beside `app/` in a checkout, inside the package once installed."""

from pathlib import Path

import gradfn

_package = Path(gradfn.__file__).parent
_root = _package if (_package / "templates").is_dir() else _package.parents[1]

TEMPLATES = _root / "templates"
STATIC = _root / "static"
