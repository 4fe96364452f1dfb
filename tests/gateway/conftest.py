"""Gateways over toy verifiers, started for one test each."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
import toys

from guerdon.services.contract import Verifier
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.inprocess import InProcessBackend

MakeGateway = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def make_gateway() -> AsyncIterator[MakeGateway]:
    """Starts a gateway over given toys with given settings; everything is stopped after the test."""
    async with AsyncExitStack() as stack:

        async def make(
            *kinds: type[Verifier], absent: dict[str, str] | None = None, **settings: object
        ) -> Gateway:
            verifiers = [kind(kind.Settings()) for kind in kinds or toys.QUICK]
            backend = InProcessBackend(verifiers, absent or {"absent": "absent"})
            gateway = Gateway(backend, GatewaySettings.model_validate({"port": 0, "grpc_port": 0, **settings}))
            await stack.enter_async_context(gateway)
            await backend.wait_started()
            return gateway

        yield make


@pytest.fixture
async def gateway(make_gateway: MakeGateway) -> Gateway:
    """A gateway over the toys that need no worker processes."""
    toys.TruthVerifier.judged.clear()
    return await make_gateway()
