"""Changes of what runs, under a steady load over both transports: nothing is lost, nothing is mixed."""

import pytest
from ray_cluster import client_of, configuration, replica_ids, status, wait_until, wait_whole
from steady import steady_load, sums

from guerdon.clients.python import ScoreError

pytestmark = pytest.mark.ray


def versions(answer, reward):
    """Versions that judged the components of a reward in an answer."""
    return {
        component["verifier_version"]
        for result in answer["results"]
        for component in result["components"]
        if component["name"] == reward
    }


def test_settings_change_in_place_and_no_answer_is_mixed(ray):
    """The same replicas go on under the new settings; each answer has one version, told by its digest."""
    replicas = {name: replica_ids(ray, name) for name in status(ray)}
    before = status(ray)["math"]["version"]
    with steady_load(ray) as load:
        ray.deploy(configuration(math={"user_config": {"workers": 1, "cpu_limit_ms": 600}}))
        wait_until(lambda: status(ray)["math"]["version"] != before, "the new version")
        load.wait_for(10)
    load.check()
    assert {name: replica_ids(ray, name) for name in status(ray)} == replicas
    told = {(answer["digest"], *versions(answer, "math")) for answer in load.answers()}
    assert sorted(version for _, version in told) == sorted({before, status(ray)["math"]["version"]})
    assert len({digest for digest, _ in told}) == 2


def test_a_call_that_expects_the_earlier_digest_is_refused(ray, transport):
    """A trainer that pinned a digest is told of the change instead of being given other scores."""
    with client_of(ray, transport) as client:
        digest = client.score(sums(0))["digest"]
        assert client.score(sums(1, expect_digest=digest))["digest"] == digest
        ray.deploy(configuration(math={"user_config": {"workers": 1, "cpu_limit_ms": 700}}))
        wait_until(lambda: client.score(sums(2))["digest"] != digest, "the new digest")
        with pytest.raises(ScoreError) as refused:
            client.score(sums(3, expect_digest=digest))
    assert (refused.value.code, refused.value.status) == ("digest_mismatch", 412)


def test_new_replicas_take_over_without_a_gap(ray):
    """Changed arguments replace the replicas one by one; every verdict is there all the time."""
    before = replica_ids(ray, "format")
    with steady_load(ray) as load:
        ray.deploy(configuration(args={"max_queued_items": 10_000}))
        wait_whole(ray)
        load.wait_for(4)
    load.check()
    assert replica_ids(ray, "format").isdisjoint(before)


def test_the_same_configuration_again_changes_nothing(ray):
    """Every replica stays."""
    before = {name: replica_ids(ray, name) for name in ("gateway", *status(ray))}
    ray.deploy(configuration())
    assert {name: replica_ids(ray, name) for name in before} == before


def test_scaling_up_and_down_loses_nothing(ray):
    """New replicas take their share, and those that go finish what they have."""
    with steady_load(ray) as load:
        ray.client.scale("format", "format", 3)
        wait_whole(ray, format=3)
        load.wait_for(10)
        ray.client.scale("format", "format", 1)
        wait_whole(ray)
        load.wait_for(4)
    load.check()


def test_the_cache_never_answers_for_another_version(ray):
    """Repeated completions are answered from the cache under one version, and judged anew under the next."""
    with client_of(ray, "HTTP") as client:
        first = client.score(sums(0))
        again = client.score(sums(0))
        ray.deploy(configuration(math={"user_config": {"workers": 1, "cpu_limit_ms": 800}}))
        wait_until(lambda: client.score(sums(9))["digest"] != first["digest"], "the new digest")
        anew = client.score(sums(0))
    cached = [
        {(c["name"], c["cached"]) for result in answer["results"] for c in result["components"]}
        for answer in (again, anew)
    ]
    assert cached == [{("math", True), ("format", True)}, {("math", False), ("format", True)}]
    assert versions(anew, "math") != versions(first, "math")


def test_a_verifier_that_is_taken_away_and_brought_back(ray):
    """Its components are unavailable, all others fine; deployed again it is found by itself."""
    ray.deploy(configuration(without="format"))
    # A replica that is being stopped still serves calls that have nowhere else to go; without any it ends at once.
    wait_until(lambda: not status(ray)["format"]["replicas"], "format gone")
    with steady_load(ray) as load:
        load.wait_for(4)
        ray.deploy(configuration())
        wait_whole(ray)
    load.check(may_miss={"format"})
    assert set(load.missing()) == {("format", "unavailable", "verifier_unavailable")}
    last = load.answers()[-1]
    assert {component["status"] for result in last["results"] for component in result["components"]} == {"ok"}
