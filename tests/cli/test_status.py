"""``guerdon status``: what runs, and how it is doing."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

from guerdon.services.cli.commands.status import _application, _print, _runs
from guerdon.services.cluster.state import ApplicationState, DeploymentState, ReplicaState
from guerdon.services.gateway.describe import VerifierStatus
from guerdon.services.runtime.report import ReplicaReport


@pytest.fixture
def nowhere() -> str:
    """An address where nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def test_no_cluster_here(guerdon, monkeypatch, tmp_path):
    """Without a cluster on this machine the message says how to start or name one."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    outcome = guerdon("status")
    assert outcome.code == 3
    assert "guerdon up --backend ray, or give --address" in outcome.err


def test_nobody_answers(guerdon, nowhere):
    """An address where nobody answers is told with a hint."""
    outcome = guerdon("status", "--address", nowhere)
    assert outcome.code == 3
    assert f"no cluster can be reached at {nowhere}" in outcome.err


@pytest.mark.parametrize("address", ["127.0.0.1:8265", "grpc://127.0.0.1:8265", "http://"])
def test_a_strange_address(guerdon, address):
    """An address that is no URL is refused as usage."""
    outcome = guerdon("status", "--address", address)
    assert outcome.code == 2
    assert "write it as http://host:8265" in outcome.err


def test_a_missing_token_file(guerdon, nowhere, tmp_path):
    """A token file that cannot be read is named."""
    outcome = guerdon("status", "--address", nowhere, "--token-file", tmp_path / "token")
    assert outcome.code == 3
    assert f"the token file {tmp_path / 'token'} cannot be read" in outcome.err


@pytest.mark.ray
def test_a_wrong_token(guerdon, stub_ray, tmp_path):
    """A cluster that refuses the token is no cluster that runs nothing."""
    file = tmp_path / "token"
    file.write_text("f" * 64, encoding="ascii")
    outcome = guerdon("status", "--address", stub_ray.client.address, "--token-file", file)
    assert outcome.code == 3
    assert "refuses the token" in outcome.err


@pytest.mark.ray
def test_the_table(guerdon, found_here):
    """One line per application, with what Serve and the gateway know of it."""
    outcome = guerdon("status")
    assert outcome.code == 0
    rows = {line.split()[0]: line.split()[1:] for line in outcome.out.splitlines()}
    assert rows["math"] == ["running", "1", "1", "math-v1", "5", "20", "2.0", "0.0", "0.0"]
    assert rows["format"] == ["running", "1", "1"]


@pytest.mark.ray
def test_json(guerdon, stub_ray, found_here):
    """Scripts get every replica, with nulls for what nobody knows."""
    outcome = guerdon("status", "--json")
    seen = json.loads(outcome.out)
    assert (seen["running"], seen["gateway"], seen["note"]) == (True, stub_ray.http, "")
    math = next(part for part in seen["applications"] if part["name"] == "math")
    assert (math["ready"], math["target"], math["queued"], math["p50_ms"]) == (1, 1, 5, 2.0)
    assert [(replica["state"], replica["queued"]) for replica in math["replicas"]] == [("RUNNING", None)]


@pytest.mark.ray
def test_a_gateway_that_does_not_tell(guerdon, found_here, nowhere):
    """Without the gateway's figures Serve's part is shown, and the reason for the rest."""
    outcome = guerdon("status", "--url", nowhere)
    assert outcome.code == 0
    assert f"the gateway at {nowhere} does not tell queues and times" in outcome.err


@pytest.mark.ray
@pytest.mark.parametrize("words", [["--watch"], ["--watch", "--json"]])
def test_watch(found_here, words):
    """It is shown again and again until Ctrl-C."""
    command = [sys.executable, "-m", "guerdon.services.cli.main", "status", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        shown = [next(line for line in process.stdout if "math" in line) for _ in range(2)]
        process.send_signal(subprocess.signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 130
    assert all("math" in line for line in shown)


def told(name, state, version, **figures):
    """What the gateway tells of a verifier with one replica."""
    replica = ReplicaReport(id="r1", node="n", condition=state, version=version, **figures)
    return VerifierStatus(name=name, state=state, detail="", version=version, replicas=[replica])


def test_verifiers_that_share_replicas_have_a_line_each(capsys):
    """Below that of their application, which adds them up and takes the state of the worst."""
    deployment = DeploymentState(
        name="format+language",
        status="HEALTHY",
        message="",
        target=1,
        replicas=(ReplicaState(id="r1", state="RUNNING", node="n", pid=1),),
    )
    app = ApplicationState(
        name="format+language", status="RUNNING", message="", route_prefix=None, deployments=(deployment,)
    )
    known = {
        "format": told("format", "ready", "format-v1", items=3, p50_ms=1.0),
        "language": told("language", "unavailable", "language-v1", items=4, p50_ms=2.0),
    }
    part = _application(app, known)
    assert (part["state"], part["version"], part["items"], part["p50_ms"]) == ("unavailable", "", 7, 2.0)
    assert not _runs(part)
    assert _runs(_application(app, {name: told(name, "ready", "v") for name in known}))
    assert (part["replicas"][0]["version"], part["replicas"][0]["items"]) == ("", 7)
    _print({"applications": [part], "note": ""})
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert rows == [
        ["format+language", "running,", "unavailable", "1", "1", "0", "7", "2.0", "0.0", "0.0"],
        ["format", "ready", "format-v1", "0", "3", "1.0", "0.0", "0.0"],
        ["language", "unavailable", "language-v1", "0", "4", "2.0", "0.0", "0.0"],
    ]
