"""Parts that need no cluster: plans, ports, places, states."""

from __future__ import annotations

import copy
import os
import socket
from importlib.util import find_spec
from pathlib import Path

import pytest
from stub_cluster import stub_config

from guerdon.services.cluster import gateway
from guerdon.services.cluster.changes import plan
from guerdon.services.cluster.errors import ClusterError, ConfigError, Refused, Unreachable
from guerdon.services.cluster.flags import serve_flags
from guerdon.services.cluster.gateway import figures, states, wait_ready
from guerdon.services.cluster.hooks.start import keep_small
from guerdon.services.cluster.local import forget_cluster, local_clusters, read_token, remember_cluster
from guerdon.services.cluster.placement import ray_environment
from guerdon.services.cluster.ports import choose_ports
from guerdon.services.cluster.private import PrivateRay
from guerdon.services.cluster.processes import RUN
from guerdon.services.cluster.rest import RestClient
from guerdon.services.cluster.rundir import make_run_folder
from guerdon.services.cluster.state import read_state


def answer(status: str, target: int, *replicas: str, name: str = "math") -> dict:
    """What Serve tells of one application."""
    deployment = {
        "name": name,
        "status": "HEALTHY",
        "message": "",
        "target_num_replicas": target,
        "replicas": [{"replica_id": str(place), "state": state} for place, state in enumerate(replicas)],
    }
    app = {"name": name, "status": status, "message": "", "deployments": {name: deployment}}
    return {"applications": {name: app}, "http_options": {"host": "127.0.0.1", "port": 8000}}


@pytest.mark.parametrize(
    ("status", "target", "replicas", "phase"),
    [
        ("RUNNING", 1, ["RUNNING"], "running"),
        ("RUNNING", 2, ["RUNNING"], "changing"),
        ("RUNNING", 1, ["RUNNING", "STOPPING"], "changing"),
        ("RUNNING", 1, ["UPDATING"], "changing"),
        ("DEPLOYING", 1, ["RUNNING"], "changing"),
        ("DEPLOY_FAILED", 1, [], "failed"),
        ("UNHEALTHY", 1, ["RUNNING"], "failed"),
    ],
)
def test_phases(status, target, replicas, phase):
    """An application is as it shall be when Serve says so and exactly its replicas are ready."""
    assert read_state(answer(status, target, *replicas)).find("math").phase == phase


def test_where_a_verifier_runs():
    """In the application of its name, or in one that it shares."""
    state = read_state(answer("RUNNING", 1, "RUNNING", name="format+math"))
    assert state.host_of("math") == state.find("format+math")
    assert (state.host_of("code"), state.find("math")) == (None, None)


def test_before_serve_has_started():
    """Nothing runs, and nothing is fixed."""
    state = read_state({"applications": {}, "http_options": None})
    assert (state.applications, state.http) == ((), None)
    config = stub_config()
    assert plan(config, state) == (config, (), ())


def test_plans():
    """Ports that Serve has opened stay; applications that are not listed would go."""
    state = read_state(answer("RUNNING", 1, "RUNNING", name="code"))
    planned = plan(stub_config() | {"http_options": {"port": 8123, "root_path": "/x"}}, state)
    assert planned.removed == ("code",)
    assert planned.fixed == ("http_options.port stays 8000",)
    assert planned.config["http_options"] == {"host": "127.0.0.1", "port": 8000, "root_path": "/x"}


def test_every_flag_has_its_reason():
    """No variable stands twice, and none without a reason; the bundle's members are pinned."""
    for ingress in ("haproxy", "proxy"):
        flags = serve_flags(ingress)
        assert len({flag.name for flag in flags}) == len(flags)
        assert all(flag.why and flag.value for flag in flags)


def test_the_flags_exist():
    """Ray knows each of them: a misspelt one would be ignored."""
    ray = Path(find_spec("ray").origin).parent
    files = ("serve/_private/constants.py", "_common/usage/usage_constants.py")
    source = "".join((ray / file).read_text(encoding="utf-8") for file in files)
    for ingress in ("haproxy", "proxy"):
        assert [flag.name for flag in serve_flags(ingress) if flag.name not in source] == []


def test_the_environment_is_its_own(monkeypatch):
    """What the shell says about another cluster does not reach a private one."""
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "another")
    folder = make_run_folder()
    try:
        environment = ray_environment(folder, choose_ports("127.0.0.1", 0, 0), ingress="haproxy", host="127.0.0.1")
        assert "RAY_ADDRESS" not in environment
        assert "RAY_AUTH_TOKEN" not in environment
        # HAProxy takes 97 characters; Ray puts the name of the node, 56 characters, before the last part.
        sockets = [value for name, value in environment.items() if name.endswith("SOCKET_PATH")]
        assert all(len(os.fsencode(path)) + 57 <= 97 for path in sockets)
    finally:
        folder.remove()


