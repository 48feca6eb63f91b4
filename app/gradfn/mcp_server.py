"""`gradfn mcp`: the same functions for coding agents, over the Model Context Protocol on stdio.

Each tool asks the web application of this process, so an agent has the limits and the jail that
everybody has, and the answers are those of docs/api.md.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from mcp.server import MCPServer
from mcp.server.mcpserver import Image
from mcp.server.mcpserver.exceptions import ToolError

from gradfn import __version__
from gradfn.asgi_client import asgi_client, jailed_app
from gradfn.settings import Settings

INSTRUCTIONS = (
    "Runs PyTorch programs in a jail without network or files and tells what autograd recorded. "
    "Use explain for an error or a gradient that is wrong, backprop for one gradient by hand."
)
MAX_TEXT = 100_000  # characters of an answer, for an agent has to read it


def serve_mcp(settings: Settings) -> None:
    """Answer an agent on standard input and output, until it goes."""
    server_of(jailed_app(settings)).run()


def server_of(app: FastAPI) -> MCPServer[httpx.AsyncClient]:
    """A server whose tools ask this application."""

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[httpx.AsyncClient]:
        async with asgi_client(app) as tools.client:
            yield tools.client

    tools = Tools()
    server: MCPServer[httpx.AsyncClient] = MCPServer(
        "gradfn", instructions=INSTRUCTIONS, version=__version__, lifespan=lifespan
    )
    for tool in (tools.run, tools.graph, tools.explain, tools.backprop):
        server.tool()(tool)
    return server


class Tools:
    """The tools, by their names."""

    client: httpx.AsyncClient

    async def run(self, code: str, seed: int | None = None) -> str:
        """Run a PyTorch program: output, error, variables, tensors with gradients, backward passes.

        The answer is JSON, the run document without formulas and steps. The program has torch,
        numpy and matplotlib, no network and no files.
        """
        document = await self._document(code, {"seed": seed, "steps": False})
        for function in document["graph"]["functions"]:
            function.pop("formula", None)
        return _text({name: each for name, each in document.items() if name not in _LARGE})

    async def graph(self, code: str, format: str = "dot") -> Any:
        """The computation graph of a PyTorch program, as `dot` (text), `svg` (text) or `png`."""
        if format not in ("dot", "svg", "png"):
            raise ToolError("format is dot, svg or png")
        answer = await self._ask(f"/api/v1/graph.{format}", {"code": code})
        return Image(data=answer.content, format="png") if format == "png" else answer.text

    async def explain(self, code: str) -> str:
        """Why a PyTorch program raises, and mistakes in it that PyTorch does not report.

        The answer is JSON: `status`, `error` with its explanation, `diagnostics` with line, why
        and fix.
        """
        document = await self._document(code, {"steps": False})
        return _text({name: document[name] for name in ("status", "error", "diagnostics")})

    async def backprop(self, code: str, root: str, leaf: str) -> str:
        """One gradient by hand: each path from `root` to `leaf`, its factors, their sum, autograd.

        Both are names that the program gives its tensors.
        """
        body = {"code": code, "root": root, "leaf": leaf}
        return _text((await self._ask("/api/v1/backprop", body)).json())

    async def _document(self, code: str, options: dict[str, Any]) -> dict[str, Any]:
        given = {name: each for name, each in options.items() if each is not None}
        answer = await self._ask("/api/v1/graph", {"code": code, "options": given})
        document: dict[str, Any] = answer.json()
        return document

    async def _ask(self, path: str, body: dict[str, Any]) -> httpx.Response:
        answer = await self.client.post(path, json=body)
        if not answer.is_success:
            raise ToolError(answer.text[:2_000])
        return answer


_LARGE = frozenset(("figures", "picture", "by_hand", "steps"))


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(text) > MAX_TEXT:
        raise ToolError(
            f"The answer has {len(text):,} characters, more than {MAX_TEXT:,}: "
            "ask about a smaller program, or use explain"
        )
    return text
