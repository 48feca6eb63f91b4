"""One client has its share, and the others theirs."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from starlette.requests import Request

from gradfn.web.clients import client_of
from tests.conftest import Served
from tests.pace import patience


def test_a_client_that_asks_too_often_is_told_when_to_come_back(
    start_server: Callable[..., Served],
) -> None:
    server = start_server(GRADFN_CLIENT_RUNS_A_MINUTE="3")
    for _ in range(3):
        server.run("1")

    answer = server.client.post("/api/v1/graph", json={"code": "1"})

    assert answer.status_code == answer.json()["status"] == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "3 programs a minute" in answer.json()["detail"]
    assert server.client.get("/healthz").status_code == 200


async def test_a_client_with_too_many_at_once_is_told_so_and_then_served(
    start_server: Callable[..., Served],
) -> None:
    server = start_server(GRADFN_CLIENT_RUNS_AT_ONCE="1", GRADFN_WALL_SECONDS="3")
    async with httpx.AsyncClient(base_url=server.url, timeout=patience(30)) as client:
        endless = {"code": "while True: pass", "options": {"timeout_ms": 1500}}
        first = asyncio.create_task(client.post("/api/v1/graph", json=endless))
        while "gradfn_running_children 1" not in (await client.get("/metrics")).text:
            pass

        second = await client.post("/api/v1/graph", json={"code": "1"})

        assert second.status_code == 429
        assert (await first).json()["error"]["limit"] == "time"
        assert (await client.post("/api/v1/graph", json={"code": "1"})).status_code == 200


@pytest.mark.parametrize(("proxies", "status"), [("127.0.0.1", 200), ("192.0.2.1", 429)])
def test_who_a_proxy_names_is_the_client_if_the_proxy_is_trusted(
    start_server: Callable[..., Served], proxies: str, status: int
) -> None:
    server = start_server(GRADFN_TRUSTED_PROXIES=proxies, GRADFN_CLIENT_RUNS_A_MINUTE="1")
    answers = [
        server.client.post(
            "/api/v1/graph", json={"code": "1"}, headers={"X-Forwarded-For": address}
        )
        for address in ("198.51.100.1", "198.51.100.2")
    ]

    assert [each.status_code for each in answers] == [200, status]


@pytest.mark.parametrize(
    ("host", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_client_is_counted_by_its_network(host: str, counted_as: str) -> None:
    request = Request({"type": "http", "client": (host, 1), "headers": []})

    assert client_of(request) == counted_as


async def test_asking_whether_it_is_ready_takes_nobody_s_place(
    start_server: Callable[..., Served],
) -> None:
    server = start_server(GRADFN_RUNNING_CHILDREN="1", GRADFN_WAITING_RUNS="1")
    async with httpx.AsyncClient(base_url=server.url, timeout=patience(30)) as client:
        asked = [client.get("/readyz") for _ in range(50)]
        answers = await asyncio.gather(*asked, client.post("/api/v1/graph", json={"code": "1"}))
    assert {answer.status_code for answer in answers} == {200}
