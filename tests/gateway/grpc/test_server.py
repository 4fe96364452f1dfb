"""The reward service over a real channel: answers, refusals, deadlines, keys."""

import asyncio
import hashlib

import grpc
import pytest
import toys
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from guerdon.services.gateway.grpc.server import serve_grpc
from guerdon.v1 import reward_pb2 as pb

KEY = "a-key-of-enough-length"
SCORE = "/guerdon.v1.RewardService/Score"


async def refusal(call) -> tuple[grpc.StatusCode, error_details_pb2.ErrorInfo, dict[str, str]]:
    """Code, ErrorInfo and violations of a call that must fail."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    info, faults = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in rpc_status.from_call(caught.value).details:
        for kind in (info, faults):
            detail.Unpack(kind)
    return caught.value.code(), info, {fault.field: fault.description for fault in faults.field_violations}


async def test_a_batch_is_scored(client, batch):
    """One result per item, in order, with digest and summary."""
    answer = await client.stub.Score(batch("0.5", "1", request_id="mine"))
    assert [result.components[0].score for result in answer.results] == [0.5, 1.0]
    assert answer.request_id == "mine"
    assert answer.digest == client.gateway.digest
    assert dict(answer.summary.by_status) == {"ok": 2}


async def test_no_verdict_has_no_score(client, batch):
    """A verifier that is down leaves score and total unset."""
    request = batch("1")
    request.rewards.add(name="unstartable")
    (result,) = (await client.stub.Score(request)).results
    assert not result.HasField("total")
    assert not result.components[1].HasField("score")
    assert result.components[1].error.code == grpc.StatusCode.UNAVAILABLE.value[0]


async def test_a_stream_sends_items_as_they_finish(client, batch):
    """The quick item comes first, the summary last."""
    call = client.stub.ScoreStream(batch("150", "1", reward="sleepy", request_id="mine"))
    events = [event async for event in call]
    assert [event.result.id for event in events[:-1]] == ["1", "0"]
    assert events[-1].summary.items == 2
    assert {(event.request_id, event.digest) for event in events} == {("mine", client.gateway.digest)}


async def test_a_stream_without_a_name_gets_one(client, batch):
    """The events of one call carry one made-up request_id."""
    names = {event.request_id async for event in client.stub.ScoreStream(batch("1", "2"))}
    assert len(names) == 1
    assert names != {""}


@pytest.mark.parametrize(
    ("request_", "code", "reason"),
    [
        (pb.ScoreRequest(items=[pb.Item()]), "INVALID_ARGUMENT", "invalid_request"),
        (
            pb.ScoreRequest(rewards=[pb.RewardSpec(name="nope")], items=[pb.Item(completion="1")]),
            "NOT_FOUND",
            "unknown_verifier",
        ),
        (pb.ScoreRequest(profile="nope"), "NOT_FOUND", "unknown_profile"),
        (
            pb.ScoreRequest(rewards=[pb.RewardSpec(name="echo")], expect_digest="sha256:0"),
            "FAILED_PRECONDITION",
            "digest_mismatch",
        ),
        (
            pb.ScoreRequest(rewards=[pb.RewardSpec(name="echo")], items=[pb.Item(completion="1")] * 5000),
            "INVALID_ARGUMENT",
            "batch_too_large",
        ),
        (
            pb.ScoreRequest(rewards=[pb.RewardSpec(name="unstartable")], items=[pb.Item(completion="1")]),
            "UNAVAILABLE",
            "verifier_unavailable",
        ),
        (
            pb.ScoreRequest(
                rewards=[pb.RewardSpec(name="sleepy")], items=[pb.Item(completion="90000")], timeout_ms=30
            ),
            "DEADLINE_EXCEEDED",
            "deadline_exceeded",
        ),
    ],
)
async def test_refusals_carry_code_and_reason(client, request_, code, reason):
    """Each way to be refused has its row of the table."""
    told, info, _ = await refusal(client.stub.Score(request_))
    assert (told.name, info.reason) == (code, reason)


async def test_a_name_used_for_another_body_is_a_conflict(client, batch):
    """A request_id names one call."""
    await client.stub.Score(batch("1", request_id="mine"))
    code, info, _ = await refusal(client.stub.Score(batch("0", request_id="mine")))
    assert (code, info.reason) == (grpc.StatusCode.ALREADY_EXISTS, "conflict")


async def test_a_refused_stream_has_no_event(client):
    """What is refused before the first event is an error of the call."""
    code, info, faults = await refusal(client.stub.ScoreStream(pb.ScoreRequest(items=[pb.Item()])).read())
    assert (code, info.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "invalid_request")
    assert list(faults) == ["/items/0/rewards"]


async def test_broken_utf8_names_the_item(client, batch):
    """Text that is no UTF-8 is refused with the pointer to it."""
    raw = batch("1", "MARK").SerializeToString().replace(b"MARK", b"\xff\xff\xff\xff")
    code, _, faults = await refusal(client.raw(SCORE)(raw))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert list(faults) == ["/items/1/completion"]


async def test_a_call_over_the_size_limit_is_refused_by_us(connect, batch):
    """A message above max_body_bytes is told to be split, not cut off by the transport."""
    client = await connect(max_body_bytes=1024)
    code, info, _ = await refusal(client.stub.Score(batch("x" * 2000)))
    assert (code, info.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "batch_too_large")


async def test_a_batch_of_33_megabytes_works_with_defaults(client, batch):
    """1,024 completions of 32 kB go through as they are."""
    answer = await client.stub.Score(batch(*(f"{i} {'x' * 32_000}" for i in range(1024))))
    assert dict(answer.summary.by_status) == {"ok": 1024}


async def test_the_client_s_deadline_bounds_the_call(client, batch):
    """By the gRPC deadline what is done is answered, and the rest is a timeout."""
    answer = await client.stub.Score(batch("1", "90000", reward="sleepy"), timeout=2)
    statuses = [result.status for result in answer.results]
    assert statuses == [pb.RESULT_STATUS_OK, pb.RESULT_STATUS_TIMEOUT]


async def test_a_cancelled_call_stops_its_work(client, batch, idle):
    """When the client goes away, nothing is in flight any more."""
    call = client.stub.ScoreStream(batch("1", "90000", reward="sleepy"))
    await call.read()
    assert client.gateway._admission.inflight_items == 2
    call.cancel()
    await idle(client.gateway)


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ((), grpc.StatusCode.UNAUTHENTICATED),
        ((("authorization", "Bearer a-wrong-key"),), grpc.StatusCode.UNAUTHENTICATED),
        ((("authorization", f"Basic {KEY}"),), grpc.StatusCode.UNAUTHENTICATED),
        ((("authorization", f"Bearer {KEY}"),), grpc.StatusCode.OK),
        ((("authorization", f"bearer {KEY}"),), grpc.StatusCode.OK),
        ((("x-api-key", KEY),), grpc.StatusCode.OK),
        ((("x-api-key-bin", b"\xff"),), grpc.StatusCode.UNAUTHENTICATED),
    ],
)
async def test_keys_are_read_from_the_metadata(connect, batch, metadata, code):
    """Every method of the service needs a key where there are keys."""
    client = await connect(api_keys=[{"name": "k", "secret": KEY}])
    put = pb.PutGroundTruthRequest(sha256=hashlib.sha256(b'"42"').hexdigest(), json=b'"42"')
    codes = [
        await code_of(client.stub.Score(batch("1"), metadata=metadata)),
        await code_of(client.stub.ScoreStream(batch("1"), metadata=metadata)),
        await code_of(client.stub.ScoreSession(iter([batch("1")]), metadata=metadata)),
        await code_of(client.stub.ListVerifiers(pb.ListVerifiersRequest(), metadata=metadata)),
        await code_of(client.stub.PutGroundTruth(put, metadata=metadata)),
    ]
    assert codes == [code] * 5


async def code_of(call) -> grpc.StatusCode:
    """How a call ends, its answers read to the last."""
    if isinstance(call, grpc.aio.UnaryUnaryCall):
        return await call.code()
    try:
        async for _ in call:
            pass
    except grpc.aio.AioRpcError as error:
        return error.code()
    return await call.code()


async def test_a_key_is_held_to_its_rewards(connect, batch):
    """A reward the key may not use is forbidden."""
    client = await connect(api_keys=[{"name": "k", "secret": KEY, "rewards": ["truth"]}])
    code, info, _ = await refusal(client.stub.Score(batch("1"), metadata=(("x-api-key", KEY),)))
    assert (code, info.reason) == (grpc.StatusCode.PERMISSION_DENIED, "forbidden")


async def test_a_ground_truth_is_stored_and_named(client):
    """An uploaded ground truth serves later calls by its hash."""
    content = b'["42", "42.0"]'
    sha256 = hashlib.sha256(content).hexdigest()
    first = await client.stub.PutGroundTruth(pb.PutGroundTruthRequest(sha256=sha256, json=content))
    again = await client.stub.PutGroundTruth(pb.PutGroundTruthRequest(sha256=sha256, json=content))
    assert (first.ref, first.created, again.created) == (f"sha256:{sha256}", True, False)
    item = pb.Item(completion="42", ground_truth_ref=first.ref)
    answer = await client.stub.Score(pb.ScoreRequest(rewards=[pb.RewardSpec(name="truth")], items=[item]))
    assert answer.results[0].total == 1.0


async def test_a_ground_truth_under_a_wrong_hash_is_refused(client):
    """What is stored is what was meant."""
    code, info, _ = await refusal(client.stub.PutGroundTruth(pb.PutGroundTruthRequest(sha256="0", json=b"1")))
    assert (code, info.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "invalid_request")


async def test_verifiers_tell_what_a_caller_must_know(client):
    """Rewards, profiles, limits, digest and states."""
    told = await client.stub.ListVerifiers(pb.ListVerifiersRequest())
    by_name = {verifier.name: verifier for verifier in told.verifiers}
    assert told.digest == client.gateway.digest
    assert by_name["echo"].state == pb.VERIFIER_STATE_READY
    assert (by_name["echo"].best, by_name["echo"].HasField("worst")) == (1.0, True)
    assert by_name["unstartable"].state == pb.VERIFIER_STATE_UNAVAILABLE
    assert by_name["shortest"].group_wise
    assert by_name["shortest"].dependent
    assert list(by_name["shortest"].params_schema["required"]) == ["of"]
    assert told.limits.max_body_bytes == 64 << 20
    assert [(profile.name, profile.aggregation) for profile in told.profiles] == [
        ("r1_reasoning", pb.AGGREGATION_WEIGHTED_SUM),
        ("r1_zero", pb.AGGREGATION_WEIGHTED_SUM),
    ]
    assert list(told.profiles[1].rewards[1].when) == ["tests"]


async def test_a_fault_of_ours_is_internal_and_logged(client, batch, monkeypatch, caplog):
    """An exception nobody foresaw is told without its text, which goes to the log."""

    def fail() -> None:
        raise ZeroDivisionError("a secret of the machine")

    monkeypatch.setattr(client.gateway, "describe", fail)
    code, info, _ = await refusal(client.stub.ListVerifiers(pb.ListVerifiersRequest()))
    assert (code, info.reason) == (grpc.StatusCode.INTERNAL, "internal_error")
    assert "call_failed" in caplog.text
    assert "a secret of the machine" in caplog.text


async def test_two_servers_cannot_share_a_port(client, make_gateway):
    """The second one fails, instead of taking half of the calls."""
    with pytest.raises(OSError, match="in use"):
        await serve_grpc(await make_gateway(toys.EchoVerifier), host="127.0.0.1", port=client.server.port)


async def test_an_ipv6_address_is_bound(make_gateway):
    """Addresses with colons are written the way gRPC reads them."""
    gateway = await make_gateway(toys.EchoVerifier)
    server = await serve_grpc(gateway, host="::1", port=0)
    async with grpc.aio.insecure_channel(f"[::1]:{server.port}") as channel:
        await channel.channel_ready()
    await server.stop()


async def test_stopping_lets_calls_finish(client, batch):
    """A call in progress is answered while the server stops."""
    events = aiter(client.stub.ScoreStream(batch("1", "300", reward="sleepy")))
    assert (await anext(events)).result.id == "0"
    stopping = asyncio.create_task(client.server.stop())
    assert [event.WhichOneof("event") async for event in events] == ["result", "summary"]
    await stopping
