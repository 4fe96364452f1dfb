"""A private Ray: what it opens, what it changes in place, what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import grpc
import httpx2
import pytest
from sockets import beyond_loopback, listening
from stub_cluster import stub_config

from guerdon.services.cluster.errors import ClusterError, Refused
from guerdon.services.cluster.local import local_clusters
from guerdon.services.cluster.processes import pids_of
from guerdon.services.cluster.rest import RestClient
from guerdon.services.cluster.rollout import wait_running
from guerdon.v1 import reward_pb2, reward_pb2_grpc

pytestmark = pytest.mark.ray

SETTINGS_S = 5


def settings_of(ray) -> dict:
    """What the gateway of a cluster says."""
    return httpx2.get(f"{ray.http}/settings", trust_env=False).json()


def replica_ids(ray) -> set[str]:
    """All replicas."""
    apps = ray.client.state().applications
    return {replica.id for app in apps for part in app.deployments for replica in part.replicas}


def until(condition, seconds: float) -> bool:
    """Whether something becomes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_nothing_listens_beyond_loopback(stub_ray):
    """Every port of every process is on loopback, and the two stated ports are among them."""
    open_ports = listening(stub_ray.pids())
    assert beyond_loopback(stub_ray.pids()) == set()
    assert {stub_ray.ports.http, stub_ray.ports.grpc, stub_ray.ports.rest} <= open_ports.keys()


def test_the_rest_api_wants_the_token(stub_ray):
    """Without the token nothing is told or changed, and the message says which option is missing."""
    with RestClient(stub_ray.client.address) as stranger:
        for call in (stranger.state, lambda: stranger.put(stub_config())):
            with pytest.raises(Refused, match="--token-file") as refused:
                call()
            assert refused.value.status == 401


def test_the_token_is_private(stub_ray):
    """The token lies in the folder of the run, which only its owner can enter."""
    assert stub_ray.folder.path.stat().st_mode & 0o777 == 0o700
    assert stub_ray.folder.token_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("path", ["/_v/math", "/math", "/math/", "/format"])
def test_verifiers_have_no_address(stub_ray, path):
    """Nothing of a verifier can be reached from outside."""
    assert httpx2.post(f"{stub_ray.http}{path}", json={}, trust_env=False).status_code == 404


def test_grpc_calls_name_no_application(stub_ray):
    """With several applications, a call without metadata still reaches the gateway."""
    with grpc.insecure_channel(stub_ray.grpc) as channel:
        answer = reward_pb2_grpc.RewardServiceStub(channel).ListVerifiers(
            reward_pb2.ListVerifiersRequest(), timeout=20
        )
    assert int(answer.server_version) == settings_of(stub_ray)["pid"]


def test_deploying_twice_changes_nothing(stub_ray):
    """The same configuration again keeps every replica."""
    stub_ray.deploy(stub_config())
    before = replica_ids(stub_ray)
    stub_ray.deploy(stub_config())
    assert replica_ids(stub_ray) == before


def test_settings_change_in_place(stub_ray):
    """New settings reach the process that runs."""
    before = settings_of(stub_ray)["pid"]
    stub_ray.deploy(stub_config(gateway={"user_config": {"max_items": 7}}))
    new = {"pid": before, "settings": {"max_items": 7}}
    assert until(lambda: settings_of(stub_ray) == new, SETTINGS_S)


def test_replicas_come_and_go(stub_ray):
    """Scaling keeps the replica that is there, and reports the others as they become ready."""
    stub_ray.deploy(stub_config())
    before = replica_ids(stub_ray)
    seen = set()

    def progress(state):
        seen.add(state.find("math").deployments[0].ready)

    stub_ray.client.scale("math", "math", 3)
    wait_running(stub_ray.client, ["math"], targets={"math": 3}, progress=progress)
    assert before < replica_ids(stub_ray)
    assert {1, 3} <= seen
    stub_ray.client.scale("math", "math", 1)
    wait_running(stub_ray.client, ["math"], targets={"math": 1})


def test_unknown_deployments_are_not_scaled(stub_ray):
    """What does not exist is refused."""
    with pytest.raises(Refused, match="not found"):
        stub_ray.client.scale("code", "code", 2)


def test_a_configuration_that_serve_refuses(stub_ray):
    """Serve's reason is passed on, and what runs goes on."""
    config = stub_config(math={"max_ongoing_requests": -1})
    with pytest.raises(ClusterError, match="max_ongoing_requests"):
        stub_ray.deploy(config)
    assert settings_of(stub_ray)["pid"]


def test_an_application_that_does_not_import(stub_ray):
    """A failed application is told with its reason; the others go on, and it can be mended."""
    config = stub_config()
    config["applications"][2]["import_path"] = "nowhere_at_all:build"
    with pytest.raises(ClusterError, match=r"(?s)'format' is DEPLOY_FAILED.*nowhere_at_all"):
        stub_ray.deploy(config)
    assert settings_of(stub_ray)["pid"]
    stub_ray.deploy(stub_config())


def test_settings_that_a_replica_refuses(stub_ray):
    """The reason that the replica gives is passed on; the deployment can be mended."""
    with pytest.raises(ClusterError, match="thirteen workers bring bad luck"):
        stub_ray.deploy(stub_config(math={"user_config": {"workers": 13}}))
    stub_ray.deploy(stub_config())


OWNER = """
import json, sys, time
from sockets import beyond_loopback, listening
from stub_cluster import stub_config, stub_options
from guerdon.services.cluster.private import PrivateRay
with PrivateRay(stub_config(), ingress="proxy", **stub_options()) as ray:
    ray.deploy()
    print(json.dumps({"run": ray.run, "folder": str(ray.folder.path), "http": ray.http}), flush=True)
    time.sleep(600)
"""


def test_two_on_one_machine_and_a_killed_owner(stub_ray, found_here):
    """A second one, with Serve's own proxy, keeps to itself too, and leaves nothing when its owner is killed."""
    support = Path(__file__).parents[1] / "support"
    environment = {**os.environ, "PYTHONPATH": str(support)}
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, env=environment) as owner:
        other = json.loads(owner.stdout.readline())
        assert {cluster.run for cluster in local_clusters()} == {stub_ray.run, other["run"]}
        assert httpx2.get(f"{other['http']}/settings", trust_env=False).status_code == 200
        open_ports = listening(pids_of(other["run"]))
        assert beyond_loopback(pids_of(other["run"])) == set()
        assert open_ports.keys().isdisjoint(listening(stub_ray.pids()))
        before = set(stub_ray.pids())
        owner.send_signal(signal.SIGKILL)
    assert until(lambda: not pids_of(other["run"]), 10)
    assert until(lambda: not Path(other["folder"]).exists(), 10)
    assert before <= set(stub_ray.pids())
    assert [cluster.run for cluster in local_clusters()] == [stub_ray.run]
    assert settings_of(stub_ray)["pid"]
