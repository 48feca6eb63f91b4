"""Who owns a live run: whoever knows the secret that it began with.

The page has it as a cookie that no script can read, others get and send it as a header. To watch a
run its id is enough, so that can be shared.
"""

import re
import secrets

from fastapi import Request, Response

from gradfn.run.live.live_run import LiveRun
from gradfn.web.problems import NotOwner

HEADER, COOKIE = "Gradfn-Owner", "gradfn-owner"
SANE = re.compile(r"[A-Za-z0-9_-]{22}")
COOKIE_SECONDS = 30 * 24 * 3600


def give_secret(request: Request, response: Response) -> str:
    """The owner's secret for a new run: the one that the client has already, or a new one."""
    secret = next(filter(SANE.fullmatch, _known_to(request)), None) or secrets.token_urlsafe(16)
    response.headers[HEADER] = secret
    response.set_cookie(
        COOKIE,
        secret,
        max_age=COOKIE_SECONDS,
        path="/api/v1/runs",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return secret


def check_owner(request: Request, run: LiveRun) -> None:
    """NotOwner unless the client knows the secret of the run."""
    known = _known_to(request)
    if not any(secrets.compare_digest(secret.encode(), run.owner.encode()) for secret in known):
        raise NotOwner(
            f"Send the {HEADER} header, or the cookie, that its start was answered with."
        )


def _known_to(request: Request) -> list[str]:
    given = request.headers.get(HEADER), request.cookies.get(COOKIE)
    return [secret for secret in given if secret]
