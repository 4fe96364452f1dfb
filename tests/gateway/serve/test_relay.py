"""gRPC through Serve's own proxy is the same as gRPC to the gateway itself."""

import asyncio
import contextlib
import hashlib
import os
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import toys
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status

from guerdon.services.cluster.private import PrivateRay, private_ray
from guerdon.services.gateway.grpc.server import SERVICES, serve_grpc
from guerdon.v1 import reward_pb2 as pb
from guerdon.v1.reward_pb2_grpc import RewardServiceStub

pytestmark = [pytest.mark.ray, pytest.mark.timeout(60)]

SERVICE = "/guerdon.v1.RewardService/"
KEY = "a-key-of-enough-length"
SETTINGS = {"api_keys": [{"name": "tests", "secret": KEY}], "max_items": 64, "max_body_bytes": 1 << 20}
OK, TIMEOUT = pb.RESULT_STATUS_OK, pb.RESULT_STATUS_TIMEOUT
ALLOWED = (("authorization", f"Bearer {KEY}"),)


def application(name: str, build: str, args: dict[str, object], **options: object) -> dict[str, object]:
    """One application of a Serve configuration."""
    deployment = {"name": name, "ray_actor_options": {"num_cpus": 0.1}, **options}
    return {"name": name, "import_path": build, "args": args, "deployments": [deployment]}


@pytest.fixture(scope="module")
def ray() -> Iterator[PrivateRay]:
    """A private Ray with a verifier that sleeps."""
    kind = f"{toys.__name__}:{toys.SleepyVerifier.__name__}"
    gateway = application(
        "gateway", "guerdon.services.gateway.serve.app:build", {"verifiers": [kind]}, user_config=SETTINGS
    )
    verifier = application("sleepy", "guerdon.services.runtime.ray.app:build", {"verifier": kind})
    config = {
        "grpc_options": {
            "grpc_servicer_functions": ["guerdon.services.gateway.serve.grpc:add_reward_service"],
        },
        "applications": [{**gateway, "route_prefix": "/"}, {**verifier, "route_prefix": None}],
    }
    with private_ray(config, ingress="proxy", extra_path=[Path(toys.__file__).parent]) as started:
        wait_ready(started)
        yield started


def wait_ready(ray: PrivateRay) -> None:
    """Wait until the gateway has found its verifier; the test's time limit bounds it."""
    while True:
        with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(f"{ray.http}/readyz"):  # noqa: S310
            return
        time.sleep(0.1)


@pytest.fixture
async def channel(ray) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to Serve's proxy."""
    async with grpc.aio.insecure_channel(ray.grpc, options=[("grpc.max_send_message_length", -1)]) as opened:
        yield opened


def batch(*sleeps_ms: float, reward: str = "sleepy", **fields: Any) -> pb.ScoreRequest:
    """A request to sleep so many milliseconds."""
    items = [pb.Item(completion=str(ms)) for ms in sleeps_ms]
    return pb.ScoreRequest(rewards=[pb.RewardSpec(name=reward)], items=items, **fields)


def encoded(*args: Any, **fields: Any) -> bytes:
    """The bytes of a request."""
    return batch(*args, **fields).SerializeToString()


NOT_UTF8 = encoded(1, request_id="xx").replace(b"xx", b"\xff\xff")


async def stream_of(*messages: Any) -> AsyncIterator[Any]:
    """Messages of a client."""
    for message in messages:
        yield message


@pytest.fixture
def stub(channel) -> RewardServiceStub:
    """The reward service behind the proxy."""
    return RewardServiceStub(channel)


@pytest.fixture
async def direct(make_gateway) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a gateway that is like the one on Ray, without a proxy."""
    gateway = await make_gateway(toys.SleepyVerifier, absent={}, **SETTINGS)
    server = await serve_grpc(gateway, host="127.0.0.1", port=0)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as opened:
        yield opened
    await server.stop(0)


async def ending(call: Any) -> tuple[Any, ...]:
    """Code, message, names of trailers and details of a call that must fail."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    status = rpc_status.from_call(caught.value)
    details = [unpacked(detail) for detail in status.details] if status else []
    trailers = [key for key, _ in caught.value.trailing_metadata()]
    return caught.value.code(), caught.value.details(), trailers, details


