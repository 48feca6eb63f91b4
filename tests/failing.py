"""`python -m tests.failing`: gradfn with a mistake of ours in the making of every answer."""

import app.web.api
import app.web.metrics
import app.web.pages
import app.web.running
from app.__main__ import main

SECRET = "hush-1d8f"


def fail(*_: object, **__: object) -> None:
    """Fails, as only a mistake can."""
    raise LookupError(SECRET)


if __name__ == "__main__":
    for module, name in (
        (app.web.api, "find_example"),
        (app.web.metrics, "generate_latest"),
        (app.web.pages, "_playground"),
        (app.web.running, "_document"),
    ):
        setattr(module, name, fail)
    main()
