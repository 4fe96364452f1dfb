"""What several folders of tests share: one private Ray, which is too costly to start for each of them."""

from collections.abc import Iterator
from typing import Any

import pytest

STUBS = "guerdon.services.bench.stubs"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """A private Ray with a gateway, math, format, and verifiers that sleep and hang; tests leave it whole."""
    from guerdon.services.cluster.applications import serve_config, verifier_application
    from guerdon.services.cluster.private import private_ray

    applications = [
        verifier_application("math", settings={"workers": 1}),
        verifier_application("format"),
        verifier_application(f"{STUBS}:SleepingVerifier"),
        verifier_application(f"{STUBS}:HangingVerifier"),
    ]
    with private_ray(serve_config(applications), cpus=8) as ray:
        yield ray
