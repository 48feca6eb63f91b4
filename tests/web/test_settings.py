"""What an operator sets is what the server does, and what is wrong is named before it starts."""

import os
import re
import socket
from pathlib import Path

import pytest

from gradfn.events.graph import MAX_FUNCTIONS
from gradfn.settings import Row, Settings, WrongSetting, read_settings, rows
from tests.conftest import Command

OPERATIONS = Path(__file__).parents[2] / "docs/operations.md"
WRONG = [
    ("GRADFN_WALL_SECONDS", "abc"),
    ("GRADFN_WALL_SECONDS", "0"),
    ("GRADFN_WALL_SECONDS", "nan"),
    ("GRADFN_WALL_SECONDS", "inf"),
    ("GRADFN_MEMORY_MB", "-1"),
    ("GRADFN_MEMORY_MB", "1.5"),
    ("GRADFN_CPU_SECONDS", ""),
    ("GRADFN_FUNCTIONS", f"{MAX_FUNCTIONS + 1}"),
    ("GRADFN_EVENTS", "9" * 5000),
    ("GRADFN_DRAIN_SECONDS", "-1"),
    ("GRADFN_OPEN_FILES", "15"),
    ("GRADFN_LOG_FORMAT", "xml"),
    ("GRADFN_HOST", ""),
    ("GRADFN_DOT", ""),
    ("GRADFN_DOT", "/nowhere/dot"),
    ("GRADFN_TRUSTED_PROXIES", "proxy"),
    ("GRADFN_TRUSTED_PROXIES", "::1,10.0.0.1/8"),
    ("GRADFN_PORT", "tcp://10.0.0.1:8000"),  # what Kubernetes says to a Service named gradfn
    ("PORT", "99999"),
    ("PORT", "http"),
    ("PORT", "-1"),
]


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set from outside."""
    for variable in os.environ:
        if variable.startswith("GRADFN_") or variable in {"HOST", "PORT"}:
            monkeypatch.delenv(variable)


@pytest.mark.parametrize(("variable", "text"), WRONG)
def test_a_wrong_setting_is_named(
    variable: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)

    with pytest.raises(WrongSetting, match=rf"^{variable} is '{re.escape(text[:20])}"):
        read_settings()


@pytest.mark.parametrize(("variable", "text"), [("GRADFN_WALL_SECONDS", "abc"), ("PORT", "http")])
def test_a_wrong_setting_ends_the_start(gradfn: Command, variable: str, text: str) -> None:
    ended = gradfn(**{variable: text})

    assert ended.returncode == 1
    assert variable in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_every_wrong_setting_is_named_at_once(gradfn: Command) -> None:
    ended = gradfn(GRADFN_MEMORY_MB="much", GRADFN_WALL_SECONDS="long", PORT="http")

    assert ended.returncode == 1
    assert all(name in ended.stderr for name in ("GRADFN_MEMORY_MB", "GRADFN_WALL_SECONDS", "PORT"))


def test_a_misspelt_setting_is_refused_with_the_one_that_may_be_meant(gradfn: Command) -> None:
    ended = gradfn(GRADFN_WALL_SECOND="5")

    assert ended.returncode == 1
    assert "GRADFN_WALL_SECOND is no setting" in ended.stderr
    assert "GRADFN_WALL_SECONDS may be meant" in ended.stderr


def test_a_setting_in_small_letters_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("gradfn_memory_mb", "64")

    with pytest.raises(WrongSetting, match=r"gradfn_memory_mb is no .* GRADFN_MEMORY_MB may be"):
        read_settings()


@pytest.mark.parametrize("proxies", ["", "*", "::1, 10.0.0.0/8", "192.0.2.1"])
def test_proxies_are_addresses_and_networks(proxies: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADFN_TRUSTED_PROXIES", proxies)

    assert read_settings().trusted_proxies == proxies


def test_an_address_that_cannot_be_had_is_named_by_its_variables(gradfn: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = gradfn(PORT=port)

    assert ended.returncode == 1
    assert "in use" in ended.stderr
    last = ended.stderr.splitlines()[-1]
    assert f"GRADFN_HOST '127.0.0.1' and GRADFN_PORT {port}" in last


def test_every_setting_is_set_by_a_variable_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings() == Settings()
    monkeypatch.setenv("GRADFN_WALL_SECONDS", "2.5")
    monkeypatch.setenv("GRADFN_MEMORY_MB", "64")
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("HOST", "::1")

    changed = read_settings()

    assert (changed.wall_seconds, changed.memory_mb) == (2.5, 64)
    assert (changed.host, changed.port) == ("::1", 9000)


def test_our_own_variable_of_two_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADFN_PORT", "9001")
    monkeypatch.setenv("PORT", "9000")

    assert read_settings().port == 9001


def test_gradfn_settings_lists_each_with_its_value(gradfn: Command) -> None:
    listed = gradfn("settings", GRADFN_WALL_SECONDS="2.5")

    assert listed.returncode == 0
    assert re.search(r"^GRADFN_WALL_SECONDS +2.5 s \(default: 10\)$", listed.stdout, re.MULTILINE)
    for row in rows(Settings()):
        assert f"\n{row.variable} " in f"\n{listed.stdout}"
        assert row.meaning in listed.stdout


def test_the_table_of_operations_md_is_the_settings() -> None:
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in OPERATIONS.read_text().splitlines()
        if line.startswith("| `GRADFN_")
    ]

    assert cells == [in_the_table(row) for row in rows(Settings())]


def in_the_table(row: Row) -> list[str]:
    """The row as operations.md has it."""
    return [f"`{row.variable}`", row.default, row.unit, row.meaning]
