"""A real HTTP server over the toys, on a free loopback port."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx2
import pytest
import toys

from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.service import serve
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.inprocess import InProcessBackend


@pytest.fixture
async def connect() -> AsyncIterator[object]:
    """Starts a service with given settings and gives a client of it."""
    async with AsyncExitStack() as stack:

        async def start(*kinds, **settings: object) -> httpx2.AsyncClient:
            backend = InProcessBackend([kind(kind.Settings()) for kind in kinds or toys.QUICK])
            gateway = Gateway(backend, GatewaySettings.model_validate({"port": 0, "grpc_port": 0, **settings}))
            addresses = await stack.enter_async_context(serve(gateway))
            await backend.wait_started()
            return await stack.enter_async_context(httpx2.AsyncClient(base_url=addresses.http, timeout=60))

        yield start


@pytest.fixture
async def client(connect) -> httpx2.AsyncClient:
    """A client of a service with default settings."""
    return await connect()
