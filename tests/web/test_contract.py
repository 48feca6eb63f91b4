"""What `/openapi.json` says is what the running server does, and says what the contract says."""

import json
import subprocess
import sys
from typing import Any

import httpx
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.conftest import Served
from tests.live.streams import start

OPERATIONS = [
    "DELETE /api/v1/runs/{run_id}",
    "GET /api/v1/examples",
    "GET /api/v1/examples/{slug}",
    "GET /api/v1/graph.{format}",
    "GET /api/v1/graph/{graph}/files/{name}",
    "GET /api/v1/runs/{run_id}",
    "GET /api/v1/runs/{run_id}/events",
    "GET /api/v1/runs/{run_id}/files/{name}",
    "GET /healthz",
    "GET /metrics",
    "GET /oembed",
    "GET /readyz",
    "POST /api/v1/backprop",
    "POST /api/v1/format",
    "POST /api/v1/graph",
    "POST /api/v1/graph.html",
    "POST /api/v1/graph.layout",
    "POST /api/v1/graph.{format}",
    "POST /api/v1/runs",
    "POST /api/v1/runs/{run_id}/commands",
    "POST /api/v1/runs/{run_id}/evaluate",
]


@pytest.fixture(scope="session")
def operations(server: Served) -> dict[str, Any]:
    # The statuses that it expects by itself, and 413: what is wrong may be so by its length.
    expected = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"]
    rejection = {"negative_data_rejection": {"expected-statuses": [*expected, "5xx"]}}
    schema = schemathesis.openapi.from_url(
        f"{server.url}/openapi.json", config=schemathesis.Config.from_dict({"checks": rejection})
    )
    found = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    return {f"{each.method.upper()} {each.path}": each for each in found}


def test_every_operation_of_the_api_is_tested_here(operations: dict[str, Any]) -> None:
    assert sorted(operations) == OPERATIONS


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        (name, mode)
        for name in OPERATIONS
        for mode in GenerationMode
        # Nothing can be wrong with a request that has no part to fill in.
        if mode.is_positive or "{" in name or name.startswith("POST")
    ],
)
def test_every_answer_is_one_that_the_openapi_document_describes(
    operations: dict[str, Any], name: str, mode: GenerationMode
) -> None:
    # A GET that has both `code` and `z`, or a broken `z`, fits the schema and is refused.
    # So does a live run of both a program and an example, or of neither.
    special = name.startswith("GET") or name == "POST /api/v1/runs"
    refused: Any = [positive_data_acceptance] if special else []
    if name == "GET /oembed":  # oEmbed asks for 501 where the format is not served
        refused.append(not_a_server_error)
    operation = operations[name]

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(excluded_checks=refused)

    check()


PROGRAMS = {
    "a graph": """
import torch
w = torch.tensor([1.0, float("nan"), float("inf")], requires_grad=True)
loss = (w * torch.ones(3)).sum()
loss.backward()
loss
""",
    "summaries, complex, integers, bool": """
import torch
a, b = torch.rand(20, 20), torch.zeros(2, dtype=torch.cfloat)
c, d = torch.arange(3), torch.ones(2) > 0
""",
    "an error half way": "import torch\nx = torch.ones(2, requires_grad=True)\ny = x * 2\ny @ 3",
    "a syntax error": "x = (",
    "a limit": "print('x' * 10**7)",
    "a crash": "import os; os._exit(1)",
    "a warning": "import warnings\nwarnings.warn('careful')",
    "a figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "nothing": "",
}


@pytest.fixture(scope="session")
def openapi(server: Served) -> Any:
    return server.client.get("/openapi.json").json()


def fits(openapi: Any, name: str, document: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": openapi["components"]}
    jsonschema_rs.validator_for(schema).validate(document)


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=PROGRAMS)
def test_every_run_document_fits_its_schema(server: Served, openapi: Any, code: str) -> None:
    document = server.run(code, picture=True, steps=True)

    fits(openapi, "RunDocument", document)


EVERY_EVENT = """
import sys, warnings
import matplotlib.pyplot as plt
import torch
lr = 0.05
x = torch.linspace(-1, 1, 16).reshape(-1, 1)
y = 3 * x
w = torch.zeros(1, requires_grad=True)
print("out")
print("err", file=sys.stderr)
warnings.warn("careful")
plt.plot([1, 2])
plt.show()
for iteration in range(200):
    predicted = w * x
    loss = ((predicted - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
    w.grad = None
"""


def test_every_event_of_a_stream_fits_its_schema(server: Served, openapi: Any) -> None:
    schemas = openapi["components"]["schemas"]["StreamEvents"]["properties"]
    run = start(server.client, EVERY_EVENT, paused=True, speed=100)
    with run.watched(last_id="another-run") as events:
        heard = []
        for event in events:
            heard.append(event)
            if event.name == "paused":
                run.order("resume")

    for event in heard:
        fits(openapi, schemas[event.name]["$ref"].rpartition("/")[2], event.value)
    assert {event.name for event in heard} == set(schemas)


