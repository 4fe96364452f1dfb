"""A private Ray whose applications are the stubs of :mod:`stub_serve`, which start in a second.

Several folders of tests use it: each imports the fixtures into its ``conftest.py``, and all get the same cluster.
"""

import functools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guerdon.services.cluster.private import PrivateRay

CPUS = {"num_cpus": 0.1}


def stub_config(**changes: Any) -> dict[str, Any]:
    """A gateway and the verifiers math and format; ``changes`` go into the deployments, by name."""
    verifiers = [
        {
            "name": name,
            "route_prefix": None,
            "import_path": "stub_serve:verifier",
            "external_scaler_enabled": True,
            "args": {"verifier": name},
            "deployments": [{"name": name, "num_replicas": 1, "ray_actor_options": CPUS, **changes.get(name, {})}],
        }
        for name in ("math", "format")
    ]
    gateway = {
        "name": "gateway",
        "route_prefix": "/",
        "import_path": "stub_serve:gateway",
        "args": {"verifiers": ["math", "format"]},
        "deployments": [
            {"name": "gateway", "num_replicas": 1, "ray_actor_options": CPUS, **changes.get("gateway", {})}
        ],
    }
    servicer = "guerdon.v1.reward_pb2_grpc:add_RewardServiceServicer_to_server"
    return {
        "grpc_options": {"grpc_servicer_functions": [servicer.replace(":", ".")]},
        "applications": [gateway, *verifiers],
    }


def stub_options() -> dict[str, Any]:
    """Options with which replicas find the stubs."""
    return {"extra_path": [Path(__file__).parent], "cpus": 2}


@functools.cache
def _runtime_folder() -> str:
    """Where the cluster is made known; not where other clusters of this machine are."""
    return tempfile.mkdtemp(prefix="guerdon-tests-")


@functools.cache
def _shared() -> PrivateRay:
    ray = PrivateRay(stub_config(), **stub_options())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", _runtime_folder())
        ray.start()
    return ray


@pytest.fixture(scope="session")
def stub_ray() -> Iterator[PrivateRay]:
    """A private Ray with a stub gateway and two stub verifiers; tests leave one replica of each."""
    ray = _shared()
    try:
        ray.deploy()
        yield ray
    finally:
        ray.stop()
        shutil.rmtree(_runtime_folder(), ignore_errors=True)


@pytest.fixture
def found_here(stub_ray: PrivateRay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find this cluster and no other one of this machine."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", _runtime_folder())