def unpacked(detail: Any) -> Any:
    """A detail of a status; its bytes may differ between processes, since maps have no order."""
    kinds = (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest, error_details_pb2.RetryInfo)
    (message,) = [kind() for kind in kinds if detail.Is(kind.DESCRIPTOR)]
    detail.Unpack(message)
    return message


async def working_on(ray) -> float:
    """Items that the gateway on Ray works on."""
    request = urllib.request.Request(f"{ray.http}/metrics", headers={"x-api-key": KEY})  # noqa: S310 - loopback
    with await asyncio.to_thread(urllib.request.urlopen, request) as response:
        text = response.read().decode()
    return float(re.search(r"^guerdon_inflight_items (\S+)", text, re.MULTILINE)[1])


def title(pid: int) -> str:
    """What a process calls itself."""
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")


async def until_working_on(ray, items: int) -> None:
    """Wait until the gateway on Ray works on so many items; the test's time limit bounds it."""
    while await working_on(ray) != items:
        await asyncio.sleep(0.02)


async def test_a_batch_is_scored(stub):
    """One result per item, in order, with digest and summary."""
    answer = await stub.Score(batch(1, 0, request_id="mine"), metadata=ALLOWED)
    assert [result.total for result in answer.results] == [1.0, 1.0]
    assert answer.request_id == "mine"
    assert answer.digest.startswith("sha256:")


async def test_a_stream_sends_items_as_they_finish(stub):
    """The quick item arrives while the slow one still sleeps."""
    call = stub.ScoreStream(batch(60_000, 1), metadata=ALLOWED)
    first = await call.read()
    assert first.result.id == "1"
    call.cancel()


async def test_requests_of_a_session_are_answered_side_by_side(stub):
    """The quick request is done before the slow one; without a name each has its place."""
    requests = stream_of(batch(300), batch(1), batch(1, request_id="yours"))
    events = [event async for event in stub.ScoreSession(requests, metadata=ALLOWED)]
    done = [event.request_id for event in events if event.HasField("summary")]
    assert sorted(done[:2]) == ["#1", "yours"]
    assert done[2] == "#0"


async def test_a_fault_in_a_session_is_an_event(stub):
    """The other requests of the session are answered."""
    requests = stream_of(batch(1, reward="nobody"), batch(1))
    events = [event async for event in stub.ScoreSession(requests, metadata=ALLOWED)]
    codes = {event.request_id: event.error.code for event in events if event.HasField("error")}
    assert codes == {"#0": grpc.StatusCode.NOT_FOUND.value[0]}
    assert [event.request_id for event in events if event.HasField("summary")] == ["#1"]


async def test_more_requests_than_a_session_has_slots_are_all_answered(stub):
    """The next request is read when one is done."""
    requests = stream_of(*(batch(1) for _ in range(80)))
    events = [event async for event in stub.ScoreSession(requests, metadata=ALLOWED)]
    assert sum(event.HasField("summary") for event in events) == 80


async def test_a_session_without_a_key_is_refused_before_its_first_request(channel):
    """The caller is told at once."""
    call = RewardServiceStub(channel).ScoreSession(metadata=())
    assert (await ending(call.read()))[0] == grpc.StatusCode.UNAUTHENTICATED


async def test_a_ground_truth_is_stored(stub):
    """What is uploaded may be referred to."""
    content = b'"42"'
    request = pb.PutGroundTruthRequest(sha256=hashlib.sha256(content).hexdigest(), json=content)
    assert (await stub.PutGroundTruth(request, metadata=(("x-api-key", KEY),))).created


async def test_verifiers_are_listed(stub):
    """The gateway's own list arrives."""
    listed = await stub.ListVerifiers(pb.ListVerifiersRequest(), metadata=ALLOWED)
    assert [verifier.name for verifier in listed.verifiers] == ["sleepy"]


