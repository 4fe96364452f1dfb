"""Real gRPC servers over the toys, on free loopback ports."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest

from guerdon.services.gateway.grpc.server import serve_grpc
from guerdon.v1 import reward_pb2 as pb
from guerdon.v1.reward_pb2_grpc import RewardServiceStub

LARGE = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


class Client:
    """A channel to one server, for typed calls and for calls with raw bytes."""

    def __init__(self, channel: grpc.aio.Channel, server: Any, gateway: Any) -> None:
        self.channel = channel
        self.server = server
        self.gateway = gateway
        self.stub = RewardServiceStub(channel)

    def raw(self, path: str) -> Callable[..., Any]:
        """A unary method that takes and gives bytes."""
        return self.channel.unary_unary(path)


@pytest.fixture
async def connect(make_gateway) -> AsyncIterator[object]:
    """Starts a gateway with given toys and settings behind a server, and gives a client of it."""
    async with AsyncExitStack() as stack:

        async def start(*kinds: Any, **settings: object) -> Client:
            gateway = await make_gateway(*kinds, **settings)
            server = await serve_grpc(gateway, host="127.0.0.1", port=0)
            stack.push_async_callback(server.stop, 0)
            channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}", options=LARGE)
            return Client(await stack.enter_async_context(channel), server, gateway)

        yield start


@pytest.fixture
async def client(connect) -> Client:
    """A client of a server with default settings."""
    return await connect()


@pytest.fixture
def batch() -> Callable[..., pb.ScoreRequest]:
    """Writes a request for some completions under one reward."""

    def make(*completions: str, reward: str = "echo", **fields: Any) -> pb.ScoreRequest:
        items = [pb.Item(completion=text) for text in completions]
        return pb.ScoreRequest(rewards=[pb.RewardSpec(name=reward)], items=items, **fields)

    return make


@pytest.fixture
def idle() -> Callable[[Any], Awaitable[None]]:
    """Waits until a gateway works on nothing any more; the test's time limit bounds it."""

    async def wait(gateway: Any) -> None:
        while gateway._admission.inflight_items:
            await asyncio.sleep(0.01)

    return wait
