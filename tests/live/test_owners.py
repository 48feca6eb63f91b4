"""A live run belongs to who started it; others may watch."""

import httpx

from tests.conftest import Served
from tests.live.streams import start, until

CODE = "x = 1\ny = 2"


def other_than(server: Served) -> httpx.Client:
    """A client of the same server, without cookies."""
    return httpx.Client(base_url=server.url, timeout=server.client.timeout)


def test_who_has_only_the_id_of_a_run_can_watch_and_no_more(server: Served) -> None:
    run = start(server.client, CODE, paused=True)
    with run.watched() as events, other_than(server) as other:
        until(events, "paused")
        assert other.get(run.address).json()["status"] == "paused"
        with other.stream("GET", f"{run.address}/events") as stream:
            assert stream.status_code == 200
        for answer in (
            other.post(f"{run.address}/commands", json={"command": "resume"}),
            other.post(f"{run.address}/evaluate", json={"expression": "x"}),
            other.delete(run.address),
            other.delete(run.address, headers={"Gradfn-Owner": "x" * 22}),
            other.delete(run.address, headers=[(b"Cookie", "gradfn-owner=ä".encode())]),
        ):
            assert answer.status_code == answer.json()["status"] == 403
            assert answer.headers["content-type"] == "application/problem+json"
        run.order("resume")
        until(events, "finished")


def test_the_header_is_as_good_as_the_cookie(server: Served) -> None:
    with other_than(server) as first, other_than(server) as second:
        answer = first.post("/api/v1/runs", json={"code": CODE, "paused": True})
        address, secret = answer.headers["location"], answer.headers["gradfn-owner"]
        headers = {"Gradfn-Owner": secret}
        assert second.delete(address, headers=headers).status_code == 204


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(server: Served) -> None:
    with other_than(server) as client:
        answer = client.post("/api/v1/runs", json={"code": CODE})
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        again = client.post("/api/v1/runs", json={"code": CODE})
        assert again.headers["gradfn-owner"] == answer.headers["gradfn-owner"]
        for each in (answer, again):
            assert client.delete(each.headers["location"]).status_code == 204
