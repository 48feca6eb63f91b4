"""`gradfn mcp`, asked by a real client over its standard input and output."""

import json
import os
import sys
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import ImageContent, TextContent

from tests.commands.scripts import GOOD, RAISES, SILENT
from tests.pace import patience


@pytest.fixture
def server() -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "gradfn", "mcp"],
        env={**os.environ, "GRADFN_READY_CHILDREN": "1", "GRADFN_LOG_LEVEL": "error"},
    )


async def test_an_agent_runs_draws_explains_and_works_out_a_gradient(
    server: StdioServerParameters,
) -> None:
    async with Client(server, read_timeout_seconds=patience(100)) as agent:

        async def ask(tool: str, **arguments: Any) -> Any:
            answer = await agent.call_tool(tool, arguments)
            assert not answer.is_error, answer.content
            (content,) = answer.content
            return content

        tools = {each.name for each in (await agent.list_tools()).tools}
        assert tools == {"run", "graph", "explain", "backprop"}

        ran = json.loads((await ask("run", code=GOOD)).text)
        assert (ran["status"], ran["stdout"]) == ("finished", "printed by the script\n")
        [leaf] = [each for each in ran["graph"]["tensors"] if each["names"] == ["w"]]
        assert leaf["grad"]["data"] == [2.0, 4.0]

        dot = await ask("graph", code=GOOD)
        assert isinstance(dot, TextContent)
        assert "MulBackward0" in dot.text
        png = await ask("graph", code=GOOD, format="png")
        assert isinstance(png, ImageContent)
        assert png.mime_type == "image/png"

        raised = json.loads((await ask("explain", code=RAISES)).text)
        assert raised["error"]["explanation"]["id"] == "backward-twice"
        silent = json.loads((await ask("explain", code=SILENT)).text)
        assert [each["id"] for each in silent["diagnostics"]] == ["grad-accumulated"]

        by_hand = json.loads((await ask("backprop", code=GOOD, root="loss", leaf="w")).text)
        assert by_hand["status"] == "finished"
        assert len(by_hand["by_hand"]) == 1

        jailed = json.loads((await ask("run", code="open('/etc/passwd')")).text)
        assert jailed["error"]["type"] == "PermissionError"
        wrong = await agent.call_tool("graph", {"code": "1", "format": "pdf"})
        assert wrong.is_error
        too_long = await agent.call_tool("run", {"code": "#" * 100_000})
        assert too_long.is_error
