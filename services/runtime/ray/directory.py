"""Finds replicas through Serve: every running replica of a verifier's deployment is asked where it listens.

The application is named like the verifier, or like several that share replicas.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import msgspec
from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import DeploymentUnavailableError, RayServeException
from ray.serve.schema import ApplicationStatus

from guerdon.services.runtime.link.messages import Address
from guerdon.services.runtime.names import verifiers_of
from guerdon.services.runtime.remote.directory import NotDeployed

log = logging.getLogger(__name__)

ASK_TIMEOUT_S = 2.0
"""For Serve to name its replicas, and again for each of these to answer; both fit into one look of a gateway."""
_DETAIL_CHARS = 200


class ServeDirectory:
    """Asks the deployments of applications, which are named like what they run."""

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
                asked = await handle.broadcast("address", verifier)._fetch_replica_results_async()  # noqa: SLF001
        except (DeploymentUnavailableError, TimeoutError):
            self._forget(verifier)
            raise NotDeployed(f"no replica of the verifier {verifier!r} runs") from None
        answers = await asyncio.gather(*map(_address, asked), return_exceptions=True)
        if faults := [answer for answer in answers if isinstance(answer, BaseException)]:
            detail = f"{type(faults[0]).__name__}: {faults[0]}"[:_DETAIL_CHARS]
            log.warning("replicas_silent", extra={"verifier": verifier, "replicas": len(faults), "detail": detail})
        found = [answer for answer in answers if isinstance(answer, Address)]
        if not found:
            self._forget(verifier)
            raise NotDeployed(f"no replica of the verifier {verifier!r} answers")
        return found

    def _forget(self, verifier: str) -> None:
        """Ask for the application again: it may be another now, which an old handle never learns."""
        self._handles.pop(verifier, None)

    async def _handle(self, verifier: str) -> Any:
        try:
            # In a thread: it asks the controller and waits.
            handle = await asyncio.to_thread(_handle_of, verifier)
        except (KeyError, RayServeException, RayError) as cause:
            raise NotDeployed(f"no application runs the verifier {verifier!r}") from cause
        self._handles[verifier] = handle
        return handle


def _handle_of(verifier: str) -> Any:
    """The deployment that runs a verifier.

    Raises:
        KeyError: there is none.
        RayServeException, RayError: Serve cannot be asked.
    """
    # Not by asking for a handle: Serve keeps those it has given, also of what was deleted since.
    for name, application in serve.status().applications.items():
        if verifier in verifiers_of(name) and application.status != ApplicationStatus.DELETING:
            return serve.get_deployment_handle(name, name)
    raise KeyError(verifier)


async def _address(asked: Any) -> Address:
    async with asyncio.timeout(ASK_TIMEOUT_S):
        return msgspec.convert(await asked.get_async(), Address)