def test_a_taken_port():
    """A public port in use is named: HAProxy would share it silently."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ClusterError, match=f"cannot listen on 127.0.0.1:{port}"):
            choose_ports("127.0.0.1", port, 0)


def test_ports_do_not_overlap():
    """Every purpose has a port of its own."""
    ports = choose_ports("127.0.0.1", 0, 0)
    single = [
        ports.gcs,
        ports.rest,
        ports.fallback_http,
        ports.fallback_grpc,
        ports.haproxy_metrics,
        ports.haproxy_stats,
        ports.metrics,
        ports.rest_metrics,
    ]
    (first, last), (grpc_first, grpc_last) = ports.direct_http, ports.direct_grpc
    every = [*single, *range(first, last + 1), *range(grpc_first, grpc_last + 1)]
    assert len(set(every)) == len(every)


def test_clusters_are_found_while_they_run(monkeypatch, tmp_path):
    """A cluster is found by this user while a process of it lives, and forgotten afterwards."""
    import subprocess

    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with subprocess.Popen(["sleep", "600"], env={**os.environ, RUN: "parts-test"}) as process:
        remember_cluster("parts-test", address="http://127.0.0.1:1", token_file=tmp_path / "t", http="http://h")
        folder = next(tmp_path.iterdir())
        (folder / "broken.json").write_text("{", encoding="utf-8")
        try:
            assert [(found.run, found.http) for found in local_clusters()] == [("parts-test", "http://h")]
            assert next(folder.glob("parts*")).stat().st_mode & 0o777 == 0o600
        finally:
            process.kill()
    assert local_clusters() == []
    assert not list(folder.glob("parts*"))
    forget_cluster("parts-test")


def test_tokens(tmp_path):
    """A token file without a token is named."""
    (tmp_path / "token").write_text(" \n", encoding="utf-8")
    for file, reason in (("token", "is empty"), ("none", "cannot be read")):
        with pytest.raises(ClusterError, match=reason):
            read_token(tmp_path / file)


def test_nobody_there():
    """Where nobody answers, the cluster is unreachable and the gateway does not tell."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with RestClient(url) as client, pytest.raises(Unreachable, match=url):
        client.state()
    assert "does not tell" in figures(url)
    assert states(url) == {}
    with pytest.raises(ClusterError, match="math is unknown"):
        wait_ready(url, ["math"], timeout_s=0)


def test_every_verifier_of_an_application_is_waited_for(monkeypatch):
    """One that is not ready is named, though the application's other is."""
    monkeypatch.setattr(gateway, "states", lambda url: {"format": "ready", "math": "unavailable"})
    wait_ready("http://h", ["format"], timeout_s=0)
    with pytest.raises(ClusterError, match="cannot use every verifier: math is unavailable"):
        wait_ready("http://h", ["format+math"], timeout_s=0)


def test_it_has_to_be_started():
    """A private Ray that was not started says so, and can be stopped."""
    ray = PrivateRay(stub_config())
    with pytest.raises(ClusterError, match="has not been started"):
        ray.deploy()
    ray.stop()


def test_the_dashboard_is_replaced_by_the_rest_api(monkeypatch):
    """In ray start, the process with usage statistics becomes the one with Serve's REST API; others stay."""
    from types import SimpleNamespace

    from ray._private import services

    seen = []
    monkeypatch.setattr(services, "start_ray_process", lambda command, kind, **options: seen.append(command))
    params = SimpleNamespace(ray_client_server_port=10001)
    keep_small(params, head=True)
    services.start_ray_process(["d", "--modules-to-load=UsageStatsHead", "--disable-frontend"], "dashboard")
    services.start_ray_process(["r"], "raylet")
    assert seen == [["d", "--modules-to-load=ServeHead"], ["r"]]
    assert params.ray_client_server_port is None
    with pytest.raises(RuntimeError, match="starts its dashboard in another way"):
        services.start_ray_process(["d"], "dashboard")


@pytest.mark.parametrize(
    "error", [Refused("no", 401), ConfigError(["a: is wrong", "b: too"]), Unreachable("gone")]
)
def test_errors_cross_processes(error):
    """They can be copied as pickles are, with all they carry."""
    twin = copy.copy(error)
    assert (str(twin), vars(twin)) == (str(error), vars(error))
