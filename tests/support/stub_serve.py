"""Applications of Ray Serve that stand in for the gateway and the verifiers; imported by replicas."""

import os
from typing import Any

import msgspec
from fastapi import FastAPI
from ray import serve
from ray.serve import Application

from guerdon.services.gateway.describe import ServiceStatus, VerifierStatus
from guerdon.services.runtime.report import ReplicaReport
from guerdon.v1 import reward_pb2

api = FastAPI()


@serve.deployment(name="gateway")
@serve.ingress(api)
class StubGateway:
    """Tells its process and its settings, over HTTP and gRPC."""

    def __init__(self, verifiers: list[str]) -> None:
        self.verifiers = verifiers
        self.settings: dict[str, Any] = {}

    def reconfigure(self, settings: dict[str, Any]) -> None:
        """Take new settings."""
        self.settings = settings

    @api.get("/settings")
    async def get_settings(self) -> dict[str, Any]:
        """What it was told."""
        return {"pid": os.getpid(), "settings": self.settings}

    @api.get("/readyz")
    async def get_readyz(self) -> dict[str, Any]:
        """As the real one."""
        return {"status": "ready", "verifiers": {name: {"state": "ready"} for name in self.verifiers}}

    @api.get("/v1/status")
    async def get_status(self) -> dict[str, Any]:
        """As the real one, with figures of its own."""
        replicas = [
            ReplicaReport(
                id=f"{place}",
                node="n",
                condition="ready",
                version="v1",
                queued=(place, 0, 1),
                items=10,
                p50_ms=float(place),
            )
            for place in (1, 2)
        ]
        math = VerifierStatus(name="math", state="ready", detail="", version="math-v1", replicas=replicas)
        status: dict[str, Any] = msgspec.to_builtins(
            ServiceStatus(digest="sha256:0", inflight_items=0, verifiers=[math])
        )
        return status

    async def ListVerifiers(self, request: Any) -> Any:  # noqa: N802 - named by the protocol
        """Answer with the process."""
        return reward_pb2.ListVerifiersResponse(server_version=str(os.getpid()))


def gateway(args: dict[str, Any]) -> Application:
    """The application of the stub gateway."""
    return StubGateway.bind(args["verifiers"])


class StubVerifier:
    """Does nothing."""

    def reconfigure(self, settings: dict[str, Any]) -> None:
        """Take new settings; one that must not be fails."""
        if settings.get("workers") == 13:
            raise ValueError("thirteen workers bring bad luck")


def verifier(args: dict[str, Any]) -> Application:
    """The application of a stub verifier."""
    return serve.deployment(StubVerifier, name=args["verifier"]).bind()
