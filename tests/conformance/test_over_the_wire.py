"""The verifiers keep the contract through the whole service: over both transports, on either backend."""

import pytest
from ray_cluster import client_of
from wire_score import score_through

from guerdon.services.contract.conformance import Subject, conform
from guerdon.services.contract.registry import load_verifiers


@pytest.mark.parametrize("name", ["code", "format", "language", "math"])
async def test_a_verifier_conforms_over_the_wire(name, deployment, transport):
    """All checks of the suite hold on the verifier's own cases."""
    with client_of(deployment, transport) as client:
        subject = Subject.of(load_verifiers([name])[name], score_through(client))
        assert await conform(subject) == {}
