"""gRPC with prebuilt bytes on one channel, as a trainer has it."""

from __future__ import annotations

from typing import Literal, Self

import grpc

from guerdon.services.bench.client import Answer

_SERVICE = "/guerdon.v1.RewardService"
_SHOWN_CHARS = 200
_KINDS: dict[grpc.StatusCode, Literal["refused", "expired"]] = {
    grpc.StatusCode.RESOURCE_EXHAUSTED: "refused",
    grpc.StatusCode.DEADLINE_EXCEEDED: "expired",
}
OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


class GrpcClient:
    """A client on one channel; to be made inside the event loop it is used in.

    Args:
        target: ``host:port``.
        api_key: the service's API key, or empty.
    """

    def __init__(self, target: str, api_key: str = "") -> None:
        self.metadata = (("authorization", f"Bearer {api_key}"),) if api_key else ()
        self.channel = grpc.aio.insecure_channel(target, options=OPTIONS)
        self._score: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self.channel.unary_unary(f"{_SERVICE}/Score")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.channel.close()

    async def call(self, body: bytes) -> Answer:
        """Send one request and wait for its end."""
        try:
            return Answer("answered", await self._score(body, metadata=self.metadata))
        except grpc.aio.AioRpcError as error:
            message = f"{error.code().name}: {error.details()}"[:_SHOWN_CHARS]
            return Answer(_KINDS.get(error.code(), "failed"), message=message)

    def session(self) -> grpc.aio.StreamStreamMultiCallable[bytes, bytes]:
        """The method ``ScoreSession``."""
        return self.channel.stream_stream(f"{_SERVICE}/ScoreSession")
