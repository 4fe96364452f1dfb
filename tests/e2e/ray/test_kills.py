"""Processes killed under a steady load over both transports: nothing is lost, and no score is made up."""

import os
import signal
from pathlib import Path

import httpx2
import pytest
from ray_cluster import kill, processes, replica_ids, replica_pids, restore, status, wait_until, wait_whole
from steady import steady_load

pytestmark = pytest.mark.ray

WORKER = "guerdon.services.workers.zygote"


@pytest.fixture(scope="module")
def pair(cluster):
    """The shared cluster with two replicas of format; every test leaves two."""
    cluster.client.scale("format", "format", 2)
    wait_whole(cluster, format=2)
    yield cluster
    restore(cluster)


def test_a_killed_worker_costs_nothing(ray):
    """The item that a worker had in hand is judged by the next one."""
    (replica,) = replica_pids(ray, "math")
    with steady_load(ray) as load:
        # The youngest are workers, forked from the others.
        kill([pid for pid in processes(ray, WORKER) if is_below(pid, replica)][-1])
        load.wait_for(10)
    load.check()


def test_the_only_replica_killed_is_null_until_there_is_another(ray):
    """Its components are missing with a reason; those of the other verifier are all there."""
    (before,) = replica_ids(ray, "format")
    with steady_load(ray) as load:
        kill(replica_pids(ray, "format")[0])
        wait_until(lambda: before not in replica_ids(ray, "format"), "the replica gone")
        wait_whole(ray)
        load.wait_for(4)
    load.check(may_miss={"format"})
    assert {status for _, status, _ in load.missing()} == {"unavailable"}


def test_the_only_gateway_killed_is_retryable_and_then_answers(ray):
    """Calls fail in a way that says to send them again, and are answered by the gateway that takes its place."""
    (before,) = replica_pids(ray, "gateway")
    with steady_load(ray) as load:
        kill(before)
        wait_until(lambda: is_other(replica_pids(ray, "gateway"), before), "a new gateway")
        wait_whole(ray)
        load.wait_for(4)
    load.check(may_refuse=True, may_miss={"math", "format"})
    assert load.refusals()


def test_a_killed_replica_costs_nothing_while_there_is_another(pair):
    """What it had in hand is judged by the other; Serve puts a new one in its place, which the gateway finds."""
    before = replica_ids(pair, "format")
    with steady_load(pair) as load:
        kill(replica_pids(pair, "format")[0])
        wait_until(lambda: replica_ids(pair, "format") - before, "a new replica")
        wait_whole(pair, format=2)
    load.check()


def test_a_killed_controller_is_not_missed(pair):
    """Calls go on without it; it comes back, and what it starts then is found by the gateway."""
    (controller,) = processes(pair, "ray::ServeController")
    before = replica_ids(pair, "format")
    with steady_load(pair) as load:
        kill(controller)
        load.wait_for(10)
        wait_until(lambda: is_other(processes(pair, "ray::ServeController"), controller), "a new controller")
        wait_whole(pair, format=2)
        kill(replica_pids(pair, "format")[0])
        wait_until(lambda: replica_ids(pair, "format") - before, "a new replica")
        wait_whole(pair, format=2)
    load.check()


def test_a_frozen_replica_hides_no_other(pair):
    """A gateway that starts while one replica does not answer finds the others all the same."""
    frozen = replica_pids(pair, "format")[0]
    (gateway,) = replica_pids(pair, "gateway")
    before = replica_ids(pair, "format")
    try:
        os.kill(frozen, signal.SIGSTOP)
        kill(gateway)
        wait_until(lambda: state_of(pair, "format") == "ready", "format in use")
        with steady_load(pair) as load:
            load.wait_for(4)
        load.check()
    finally:
        kill(frozen)
    wait_until(lambda: replica_ids(pair, "format") - before, "a new replica")
    wait_whole(pair, format=2)


def state_of(ray, verifier):
    """What the gateway says of a verifier, if anybody answers."""
    try:
        return status(ray)[verifier]["state"]
    except (httpx2.HTTPError, ValueError):
        return "nobody answers"


def is_other(pids, before):
    """Whether there is one process, and not the earlier one."""
    return len(pids) == 1 and pids != [before]


def is_below(pid, wanted):
    """Whether a process descends from another."""
    while pid > 1 and pid != wanted:
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[1])
        except OSError:
            return False
    return pid == wanted
