"""The error table: one row per error, the same on every transport."""

import pickle

import grpc
import pytest

from guerdon.services.contract import errors
from guerdon.services.contract.errors import ERRORS, GuerdonError, Overloaded, Pointer

TABLE = {
    "invalid_request": (422, "INVALID_ARGUMENT", False),
    "unsupported_media_type": (415, "INVALID_ARGUMENT", False),
    "unknown_verifier": (404, "NOT_FOUND", False),
    "unknown_profile": (404, "NOT_FOUND", False),
    "unauthenticated": (401, "UNAUTHENTICATED", False),
    "forbidden": (403, "PERMISSION_DENIED", False),
    "batch_too_large": (413, "INVALID_ARGUMENT", False),
    "conflict": (409, "ALREADY_EXISTS", False),
    "digest_mismatch": (412, "FAILED_PRECONDITION", False),
    "overloaded": (429, "RESOURCE_EXHAUSTED", True),
    "verifier_unavailable": (503, "UNAVAILABLE", True),
    "deadline_exceeded": (504, "DEADLINE_EXCEEDED", True),
    "internal_error": (500, "INTERNAL", False),
}


def test_the_table_is_the_one_that_callers_were_promised():
    """Codes of both transports and whether to try again, row by row."""
    assert {error.code(): tuple(error.row) for error in ERRORS} == TABLE


def test_every_error_is_in_the_table_and_named_in_the_essay():
    """A new error cannot be forgotten in either."""
    defined = {e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, GuerdonError)}
    assert defined - {GuerdonError} == set(ERRORS)
    assert all(error.__name__ in (errors.__doc__ or "") for error in ERRORS)


def test_codes_and_titles_tell_errors_apart():
    """Two errors never look the same to a caller."""
    assert len({error.code() for error in ERRORS}) == len(ERRORS)
    assert len({error.title for error in ERRORS}) == len(ERRORS)


@pytest.mark.parametrize("error", ERRORS)
def test_the_status_exists_in_grpc(error: type[GuerdonError]):
    """The name is one that gRPC knows."""
    assert error.row.grpc in grpc.StatusCode.__members__


@pytest.mark.parametrize("error", ERRORS)
def test_errors_cross_processes(error: type[GuerdonError]):
    """Pickled and loaded again, an error has lost nothing."""
    sent = error("too much", pointers=(Pointer("/items/3", "is empty"),), retry_after_s=1.5)
    got = pickle.loads(pickle.dumps(sent))  # noqa: S301 - our own bytes
    assert type(got) is error
    assert (got.message, got.pointers, got.retry_after_s) == (sent.message, sent.pointers, sent.retry_after_s)
    assert str(got) == "too much"


def test_what_can_be_retried_says_so():
    """The row decides, not the place that raises."""
    assert Overloaded("no room").retryable
    assert not errors.InvalidRequest("nonsense").retryable
