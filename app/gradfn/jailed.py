"""`--jailed`: a script in the jail of the server, with its limits, instead of in this process."""

import asyncio
from collections.abc import Sequence

import msgspec

from gradfn.asgi_client import asgi_client, jailed_app
from gradfn.commands.script import BadInput, Script
from gradfn.model.document import RunDocument
from gradfn.run.layers import NoJail
from gradfn.settings import WrongSetting, read_settings

MAX_MESSAGE = 2_000  # characters of what the application says


def run_jailed(
    script: Script, arguments: Sequence[str] = (), roots: list[str] | None = None
) -> RunDocument:
    """The explained document of the script, as `run_script` gives it; BadInput.

    It has no arguments, no file and no network, and the limits of `gradfn settings`.
    """
    if arguments:
        raise BadInput("a script in the jail has no arguments")
    try:
        answer = asyncio.run(_answer(script.text, roots))
    except (NoJail, WrongSetting) as error:
        raise BadInput(str(error)) from None
    return msgspec.json.decode(answer, type=RunDocument)


async def _answer(code: str, roots: list[str] | None) -> bytes:
    body = {"code": code, "options": {"roots": roots} if roots else {}}
    async with asgi_client(jailed_app(read_settings(), "error")) as client:
        answer = await client.post("/api/v1/graph", json=body)
    if not answer.is_success:
        problem = answer.json()
        raise BadInput(f"{problem['title']}: {problem.get('detail', '')}"[:MAX_MESSAGE])
    return answer.content
