"""Serve configurations made by programs: a gateway, and applications of verifiers.

Those of operators are files (``deploy/serve/*.yaml``); these are for benches and tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guerdon.services.runtime.kinds import load_kind, load_kinds
from guerdon.services.runtime.names import application_name

SERVICER = "guerdon.services.gateway.serve.grpc:add_reward_service"


def verifier_application(
    verifier: str, *, cpus: float = 0.2, replicas: int = 1, settings: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The application of one verifier.

    Args:
        verifier: its registered name, or ``package.module:Class``.
        cpus: CPUs set aside for each replica.
        replicas: how many.
        settings: its settings.

    Raises:
        RegistrationError: there is no such verifier.
    """
    return _application(load_kind(verifier).name, {"verifier": verifier}, cpus, replicas, settings)


def shared_application(
    verifiers: Sequence[str],
    *,
    cpus: float = 0.2,
    replicas: int = 1,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The application of several light verifiers that share replicas.

    Args:
        verifiers: their registered names, or ``package.module:Class``.
        cpus: CPUs set aside for each replica.
        replicas: how many.
        settings: the settings of each, by its name.

    Raises:
        RegistrationError: there is no such verifier, or one is named twice.
    """
    name = application_name(list(load_kinds(verifiers)))
    return _application(name, {"verifiers": list(verifiers)}, cpus, replicas, settings)


def _application(
    name: str, args: Mapping[str, Any], cpus: float, replicas: int, settings: Mapping[str, Any] | None
) -> dict[str, Any]:
    deployment = {
        "name": name,
        "num_replicas": replicas,
        "ray_actor_options": {"num_cpus": cpus},
        "user_config": dict(settings or {}),
    }
    return {
        "name": name,
        "route_prefix": None,
        "import_path": "guerdon.services.runtime.ray.app:build",
        "args": dict(args),
        "external_scaler_enabled": True,
        "deployments": [deployment],
    }


def serve_config(
    applications: Sequence[Mapping[str, Any]],
    *,
    gateways: int = 1,
    cpus: float = 0.2,
    settings: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A configuration with a gateway in front of verifiers.

    Args:
        applications: those of the verifiers.
        gateways: replicas of the gateway.
        cpus: CPUs set aside for each of these.
        settings: the gateway's settings.
    """
    deployment = {
        "name": "gateway",
        "num_replicas": gateways,
        "ray_actor_options": {"num_cpus": cpus},
        "user_config": dict(settings or {}),
    }
    gateway = {
        "name": "gateway",
        "route_prefix": "/",
        "import_path": "guerdon.services.gateway.serve.app:build",
        "args": {"verifiers": [name for application in applications for name in _verifiers(application["args"])]},
        "deployments": [deployment],
    }
    return {
        "grpc_options": {"grpc_servicer_functions": [SERVICER]},
        "applications": [gateway, *map(dict, applications)],
    }


def _verifiers(args: Mapping[str, Any]) -> Sequence[str]:
    return [args["verifier"]] if "verifier" in args else args["verifiers"]
