"""A verifier on a node of its own, which is lost under a steady load."""

from contextlib import ExitStack

import pytest
from nodes import another_node
from ray_cluster import configuration, replica_ids, status, wait_until, wait_whole
from steady import steady_load

pytestmark = pytest.mark.ray


def test_a_lost_node_is_null_for_its_verifiers_alone(ray):
    """Its verifier is unavailable until another node joins, where Serve puts it; the others notice nothing."""
    here = status(ray)["math"]["replicas"][0]["node"]
    elsewhere = {"ray_actor_options": {"num_cpus": 0.2, "resources": {"elsewhere": 1}}}
    with another_node(ray, "elsewhere") as node, ExitStack() as nodes:
        ray.deploy(configuration(format=elsewhere), timeout_s=40)
        wait_whole(ray)
        assert status(ray)["format"]["replicas"][0]["node"] != here
        with steady_load(ray) as load:
            (before,) = replica_ids(ray, "format")
            node.kill()
            wait_until(lambda: status(ray)["format"]["state"] == "unavailable", "format lost")
            load.wait_for(4)
            nodes.enter_context(another_node(ray, "elsewhere"))
            wait_until(lambda: before not in replica_ids(ray, "format"), "the replica given up")
            wait_whole(ray)
            load.wait_for(4)
        # Back to the first node while there is still a second one to leave in order.
        ray.deploy(configuration())
        wait_whole(ray)
    load.check(may_miss={"format"})
    assert {status for _, status, _ in load.missing()} == {"unavailable"}
