"""A real service over the toys in a thread of its own, for clients that block."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import toys

from guerdon.clients.python import GrpcClient, HttpClient
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.service import Addresses, run_service
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.inprocess import InProcessBackend

KINDS = (
    toys.EchoVerifier,
    toys.TruthVerifier,
    toys.SleepyVerifier,
    toys.BrokenVerifier,
    toys.GroupVerifier,
    toys.UnstartableVerifier,
)
TRANSPORTS = ("http", "grpc")


@contextmanager
def running(**settings: object) -> Iterator[Addresses]:
    """Serve with these settings inside the block."""
    ready, addresses = threading.Event(), []
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    def on_ready(found: Addresses) -> None:
        addresses.append(found)
        ready.set()

    async def serve() -> None:
        backend = InProcessBackend([kind(kind.Settings()) for kind in KINDS])
        gateway = Gateway(backend, GatewaySettings.model_validate({"port": 0, "grpc_port": 0, **settings}))
        await run_service(gateway, on_ready, stop)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(30)
    yield addresses[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def service() -> Iterator[Addresses]:
    """Addresses of a service with default settings."""
    with running() as addresses:
        yield addresses


@pytest.fixture(scope="session")
def clients(service) -> Iterator[dict[str, HttpClient | GrpcClient]]:
    """A client per transport."""
    with HttpClient(service.http) as over_http, GrpcClient(service.grpc) as over_grpc:
        yield {"http": over_http, "grpc": over_grpc}


@pytest.fixture(params=TRANSPORTS)
def client(request, clients) -> HttpClient | GrpcClient:
    """Each client in turn."""
    return clients[request.param]


@pytest.fixture(scope="session")
def run_another():
    """Serves with other settings inside a block."""
    return running