async def test_health_and_reflection_answer(channel):
    """Neither needs a key."""
    health = health_pb2_grpc.HealthStub(channel)
    assert (await health.Check(health_pb2.HealthCheckRequest(service="sleepy"))).status == 1
    watch = health.Watch(health_pb2.HealthCheckRequest())
    assert (await watch.read()).status == 1
    watch.cancel()
    ask = reflection_pb2.ServerReflectionRequest(list_services="")
    call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(stream_of(ask))
    found = {service.name for service in (await call.read()).list_services_response.service}
    assert found >= set(SERVICES)


@pytest.mark.parametrize(
    ("method", "raw", "metadata"),
    [
        pytest.param(f"{SERVICE}Score", b"\x0a", ALLOWED, id="undecodable"),
        pytest.param(
            f"{SERVICE}Score", encoded(1, request_id="xx").replace(b"xx", b"\xff\xff"), ALLOWED, id="not-utf8"
        ),
        pytest.param(f"{SERVICE}Score", encoded(1, reward="nobody"), ALLOWED, id="unknown-reward"),
        pytest.param(f"{SERVICE}Score", encoded(*range(65)), ALLOWED, id="too-many-items"),
        pytest.param(f"{SERVICE}Score", encoded(10**10) + bytes(1 << 20), ALLOWED, id="too-many-bytes"),
        pytest.param(f"{SERVICE}Score", encoded(1), (), id="no-key"),
        pytest.param(f"{SERVICE}Score", encoded(1), (("x-api-key", "another"),), id="wrong-key"),
        pytest.param(f"{SERVICE}ListVerifiers", b"\xff", ALLOWED, id="undecodable-list"),
        pytest.param(f"{SERVICE}PutGroundTruth", b"", ALLOWED, id="no-hash"),
        pytest.param("/grpc.health.v1.Health/Check", b"\x0a\x01x", (), id="unknown-service"),
        pytest.param("/grpc.health.v1.Health/List", b"", (), id="unknown-method"),
    ],
)
async def test_a_refusal_is_the_same_without_a_proxy(channel, direct, method, raw, metadata):
    """Code, message and details are equal."""
    relayed, own = [
        await ending(any_channel.unary_unary(method)(raw, metadata=metadata)) for any_channel in (channel, direct)
    ]
    assert relayed == own


async def test_a_stream_is_refused_the_same_without_a_proxy(channel, direct):
    """A call with many answers ends with the same error."""
    relayed, own = [
        await ending(RewardServiceStub(any_channel).ScoreStream(batch(1)).read())
        for any_channel in (channel, direct)
    ]
    assert relayed == own


async def test_the_deadline_of_the_client_reaches_the_verifier(stub):
    """Within the client's time the answer says what was not done, instead of the call being broken off."""
    answer = await stub.Score(batch(1, 60_000), timeout=1.5, metadata=ALLOWED)
    assert [result.components[0].status for result in answer.results] == [
        pb.RESULT_STATUS_OK,
        pb.RESULT_STATUS_TIMEOUT,
    ]


@pytest.mark.parametrize("method", ["Score", "ScoreStream"])
async def test_a_client_that_leaves_cancels_the_work(ray, stub, method):
    """The gateway works on nothing any more."""
    call = getattr(stub, method)(batch(60_000), metadata=ALLOWED)
    reading = asyncio.ensure_future(call if method == "Score" else call.read())
    await until_working_on(ray, 1)
    call.cancel()
    await until_working_on(ray, 0)
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_a_session_that_ends_cancels_its_work(ray, stub):
    """All requests of a session end with its client."""
    call = stub.ScoreSession(metadata=ALLOWED)
    for _ in range(2):
        await call.write(batch(60_000))
    await until_working_on(ray, 2)
    call.cancel()
    await until_working_on(ray, 0)


async def test_without_a_gateway_calls_are_told_to_come_back(ray, stub):
    """No replica: UNAVAILABLE with a time to wait, as a rich status."""
    (replica,) = [pid for pid in ray.pids() if "ServeReplica:gateway" in title(pid)]
    call = stub.Score(batch(60_000), metadata=ALLOWED)
    reading = asyncio.ensure_future(call)
    await until_working_on(ray, 1)
    os.kill(replica, signal.SIGKILL)
    code, message, _, details = await ending(reading)
    assert code == grpc.StatusCode.UNAVAILABLE
    assert "gone" in message
    assert details[1].retry_delay.seconds == 1
