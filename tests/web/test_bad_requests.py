"""What is no sound request gets a problem of RFC 9457, which gives nothing away."""

import base64
import http.client
import socket
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import Served
from tests.pace import patience

SOUND = "import torch\nw = torch.tensor([2.0], requires_grad=True)\n(w * 3).backward()\nw.grad"


@pytest.fixture(autouse=True)
def _the_next_run_is_unharmed(server: Served) -> Iterator[None]:
    yield
    assert server.run("1 + 1")["result"] == {"repr": "2"}
    assert server.process.poll() is None


def problem(answer: httpx.Response, status: int, *, hidden: str = "") -> dict[str, Any]:
    """The problem in the answer, which has the form of RFC 9457 and gives nothing away."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert all(isinstance(told[name], str) and told[name] for name in ("type", "title", "detail"))
    assert "Traceback" not in answer.text
    assert "site-packages" not in answer.text
    assert not hidden or hidden not in answer.text
    return told


def test_a_program_may_have_64_kib_and_not_a_byte_more(server: Served) -> None:
    assert server.run("#" + "x" * 65_535)["status"] == "finished"
    for code in ("#" + "x" * 65_536, "#" + "ü" * 32_768):
        told = problem(server.client.post("/api/v1/graph", json={"code": code}), 413)
        assert "65,536" in told["detail"]
        assert "65,537" in told["detail"]


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"not json", 400),
        (b'{"code": "1"', 400),
        (b'{"code": "\xff\xfe"}', 400),
        (b"\xff\xfe{\x00", 400),
        (b"[" * 100_000, 400),
        (b'{"code": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", None),
        (b'{"code": "1", "options": {"seed": ' + b"9" * 5_000 + b"}}", 400),
        (b'{"code": "1", "options": {"seed": 1e999}}', 422),
        (b'{"code": "1", "options": {"seed": NaN}}', 422),
        (b"null", 422),
        (b"[]", 422),
        (b'"text"', 422),
        (b"{}", 422),
        (b'{"code": null}', 422),
        (b'{"code": 1}', 422),
        (b'{"code": ["1"]}', 422),
        (b'{"code": "\\ud800"}', 422),
        (b'{"code": "\\udc00\\ud800 x"}', 422),
        (b'{"code": "1", "options": null}', 422),
        (b'{"code": "1", "options": []}', 422),
        (b'{"code": "1", "unknown": 1}', 422),
        (b'{"code": "1", "options": {"unknown": 1}}', 422),
        (b'{"code": "1", "options": {"\\ud800": 1}}', 422),
        (b'{"code": "1", "options": {"max_values": -1}}', 422),
        (b'{"code": "1", "options": {"max_values": 10001}}', 422),
        (b'{"code": "1", "options": {"max_values": "5"}}', 422),
        (b'{"code": "1", "options": {"max_values": 1.5}}', 422),
        (b'{"code": "1", "options": {"max_values": true}}', 422),
        (b'{"code": "1", "options": {"steps": 1}}', 422),
        (b'{"code": "1", "options": {"seed": -1}}', 422),
        (b'{"code": "1", "options": {"seed": 9007199254740992}}', 422),
        (b'{"code": "1", "options": {"timeout_ms": 0}}', 422),
        (b'{"code": "1", "options": {"timeout_ms": 1e300}}', 422),
        (b'{"code": "1", "options": {"roots": "w"}}', 422),
        (b'{"code": "1", "options": {"roots": ["\\ud800"]}}', 422),
        (b'{"code": "1", "options": {"roots": [1]}}', 422),
        (b'{"code": "1", "options": {"record": "all"}}', 422),
    ],
)
def test_a_body_that_is_no_request_is_a_problem(
    server: Served, body: bytes, status: int | None
) -> None:
    answer = server.client.post("/api/v1/graph", content=body, headers=JSON)
    problem(answer, status or answer.status_code)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("name", ["seed", "timeout_ms", "max_values"])
def test_the_largest_number_is_taken_however_a_client_writes_it(server: Served, name: str) -> None:
    options = server.client.get("/openapi.json").json()["components"]["schemas"]["Options"]
    field = options["properties"][name]
    [most] = [part["maximum"] for part in (field, *field.get("anyOf", [])) if "maximum" in part]
    for number in (most, float(most)):
        assert server.run("1 + 1", **{name: number})["result"] == {"repr": "2"}


def test_the_answer_does_not_echo_what_was_sent(server: Served) -> None:
    sent = {"code": {"a": "<script>secret"}, "options": {"record": "<script>secret"}}
    answer = server.client.post("/api/v1/graph", json=sent)
    problem(answer, 422, hidden="secret")


def test_a_problem_names_the_field(server: Served) -> None:
    sent = {"code": "1", "options": {"max_values": -1}}
    told = problem(server.client.post("/api/v1/graph", json=sent), 422)
    assert told["errors"][0]["field"] == "options.max_values"
    assert "options.max_values" in told["detail"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "a/b/c"])
def test_a_body_of_another_type_is_a_problem(server: Served, kind: str) -> None:
    answer = server.client.post(
        "/api/v1/graph", content=b'{"code": "1"}', headers={"Content-Type": kind}
    )
    assert 400 <= answer.status_code < 500
    problem(answer, answer.status_code)


@pytest.mark.parametrize("megabytes", [1, 5, 12])
def test_a_body_of_megabytes_gets_its_answer(server: Served, megabytes: int) -> None:
    body = b'{"code": "' + b"x" * (megabytes * 10**6) + b'"}'
    problem(server.client.post("/api/v1/graph", content=body, headers=JSON), 413)


@pytest.mark.parametrize("chunks", [10, 500])
def test_a_chunked_body_without_a_length_gets_its_answer(server: Served, chunks: int) -> None:
    def body() -> Iterator[bytes]:
        yield b'{"code": "'
        for _ in range(chunks):
            yield b"x" * 10_000
        yield b'"}'

    problem(server.client.post("/api/v1/graph", content=body(), headers=JSON), 413)


def test_a_chunked_body_of_a_sound_request_is_run(server: Served) -> None:
    pieces = iter([b'{"co', b'de": "1', b' + 1"}'])
    answer = server.client.post("/api/v1/graph", content=pieces, headers=JSON)
    assert answer.json()["result"] == {"repr": "2"}


def test_a_get_with_a_large_body_gets_an_answer(server: Served) -> None:
    def body() -> Iterator[bytes]:
        yield from [b"x" * 10_000] * 100

    answer = server.client.request("GET", "/api/v1/graph.dot?code=1", content=body())
    assert answer.status_code in (200, 413)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/graph", 405),
        ("DELETE", "/api/v1/graph", 405),
        ("PUT", "/api/v1/graph.svg", 405),
        ("POST", "/healthz", 405),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v2/graph", 404),
        ("GET", "/api/v1/examples/nothing", 404),
        ("GET", "/static/nothing.js", 404),
        ("GET", "/static/../app/gradfn/__main__.py", 404),
        ("GET", "/static/%2e%2e/app/gradfn/__main__.py", 404),
    ],
)
def test_a_wrong_method_or_path_is_a_problem(
    server: Served, method: str, path: str, status: int
) -> None:
    answer = server.client.request(method, path)
    problem(answer, status)
    assert status != 405 or answer.headers["allow"]


def test_the_methods_of_a_wrong_format_are_a_problem(server: Served) -> None:
    answer = server.client.post("/api/v1/graph.exe", json={"code": "1"})
    assert answer.status_code in (404, 422)
    problem(answer, answer.status_code)


def deflated(source: bytes) -> str:
    """The source as it stands in `z=`."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(source) + packer.flush()
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def test_z_carries_a_program(server: Served) -> None:
    answer = server.client.get("/api/v1/graph.dot", params={"z": deflated(SOUND.encode())})
    assert answer.status_code == 200
    assert "MulBackward0" in answer.text
    same = server.client.get("/api/v1/graph.dot", params={"code": SOUND})
    assert same.text == answer.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 422),
        ({"code": "1", "z": deflated(b"1")}, 422),
        ({"z": ""}, 422),
        ({"z": "!!!"}, 422),
        ({"z": "ü"}, 422),
        ({"z": "A"}, 422),
        ({"z": "AAAA"}, 422),
        ({"z": base64.urlsafe_b64encode(zlib.compress(b"x = 1")).decode()}, 422),
        ({"z": deflated(b"x = 1\n" * 1000)[:-4]}, 422),
        ({"z": deflated(b"\xff\xfe")}, 422),
        ({"z": deflated("\ud800".encode("utf-8", "surrogatepass"))}, 422),
        ({"z": deflated(b"#" + b"x" * 65_536)}, 413),
        ({"z": deflated(b"#" * 30_000_000)}, 413),
        ({"z": deflated(b"#" + "ü".encode() * 40_000)}, 413),
    ],
)
def test_an_address_without_a_program_is_a_problem(
    server: Served, query: dict[str, str], status: int
) -> None:
    problem(server.client.get("/api/v1/graph.svg", params=query), status)


