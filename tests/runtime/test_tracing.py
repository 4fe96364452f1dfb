"""Spans of calls: one trace from the caller to the replica, and nothing that users wrote."""

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
import httpx2
import pytest
import toys
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from replicas import Stage

from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.service import serve
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime import tracing
from guerdon.services.runtime.tracing import TracingError, configure_tracing, span, traceparent
from guerdon.v1 import reward_pb2 as pb
from guerdon.v1.reward_pb2_grpc import RewardServiceStub

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SECRET = "31337"


class Collector:
    """An OTLP collector that keeps what it is sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def spans(self) -> dict[str, Any]:
        """Spans by name; the last one of each."""
        requests = [ExportTraceServiceRequest.FromString(body) for body in tuple(self.bodies)]
        return {
            span.name: span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }

    async def received(self, *names: str) -> dict[str, Any]:
        """Wait until spans of these names are there."""
        async with asyncio.timeout(30):
            while not self.spans.keys() >= set(names):
                await asyncio.sleep(0.01)
        return self.spans


@pytest.fixture
def untraced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tracing as it is before it is configured, and no variables."""
    monkeypatch.setattr(tracing, "_tracer", None)
    for name in (tracing.SWITCH, *tracing.PROTOCOLS):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def collector(untraced: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Tracing is on, and this receives the spans."""
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    monkeypatch.setenv(tracing.SWITCH, "otlp")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{made.server.server_port}")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
    assert configure_tracing("guerdon-test")
    yield made
    tracing._tracer.span_processor.shutdown()
    made.server.shutdown()
    made.server.server_close()
    thread.join()


async def call_over_http(addresses: Any) -> None:
    """Score one item with a trace context."""
    body = {"rewards": [{"name": "echo"}], "items": [{"id": SECRET, "prompt": SECRET, "completion": SECRET}]}
    async with httpx2.AsyncClient(base_url=addresses.http) as client:
        headers = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
        assert (await client.post("/score", json=body, headers=headers)).status_code == 200


async def call_over_grpc(addresses: Any) -> None:
    """The same."""
    items = [pb.Item(id=SECRET, prompt=SECRET, completion=SECRET)]
    async with grpc.aio.insecure_channel(addresses.grpc) as channel:
        metadata = (("traceparent", f"00-{TRACE}-{CALLER}-01"),)
        request = pb.ScoreRequest(rewards=[pb.RewardSpec(name="echo")], items=items)
        await RewardServiceStub(channel).Score(request, metadata=metadata)


def ids(span: Any) -> tuple[str, str, str]:
    """Trace, parent and span."""
    return span.trace_id.hex(), span.parent_span_id.hex(), span.span_id.hex()


@pytest.mark.parametrize("call", [call_over_http, call_over_grpc])
async def test_one_trace_from_the_caller_to_the_replica(collector: Collector, stage: Stage, call: Any) -> None:
    """The call is the caller's child, its chunks are the call's, the replica's work is the chunk's."""
    await stage.replica(toys.EchoVerifier)
    gateway = Gateway(await stage.backend(toys.EchoVerifier), GatewaySettings(port=0, grpc_port=0))
    async with serve(gateway) as addresses:
        await call(addresses)
        spans = await collector.received("score", "chunk", "judge")
        score, chunk, judge = (ids(spans[name]) for name in ("score", "chunk", "judge"))
        assert score[:2] == (TRACE, CALLER)
        assert chunk[:2] == (TRACE, score[2])
        assert judge[:2] == (TRACE, chunk[2])
        assert not any(SECRET.encode() in body for body in collector.bodies)


async def test_what_is_known_already_has_its_place_in_the_trace(collector: Collector, stage: Stage) -> None:
    """An answer from the cache is a call like any other."""
    await stage.replica(toys.EchoVerifier)
    gateway = Gateway(await stage.backend(toys.EchoVerifier), GatewaySettings(port=0, grpc_port=0))
    async with serve(gateway) as addresses:
        await call_over_http(addresses)
        await collector.received("score", "chunk", "judge")
        collector.bodies.clear()
        await call_over_http(addresses)
        spans = await collector.received("score")
    assert ids(spans["score"])[:2] == (TRACE, CALLER)
    assert spans.keys() == {"score"}


async def test_a_failure_tells_the_trace_nothing_of_what_users_wrote(collector: Collector) -> None:
    """Messages of exceptions can quote a completion."""
    with pytest.raises(ValueError, match=SECRET), span("score", "", {"guerdon.items": 1}):
        raise ValueError(SECRET)
    (failed,) = (await collector.received("score")).values()
    assert not failed.events
    assert not any(SECRET.encode() in body for body in collector.bodies)


async def test_a_parent_nobody_can_read_begins_a_new_trace(collector: Collector) -> None:
    """Whatever a caller sends for one."""
    with span("score", "00-nonsense"):
        assert traceparent()
    assert (await collector.received("score"))["score"].parent_span_id == b""


def test_off_is_off(untraced: None) -> None:
    """Nothing is configured, nothing is made, and no trace goes on to replicas."""
    assert not configure_tracing("guerdon-test")
    with span("score", f"00-{TRACE}-{CALLER}-01") as current:
        assert (current, traceparent()) == (None, "")


@contextmanager
def without(monkeypatch: pytest.MonkeyPatch, module: str) -> Iterator[None]:
    """A module that is not installed."""
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, module, None)
        yield


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"OTEL_TRACES_EXPORTER": "bogus"}, "'bogus'; Guerdon exports with 'otlp'"),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "'grpc'; .* 'http/protobuf'"),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "GRPC"}, "'grpc'"),
        (
            {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_BSP_MAX_QUEUE_SIZE": "-1"},
            "OTEL_.* cannot be read.*max_queue_size",
        ),
    ],
)
def test_what_cannot_be_had_is_told(
    untraced: None, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], message: str
) -> None:
    """Rather than spans that never arrive."""
    for name, text in environ.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(TracingError, match=message):
        configure_tracing("guerdon-test")


def test_a_missing_package_is_named(untraced: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Along with what installs it."""
    monkeypatch.setenv(tracing.SWITCH, "otlp")
    with (
        without(monkeypatch, "opentelemetry.exporter.otlp.proto.http.trace_exporter"),
        pytest.raises(TracingError, match=r"opentelemetry.*guerdon\[tracing\]"),
    ):
        configure_tracing("guerdon-test")
