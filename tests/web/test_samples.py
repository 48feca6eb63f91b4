"""The samples in the OpenAPI document are answered by a real server, as they stand or of a run."""

import shutil
import subprocess
import sys
from urllib.parse import quote

import hatch_build
import pytest

from gradfn.web.samples import SERVER
from tests.conftest import Served
from tests.pace import patience

LEFT_TO_FILL_IN = ("RUN_ID", "OWNER", "GRAPH/", "/NAME")
LANGUAGES = {"Shell", "Python", "JavaScript"}


def samples(server: Served, language: str) -> dict[str, str]:
    """By operation: those that can be run as they stand, asking this server."""
    document = server.client.get("/openapi.json").json()
    found = {
        f"{method} {path}": each["source"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for each in operation["x-codeSamples"]
        if each["lang"] == language
    }
    assert len(found) == sum(len(methods) for methods in document["paths"].values())
    there = quote(server.url, safe="")
    return {
        name: source.replace(SERVER, server.url).replace(quote(SERVER, safe=""), there)
        for name, source in found.items()
        if not any(word in source for word in LEFT_TO_FILL_IN)
    }


def ran(command: list[str], text: str) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=patience(60))
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_each_operation_has_a_sample_in_each_language(server: Served) -> None:
    document = server.client.get("/openapi.json").json()

    for methods in document["paths"].values():
        for operation in methods.values():
            assert {each["lang"] for each in operation["x-codeSamples"]} == LANGUAGES


def test_a_shell_is_answered(server: Served) -> None:
    if shutil.which("curl") is None:
        pytest.skip("a machine without curl; Python and JavaScript ask the same")
    for name, source in samples(server, "Shell").items():
        assert ran(["sh", "-s"], source), name


def test_python_is_answered(server: Served) -> None:
    asked = samples(server, "Python")

    assert len(asked) > 8
    assert ran([sys.executable, "-"], "\n".join(asked.values())).count("\n") >= len(asked)


def test_javascript_is_answered(server: Served) -> None:
    found = hatch_build.npm_on_path() or hatch_build.npm_of_wheel()
    assert found, "no Node: make check installs one"
    asked = samples(server, "JavaScript")
    blocks = "\n".join(f"{{\n{source}\n}}" for source in asked.values())

    assert "MulBackward0" in ran([found[0], "--input-type=module", "-"], blocks)


def test_the_events_of_a_live_run_are_read_as_they_come(server: Served) -> None:
    code = "import torch\nprint('printed')\n"
    run = server.client.post("/api/v1/runs", json={"code": code}).json()["id"]
    document = server.client.get("/openapi.json").json()
    operation = document["paths"]["/api/v1/runs/{run_id}/events"]["get"]
    node = hatch_build.npm_on_path() or hatch_build.npm_of_wheel()
    assert node
    command = {
        "Shell": ["sh", "-s"],
        "Python": [sys.executable, "-"],
        "JavaScript": [node[0], "--input-type=module", "-"],
    }

    for each in operation["x-codeSamples"]:
        source = each["source"].replace(SERVER, server.url).replace("RUN_ID", run)
        found = ran(command[each["lang"]], source)
        assert "printed" in found
        assert "event: finished" in found