def test_the_openapi_document_can_be_had_without_a_server(openapi: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gradfn", "openapi"], capture_output=True, text=True, check=True
    )

    assert json.loads(done.stdout) == openapi


# The contract, field by field, as it stands in version 1.
CONTRACT = {
    "RunDocument": """schema status error stdout stderr stdout_truncated stderr_truncated result
        variables graph backward steps figures diagnostics limits timing""",
    "Variable": "name kind tensor repr",
    "Graph": "tensors functions truncated",
    "Tensor": """id names role is_leaf requires_grad retains_grad grad_fn output_nr value grad
        version line""",
    "TensorValue": "shape dtype data summary",
    "Summary": "min max mean std norm zeros nonfinite",
    "Function": """id name next_functions inputs outputs saved variable op line stack module
        formula""",
    "NextFunction": "function input_nr",
    "Formula": "forward partials",
    "Partial": "argument latex pytorch",
    "BackwardPass": "line call roots accumulated_into functions",
    "PassedFunction": "function grad_outputs grad_inputs",
    "Figure": "format data line",
    "Diagnostic": "id severity line title why fix tensors functions",
    "Limits": "reached cpu_ms peak_memory_mb",
    "Timing": "queue_ms run_ms total_ms",
    "Error": "kind type message line traceback limit explanation",
    "Frame": "function line code",
    "Explanation": "id title why fix",
    "Options": "max_values steps seed timeout_ms roots record",
    "Problem": "type title status detail",
}


@pytest.mark.parametrize("name", CONTRACT)
def test_the_schema_has_every_field_of_the_contract(openapi: Any, name: str) -> None:
    fields = openapi["components"]["schemas"][name]["properties"]

    assert set(CONTRACT[name].split()) <= set(fields)


def test_the_words_of_the_contract_are_the_words_of_the_schema(openapi: Any) -> None:
    schemas = openapi["components"]["schemas"]

    assert schemas["RunDocument"]["properties"]["status"]["enum"] == [
        "finished",
        "raised",
        "stopped",
        "limit",
        "crashed",
        *(
            "running",
            "paused",
        ),  # a live run that is not over
    ]
    assert schemas["Error"]["properties"]["kind"]["enum"] == [
        "exception",
        "syntax",
        "limit",
        "forbidden",
        "crash",
    ]
    assert schemas["Tensor"]["properties"]["role"]["enum"] == [
        "parameter",
        "leaf",
        "intermediate",
        "constant",
    ]
    assert schemas["Variable"]["properties"]["kind"]["enum"] == [
        "tensor",
        "number",
        "text",
        "module",
        "optimizer",
        "function",
        "class",
        "other",
    ]


def test_numbers_that_json_lacks_are_their_names(server: Served) -> None:
    document = server.run("import torch\nx = torch.tensor([float('nan'), float('inf'), -1e400])")

    assert document["graph"]["tensors"][0]["value"]["data"] == ["NaN", "Infinity", "-Infinity"]


def test_ids_and_order_depend_on_the_program_alone(server: Served) -> None:
    code = PROGRAMS["a graph"]

    first, second = (server.run(code)["graph"] for _ in range(2))

    assert first == second


def test_a_picture_is_answered_in_each_format_and_by_address(server: Served) -> None:
    code = PROGRAMS["a graph"]
    starts = {"svg": b"<?xml", "png": b"\x89PNG", "dot": b"digraph"}

    for format, beginning in starts.items():
        posted = server.client.post(f"/api/v1/graph.{format}", json={"code": code})
        got = server.client.get(f"/api/v1/graph.{format}", params={"code": code})
        assert posted.status_code == got.status_code == 200
        assert posted.content.startswith(beginning)
        assert posted.content == got.content


def test_health_and_readiness_are_told(server: Served) -> None:
    assert server.client.get("/healthz").json() == {"status": "alive"}
    assert server.client.get("/readyz").json()["status"] == "ready"


def test_metrics_count_the_runs_by_status(server: Served) -> None:
    def finished() -> float:
        lines = server.client.get("/metrics").text.splitlines()
        (line,) = [
            each for each in lines if each.startswith('gradfn_runs_total{status="finished"}')
        ]
        return float(line.split()[-1])

    server.run("1")
    before = finished()

    server.run("1")

    assert finished() == before + 1


def test_the_examples_are_listed_and_had_one_by_one(server: Served) -> None:
    listed = server.client.get("/api/v1/examples").json()

    assert len(listed) >= 11
    for example in listed:
        assert server.client.get(f"/api/v1/examples/{example['slug']}").json() == example


@pytest.mark.parametrize("path", ["/api/v1/examples/none", "/api/v1/none", "/api/v1/graph.bmp"])
def test_what_is_not_there_is_a_problem(server: Served, path: str) -> None:
    answer = httpx.get(server.url + path, params={"code": "1"})

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == answer.json()["status"] in (404, 422)
