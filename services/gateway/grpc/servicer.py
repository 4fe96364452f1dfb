"""The methods of ``guerdon.v1.RewardService``: bytes in, messages out, the core in between.

Requests arrive undecoded, so that bytes nobody can read are answered by us (see :mod:`wire`). Whatever ends a
call with an error passes through :func:`answering`, which knows no other way out than the table of errors.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import grpc

from guerdon.services.contract.errors import BatchTooLarge, GuerdonError, InternalError
from guerdon.services.gateway.auth import Caller, bearer_token
from guerdon.services.gateway.consumer import Consumer
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.grpc.mapping_in import read_request
from guerdon.services.gateway.grpc.mapping_out import description, score_event, score_response
from guerdon.services.gateway.grpc.status import abort, status_of
from guerdon.services.gateway.grpc.wire import decode, request_id_of
from guerdon.services.gateway.truths import PREFIX
from guerdon.v1 import reward_pb2 as pb

log = logging.getLogger(__name__)

MAX_SESSION_CALLS = 64
"""Requests of one session in flight; the next one is read when one of them is done."""
MARGIN_MS = 250.0
"""Time kept back from the client's deadline at most, so that the answer still arrives."""
MARGIN_SHARE = 0.25
"""Share of the client's time kept back where that is less."""

Context = grpc.aio.ServicerContext[Any, Any]
Send = Callable[[pb.ScoreEvent], Awaitable[None]]


class _Call(NamedTuple):
    """A request to score that has arrived."""

    message: pb.ScoreRequest
    caller: Caller
    arrived: float
    """When it did, on ``time.monotonic()``."""


class RewardServicer:
    """Serves one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def score(self, raw: bytes, context: Context) -> pb.ScoreResponse:
        """Score a batch and answer once."""
        async with answering(context), await self._open(self._read(raw, context), context) as consumer:
            return score_response(await consumer.response())

    async def score_stream(self, raw: bytes, context: Context) -> None:
        """Score a batch and send each item as it finishes."""
        async with answering(context):
            call = self._read(raw, context)
            await self._stream(call, call.message.request_id, context, context.write)

    async def score_session(self, requests: AsyncIterator[bytes], context: Context) -> None:
        """Score many batches over one stream."""
        async with answering(context):
            self._caller(context)
            writing = asyncio.Lock()
            slots = asyncio.Semaphore(MAX_SESSION_CALLS)

            async def send(event: pb.ScoreEvent) -> None:
                async with writing:
                    await context.write(event)

            async with asyncio.TaskGroup() as calls:
                ordinal = 0
                await slots.acquire()
                async for raw in requests:
                    call = calls.create_task(self._session_call(raw, f"#{ordinal}", context, send))
                    call.add_done_callback(lambda _: slots.release())
                    ordinal += 1
                    await slots.acquire()

    async def list_verifiers(self, raw: bytes, context: Context) -> pb.ListVerifiersResponse:
        """Tell what can be scored."""
        async with answering(context):
            self._caller(context)
            self._decode(pb.ListVerifiersRequest, raw)
            return description(self._gateway.describe())

    async def put_ground_truth(self, raw: bytes, context: Context) -> pb.PutGroundTruthResponse:
        """Store a ground truth."""
        async with answering(context):
            caller = self._caller(context)
            request = self._decode(pb.PutGroundTruthRequest, raw)
            created = self._gateway.put_ground_truth(request.sha256, request.json, caller)
            return pb.PutGroundTruthResponse(ref=f"{PREFIX}{request.sha256}", created=created)

    async def _session_call(self, raw: bytes, place: str, context: Context, send: Send) -> None:
        """Answer one request of a session; what goes wrong with it is an event and not the end of the stream."""
        try:
            # The key is looked at for each request: sessions last, and keys are withdrawn and given other rights.
            call = self._read(raw, context)
            await self._stream(call, call.message.request_id or place, context, send)
        except Exception as cause:  # noqa: BLE001 - everything is told by the table of errors
            error = status_of(_as_told(cause))
            request_id = request_id_of(raw) or place
            await send(pb.ScoreEvent(request_id=request_id, digest=self._gateway.digest, error=error))

    async def _stream(self, call: _Call, request_id: str, context: Context, send: Send) -> None:
        """Send the events of one request."""
        async with await self._open(call, context) as consumer:
            async for event in consumer.events():
                await send(score_event(request_id or consumer.request_id, consumer.digest, event))

    def _read(self, raw: bytes, context: Context) -> _Call:
        """Decode a request to score, unless there is no room for any."""
        caller = self._caller(context)
        arrived = time.monotonic()
        message = self._decode(pb.ScoreRequest, raw)
        if not message.request_id:
            # A call with a name may join one that is in flight already, and needs no room then.
            self._gateway.check_room(caller)
        return _Call(message, caller, arrived)

    async def _open(self, call: _Call, context: Context) -> Consumer:
        return await self._gateway.open(
            read_request(call.message), call.caller, _timeout_ms(context), call.arrived, _traceparent(context)
        )

    def _caller(self, context: Context) -> Caller:
        """Who calls, by the metadata; raises Unauthenticated."""
        metadata = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        token = bearer_token(metadata.get("authorization"), metadata.get("x-api-key"))
        return self._gateway.authenticate(token)

    def _decode(self, kind: type[Any], raw: bytes) -> Any:
        limit = self._gateway.settings.max_body_bytes
        if len(raw) > limit:
            raise BatchTooLarge(f"the call has {len(raw)} bytes; at most {limit} go into one: split it")
        return decode(kind, raw)


@asynccontextmanager
async def answering(context: Context) -> AsyncIterator[None]:
    """End the call by the table of errors, whatever its body raises."""
    try:
        yield
    except grpc.aio.AbortError:
        raise
    except Exception as cause:  # noqa: BLE001 - everything is told by the table of errors
        error = _as_told(cause)
    else:
        return
    await abort(context, error)


def _as_told(cause: Exception) -> GuerdonError:
    """The error as callers hear of it; a fault of ours goes to the log with all it has to say."""
    told = cause if isinstance(cause, GuerdonError) else None
    if told is None or isinstance(told, InternalError):
        log.error("call_failed", exc_info=cause)
    return told or InternalError("the service failed while answering this call; its log says why")


def _timeout_ms(context: Context) -> float | None:
    """Time for the work within the client's deadline, or None where the client has none."""
    remaining_s: float | None = context.time_remaining()
    if remaining_s is None:
        return None
    remaining_ms = remaining_s * 1000
    return remaining_ms - min(MARGIN_MS, remaining_ms * MARGIN_SHARE)


def _traceparent(context: Context) -> str:
    """W3C trace context of the caller, or empty."""
    return next((str(value) for key, value in context.invocation_metadata() or () if key == "traceparent"), "")
