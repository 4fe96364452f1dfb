"""``guerdon deploy``: checks configurations and carries them out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from stub_cluster import stub_config

from guerdon.services.runtime.names import verifiers_of

SHIPPED = sorted((Path(__file__).parents[2] / "deploy" / "serve").glob("*.yaml"))


@pytest.fixture
def write(tmp_path):
    """Writes a configuration to a file."""

    def write(config: object) -> Path:
        file = tmp_path / "serve.yaml"
        file.write_text(config if isinstance(config, str) else yaml.safe_dump(config), encoding="utf-8")
        return file

    return write


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_shipped_configurations_pass(guerdon, file):
    """Every configuration that is shipped can be deployed; scripts get its replicas."""
    outcome = guerdon("deploy", "--check", file, "--json")
    assert outcome.code == 0
    verifiers = {verifier for name in json.loads(outcome.out)["applications"] for verifier in verifiers_of(name)}
    assert {"gateway", "math", "format", "language"} <= verifiers


def test_faults_have_places(guerdon, write):
    """All faults are told at once, each with its place, and nothing is asked of a cluster."""
    config = stub_config(math={"user_config": {"workers": 0, "wrokers": 2}})
    config["applications"][2]["route_prefix"] = "/_v/format"
    outcome = guerdon("deploy", write(config))
    assert outcome.code == 2
    assert "applications[1] (math).deployments[0].user_config.workers = 0: " in outcome.err
    assert "applications[1] (math).deployments[0].user_config.wrokers: there is no such key" in outcome.err
    assert "applications[2] (format).route_prefix = '/_v/format': has to be null" in outcome.err


def test_no_file(guerdon, tmp_path):
    """A missing file is named; so is a missing argument."""
    assert f"{tmp_path / 'none.yaml'} does not exist" in guerdon("deploy", tmp_path / "none.yaml").err
    assert "name the file" in guerdon("deploy").err


def test_the_environment_of_nodes(guerdon):
    """Containers get the flags from here, each with its reason."""
    lines = guerdon("deploy", "--print-env").out.splitlines()
    assert "RAY_SERVE_ENABLE_HA_PROXY=1" in lines
    assert all(reason.startswith("# ") for reason in lines[::2])
    assert "RAY_SERVE_ENABLE_HA_PROXY=0" in guerdon("deploy", "--print-env", "--ingress", "proxy").out


@pytest.mark.ray
def test_deploying(guerdon, write, stub_ray, found_here):
    """A change is carried out and told; hosts and ports of a cluster that runs stay as they are."""
    config = stub_config(format={"num_replicas": 2}) | {"http_options": {"port": 8123}}
    outcome = guerdon("deploy", write(config))
    assert outcome.code == 0
    assert outcome.out.count("format       ready after") == 1
    assert f"http_options.port stays {stub_ray.ports.http}" in outcome.err
    outcome = guerdon("deploy", write(stub_config()), "--json")
    expected = {"url": stub_ray.http, "replicas": {"format": 1, "gateway": 1, "math": 1}}
    assert (outcome.code, json.loads(outcome.out)) == (0, expected)


@pytest.mark.ray
def test_nothing_is_removed_unasked(guerdon, write, stub_ray, found_here):
    """Applications that a file does not list are removed only with --prune."""
    smaller = stub_config()
    smaller["applications"] = smaller["applications"][:2]
    smaller["applications"][0]["args"]["verifiers"] = ["math"]
    outcome = guerdon("deploy", write(smaller))
    assert outcome.code == 2
    assert "also runs 'format'" in outcome.err
    assert guerdon("deploy", write(smaller), "--prune").code == 0
    running = [app.name for app in stub_ray.client.state().applications if app.status == "RUNNING"]
    assert running == ["gateway", "math"]
    assert guerdon("deploy", write(stub_config())).code == 0
