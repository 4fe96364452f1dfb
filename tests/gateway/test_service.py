"""Starting and stopping a service."""

import asyncio
import socket

import httpx2
import pytest
import toys

from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.service import ServiceError, run_service, serve
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.inprocess import InProcessBackend

KEYS = [{"name": "k", "secret": "a-key-of-enough-length"}]


def make(**settings: object) -> Gateway:
    """A gateway over one toy."""
    backend = InProcessBackend([toys.EchoVerifier(toys.EchoVerifier.Settings())])
    return Gateway(backend, GatewaySettings.model_validate({"port": 0, "grpc_port": 0, **settings}))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.invalid"])
async def test_no_listener_beyond_loopback_without_a_key(host):
    """An open reward channel would let anybody read and forge rewards."""
    with pytest.raises(ServiceError, match="API key"):
        async with serve(make(host=host)):
            pass


async def test_a_key_allows_a_wider_bind():
    """With a key the service may listen everywhere."""
    async with serve(make(host="0.0.0.0", api_keys=KEYS)) as addresses:
        port = addresses.http.rpartition(":")[2]
        async with httpx2.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200


@pytest.mark.parametrize("setting", ["port", "grpc_port"])
async def test_a_port_in_use_is_told(setting):
    """A second service on the same port fails loudly and says what to change."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ServiceError, match=setting):
        async with serve(make(**{setting: taken.getsockname()[1]})):
            pass


async def test_run_service_ends_when_told():
    """The service answers once it says it is ready, and stops when it is told to."""
    stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run_service(make(), ready.set_result, stop))
    addresses = await ready
    async with httpx2.AsyncClient() as client:
        assert (await client.get(addresses.http + "/readyz")).json()["status"] == "ready"
    stop.set()
    await task
    async with httpx2.AsyncClient() as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get(addresses.http + "/readyz")
