"""The real service: every registered verifier, both transports."""

from collections.abc import AsyncIterator

import pytest_asyncio

from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.build import build_backend


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service() -> AsyncIterator[Gateway]:
    """A gateway over the registered verifiers, ready."""
    gateway = Gateway(build_backend(), GatewaySettings(port=0, grpc_port=0))
    async with gateway:
        await gateway.backend.wait_started()
        yield gateway
