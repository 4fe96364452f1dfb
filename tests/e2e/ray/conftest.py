"""Tests on the shared Ray: each leaves it as it found it."""

from collections.abc import Iterator
from typing import Any

import pytest
from ray_cluster import restore, seen_whole


@pytest.fixture
def ray(cluster: Any) -> Iterator[Any]:
    """The shared cluster, whole again after the test."""
    yield cluster
    restore(cluster)
    assert seen_whole(cluster)
