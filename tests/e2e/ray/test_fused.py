"""Two verifiers in one replica: as two to those who call, one to those who operate it."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from ray_cluster import (
    VERIFIERS,
    client_of,
    configuration,
    kill,
    replica_ids,
    replica_pids,
    restore,
    status,
    wait_until,
)
from steady import steady_load, sums

from guerdon.services.cluster.applications import shared_application
from guerdon.services.cluster.check import check_config
from guerdon.services.cluster.errors import ClusterError

pytestmark = pytest.mark.ray

NAME = "format+math"
BOTH = ("format", "math")
DECIDED = ("name", "status", "score", "reason", "explanation", "answer", "details", "verifier_version")


def fused_configuration(**math: Any) -> dict[str, Any]:
    """The shared cluster's configuration with one application in the place of two; math set otherwise."""
    config = configuration()
    settings = {name: VERIFIERS[name] for name in BOTH}
    application = shared_application(BOTH, settings={**settings, "math": {**settings["math"], **math}})
    apart = [app for app in config["applications"] if app["name"] not in BOTH]
    return {**config, "applications": [*apart, application]}


@pytest.fixture(scope="module")
def fused(cluster: Any) -> Iterator[Any]:
    """The shared cluster with format and math in one replica; afterwards apart again."""
    check_config(fused_configuration())
    cluster.deploy(fused_configuration())
    wait_seen(cluster)
    yield cluster
    cluster.client.put(cluster.place(configuration()))
    wait_until(lambda: cluster.client.state().find(NAME) is None, "the common application gone")
    restore(cluster)


def wait_seen(ray: Any, replicas: int = 1) -> None:
    """Wait until Serve has so many replicas, and the gateway uses each of them for both verifiers."""

    def seen() -> bool:
        try:
            told, ids = status(ray), replica_ids(ray, NAME)
        except (ClusterError, httpx2.HTTPError):
            return False
        ready = [{one["id"] for one in told[name]["replicas"] if one["condition"] == "ready"} for name in BOTH]
        app = ray.client.state().find(NAME)
        return app is not None and app.phase == "running" and len(ids) == replicas and ready == [ids, ids]

    wait_until(seen, f"{replicas} replicas of {NAME} in use for both")


def decided(service: Any, transport: str) -> list[list[Any]]:
    """All that decides, of every component of a call."""
    with client_of(service, transport) as client:
        answer = client.score(sums(77_000))
    return [[part[field] for field in DECIDED] for result in answer["results"] for part in result["components"]]


def test_the_verdicts_are_those_of_verifiers_apart(fused, in_process, transport):
    """Each has its own version, and judges as in-process."""
    assert decided(fused, transport) == decided(in_process, transport)


def test_settings_of_one_change_in_place(fused):
    """The replica stays, the other keeps its version, and no call is lost or mixed."""
    before, replica = status(fused), replica_ids(fused, NAME)
    with steady_load(fused) as load:
        fused.deploy(fused_configuration(cpu_limit_ms=650))
        wait_until(lambda: status(fused)["math"]["version"] != before["math"]["version"], "the new version")
        load.wait_for(10)
    load.check()
    assert replica_ids(fused, NAME) == replica
    assert status(fused)["format"]["version"] == before["format"]["version"]


def test_they_are_scaled_together(fused):
    """One number for both, and nothing is lost on the way up and down."""
    with steady_load(fused) as load:
        fused.client.scale(NAME, NAME, 2)
        wait_seen(fused, 2)
        load.wait_for(4)
        fused.client.scale(NAME, NAME, 1)
        wait_seen(fused)
    load.check()


def test_the_only_replica_killed_takes_both_until_there_is_another(fused):
    """They share their process and so its end: calls for nothing else are to be sent again, and then answered."""
    (before,) = replica_ids(fused, NAME)
    with steady_load(fused) as load:
        kill(replica_pids(fused, NAME)[0])
        wait_until(lambda: before not in replica_ids(fused, NAME), "the replica gone")
        wait_seen(fused)
        load.wait_for(4)
    load.check(may_miss=BOTH, may_refuse=True)
    assert {(refusal.code, refusal.status) for refusal in load.refusals()} == {("verifier_unavailable", 503)}
    assert {status for _, status, _ in load.missing()} <= {"unavailable"}
    last = load.answers()[-1]
    assert {component["status"] for result in last["results"] for component in result["components"]} == {"ok"}
