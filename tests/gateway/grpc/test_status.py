"""Every error of the table is told by google.rpc.Status with its details."""

import pytest
from google.rpc import code_pb2, error_details_pb2
from grpc_status import rpc_status

from guerdon.services.contract.errors import ERRORS, InvalidRequest, Overloaded, Pointer, Unauthenticated
from guerdon.services.gateway.grpc.status import status_of


def detail(status, kind):
    """The one detail of a kind, or None."""
    found = [any_ for any_ in status.details if any_.Is(kind.DESCRIPTOR)]
    if not found:
        return None
    message = kind()
    found[0].Unpack(message)
    return message


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_of_the_table_has_its_code(error):
    """Code, message and ErrorInfo come from the table's row."""
    status = status_of(error("what happened"))
    assert code_pb2.Code.Name(status.code) == error.row.grpc
    assert status.message == "what happened"
    info = detail(status, error_details_pb2.ErrorInfo)
    assert (info.reason, info.domain) == (error.code(), "guerdon")
    assert dict(info.metadata) == {
        "http_status": str(error.row.http),
        "retryable": str(error.row.retryable).lower(),
    }


def test_faulty_places_are_field_violations():
    """Each JSON Pointer is one violation, in order."""
    status = status_of(InvalidRequest("m", pointers=(Pointer("/items/3/id", "long"), Pointer("", "odd"))))
    violations = detail(status, error_details_pb2.BadRequest).field_violations
    assert [(violation.field, violation.description) for violation in violations] == [
        ("/items/3/id", "long"),
        ("", "odd"),
    ]


def test_an_error_without_places_has_no_violations():
    """Details that say nothing are left out."""
    status = status_of(Unauthenticated("m"))
    assert detail(status, error_details_pb2.BadRequest) is None
    assert detail(status, error_details_pb2.RetryInfo) is None


def test_the_time_to_wait_is_retry_info():
    """Seconds and fractions of them are told."""
    delay = detail(status_of(Overloaded("m", retry_after_s=1.25)), error_details_pb2.RetryInfo).retry_delay
    assert delay.ToMilliseconds() == 1250


@pytest.mark.parametrize("text", ["x", "é", "\U0001f600", "\ud800"])
def test_the_trailers_stay_small(text):
    """However long and odd the texts, message and details fit into the 8 KiB that clients take."""
    pointers = tuple(Pointer(f"/items/{i}/{text * 5000}", text * 5000) for i in range(64))
    status = status_of(InvalidRequest(text * 100_000, pointers=pointers))
    trailers = rpc_status.to_status(status).trailing_metadata
    percent_encoded = 3 * len(status.message.encode())
    base64 = sum(len(value) * 4 // 3 for _, value in trailers)
    assert percent_encoded + base64 < 7000
    assert detail(status, error_details_pb2.BadRequest).field_violations[0].field.startswith("/items/0/")
