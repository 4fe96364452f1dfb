"""Relays the gateway's gRPC calls from Serve's Python proxy to its replicas.

A proxy has no gateway, and Serve's own way through it would ask callers to name an application, hide their
deadline and lose the details of errors. So each call goes undecoded through a deployment handle, and how it ended
comes back. Reflection needs no gateway and is answered here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import Any, NoReturn

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pool import Default
from google.rpc import status_pb2
from grpc_reflection.v1alpha import reflection

from guerdon.services.contract.errors import GuerdonError
from guerdon.services.gateway.grpc.server import SERVICES
from guerdon.services.gateway.grpc.servicer import MAX_SESSION_CALLS, Context, answering
from guerdon.services.gateway.grpc.status import status_of
from guerdon.services.gateway.grpc.wire import request_id_of
from guerdon.services.gateway.serve.calls import Ending, RelayedCall
from guerdon.services.gateway.serve.replicas import GatewayReplicas
from guerdon.v1 import reward_pb2 as pb

METADATA = frozenset({"authorization", "x-api-key", "traceparent"})
"""What a gateway reads of the metadata of a call."""
DETAILS_KEY = "grpc-status-details-bin"

_CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


def add_relay(server: Any) -> None:
    """Register the reward service, health and reflection on the server of a proxy.

    Args:
        server: ``ray.serve._private.grpc_util.gRPCGenericServer``.
    """
    relay = Relay(GatewayReplicas())
    for service in SERVICES:
        server.add_passthrough_service(service)
        if service == reflection.SERVICE_NAME:
            reflection.enable_server_reflection(SERVICES, server)
            continue
        methods = {found.name: relay.handler(found) for found in Default().FindServiceByName(service).methods}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))


class Relay:
    """Hands calls to replicas.

    Args:
        replicas: where they go.
    """

    def __init__(self, replicas: GatewayReplicas) -> None:
        self._replicas = replicas

    def handler(self, method: MethodDescriptor) -> grpc.RpcMethodHandler[Any, Any]:
        """The handler of a method; it takes and gives bytes."""
        name = f"/{method.containing_service.full_name}/{method.name}"
        if method.client_streaming:
            return grpc.stream_stream_rpc_method_handler(partial(self._session, name))
        if method.server_streaming:
            return grpc.unary_stream_rpc_method_handler(partial(self._stream, name))
        return grpc.unary_unary_rpc_method_handler(partial(self._unary, name))

    async def _unary(self, method: str, raw: bytes | None, context: Context) -> bytes | None:
        async with answering(context):
            answer = await self._replicas.ask(_call(method, raw, context))
            if answer.ending is not None:
                await _end(context, answer.ending)
        return answer.message

    async def _stream(self, method: str, raw: bytes, context: Context) -> None:
        following = self._replicas.follow(_call(method, raw, context))
        async with answering(context), aclosing(following) as parts:
            async for part in parts:
                if isinstance(part, Ending):
                    await _end(context, part)
                for message in part:
                    await context.write(message)

    async def _session(self, method: str, requests: AsyncIterator[bytes], context: Context) -> None:
        """Relay each request of a session by itself, to whatever replica has room."""
        # Who calls is found out at once, as without a proxy.
        await self._unary(method, None, context)
        async with answering(context):
            writing = asyncio.Lock()
            slots = asyncio.Semaphore(MAX_SESSION_CALLS)

            async def send(messages: list[bytes]) -> None:
                async with writing:
                    for message in messages:
                        await context.write(message)

            async with asyncio.TaskGroup() as calls:
                ordinal = 0
                await slots.acquire()
                async for raw in requests:
                    task = calls.create_task(self._part(_call(method, raw, context, f"#{ordinal}"), send))
                    task.add_done_callback(lambda _: slots.release())
                    ordinal += 1
                    await slots.acquire()

    async def _part(self, call: RelayedCall, send: Callable[[list[bytes]], Awaitable[None]]) -> None:
        """Relay one request of a session; what goes wrong with it is an event and not the end of the stream."""
        error: status_pb2.Status | None = None
        try:
            async with aclosing(self._replicas.follow(call)) as parts:
                async for part in parts:
                    if isinstance(part, Ending):
                        error = _status(part)
                    else:
                        await send(part)
        except GuerdonError as cause:
            error = status_of(cause)
        if error is not None:
            name = request_id_of(call.request or b"") or call.place
            await send([pb.ScoreEvent(request_id=name, error=error).SerializeToString()])


def _call(method: str, raw: bytes | None, context: Context, place: str = "") -> RelayedCall:
    metadata = tuple((key, value) for key, value in context.invocation_metadata() or () if key in METADATA)
    return RelayedCall(method, raw, metadata, context.time_remaining(), place)


async def _end(context: Context, ending: Ending) -> NoReturn:
    await context.abort(_CODES[ending.code], ending.details, ending.trailers)


def _status(ending: Ending) -> status_pb2.Status:
    """How a call ended, as a message."""
    for key, value in ending.trailers:
        if key == DETAILS_KEY and isinstance(value, bytes):
            return status_pb2.Status.FromString(value)
    return status_pb2.Status(code=ending.code, message=ending.details)
