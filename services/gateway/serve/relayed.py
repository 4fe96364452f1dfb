"""Answers calls that Serve's Python proxy relays, in a replica of the gateway.

The methods are the very ones that are registered on a server, so that both ways differ in nothing; only the
context of a call is one of ours.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any, NoReturn, cast

import grpc
from google.protobuf.message import Message

from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.grpc.server import add_services
from guerdon.services.gateway.grpc.servicer import Context, RewardServicer, answering
from guerdon.services.gateway.serve.calls import Answer, Ending, Metadata, RelayedCall

MAX_PENDING = 256
"""Messages of one call that wait to be fetched; a method that writes more has to wait."""


class RelayedContext:
    """The context of a relayed call: what the methods use of gRPC's.

    Args:
        call: the call.
    """

    def __init__(self, call: RelayedCall) -> None:
        self.ending: Ending | None = None
        self._metadata = call.metadata
        self._until = None if call.remaining_s is None else time.monotonic() + call.remaining_s
        self._pending: list[bytes] = []
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def invocation_metadata(self) -> Metadata:
        """What the client sent."""
        return self._metadata

    def time_remaining(self) -> float | None:
        """Time left of the client's deadline, in seconds, or None where it has none."""
        return None if self._until is None else max(0.0, self._until - time.monotonic())

    async def write(self, message: Message) -> None:
        """Send a message."""
        await self._room.wait()
        self._pending.append(message.SerializeToString())
        self._changed.set()
        if len(self._pending) >= MAX_PENDING:
            self._room.clear()

    async def abort(self, code: grpc.StatusCode, details: str = "", trailing_metadata: Metadata = ()) -> NoReturn:
        """End the call with an error."""
        self.ending = Ending(code.value[0], details, tuple(trailing_metadata))
        raise grpc.aio.AbortError

    async def abort_with_status(self, status: grpc.Status) -> NoReturn:
        """End the call with an error."""
        await self.abort(status.code, status.details, status.trailing_metadata or ())

    async def written(self, method: asyncio.Task[None]) -> AsyncIterator[list[bytes]]:
        """The messages that a method writes until it is done, as many at a time as there are."""
        method.add_done_callback(lambda _: self._changed.set())
        while not method.done() or self._pending:
            await self._changed.wait()
            self._changed.clear()
            taken, self._pending = self._pending, []
            self._room.set()
            if taken:
                yield taken


class RelayedServices:
    """All services of a gateway, as they are registered on a server.

    Args:
        gateway: the core.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._handlers: list[grpc.GenericRpcHandler] = []
        self._sessions = _Sessions(gateway)
        health = add_services(gateway, cast(grpc.aio.Server, self))
        self._health = asyncio.create_task(health.keep_current(), name="relayed-grpc-health")

    def add_generic_rpc_handlers(self, handlers: Sequence[grpc.GenericRpcHandler]) -> None:
        """Take the place of a server where methods are registered."""
        self._handlers.extend(handlers)

    async def unary(self, call: RelayedCall) -> Answer:
        """Answer a call that has one answer, or open a session."""
        context = RelayedContext(call)
        message = None
        try:
            message = await self._run(call, context)
        except grpc.aio.AbortError:
            return Answer(None, context.ending)
        return Answer(b"" if message is None else message, None)

    async def stream(self, call: RelayedCall) -> AsyncGenerator[list[bytes] | Ending]:
        """Answer a call that has many answers: messages as they come, and at the end of one that failed, how."""
        context = RelayedContext(call)
        method = asyncio.create_task(self._run(call, context), name="relayed-call")
        try:
            async for messages in context.written(cast("asyncio.Task[None]", method)):
                yield messages
            await method
        except grpc.aio.AbortError:
            if context.ending is not None:
                yield context.ending
        finally:
            method.cancel()
            await asyncio.gather(method, return_exceptions=True)

    async def _run(self, call: RelayedCall, context: RelayedContext) -> bytes | None:
        if call.place and call.request is not None:
            await self._sessions.part(call.request, call.place, cast(Context, context))
            return None
        method = self._find(call)
        if method is None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")
        if method.request_streaming:
            await method.stream_stream(_nothing(), context)
        elif method.response_streaming:
            await method.unary_stream(call.request, context)
        else:
            return cast(bytes, method.response_serializer(await method.unary_unary(call.request, context)))
        return None

    def _find(self, call: RelayedCall) -> Any:
        details = _Details(call)
        return next((found for known in self._handlers if (found := known.service(details))), None)


class _Sessions(RewardServicer):
    """Requests of a session that come one by one."""

    async def part(self, raw: bytes, place: str, context: Context) -> None:
        """Answer one request of a session."""
        async with answering(context):
            await self._session_call(raw, place, context, context.write)


class _Details(grpc.HandlerCallDetails):
    """Names a method when its handler is looked for."""

    def __init__(self, call: RelayedCall) -> None:
        self.method = call.method
        self.invocation_metadata = call.metadata


async def _nothing() -> AsyncIterator[bytes]:
    """The requests of a session that is only opened."""
    requests: tuple[bytes, ...] = ()
    for request in requests:
        yield request
