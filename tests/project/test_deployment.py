"""What is deployed names only what there is: settings, metrics, alerts with a way out."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from packaging.requirements import Requirement

from gradfn.server import KEEP_ALIVE_SECONDS
from gradfn.settings import Settings, rows
from tests.conftest import Served

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
MANIFESTS = [
    path for path in DEPLOY.glob("kubernetes/**/*.yaml") if path.name != "kustomization.yaml"
]
CONFIGURED = [*ROOT.glob("compose*.yaml"), *MANIFESTS, ROOT / "Dockerfile", DEPLOY / "Caddyfile"]
RULES = DEPLOY / "monitoring/alerts.yaml"
DASHBOARD = DEPLOY / "monitoring/dashboard.json"
KUBERNETES = "1.34"
OF_COMPOSE = {"GRADFN_SITE"}  # it is for the proxy


def metrics_in(expression: str) -> set[str]:
    """The metrics that a query names."""
    return set(re.findall(r"\b(?:gradfn|process)_\w+", expression))


@pytest.fixture(scope="module")
def metrics(server: Served) -> set[str]:
    """Every metric that the server has, as a query names it."""
    names = set()
    for line in server.client.get("/metrics").text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            parts = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
            names |= {f"{name}{part}" for part in parts}
    return names


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_a_manifest_is_what_kubernetes_knows(path: Path) -> None:
    for document in yaml.safe_load_all(path.read_text()):
        kubernetes_validate.validate(document, KUBERNETES, strict=True)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl alone builds overlays")
def test_the_overlay_is_the_base_in_gvisor() -> None:
    built = subprocess.run(
        ["kubectl", "kustomize", str(DEPLOY / "kubernetes/overlays/gvisor")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    documents = list(yaml.safe_load_all(built))

    for document in documents:
        kubernetes_validate.validate(document, KUBERNETES, strict=True)
    [pod] = [d["spec"]["template"]["spec"] for d in documents if d["kind"] == "Deployment"]
    assert pod["runtimeClassName"] == "gvisor"
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    [policy] = [d["spec"] for d in documents if d["kind"] == "NetworkPolicy"]
    assert policy["egress"] == []


@pytest.mark.parametrize("path", CONFIGURED, ids=lambda path: path.name)
def test_every_setting_that_is_set_is_one(path: Path) -> None:
    known = {row.variable for row in rows(Settings())} | OF_COMPOSE

    assert set(re.findall(r"GRADFN_[A-Z_]+", path.read_text())) <= known


def test_an_end_is_given_the_time_that_it_takes() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["gradfn"]
    drain = int(compose["environment"]["GRADFN_DRAIN_SECONDS"])
    default = Settings()

    assert drain > default.wall_seconds + default.grace_seconds
    assert int(compose["stop_grace_period"].removesuffix("s")) > drain + 5


def test_all_that_may_run_at_once_has_its_memory_and_its_processes() -> None:
    """The rule of docs/operations.md, under Sizes."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["gradfn"]
    pod = yaml.safe_load((DEPLOY / "kubernetes/base/deployment.yaml").read_text())
    [container] = pod["spec"]["template"]["spec"]["containers"]
    in_pod = {each["name"]: each["value"] for each in container["env"]}

    for told, limit in (
        (compose["environment"], compose["mem_limit"].removesuffix("g")),
        (in_pod, container["resources"]["limits"]["memory"].removesuffix("Gi")),
    ):
        at_once = int(told["GRADFN_RUNNING_CHILDREN"]) + int(told["GRADFN_LIVE_RUNS"])
        programs = at_once * int(told["GRADFN_MEMORY_MB"])
        readers = 2 * int(told["GRADFN_READERS"]) * Settings().reader_memory_mb
        beside = Settings().beside_memory_mb
        assert int(limit) * 1024 >= programs + readers + beside + 1024
    at_once += int(compose["environment"]["GRADFN_BESIDE_CHILDREN"])
    waiting = int(compose["environment"]["GRADFN_READY_CHILDREN"])
    assert compose["pids_limit"] >= waiting + 65 * at_once + 50


def test_the_proxy_lets_go_of_a_connection_before_the_server_does() -> None:
    [kept] = re.findall(r"^\s*keepalive (\d+)s$", (DEPLOY / "Caddyfile").read_text(), re.MULTILINE)

    assert int(kept) < KEEP_ALIVE_SECONDS


def alerts() -> list[dict[str, Any]]:
    """The rules."""
    [group] = yaml.safe_load(RULES.read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_asks_for_metrics_that_there_are_and_has_a_way_out(
    rule: dict[str, Any], metrics: set[str]
) -> None:
    assert metrics_in(rule["expr"]) <= metrics
    assert f"\n### {rule['alert']}\n" in (ROOT / "docs/operations.md").read_text()


def test_a_dashboard_asks_for_metrics_that_there_are(metrics: set[str]) -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]

    assert len(asked) > 15
    for expression in asked:
        assert metrics_in(expression) <= metrics, expression


def test_every_metric_of_ours_is_on_the_dashboard(metrics: set[str]) -> None:
    shown = metrics_in(DASHBOARD.read_text())
    made = "_(bucket|sum|count|created)$"  # by the library, for each metric

    assert {
        re.sub(made, "", name) for name in metrics if re.match("gradfn.*(?<!_created)$", name)
    } <= {re.sub(made, "", name) for name in shown}


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is in Debian's package prometheus"
)
def test_the_alerts_go_off_when_they_should() -> None:
    for words in (["check", "rules", RULES.name], ["test", "rules", "alerts.test.yaml"]):
        done = subprocess.run(
            ["promtool", *words], cwd=RULES.parent, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_the_image_installs_is_what_the_package_asks_for() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    locked = {
        name.lower(): version for name, version in re.findall(r"^(\S+)==(\S+)", lock, re.MULTILINE)
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    torch = re.findall(r"^ARG TORCH_VERSION=(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    for line in project["dependencies"]:
        needed = Requirement(line)
        version = torch[0] if needed.name == "torch" else locked.get(needed.name.lower())
        assert version is not None, f"{needed.name} is not locked: make lock"
        assert needed.specifier.contains(version), f"{line}, and {version} is locked: make lock"


def test_the_image_is_built_from_what_git_has() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    taken = [line.removeprefix("!") for line in ignored if line.startswith("!")]

    assert all(os.path.lexists(ROOT / name) for name in taken)
