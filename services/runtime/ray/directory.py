"""Finds replicas through Serve: every running replica of a verifier's deployment is asked where it listens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import DeploymentUnavailableError, RayServeException

from guerdon.services.runtime.link.messages import Address
from guerdon.services.runtime.remote.directory import NotDeployed

ASK_TIMEOUT_S = 3.0


class ServeDirectory:
    """Asks the deployments of the applications that are named like their verifiers."""

    def __init__(self) -> None:
        self._handles: dict[str, Any] = {}

    async def find(self, verifier: str) -> Sequence[Address]:
        """Addresses of all replicas of a verifier that run now.

        Raises:
            NotDeployed: there is no such application, or none of its replicas runs.
        """
        handle = self._handles.get(verifier) or await self._handle(verifier)
        try:
            answers = await handle.broadcast("address").results_async(
                timeout_s=ASK_TIMEOUT_S, return_exceptions=True
            )
        except (DeploymentUnavailableError, TimeoutError):
            # The application may have been deleted and deployed anew, which an old handle never learns.
            self._handles.pop(verifier, None)
            raise NotDeployed(f"no replica of the application {verifier!r} runs") from None
        return [msgspec.convert(answer, Address) for answer in answers if not isinstance(answer, Exception)]

    async def _handle(self, verifier: str) -> Any:
        try:
            # In a thread: it asks the controller and waits.
            handle = await asyncio.to_thread(serve.get_deployment_handle, verifier, verifier)
        except (RayServeException, RayError) as cause:
            raise NotDeployed(f"no application {verifier!r} is deployed") from cause
        self._handles[verifier] = handle
        return handle
