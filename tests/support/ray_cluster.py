"""The configuration of the private Ray that tests share, changes of it, and ways to wait for it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx2

from guerdon.clients.python import GrpcClient, HttpClient
from guerdon.services.cluster.applications import serve_config, verifier_application
from guerdon.services.cluster.errors import ClusterError
from guerdon.services.cluster.private import PrivateRay
from guerdon.services.contract import Verifier, VerifierSettings
from guerdon.services.runtime.kinds import load_kind

CPUS = 8
_STUBS = "guerdon.services.bench.stubs"
VERIFIERS: Mapping[str, Mapping[str, Any]] = {
    "math": {"workers": 1},
    "format": {},
    "language": {"workers": 1},
    "shaping": {},
    "code": {"slots": 1},
    f"{_STUBS}:SleepingVerifier": {},
    f"{_STUBS}:HangingVerifier": {},
}
"""Verifiers and their settings."""
CANARY = "canary-7d1f0c52e6"
PLANTED = {"GUERDON_API_KEY": CANARY, "HF_TOKEN": CANARY}
"""Secrets in the environment of every process of the shared cluster, which no program may see."""
_PATIENCE_S = 90.0
_LOOK_S = 0.2


def kinds() -> list[tuple[type[Verifier], VerifierSettings]]:
    """The verifiers with their settings."""
    loaded = [(load_kind(name), settings) for name, settings in VERIFIERS.items()]
    return [(kind, kind.Settings(**settings)) for kind, settings in loaded]


def configuration(
    *, gateways: int = 1, without: str = "", args: Mapping[str, Any] | None = None, **options: Mapping[str, Any]
) -> dict[str, Any]:
    """A configuration for the shared cluster.

    Args:
        gateways: replicas of the gateway.
        without: an application that is left out; the gateway expects it all the same.
        args: further arguments of the application ``format``.
        options: options of deployments, by name.
    """
    applications = [verifier_application(name, settings=settings) for name, settings in VERIFIERS.items()]
    config = serve_config(applications, gateways=gateways)
    for application in config["applications"]:
        application["deployments"][0].update(options.get(application["name"], {}))
        if application["name"] == "format":
            application["args"].update(args or {})
    config["applications"] = [app for app in config["applications"] if app["name"] != without]
    return config


def wait_until(condition: Callable[[], object], what: str, seconds: float = _PATIENCE_S) -> None:
    """Wait for something that must become true."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"after {seconds:.0f} s: not {what}")
        time.sleep(_LOOK_S)


def status(ray: PrivateRay) -> dict[str, dict[str, Any]]:
    """What ``GET /v1/status`` says of each verifier."""
    answer = httpx2.get(f"{ray.http}/v1/status", timeout=10.0, trust_env=False)
    answer.raise_for_status()
    return {verifier["name"]: verifier for verifier in answer.json()["verifiers"]}


def replica_ids(ray: PrivateRay, application: str) -> set[str]:
    """The replicas of an application, as Serve knows them."""
    found = ray.client.state().find(application)
    return {replica.id for part in found.deployments for replica in part.replicas} if found else set()


def replica_pids(ray: PrivateRay, application: str) -> list[int]:
    """The processes of the replicas of an application."""
    found = ray.client.state().find(application)
    parts = found.deployments if found else ()
    return [replica.pid for part in parts for replica in part.replicas if replica.pid is not None]


def processes(ray: PrivateRay, title: str) -> list[int]:
    """Processes of a cluster whose command line begins so, or has a part that is so."""
    found = []
    for pid in ray.pids():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if words[0].startswith(title) or title in words:
            found.append(pid)
    return found


def kill(pid: int) -> None:
    """End a process at once."""
    os.kill(pid, signal.SIGKILL)


def seen_whole(ray: PrivateRay, **replicas: int) -> bool:
    """Whether Serve has every replica that it shall have, and the gateway uses exactly these.

    Args:
        ray: the cluster.
        replicas: how many replicas some applications shall have; one by default.
    """
    try:
        state, seen = ray.client.state(), status(ray)
    except (ClusterError, httpx2.HTTPError):
        return False
    names = ["gateway", *seen]
    found = {name: state.find(name) for name in names}
    if not all(app is not None and app.phase == "running" for app in found.values()):
        return False
    for name in names:
        app = found[name]
        ids = {replica.id for part in app.deployments for replica in part.replicas} if app else set()
        if len(ids) != replicas.get(name, 1):
            return False
        told = seen.get(name, {"replicas": []})["replicas"]
        if name in seen and {replica["id"] for replica in told if replica["condition"] == "ready"} != ids:
            return False
    return True


def wait_whole(ray: PrivateRay, **replicas: int) -> None:
    """Wait until :func:`seen_whole`."""
    wait_until(lambda: seen_whole(ray, **replicas), "every replica ready and seen by the gateway")


def restore(ray: PrivateRay) -> None:
    """Make the cluster again what it was at first."""
    wait_until(lambda: _answers(ray), "the controller back")
    # Not deploy, which takes a replica that was just killed for a failure of the configuration.
    ray.client.put(ray.place(configuration()))
    for app in ray.client.state().applications:
        for part in app.deployments:
            if part.target != 1 and app.name != "gateway":
                ray.client.scale(app.name, part.name, 1)
    wait_whole(ray)


def client_of(service: Any, transport: str) -> HttpClient | GrpcClient:
    """A client of a service."""
    return HttpClient(service.http) if transport == "HTTP" else GrpcClient(service.grpc)


def _answers(ray: PrivateRay) -> bool:
    try:
        return bool(ray.client.state().applications)
    except ClusterError:
        return False
