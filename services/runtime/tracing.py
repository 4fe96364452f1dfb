"""Spans of calls and of the chunks they become, for deployments that ask for them with OpenTelemetry's variables.

Tracing is on where ``OTEL_TRACES_EXPORTER`` is ``otlp``; ``OTEL_EXPORTER_OTLP_ENDPOINT``, ``OTEL_TRACES_SAMPLER``
and the others mean what they mean everywhere. Where it is off, OpenTelemetry is not even imported. Spans carry
names, numbers and statuses, and nothing that users wrote.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

SWITCH = "OTEL_TRACES_EXPORTER"
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
"""Variables that name OTLP's transport; the first one that is set holds."""
PROTOCOL = "http/protobuf"

_tracer: Tracer | None = None


class TracingError(Exception):
    """Tracing was asked for and cannot be had; the message says what to do."""


def configure_tracing(service: str) -> bool:
    """Send spans of this process where the environment says; whether it does.

    Args:
        service: name of the service in spans, unless ``OTEL_SERVICE_NAME`` is set.

    Raises:
        TracingError: the environment asks for what is not installed or does not exist here, or cannot be read.
    """
    global _tracer
    wanted = os.environ.get(SWITCH, "none").strip().lower()
    if wanted in {"", "none"} or _tracer is not None:
        return _tracer is not None
    if wanted != "otlp":
        raise TracingError(f"{SWITCH} is {wanted!r}; Guerdon exports with 'otlp', or not at all with 'none'")
    protocol = next((text for name in PROTOCOLS if (text := os.environ.get(name, "").strip().lower())), PROTOCOL)
    if protocol != PROTOCOL:
        raise TracingError(f"the protocol of OTLP is {protocol!r}; Guerdon exports over {PROTOCOL!r}, port 4318")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as cause:
        raise TracingError(f"{SWITCH} needs the package {cause.name!r}: pip install 'guerdon[tracing]'") from cause
    try:
        resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME") or service})
        provider = TracerProvider(resource=resource)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    except ValueError as cause:
        raise TracingError(f"one of the variables OTEL_… cannot be read: {cause}") from cause
    _tracer = provider.get_tracer("guerdon")
    return True


def span(
    name: str, parent: str = "", attributes: Mapping[str, str | int | float] | None = None
) -> AbstractContextManager[Any]:
    """A span around the ``with`` block; nothing where tracing is off.

    Args:
        name: what is done.
        parent: W3C ``traceparent`` of the caller; where it is empty, the span of this context is the parent.
        attributes: facts about it.
    """
    if _tracer is None:
        return nullcontext()
    return _span(_tracer, name, parent, attributes)


def traceparent() -> str:
    """W3C ``traceparent`` of the span of this context, or empty."""
    if _tracer is None:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")


@contextmanager
def _span(
    tracer: Tracer, name: str, parent: str, attributes: Mapping[str, str | int | float] | None
) -> Iterator[Any]:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = TraceContextTextMapPropagator().extract({"traceparent": parent}) if parent else None
    # Messages of exceptions can quote a completion.
    with tracer.start_as_current_span(
        name,
        context=context,
        attributes=dict(attributes or {}),
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        yield current
