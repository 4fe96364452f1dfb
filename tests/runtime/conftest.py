"""What the tests of replicas and of the backend over them share."""

from collections.abc import AsyncIterator

import pytest
from probe import ProbeVerifier
from replicas import Stage, staged


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Starts replicas and backends; nothing of them is left after the test."""
    ProbeVerifier.reset()
    async with staged() as made:
        yield made
