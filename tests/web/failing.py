"""`python -m tests.web.failing`: gradfn with a mistake of ours in the making of every answer."""

import gradfn.web.routes.api
import gradfn.web.routes.metrics
import gradfn.web.routes.pages
import gradfn.web.running
from gradfn.__main__ import main

SECRET = "hush-1d8f"


def fail(*_: object, **__: object) -> None:
    """Fails, as only a mistake can."""
    raise LookupError(SECRET)


if __name__ == "__main__":
    for module, name in (
        (gradfn.web.routes.api, "find_example"),
        (gradfn.web.routes.metrics, "generate_latest"),
        (gradfn.web.routes.pages, "playground"),
        (gradfn.web.running, "_run_and_read"),
    ):
        setattr(module, name, fail)
    main()
