"""Turns an error of a call into google.rpc.Status, the one place that does.

The details carry all that an HTTP caller finds in the problem document: ``ErrorInfo`` (reason = the error's code,
domain ``guerdon``, and the HTTP status as metadata), ``BadRequest`` with a JSON Pointer per faulty place, and
``RetryInfo`` where another try can help.
"""

from __future__ import annotations

from typing import NoReturn, Protocol

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from guerdon.services.contract.errors import GuerdonError

DOMAIN = "guerdon"

# Trailers above 8 KiB are refused by most clients; the message travels in them twice, once percent-encoded.
MAX_MESSAGE_BYTES = 600
MAX_DETAIL_BYTES = 300
MAX_VIOLATIONS_BYTES = 3000


class Aborting(Protocol):
    """The part of a call's context that ends it."""

    async def abort_with_status(self, status: grpc.Status) -> NoReturn:
        """End the call."""


def status_of(error: GuerdonError) -> status_pb2.Status:
    """The status of an error; long texts and long lists are cut, so that it fits into trailers."""
    status = status_pb2.Status(
        code=code_pb2.Code.Value(error.row.grpc), message=_cut(error.message, MAX_MESSAGE_BYTES)
    )
    for detail in (_info(error), _bad_request(error), _retry(error)):
        if detail is not None:
            status.details.add().Pack(detail)
    return status


async def abort(context: Aborting, error: GuerdonError) -> NoReturn:
    """End a call with an error."""
    await context.abort_with_status(rpc_status.to_status(status_of(error)))


def _info(error: GuerdonError) -> Message:
    metadata = {"http_status": str(error.row.http), "retryable": "true" if error.retryable else "false"}
    info: Message = error_details_pb2.ErrorInfo(reason=error.code(), domain=DOMAIN, metadata=metadata)
    return info


def _bad_request(error: GuerdonError) -> Message | None:
    if not error.pointers:
        return None
    bad_request: Message = error_details_pb2.BadRequest()
    for pointer in error.pointers:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=_cut(pointer.pointer, MAX_DETAIL_BYTES), description=_cut(pointer.detail, MAX_DETAIL_BYTES)
        )
        if bad_request.ByteSize() + violation.ByteSize() > MAX_VIOLATIONS_BYTES:
            break
        bad_request.MergeFrom(error_details_pb2.BadRequest(field_violations=[violation]))
    return bad_request


def _retry(error: GuerdonError) -> Message | None:
    if error.retry_after_s is None:
        return None
    delay = Duration()
    delay.FromNanoseconds(round(error.retry_after_s * 1e9))
    info: Message = error_details_pb2.RetryInfo(retry_delay=delay)
    return info


def _cut(text: str, max_bytes: int) -> str:
    """The text as UTF-8 of at most so many bytes."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= max_bytes:
        return encoded.decode()
    return encoded[: max_bytes - 3].decode("utf-8", "ignore") + "…"