@pytest.mark.parametrize("z", [deflated(b"1"), deflated(b"")])
def test_small_programs_fit_into_an_address(server: Served, z: str) -> None:
    assert server.client.get("/api/v1/graph.dot", params={"z": z}).status_code == 200


@pytest.mark.parametrize("code", ["%ff%fe", "%00", "%ed%a0%80", "+", "a%0d%0ab"])
def test_bytes_in_an_address_that_are_no_text_get_an_answer(server: Served, code: str) -> None:
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(
        str(address.hostname), address.port, timeout=patience(30)
    )
    connection.request("GET", f"/api/v1/graph.dot?code={code}")
    assert connection.getresponse().status in (200, 422)
    connection.close()


@pytest.mark.parametrize(
    "sent",
    [b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02", b"GET / HTTP/9.9\r\n\r\n"],
)
def test_what_is_not_http_is_refused(server: Served, sent: bytes) -> None:
    address = urlsplit(server.url)
    with socket.create_connection(
        (address.hostname, address.port), timeout=patience(10)
    ) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(1000)
    assert answer == b"" or b" 400 " in answer or b" 505 " in answer


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("graph", {"code": "1", **{f"field{number}": 1 for number in range(1_000)}}),
        ("graph", {"code": "1", "options": {"roots": [1] * 20_001}}),
        ("runs", {"code": "1", "controls": {f"lr{number}": "x" for number in range(1_000)}}),
    ],
)
def test_of_a_request_with_too_many_fields_none_is_read(
    server: Served, address: str, body: dict[str, object]
) -> None:
    answer = server.client.post(f"/api/v1/{address}", json=body)

    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 1
    assert "Value error, more than" in answer.text
