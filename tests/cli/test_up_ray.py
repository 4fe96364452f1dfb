"""``guerdon up --backend ray``: the same service on a private Ray, or on a cluster that is there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
import yaml
from sockets import beyond_loopback
from stub_cluster import stub_config

from guerdon.services.cluster.local import local_clusters
from guerdon.services.cluster.processes import pids_of


@pytest.fixture
def start_command():
    """Starts commands, and stops those a test leaves running."""
    started = []

    def start(command: list[object], environment: dict[str, str] | None = None) -> subprocess.Popen:
        words = list(map(str, command))
        # One stream: a fault is in the text that a failed assertion shows.
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        started.append(subprocess.Popen(words, text=True, env=environment, **streams))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=30)


def until_line(process: subprocess.Popen, part: str) -> str:
    """What a command has said when it says something for the first time, or ends."""
    said = ""
    for line in process.stdout:
        said += line
        if part in line:
            break
    return said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--serve-config", "x.yaml"], "--serve-config and --address need --backend ray"),
        (["--backend", "ray", "--serve-config", "none.yaml"], "none.yaml does not exist"),
        (
            ["--backend", "ray", "--only", "maths"],
            "--only maths: the configuration has the verifiers math, format, language, shaping, code",
        ),
        (["--backend", "ray", "--host", "0.0.0.0"], "no API key is set"),
        (["--backend", "ray", "--address", "http://127.0.0.1:1", "--port", "1"], "--port cannot be used with"),
    ],
)
def test_usage(guerdon, words, message):
    """What cannot be started as asked ends before Ray is started."""
    outcome = guerdon("up", *words)
    assert outcome.code == 2
    assert message in outcome.err


def test_a_faulty_configuration(guerdon, tmp_path):
    """A configuration is checked before Ray is started."""
    file = tmp_path / "serve.yaml"
    file.write_text(yaml.safe_dump(stub_config(math={"num_replica": 2})), encoding="utf-8")
    outcome = guerdon("up", "--backend", "ray", "--serve-config", file)
    assert outcome.code == 2
    assert "applications[1] (math).deployments[0].num_replica: there is no such key" in outcome.err


@pytest.mark.ray
def test_one_command(start_command, tmp_path, monkeypatch, guerdon):
    """Verdicts are right over both transports, only the two stated ports are public, and Ctrl-C leaves nothing."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    settings, key = tmp_path / "guerdon.toml", tmp_path / "key"
    settings.write_text("[gateway]\nmax_items = 123\n[math]\nworkers = 1\n", encoding="utf-8")
    words = ["--backend", "ray", "--port", "0", "--grpc-port", "0", "--host", "0.0.0.0", "--demo"]
    command = [sys.executable, "-m", "guerdon.services.cli.main", "up", *words]
    command += ["--api-key-file", key, "--settings", settings]
    up = start_command(command)
    text = until_line(up, "stays up")
    addresses = dict(re.findall(r"^(HTTP|gRPC) +(\S+)", text, re.MULTILINE))
    told = re.findall(r"^(\S+) +ready after", text, re.MULTILINE)
    assert sorted(told) == ["code", "format+language+shaping", "gateway", "math", "ray"]
    assert "Every verdict is the expected one: yes" in text

    (cluster,) = local_clusters()
    http = urlsplit(addresses["HTTP"])
    assert beyond_loopback(pids_of(cluster.run)) == {http.port, int(addresses["gRPC"].rpartition(":")[2])}
    local, secret = f"http://127.0.0.1:{http.port}", key.read_text().strip()
    assert guerdon("verifiers", "--url", local).code == 3
    assert guerdon("verifiers", "--url", local, "--api-key", secret).code == 0
    headers = {"authorization": f"Bearer {secret}"}
    offer = httpx2.get(f"{local}/v1/verifiers", headers=headers, trust_env=False).json()
    assert offer["limits"]["max_items"] == 123

    up.send_signal(signal.SIGINT)
    up.communicate(timeout=30)
    assert up.returncode == 0
    assert pids_of(cluster.run) == []
    assert not Path(cluster.token_file).parent.exists()


@pytest.mark.ray
def test_interrupted_while_it_starts(start_command, tmp_path):
    """Ctrl-C before it is up ends it at once, with nothing left."""
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "guerdon.services.cli.main", "up", "--backend", "ray", "--port", "0"]
    command += ["--grpc-port", "0"]
    up = start_command(command, environment)
    folder = re.search(r"/\S*guerdon-\w+", until_line(up, "ray          ready"))[0]
    assert Path(folder).exists()
    up.send_signal(signal.SIGTERM)
    up.communicate(timeout=30)
    assert up.returncode == 130
    assert not Path(folder).exists()


@pytest.mark.ray
def test_a_cluster_that_is_there(guerdon, stub_ray, found_here, tmp_path):
    """With --address the configuration is deployed there; the command ends and the service stays."""
    file = tmp_path / "serve.yaml"
    file.write_text(yaml.safe_dump(stub_config()), encoding="utf-8")
    outcome = guerdon("up", "--backend", "ray", "--address", stub_ray.client.address, "--serve-config", file)
    assert outcome.code == 0
    assert "Guerdon runs on the cluster" in outcome.out
    assert f"{stub_ray.http} " in outcome.out
    assert stub_ray.client.state().find("gateway").phase == "running"
