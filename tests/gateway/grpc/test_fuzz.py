"""No bytes whatsoever are answered with INTERNAL or UNKNOWN."""

import asyncio
import threading
from itertools import islice

import grpc
import pytest
import toys
from hypothesis import given, settings
from hypothesis import strategies as st

from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.grpc.server import serve_grpc
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.inprocess import InProcessBackend
from guerdon.v1 import reward_pb2 as pb

OURS = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}
UNARY = [
    "/guerdon.v1.RewardService/Score",
    "/guerdon.v1.RewardService/ListVerifiers",
    "/guerdon.v1.RewardService/PutGroundTruth",
    "/grpc.health.v1.Health/Check",
]
STREAMED = ["/guerdon.v1.RewardService/ScoreStream"]
BOTH_STREAMED = [
    "/guerdon.v1.RewardService/ScoreSession",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
]

VALID = pb.ScoreRequest(
    request_id="r",
    rewards=[pb.RewardSpec(name="echo", weight=1.0, params={})],
    metadata={"run": "a", "list": [1, None, {"x": True}]},
    ground_truths={"g": pb.GroundTruth(text="42")},
    timeout_ms=500,
    aggregation=pb.AGGREGATION_WEIGHTED_SUM,
)
VALID.items.add(completion="0.5", ground_truth_ref="g", completion_ids=[1, 2], extra={"a": 1})
VALID.items.add(completion="x").ground_truth.tests.cases.add(input="1", args=[]).expected.number_value = 1.0
VALID.items.add().messages.messages.add(role="user", content="hello")
VALID_BYTES = VALID.SerializeToString()

MUTATIONS = st.lists(
    st.tuples(st.integers(0, len(VALID_BYTES) - 1), st.integers(0, 3), st.binary(max_size=6)),
    min_size=1,
    max_size=6,
)
BYTES = st.one_of(st.binary(max_size=300), MUTATIONS.map(lambda edits: mutated(VALID_BYTES, edits)))


def mutated(raw: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """The bytes with stretches replaced."""
    changed = bytearray(raw)
    for position, removed, added in edits:
        changed[position : position + removed] = added
    return bytes(changed)


@pytest.fixture(scope="module")
def channel():
    """A blocking channel to a server in another thread: hypothesis does not run coroutines."""
    started, stop = threading.Event(), threading.Event()
    found: dict[str, int] = {}

    async def serve() -> None:
        gateway = Gateway(InProcessBackend([toys.EchoVerifier(toys.EchoVerifier.Settings())]), GatewaySettings())
        async with gateway:
            server = await serve_grpc(gateway, host="127.0.0.1", port=0)
            found["port"] = server.port
            started.set()
            await asyncio.to_thread(stop.wait)
            await server.stop(0)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert started.wait(20)
    with grpc.insecure_channel(f"127.0.0.1:{found['port']}") as opened:
        yield opened
    stop.set()
    thread.join()


def outcome(call) -> tuple[list[bytes], grpc.StatusCode]:
    """Messages and final code of a call of any kind."""
    try:
        answers = list(call)
    except grpc.RpcError as error:
        return [], error.code()
    return answers, grpc.StatusCode.OK


@pytest.mark.parametrize("path", UNARY)
@given(raw=BYTES)
@settings(max_examples=60, deadline=None)
def test_unary_methods_answer_any_bytes(channel, path, raw):
    """Refusals are the caller's fault, never ours."""
    call = channel.unary_unary(path).future(raw, timeout=20)
    assert call.code() not in OURS, call.details()


@pytest.mark.parametrize("path", STREAMED)
@given(raw=BYTES)
@settings(max_examples=60, deadline=None)
def test_streams_answer_any_bytes(channel, path, raw):
    """The same for a call that is answered with a stream."""
    assert outcome(channel.unary_stream(path)(raw, timeout=20))[1] not in OURS


@pytest.mark.parametrize("path", BOTH_STREAMED)
@given(raws=st.lists(BYTES, max_size=4))
@settings(max_examples=60, deadline=None)
def test_sessions_answer_any_bytes(channel, path, raws):
    """A session answers each request; errors inside it are no fault of ours either."""
    answers, code = outcome(channel.stream_stream(path)(iter(raws), timeout=20))
    assert code not in OURS
    if path.endswith("ScoreSession"):
        assert code == grpc.StatusCode.OK
        codes = {pb.ScoreEvent.FromString(answer).error.code for answer in answers}
        assert not codes & {status.value[0] for status in OURS}


@given(raw=BYTES)
@settings(max_examples=20, deadline=None)
def test_watching_health_answers_any_bytes(channel, raw):
    """The first answer of a watch comes, or the request is refused."""
    call = channel.unary_stream("/grpc.health.v1.Health/Watch")(raw, timeout=20)
    assert outcome(islice(call, 1))[1] not in OURS
    call.cancel()
