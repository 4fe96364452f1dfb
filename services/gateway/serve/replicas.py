"""Calls the gateway's replicas from a proxy through a Serve handle, and tells what can go wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import grpc
from ray.exceptions import RayActorError, TaskCancelledError
from ray.serve._private.constants import RAY_SERVE_REPLICA_GRPC_MAX_MESSAGE_LENGTH
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError, RequestCancelledError
from ray.serve.handle import DeploymentHandle

from guerdon.services.contract.errors import BatchTooLarge, GuerdonError, Overloaded, VerifierUnavailable
from guerdon.services.gateway.serve.calls import Answer, Ending, RelayedCall

DEPLOYMENT = APPLICATION = "gateway"

TAKEN_TIMEOUT_S = 5.0
"""How long a call waits for a replica that takes it."""
RETRY_AFTER_S = 1.0
ENVELOPE_BYTES = 64 << 10
"""Room in a message between processes for everything but the request."""

_GONE = (RayActorError, DeploymentUnavailableError, RequestCancelledError, TaskCancelledError)


class GatewayReplicas:
    """The replicas of the gateway that run now."""

    def __init__(self) -> None:
        self._handles: dict[str, Any] = {}

    async def ask(self, call: RelayedCall) -> Answer:
        """Have a call with one answer answered.

        Raises:
            GuerdonError: no replica has answered.
        """
        response = self._send("relay", call)
        try:
            await _taken(response)
            answer: Answer = await response
        except BaseException as cause:
            response.cancel()
            raise_as_told(cause)
            raise
        return answer

    async def follow(self, call: RelayedCall) -> AsyncGenerator[list[bytes] | Ending]:
        """Have a call with many answers answered; they come as many at a time as there are.

        Raises:
            GuerdonError: no replica has answered to the end.
        """
        response = self._send("relay_stream", call)
        try:
            await _taken(response)
            async for part in response:
                yield part
        except BaseException as cause:
            response.cancel()
            raise_as_told(cause)
            raise

    def _send(self, method: str, call: RelayedCall) -> Any:
        size, limit = len(call.request or b""), RAY_SERVE_REPLICA_GRPC_MAX_MESSAGE_LENGTH - ENVELOPE_BYTES
        if size > limit:
            raise BatchTooLarge(f"the call has {size} bytes; at most {limit} go into one: split it")
        if not self._handles:
            # Not by serve.get_deployment_handle, which gives everybody in the process the same one: the proxy for
            # HTTP needs that one to be prepared in its own way.
            handle = DeploymentHandle(DEPLOYMENT, APPLICATION)
            self._handles["relay"] = handle.options(method_name="relay")
            self._handles["relay_stream"] = handle.options(method_name="relay_stream", stream=True)
        return self._handles[method].remote(call)


async def _taken(response: Any) -> None:
    """Wait until a replica has taken a call; Serve itself would wait for ever for one to start.

    Raises:
        VerifierUnavailable: none has.
    """
    try:
        async with asyncio.timeout(TAKEN_TIMEOUT_S):
            await response._fetch_future_result_async()  # noqa: SLF001 - nothing public tells it
    except TimeoutError:
        message = f"no replica of the gateway took the call within {TAKEN_TIMEOUT_S:g} s"
        raise VerifierUnavailable(message, retry_after_s=RETRY_AFTER_S) from None


def raise_as_told(cause: BaseException) -> None:
    """Raise what callers hear of a failure, unless it is a fault of ours or the end of the caller itself."""
    error: GuerdonError
    if isinstance(cause, BackPressureError):
        error = Overloaded("all replicas of the gateway are full")
    elif isinstance(cause, _GONE) or _cancelled_elsewhere(cause) or _broken_off(cause):
        error = VerifierUnavailable("the replica of the gateway that had the call is gone")
    else:
        return
    error.retry_after_s = RETRY_AFTER_S
    raise error from cause


def _cancelled_elsewhere(cause: BaseException) -> bool:
    """Whether not this task was cancelled, but the call it waits for."""
    task = asyncio.current_task()
    return isinstance(cause, asyncio.CancelledError) and task is not None and not task.cancelling()


def _broken_off(cause: BaseException) -> bool:
    """Whether the connection to the replica has ended."""
    codes = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    return isinstance(cause, grpc.aio.AioRpcError) and cause.code() in codes
