"""Relayed calls are answered by the very methods that are registered on a server, in a context of ours."""

import asyncio
import contextlib

import grpc
import pytest
import toys
from google.rpc import status_pb2
from grpc_health.v1 import health_pb2

from guerdon.services.gateway.serve.calls import Answer, Ending, RelayedCall
from guerdon.services.gateway.serve.relayed import MAX_PENDING, RelayedContext, RelayedServices
from guerdon.v1 import reward_pb2 as pb

SERVICE = "/guerdon.v1.RewardService/"
HEALTH = "/grpc.health.v1.Health/"


def call(method, message=None, *, metadata=(), remaining_s=None, place=""):
    """A call as a proxy sends it."""
    raw = None if message is None else message.SerializeToString()
    return RelayedCall(method, raw, metadata, remaining_s, place)


def batch(*completions, reward="echo", **fields):
    """A request for some completions."""
    items = [pb.Item(completion=text) for text in completions]
    return pb.ScoreRequest(rewards=[pb.RewardSpec(name=reward)], items=items, **fields)


async def followed(services, relayed):
    """Events of a call with many answers, and how it ended."""
    parts = [part async for part in services.stream(relayed)]
    endings = [part for part in parts if isinstance(part, Ending)]
    messages = [message for part in parts if not isinstance(part, Ending) for message in part]
    return [pb.ScoreEvent.FromString(message) for message in messages], endings


@pytest.fixture
async def services(gateway):
    """The services of a gateway over toys."""
    return RelayedServices(gateway)


async def test_a_call_is_answered_in_bytes(services):
    """The answer is what a server would send."""
    answer = await services.unary(call(f"{SERVICE}Score", batch("0.5")))
    assert answer.ending is None
    assert [result.total for result in pb.ScoreResponse.FromString(answer.message).results] == [0.5]


async def test_a_refusal_carries_code_message_and_details(services):
    """All that a client finds in the trailers."""
    answer = await services.unary(call(f"{SERVICE}Score", batch("1", reward="nobody")))
    assert answer.message is None
    ((key, value),) = answer.ending.trailers
    assert key == "grpc-status-details-bin"
    assert status_pb2.Status.FromString(value).message == answer.ending.details
    assert answer.ending.code == grpc.StatusCode.NOT_FOUND.value[0]


async def test_an_unknown_method_is_unimplemented(services):
    """As on a server."""
    answer = await services.unary(call(f"{HEALTH}List", health_pb2.HealthCheckRequest()))
    assert answer == Answer(None, Ending(grpc.StatusCode.UNIMPLEMENTED.value[0], "Method not found!", ()))


async def test_a_plain_abort_has_no_details(services):
    """Health ends a call with a code alone."""
    answer = await services.unary(call(f"{HEALTH}Check", health_pb2.HealthCheckRequest(service="nobody")))
    assert answer == Answer(None, Ending(grpc.StatusCode.NOT_FOUND.value[0], "", ()))


async def test_health_tells_the_state_of_a_verifier(services):
    """The states are as they are now."""
    answer = await services.unary(call(f"{HEALTH}Check", health_pb2.HealthCheckRequest(service="echo")))
    assert health_pb2.HealthCheckResponse.FromString(answer.message).status == 1


async def test_a_stream_ends_with_its_summary(services):
    """Results, and then the summary."""
    events, endings = await followed(services, call(f"{SERVICE}ScoreStream", batch("1", "0.5")))
    assert [event.WhichOneof("event") for event in events] == ["result", "result", "summary"]
    assert endings == []


async def test_a_stream_that_fails_tells_how(services):
    """The ending is its last part."""
    events, endings = await followed(services, call(f"{SERVICE}ScoreStream", batch("1", reward="nobody")))
    assert events == []
    assert [ending.code for ending in endings] == [grpc.StatusCode.NOT_FOUND.value[0]]


async def test_a_request_of_a_session_has_the_name_of_its_place(services):
    """Unless it has one of its own."""
    for relayed, name in (
        (call(f"{SERVICE}ScoreSession", batch("1"), place="#7"), "#7"),
        (call(f"{SERVICE}ScoreSession", batch("1", request_id="mine"), place="#8"), "mine"),
    ):
        events, _ = await followed(services, relayed)
        assert {event.request_id for event in events} == {name}


async def test_opening_a_session_tells_whether_the_caller_may(make_gateway):
    """Before there is any request."""
    key = "a-key-of-enough-length"
    gateway = await make_gateway(api_keys=[{"name": "tests", "secret": key}])
    services = RelayedServices(gateway)
    refused = await services.unary(call(f"{SERVICE}ScoreSession"))
    assert refused.ending.code == grpc.StatusCode.UNAUTHENTICATED.value[0]
    assert await services.unary(call(f"{SERVICE}ScoreSession", metadata=(("x-api-key", key),))) == Answer(
        b"", None
    )


async def test_the_deadline_runs_on(make_gateway):
    """What is left of the client's time bounds the work."""
    services = RelayedServices(await make_gateway(toys.SleepyVerifier))
    answer = await services.unary(call(f"{SERVICE}Score", batch("1", "60000", reward="sleepy"), remaining_s=0.5))
    statuses = [result.components[0].status for result in pb.ScoreResponse.FromString(answer.message).results]
    assert statuses == [pb.RESULT_STATUS_OK, pb.RESULT_STATUS_TIMEOUT]


async def test_time_without_a_deadline_is_unbounded():
    """None, as in gRPC's own context; a deadline that is over leaves nothing, never less."""
    assert RelayedContext(call("/x")).time_remaining() is None
    assert RelayedContext(call("/x", remaining_s=-1.0)).time_remaining() == 0.0


async def test_leaving_a_stream_stops_the_work(make_gateway):
    """The gateway works on nothing any more."""
    gateway = await make_gateway(toys.StubbornVerifier)
    parts = RelayedServices(gateway).stream(call(f"{SERVICE}ScoreStream", batch("1", reward="stubborn")))
    first = asyncio.ensure_future(anext(parts))
    while not gateway._admission.inflight_items:
        await asyncio.sleep(0)
    first.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await first
    assert gateway._admission.inflight_items == 0


async def test_a_method_that_writes_faster_than_it_is_read_waits():
    """No more than a bounded number of messages is held."""
    context = RelayedContext(call("/x"))
    sent = 0

    async def write() -> None:
        nonlocal sent
        for _ in range(2 * MAX_PENDING):
            await context.write(pb.ScoreEvent())
            sent += 1

    method = asyncio.create_task(write())
    await asyncio.sleep(0)
    assert sent == MAX_PENDING
    assert [len(part) async for part in context.written(method)] == [MAX_PENDING, MAX_PENDING]
