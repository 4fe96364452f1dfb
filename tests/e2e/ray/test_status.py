"""What operators are shown of a running deployment."""

import pytest

from guerdon.services.cluster.gateway import figures

pytestmark = pytest.mark.ray


def test_serve_and_the_gateway_speak_of_the_same_replicas(cluster):
    """So that `guerdon status` can put what both know into one line."""
    told = figures(cluster.http)
    assert isinstance(told, dict), told
    for application in cluster.client.state().applications:
        if application.name in told:
            running = {replica.id for part in application.deployments for replica in part.replicas}
            assert {replica.id for replica in told[application.name].replicas} == running
            assert told[application.name].version
