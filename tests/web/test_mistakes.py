"""A mistake of ours in any step costs a run that step alone, and is counted and logged."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Serve, Served
from tests.live.streams import start, until

CODE = "import torch\nw = torch.ones(1, requires_grad=True)\n(w * 2).backward()\nprint('done')"


def mistakes(served: Served, step: str) -> float:
    """How many were counted."""
    name = f'gradfn_mistakes_total{{step="{step}"}}'
    lines = served.client.get("/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def logged(log: Path) -> list[dict[str, Any]]:
    """The lines of the log that are about mistakes."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return [line for line in lines if line["message"] == "mistake"]


@pytest.mark.parametrize("step", ["fold", "explain", "draw"])
def test_a_run_over_which_a_step_stumbles_has_a_document_that_says_so(
    serve: Serve, tmp_path: Path, step: str
) -> None:
    log = tmp_path / "log"
    with (
        log.open("w") as stderr,
        serve(
            module=f"tests.web.stumbling {step}", stderr=stderr, GRADFN_LOG_FORMAT="json"
        ) as served,
    ):
        document = served.run(CODE, picture=True)
        assert mistakes(served, step) == 1
    said = [each["why"] for each in document["diagnostics"]]
    picture = document["picture"]["error"]
    assert any("mistake of ours" in text for text in ([picture] if step == "draw" else said))
    assert document["stdout"] == "done\n"
    [line] = logged(log)
    assert line["step"] == step
    assert line["run_id"]


@pytest.mark.parametrize("step", ["fold", "explain", "stream", "end", "read"])
def test_a_live_run_over_which_a_step_stumbles_ends_and_gives_its_place_back(
    serve: Serve, tmp_path: Path, step: str
) -> None:
    with serve(
        module=f"tests.web.stumbling {step}", GRADFN_LIVE_RUNS="1", GRADFN_CLIENT_LIVE_RUNS="1"
    ) as served:
        for _ in range(2):
            heard = start(served.client, CODE).heard()
            assert heard[-1].name == "finished"
            assert heard[-1].value["status"] == (
                "crashed" if step in ("end", "read") else "finished"
            )
        assert mistakes(served, step) >= 2


@pytest.mark.parametrize("paused", [False, True])
def test_an_expression_that_ends_the_child_is_answered_as_a_problem(
    server: Served, paused: bool
) -> None:
    run = start(server.client, CODE, paused=paused)
    with run.watched() as events:
        until(events, "paused" if paused else "finished")
        answer: httpx.Response = server.client.post(
            f"{run.address}/evaluate", json={"expression": "__import__('os')._exit(3)"}
        )
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert "content-security-policy" in answer.headers
