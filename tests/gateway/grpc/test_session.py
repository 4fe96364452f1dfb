"""`ScoreSession`: many batches over one stream."""

import asyncio

import grpc
import pytest

from guerdon.services.gateway.grpc import servicer
from guerdon.v1 import reward_pb2 as pb

SESSION = "/guerdon.v1.RewardService/ScoreSession"


async def test_batches_are_answered_as_they_finish(client, batch):
    """A quick batch overtakes a slow one; each event names its request."""
    slow = batch("300", reward="sleepy", request_id="slow")
    quick = batch("1", reward="sleepy", request_id="quick")
    events = [event async for event in client.stub.ScoreSession(iter([slow, quick]))]
    assert [(event.request_id, event.WhichOneof("event")) for event in events] == [
        ("quick", "result"),
        ("quick", "summary"),
        ("slow", "result"),
        ("slow", "summary"),
    ]


async def test_answers_come_while_the_client_still_sends(client, batch):
    """Scoring overlaps with rollout: the stream is answered before it is closed."""
    call = client.stub.ScoreSession()
    await call.write(batch("1", request_id="a"))
    assert (await call.read()).result.id == "0"
    assert (await call.read()).summary.items == 1
    await call.write(batch("1", request_id="b"))
    assert (await call.read()).request_id == "b"
    await call.done_writing()
    assert (await call.read()).summary.items == 1
    assert await call.read() is grpc.aio.EOF


async def test_requests_without_a_name_are_numbered(client, batch):
    """The place in the stream names a request that names itself not, in every session anew."""
    for _ in range(2):
        requests = [batch("1"), batch("1", request_id="named"), batch("1")]
        events = [event async for event in client.stub.ScoreSession(iter(requests))]
        assert {event.request_id for event in events} == {"#0", "named", "#2"}


async def test_a_bad_request_leaves_the_stream_alone(client, batch):
    """A refusal is an event with the same status as an error of a call, under the request's name."""
    requests = [pb.ScoreRequest(request_id="bad", profile="nope"), batch("1", request_id="good")]
    call = client.stub.ScoreSession(iter(requests))
    events = {event.request_id: event async for event in call}
    assert await call.code() == grpc.StatusCode.OK
    assert events["bad"].error.code == grpc.StatusCode.NOT_FOUND.value[0]
    assert "nope" in events["bad"].error.message
    assert events["bad"].digest == client.gateway.digest
    assert events["good"].summary.items == 1


async def test_bytes_nobody_can_read_are_an_error_event(client, batch):
    """Even what is no message is answered under the name that can be read, or its number."""
    spoilt = batch("MARK", request_id="mine").SerializeToString().replace(b"MARK", b"\xff" * 4)
    call = client.channel.stream_stream(SESSION)(iter([b"\xff", spoilt]))
    events = [pb.ScoreEvent.FromString(raw) async for raw in call]
    assert {(event.request_id, event.error.code) for event in events} == {("#0", 3), ("mine", 3)}


async def test_a_fault_of_ours_is_an_error_event(client, batch, monkeypatch, caplog):
    """An exception nobody foresaw ends one request, not the session."""

    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(client.gateway, "open", fail)
    (event,) = [event async for event in client.stub.ScoreSession(iter([batch("1")]))]
    assert event.error.code == grpc.StatusCode.INTERNAL.value[0]
    assert "call_failed" in caplog.text


async def test_no_more_is_read_than_may_be_in_flight(client, batch, monkeypatch):
    """With all places taken the next request waits until one is done."""
    monkeypatch.setattr(servicer, "MAX_SESSION_CALLS", 2)
    call = client.stub.ScoreSession()
    for name, wanted_ms in (("a", "400"), ("b", "400"), ("c", "1")):
        await call.write(batch(wanted_ms, reward="sleepy", request_id=name))
    await call.done_writing()
    finished = [event.request_id async for event in call if event.HasField("summary")]
    assert finished[-1] == "c"


async def test_a_cancelled_session_stops_its_work(client, batch, idle):
    """When the client goes away, nothing of the session is in flight any more."""
    call = client.stub.ScoreSession()
    await call.write(batch("90000", "1", reward="sleepy"))
    await call.read()
    call.cancel()
    await idle(client.gateway)


async def test_the_deadline_of_the_stream_bounds_its_batches(client, batch):
    """What is not done by the gRPC deadline is a timeout that still arrives."""
    call = client.stub.ScoreSession(iter([batch("90000", "1", reward="sleepy")]), timeout=2)
    statuses = [event.result.status async for event in call if event.HasField("result")]
    assert statuses == [pb.RESULT_STATUS_OK, pb.RESULT_STATUS_TIMEOUT]


@pytest.mark.parametrize("count", [200])
async def test_many_batches_lose_nothing(client, batch, count):
    """More requests than may be in flight are all answered."""
    requests = [batch(str(i % 2), request_id=f"r{i}") for i in range(count)]
    events = [event async for event in client.stub.ScoreSession(iter(requests))]
    summaries = {event.request_id for event in events if event.HasField("summary")}
    assert summaries == {f"r{i}" for i in range(count)}


async def test_a_withdrawn_key_ends_its_sessions_work(connect, batch):
    """A session may outlive its key: its later requests are refused, each as an event."""
    key = {"name": "k", "secret": "a-key-of-enough-length"}
    client = await connect(api_keys=[key])
    call = client.stub.ScoreSession(metadata=(("x-api-key", key["secret"]),))
    await call.write(batch("1", request_id="before"))
    assert (await call.read()).result.id == "0"
    assert (await call.read()).summary.items == 1
    other = {"name": "k", "secret": "another-key-of-enough-length"}
    client.gateway.reconfigure(client.gateway.settings.model_validate({"api_keys": [other]}))
    await call.write(batch("1", request_id="after"))
    refused = await call.read()
    assert (refused.request_id, refused.error.code) == ("after", grpc.StatusCode.UNAUTHENTICATED.value[0])
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF


async def test_streams_are_refused_before_they_are_read_where_there_is_no_room(connect, batch):
    """As a unary call is: reading a large request costs more than judging a small one."""
    client = await connect(max_inflight_items=1)
    held = client.stub.ScoreStream(batch("400", reward="sleepy"))
    while not client.gateway.status().inflight_items:
        await asyncio.sleep(0.001)
    unreadable = pb.ScoreRequest(items=[pb.Item(id="a")])
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.stub.ScoreStream(unreadable).read()
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    (event,) = [event async for event in client.stub.ScoreSession(iter([unreadable]))]
    assert event.error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
    assert [event.WhichOneof("event") async for event in held] == ["result", "summary"]
