"""Where the pages' files lie: beside `app` in a checkout, inside it once installed."""

from pathlib import Path

import app

_package = Path(app.__file__).parent
_root = _package if (_package / "templates").is_dir() else _package.parent

TEMPLATES = _root / "templates"
STATIC = _root / "static"
