"""Two gateways: what holds with one and with many."""

import uuid

import pytest
from ray_cluster import client_of, configuration, restore, wait_whole
from steady import sums

from guerdon.clients.python import HttpClient

pytestmark = pytest.mark.ray

TRIES = 60


@pytest.fixture(scope="module")
def two(cluster):
    """The shared cluster with a second gateway."""
    cluster.deploy(configuration(gateways=2))
    wait_whole(cluster, gateway=2)
    yield cluster
    restore(cluster)


def named_call():
    """A call that workers execute, whose verdicts are never cached, under a name of its own."""
    items = [{"id": str(n), "completion": "x"} for n in range(16)]
    return {"request_id": uuid.uuid4().hex, "rewards": [{"name": "bench_hang"}], "items": items}


def decided(answer):
    """Scores and reasons of an answer."""
    return [
        (component["name"], component["score"], component["reason"], component["verifier_version"])
        for result in answer["results"]
        for component in result["components"]
    ]


def work_of(answer):
    """What tells one execution of a call from another: times of work and of waiting, in milliseconds."""
    return [
        (component["latency_ms"], component["queue_ms"])
        for result in answer["results"]
        for component in result["components"]
    ]


def test_any_gateway_gives_the_same_answer(two, transport):
    """Calls on connections of their own, which are spread over both, agree in scores and digest."""
    answers = []
    for _ in range(12):
        with client_of(two, transport) as client:
            answers.append(client.score(sums(77_000)))
    assert len({answer["digest"] for answer in answers}) == 1
    assert all(decided(answer) == decided(answers[0]) for answer in answers)


def test_a_request_id_is_executed_once_by_each_gateway_at_most(two):
    """Sent again and again, a call is executed by either gateway once: joins reach no further than one process."""
    request = named_call()
    executed = set()
    for _ in range(TRIES):
        with HttpClient(two.http) as client:
            executed.add(tuple(work_of(client.score(request))))
    assert len(executed) == 2


def test_a_request_id_is_executed_once_by_one_gateway(cluster):
    """With one gateway a call that is sent again is answered from what is known."""
    restore(cluster)
    request = named_call()
    executed = set()
    for transport in ("HTTP", "gRPC") * 3:
        with client_of(cluster, transport) as client:
            executed.add(tuple(work_of(client.score(request))))
    assert len(executed) == 1
