"""The client over gRPC."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from guerdon.clients.python._base import GRACE_S, Client
from guerdon.clients.python._errors import Pointer, ScoreError
from guerdon.clients.python._proto import message_to_dict, request_to_proto
from guerdon.v1 import reward_pb2 as pb
from guerdon.v1.reward_pb2_grpc import RewardServiceStub

_OPTIONS = [
    # The default of 4 MiB is less than a batch of 1,024 completions; the service's own limit decides.
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # Long rollouts leave connections idle, and what stands in between drops those.
    ("grpc.keepalive_time_ms", 60_000),
]
_WITHOUT_DETAILS = {
    grpc.StatusCode.DEADLINE_EXCEEDED: ("deadline_exceeded", 504, True),
    grpc.StatusCode.UNAVAILABLE: ("unreachable", 503, True),
    # The transport's own limit of message sizes: a refusal of the service carries details.
    grpc.StatusCode.RESOURCE_EXHAUSTED: ("batch_too_large", 413, False),
}


class GrpcClient(Client):
    """Scores batches over gRPC.

    Args:
        target: where the service answers, such as ``127.0.0.1:9000``.
        api_key: the key of this client, where the service has keys.
    """

    def __init__(self, target: str, api_key: str | None = None) -> None:
        self._channel = grpc.insecure_channel(target, options=_OPTIONS)
        self._stub = RewardServiceStub(self._channel)
        self._metadata = () if api_key is None else (("authorization", f"Bearer {api_key}"),)

    def close(self) -> None:
        """Close all connections."""
        self._channel.close()

    def describe(self) -> dict[str, Any]:
        """Verifiers, profiles, limits and digest of the service, or ScoreError."""
        answer = self._call(self._stub.ListVerifiers, pb.ListVerifiersRequest(), GRACE_S)
        for profile in answer["profiles"]:
            for reward in profile["rewards"]:
                # A list has no null on the wire; an empty one means every item.
                reward["when"] = reward["when"] or None
        return answer

    def _score(self, request: dict[str, Any], wait_s: float) -> dict[str, Any]:
        return self._call(self._stub.Score, request_to_proto(request), wait_s)

    def _call(self, method: Callable[..., Message], message: Message, wait_s: float) -> dict[str, Any]:
        try:
            return message_to_dict(method(message, timeout=wait_s, metadata=self._metadata))
        except grpc.RpcError as cause:
            # What a call raises is the call itself, though the types do not say so.
            raise _error_of(cast(grpc.Call, cause)) from cause


def _error_of(call: grpc.Call) -> ScoreError:
    """The error in the details of a status; a status without any comes from something in between."""
    status = rpc_status.from_call(call)
    info, faults, retry = (getattr(error_details_pb2, name)() for name in ("ErrorInfo", "BadRequest", "RetryInfo"))
    for detail in status.details if status else ():
        for kind in (info, faults, retry):
            detail.Unpack(kind)
    if not info.reason:
        code, http, retryable = _WITHOUT_DETAILS.get(call.code(), ("unexpected_answer", 500, False))
        return ScoreError(code, f"{call.code().name}: {call.details()}", http, retryable=retryable)
    return ScoreError(
        info.reason,
        call.details() or "",
        int(info.metadata["http_status"]),
        tuple(Pointer(fault.field, fault.description) for fault in faults.field_violations),
        info.metadata["retryable"] == "true",
        retry.retry_delay.ToNanoseconds() / 1e9 if retry.HasField("retry_delay") else None,
    )
