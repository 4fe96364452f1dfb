"""What several folders of tests share: one private Ray, which is too costly to start for each of them."""

from collections.abc import Iterator
from typing import Any

import pytest


def application(verifier: str, name: str, *, cpus: float = 0.2, replicas: int = 1, **settings: Any) -> dict[str, Any]:
    """The application of one verifier."""
    return {
        "name": name,
        "route_prefix": None,
        "import_path": "guerdon.services.runtime.ray.app:build",
        "args": {"verifier": verifier},
        "external_scaler_enabled": True,
        "deployments": [
            {
                "name": name,
                "num_replicas": replicas,
                "ray_actor_options": {"num_cpus": cpus},
                "user_config": settings,
            }
        ],
    }


STUBS = "guerdon.services.bench.stubs"
APPLICATIONS = {
    "math": application("math", "math", workers=1),
    "format": application("format", "format"),
    "bench_sleep": application(f"{STUBS}:SleepingVerifier", "bench_sleep"),
    "bench_hang": application(f"{STUBS}:HangingVerifier", "bench_hang"),
}


def configuration(verifiers: dict[str, dict[str, Any]], gateways: int = 1) -> dict[str, Any]:
    """A Serve configuration with a gateway in front of these applications."""
    gateway = {
        "name": "gateway",
        "route_prefix": "/",
        "import_path": "guerdon.services.gateway.serve.app:build",
        "args": {"verifiers": [app["args"]["verifier"] for app in verifiers.values()]},
        "deployments": [
            {"name": "gateway", "num_replicas": gateways, "ray_actor_options": {"num_cpus": 0.1}, "user_config": {}}
        ],
    }
    return {
        "grpc_options": {"grpc_servicer_functions": ["guerdon.services.gateway.serve.grpc:add_reward_service"]},
        "applications": [gateway, *verifiers.values()],
    }


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """A private Ray with a gateway, math, format and verifiers that sleep and hang; whole again after every test."""
    from guerdon.services.cluster.private import private_ray

    with private_ray(configuration(APPLICATIONS), cpus=8) as ray:
        yield ray
