"""Binds a port and serves the reward service, health and reflection on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.grpc.health import SERVICE, VerifierHealth
from guerdon.services.gateway.grpc.servicer import Context, RewardServicer, answering
from guerdon.services.gateway.grpc.wire import decode

HEALTH_SERVICE = "grpc.health.v1.Health"
SERVICES = (SERVICE, HEALTH_SERVICE, reflection.SERVICE_NAME)
"""Full names of all services of a gateway."""
RECEIVE_MARGIN_BYTES = 16 << 20
"""What a message may be above ``max_body_bytes``, so that the refusal is ours and says what to do."""
GRACE_S = 5.0


class GrpcServer:
    """A running server."""

    def __init__(self, server: grpc.aio.Server, port: int, health: VerifierHealth) -> None:
        self.port = port
        self._server = server
        self._health = health
        self._refreshing = asyncio.create_task(health.keep_current(), name="grpc-health")

    async def stop(self, grace_s: float = GRACE_S) -> None:
        """Tell the watchers, take no more calls, give those in progress ``grace_s`` seconds, then cancel them."""
        self._refreshing.cancel()
        await asyncio.gather(self._refreshing, return_exceptions=True)
        await self._health.servicer.enter_graceful_shutdown()
        await self._server.stop(grace_s)


async def serve_grpc(gateway: Gateway, *, host: str, port: int) -> GrpcServer:
    """Serve a gateway over gRPC.

    Args:
        gateway: the core; whoever made it stops it.
        host: address to bind.
        port: port to bind; 0 picks a free one, told by the result.

    Raises:
        OSError: the port cannot be bound.
    """
    server = grpc.aio.server(options=_options(gateway.settings.max_body_bytes))
    health = add_services(gateway, server)
    await health.refresh()
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        bound = server.add_insecure_port(address)
    except RuntimeError:
        raise OSError(f"{address} is in use, or is no address of this machine") from None
    await server.start()
    return GrpcServer(server, bound, health)


def add_services(gateway: Gateway, server: grpc.aio.Server) -> VerifierHealth:
    """Register the reward service, health and reflection; the health that is returned is to be kept current."""
    health = VerifierHealth(gateway.states)
    add_reward_service(RewardServicer(gateway), server)
    _add_health(health, server)
    _add_reflection(server)
    return health


def add_reward_service(servicer: RewardServicer, server: grpc.aio.Server) -> None:
    """Register the reward service; its requests reach the servicer as bytes."""
    _add(
        server,
        SERVICE,
        {
            "Score": _unary(servicer.score),
            "ScoreStream": _server_stream(servicer.score_stream),
            "ScoreSession": _both_stream(servicer.score_session),
            "ListVerifiers": _unary(servicer.list_verifiers),
            "PutGroundTruth": _unary(servicer.put_ground_truth),
        },
    )


def _add_health(health: VerifierHealth, server: grpc.aio.Server) -> None:
    async def check(raw: bytes, context: Context) -> health_pb2.HealthCheckResponse:
        async with answering(context):
            request = decode(health_pb2.HealthCheckRequest, raw)
            await health.refresh()
            return await health.servicer.Check(request, context)

    async def watch(raw: bytes, context: Context) -> None:
        async with answering(context):
            await health.servicer.Watch(decode(health_pb2.HealthCheckRequest, raw), context)

    _add(server, HEALTH_SERVICE, {"Check": _unary(check), "Watch": _server_stream(watch)})


def _add_reflection(server: grpc.aio.Server) -> None:
    # The stubs take the asynchronous generator for a coroutine.
    servicer: Any = reflection.aio.ReflectionServicer(SERVICES)

    async def decoded(requests: AsyncIterator[bytes]) -> AsyncIterator[reflection_pb2.ServerReflectionRequest]:
        async for raw in requests:
            yield decode(reflection_pb2.ServerReflectionRequest, raw)

    async def info(requests: AsyncIterator[bytes], context: Context) -> None:
        async with answering(context):
            async for response in servicer.ServerReflectionInfo(decoded(requests), context):
                await context.write(response)

    _add(server, reflection.SERVICE_NAME, {"ServerReflectionInfo": _both_stream(info)})


def _options(max_body_bytes: int) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", max_body_bytes + RECEIVE_MARGIN_BYTES),
        ("grpc.max_send_message_length", -1),
        # Two servers on one port would share its calls at random.
        ("grpc.so_reuseport", 0),
        # Trainers keep connections open through long rollouts; a peer that is gone is found out within minutes.
        ("grpc.keepalive_time_ms", 120_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
        ("grpc.http2.max_ping_strikes", 0),
    ]


def _add(server: grpc.aio.Server, service: str, methods: dict[str, grpc.RpcMethodHandler[Any, Any]]) -> None:
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))


def _unary(method: Callable[..., Any]) -> grpc.RpcMethodHandler[Any, Any]:
    return grpc.unary_unary_rpc_method_handler(method, response_serializer=_serialise)


def _server_stream(method: Callable[..., Any]) -> grpc.RpcMethodHandler[Any, Any]:
    return grpc.unary_stream_rpc_method_handler(method, response_serializer=_serialise)


def _both_stream(method: Callable[..., Any]) -> grpc.RpcMethodHandler[Any, Any]:
    return grpc.stream_stream_rpc_method_handler(method, response_serializer=_serialise)


def _serialise(message: Message) -> bytes:
    return message.SerializeToString()
