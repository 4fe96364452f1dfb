"""Finds replicas through Serve: every running replica of a verifier's deployment is asked where it listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import msgspec
from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import DeploymentUnavailableError, RayServeException

from guerdon.services.runtime.link.messages import Address
from guerdon.services.runtime.remote.directory import NotDeployed

log = logging.getLogger(__name__)

ASK_TIMEOUT_S = 2.0
"""For Serve to name its replicas, and again for each of these to answer; both fit into one look of a gateway."""
_DETAIL_CHARS = 200


class ServeDirectory:
    """Asks the deployments of the applications that are named like their verifiers."""

    def __init__(self) -> None:
        self._handles: dict[str, Any] = {}

    async def find(self, verifier: str) -> Sequence[Address]:
        """Addresses of all replicas of a verifier that run and answer now.

        Raises:
            NotDeployed: there is no such application, or none of its replicas answers.
        """
        handle = self._handles.get(verifier) or await self._handle(verifier)
        try:
            async with asyncio.timeout(ASK_TIMEOUT_S):
                # The public results_async would tell nothing of any replica as long as one of them is frozen.
                asked = await handle.broadcast("address")._fetch_replica_results_async()  # noqa: SLF001
        except (DeploymentUnavailableError, TimeoutError):
            # The application may have been deleted and deployed anew, which an old handle never learns.
            self._handles.pop(verifier, None)
            raise NotDeployed(f"no replica of the application {verifier!r} runs") from None
        answers = await asyncio.gather(*map(_address, asked), return_exceptions=True)
        if faults := [answer for answer in answers if isinstance(answer, BaseException)]:
            detail = f"{type(faults[0]).__name__}: {faults[0]}"[:_DETAIL_CHARS]
            log.warning("replicas_silent", extra={"verifier": verifier, "replicas": len(faults), "detail": detail})
        found = [answer for answer in answers if isinstance(answer, Address)]
        if not found:
            raise NotDeployed(f"no replica of the application {verifier!r} answers")
        return found

    async def _handle(self, verifier: str) -> Any:
        try:
            # In a thread: it asks the controller and waits.
            handle = await asyncio.to_thread(serve.get_deployment_handle, verifier, verifier)
        except (KeyError, RayServeException, RayError) as cause:
            raise NotDeployed(f"no application {verifier!r} is deployed") from cause
        self._handles[verifier] = handle
        return handle


async def _address(asked: Any) -> Address:
    async with asyncio.timeout(ASK_TIMEOUT_S):
        return msgspec.convert(await asked.get_async(), Address)
