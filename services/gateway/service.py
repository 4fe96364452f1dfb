"""Runs the gateway on both transports until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator

import msgspec
import uvicorn

from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.grpc.server import serve_grpc
from guerdon.services.gateway.http.app import create_app
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.collector import calm_collector

log = logging.getLogger(__name__)

STOP_TIMEOUT_S = 5


class ServiceError(Exception):
    """The service cannot be started as asked; the message says why and what to do."""


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where a running service answers."""

    http: str
    """URL of the HTTP server."""
    grpc: str
    """``host:port`` of the gRPC server."""


async def run_service(
    gateway: Gateway, on_ready: Callable[[Addresses], None], stop: asyncio.Event | None = None
) -> None:
    """Serve until SIGINT, SIGTERM or ``stop``; finish what is in flight, then stop everything.

    Args:
        gateway: the core, not yet started.
        on_ready: called once every verifier has been tried to start and both ports answer.
        stop: ends the service when set; where it is given, no signal is caught.

    Raises:
        ServiceError: the address is not allowed or not free.
    """
    async with serve(gateway) as addresses:
        await gateway.backend.wait_started()
        calm_collector()
        on_ready(addresses)
        if stop is None:
            stop = asyncio.Event()
            for kind in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(kind, stop.set)
        await stop.wait()
        log.info("service_stopping")


@contextlib.asynccontextmanager
async def serve(gateway: Gateway) -> AsyncIterator[Addresses]:
    """Serve both transports inside the ``async with`` block; verifiers may still be starting.

    Raises:
        ServiceError: the address is not allowed or not free.
    """
    settings = gateway.settings
    check_bind(settings)
    with _listen(settings.host, settings.port) as listener:
        async with gateway:
            try:
                grpc = await serve_grpc(gateway, host=settings.host, port=settings.grpc_port)
            except OSError as cause:
                raise _in_use(settings.host, settings.grpc_port, "grpc_port", cause) from None
            try:
                async with _serve_http(gateway, listener):
                    port = listener.getsockname()[1]
                    host = f"[{settings.host}]" if ":" in settings.host else settings.host
                    yield Addresses(http=f"http://{host}:{port}", grpc=f"{host}:{grpc.port}")
            finally:
                await grpc.stop()


def check_bind(settings: GatewaySettings) -> None:
    """Refuse to listen beyond loopback without an API key.

    Raises:
        ServiceError: such a bind was asked for.
    """
    if not settings.api_keys and not _is_loopback(settings.host):
        raise ServiceError(
            f"{settings.host} can be reached from other machines, and no API key is set: whoever can reach this "
            "service could read and forge rewards. Set api_keys (or --api-key-file), or bind 127.0.0.1"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as cause:
        raise _in_use(host, port, "port", cause) from None
    # Accepted connections inherit it. The event loop sets it only on sockets it made itself, and without it
    # every answer waits 40 ms for the acknowledgement of its own head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _in_use(host: str, port: int, setting: str, cause: OSError) -> ServiceError:
    reason = cause.strerror or str(cause)
    return ServiceError(
        f"cannot listen on {host}:{port} ({reason}): choose another {setting}, or 0 for a free one"
    )


class _HttpServer(uvicorn.Server):
    """Leaves signals to the service, which has a second transport to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Catch nothing."""
        yield


@contextlib.asynccontextmanager
async def _serve_http(gateway: Gateway, listener: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(
        create_app(gateway),
        # Not httptools: it takes headers without end, and forgets who has gone while requests are pipelined.
        http="h11",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
        h11_max_incomplete_event_size=64 * 1024,
    )
    server = _HttpServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="http-server")
    try:
        while not server.started:
            if task.done():
                await task
                raise ServiceError("the HTTP server ended while starting; its log says why")
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)
