"""``grpc.health.v1`` over the states of the verifiers.

The names ``""`` and ``guerdon.v1.RewardService`` are serving while at least one verifier is ready; each verifier
has an entry under its own name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import NoReturn

from grpc_health.v1 import health, health_pb2

from guerdon.services.runtime.backend import VerifierState
from guerdon.v1 import reward_pb2 as pb

SERVICE = pb.DESCRIPTOR.services_by_name["RewardService"].full_name
REFRESH_S = 1.0


class VerifierHealth:
    """Keeps a health servicer in step with the verifiers.

    Args:
        states: tells the state of each verifier.
    """

    def __init__(self, states: Callable[[], Mapping[str, VerifierState]]) -> None:
        self._states = states
        self.servicer = health.aio.HealthServicer()

    async def refresh(self) -> None:
        """Take over the states as they are now, and tell those who watch."""
        ready = {name: state.state == "ready" for name, state in self._states().items()}
        serving = any(ready.values())
        for name, is_ready in {**ready, "": serving, SERVICE: serving}.items():
            status = health_pb2.HealthCheckResponse
            await self.servicer.set(name, status.SERVING if is_ready else status.NOT_SERVING)

    async def keep_current(self) -> NoReturn:
        """Refresh for ever."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_S)
