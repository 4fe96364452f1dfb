"""What runs on a cluster, as the REST API of Ray Serve tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from guerdon.services.runtime.names import verifiers_of

Phase = Literal["running", "changing", "failed"]

_RUNNING = "RUNNING"
_FAILED = frozenset({"DEPLOY_FAILED", "UNHEALTHY"})


class ReplicaState(msgspec.Struct, frozen=True):
    """One replica."""

    id: str
    state: str
    """``STARTING``, ``RUNNING``, ``UPDATING``, ``STOPPING`` …"""
    node: str
    """Address of its node, or empty."""
    pid: int | None
    """Its process on that node."""


class DeploymentState(msgspec.Struct, frozen=True):
    """One deployment."""

    name: str
    status: str
    """``HEALTHY``, ``UPDATING``, ``UNHEALTHY`` …"""
    message: str
    target: int
    """Replicas it shall have."""
    replicas: tuple[ReplicaState, ...]

    @property
    def ready(self) -> int:
        """Replicas that answer."""
        return sum(replica.state == _RUNNING for replica in self.replicas)

    @property
    def settled(self) -> bool:
        """Whether it has exactly the replicas it shall have, all of them ready."""
        return self.ready == self.target == len(self.replicas)


class ApplicationState(msgspec.Struct, frozen=True):
    """One application."""

    name: str
    status: str
    """``DEPLOYING``, ``RUNNING``, ``DEPLOY_FAILED``, ``DELETING``, ``UNHEALTHY`` …"""
    message: str
    route_prefix: str | None
    deployments: tuple[DeploymentState, ...]

    @property
    def phase(self) -> Phase:
        """Whether it is as it shall be."""
        if self.status in _FAILED:
            return "failed"
        whole = self.status == _RUNNING and all(deployment.settled for deployment in self.deployments)
        return "running" if whole else "changing"


class ClusterState(msgspec.Struct, frozen=True):
    """Everything that Serve runs."""

    applications: tuple[ApplicationState, ...]
    http: tuple[str, int] | None
    """Host and port of the HTTP ingress, or None before Serve has started."""
    grpc_port: int | None

    def find(self, application: str) -> ApplicationState | None:
        """The application of a name."""
        return next((app for app in self.applications if app.name == application), None)

    def host_of(self, verifier: str) -> ApplicationState | None:
        """The application that runs a verifier, alone or with others."""
        return next((app for app in self.applications if verifier in verifiers_of(app.name)), None)


def read_state(answer: Mapping[str, Any]) -> ClusterState:
    """Read what ``GET /api/serve/applications/`` answers."""
    http = answer.get("http_options") or {}
    grpc = answer.get("grpc_options") or {}
    return ClusterState(
        applications=tuple(_application(app) for _, app in sorted((answer.get("applications") or {}).items())),
        http=(str(http["host"]), int(http["port"])) if "port" in http else None,
        grpc_port=grpc.get("port"),
    )


def _application(app: Mapping[str, Any]) -> ApplicationState:
    return ApplicationState(
        name=app["name"],
        status=app["status"],
        message=app.get("message", ""),
        route_prefix=app.get("route_prefix"),
        deployments=tuple(_deployment(deployment) for deployment in app.get("deployments", {}).values()),
    )


def _deployment(deployment: Mapping[str, Any]) -> DeploymentState:
    return DeploymentState(
        name=deployment["name"],
        status=deployment["status"],
        message=deployment.get("message", ""),
        target=deployment["target_num_replicas"],
        replicas=tuple(
            ReplicaState(
                id=replica["replica_id"],
                state=replica["state"],
                node=replica.get("node_ip") or "",
                pid=replica.get("pid"),
            )
            for replica in deployment.get("replicas", ())
        ),
    )
