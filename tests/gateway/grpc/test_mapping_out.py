"""Answers become messages that say the same."""

import math

import pytest
from google.protobuf.json_format import MessageToDict

from guerdon.services.contract import ComponentError, ComponentResult, ItemResult, ScoreResponse, Status, Summary
from guerdon.services.gateway.grpc.mapping_out import item_result, score_event, score_response, struct
from guerdon.v1 import reward_pb2 as pb

SUMMARY = Summary(items=2, by_status={"ok": 1, "unavailable": 1}, latency_ms=41.8, server_version="1")


def component(**fields):
    """A component result with what matters to one test."""
    base = {"name": "math", "status": Status.OK, "score": 1.0, "weight": 1.0, "reason": "r", "explanation": "e"}
    return ComponentResult(**{**base, **fields})


def one(result: ComponentResult) -> pb.ComponentResult:
    """The message of one component."""
    return item_result(ItemResult(id="a", status=Status.OK, total=None, components=[result])).components[0]


def test_a_zero_is_a_score_and_null_is_none():
    """The worst score is on the wire; a missing verdict is not."""
    worst = one(component(score=0.0))
    assert worst.HasField("score")
    assert worst.score == 0.0
    missing = one(component(status=Status.UNAVAILABLE, score=None))
    assert not missing.HasField("score")
    assert missing.status == pb.RESULT_STATUS_UNAVAILABLE


def test_an_empty_answer_is_not_the_absence_of_one():
    """What was extracted may be the empty string."""
    assert one(component(answer="")).HasField("answer")
    assert not one(component(answer=None)).HasField("answer")


@pytest.mark.parametrize("status", Status)
def test_every_status_has_its_value(status):
    """Each status of the contract is told by the enum value of its name."""
    message = item_result(ItemResult(id="a", status=status, total=None, components=[]))
    assert pb.ResultStatus.Name(message.status) == f"RESULT_STATUS_{status.value.upper()}"


def test_a_whole_answer_keeps_everything():
    """Every field of every level arrives."""
    failed = component(
        status=Status.UNAVAILABLE,
        score=None,
        answer="42",
        latency_ms=1.5,
        queue_ms=2.5,
        attempts=3,
        cached=True,
        near_limit=True,
        verifier_version="v",
        details={"offset": 5},
        error=ComponentError(code=14, message="m", retryable=True),
    )
    result = ItemResult(id="a", status=Status.UNAVAILABLE, total=0.0, components=[failed], missing=["math"])
    message = score_response(ScoreResponse(request_id="q", digest="d", results=[result], summary=SUMMARY))
    assert MessageToDict(message, preserving_proto_field_name=True) == {
        "request_id": "q",
        "digest": "d",
        "results": [
            {
                "id": "a",
                "status": "RESULT_STATUS_UNAVAILABLE",
                "total": 0.0,
                "missing": ["math"],
                "components": [
                    {
                        "name": "math",
                        "status": "RESULT_STATUS_UNAVAILABLE",
                        "weight": 1.0,
                        "reason": "r",
                        "explanation": "e",
                        "answer": "42",
                        "latency_ms": 1.5,
                        "queue_ms": 2.5,
                        "attempts": 3,
                        "cached": True,
                        "near_limit": True,
                        "verifier_version": "v",
                        "details": {"offset": 5.0},
                        "error": {"code": 14, "message": "m", "retryable": True},
                    }
                ],
            }
        ],
        "summary": {
            "items": 2,
            "by_status": {"ok": 1, "unavailable": 1},
            "latency_ms": 41.8,
            "server_version": "1",
        },
    }


def test_events_are_results_or_the_summary():
    """A streamed event carries one of them, its call's name and the digest."""
    result = ItemResult(id="a", status=Status.OK, total=1.0, components=[])
    assert score_event("q", "d", result).WhichOneof("event") == "result"
    last = score_event("q", "d", SUMMARY)
    assert (last.WhichOneof("event"), last.request_id, last.digest) == ("summary", "q", "d")


def test_details_hold_any_json():
    """Objects, lists, texts, numbers, truth and null; NaN is null, as in JSON."""
    values = {"a": [1, 2.5, None, True, "x", {"b": ()}], "nan": math.nan}
    assert MessageToDict(struct(values)) == {"a": [1.0, 2.5, None, True, "x", {"b": []}], "nan": None}


def test_what_is_no_json_is_a_fault_of_ours():
    """A verifier's object is not guessed at."""
    with pytest.raises(TypeError, match="object is no JSON value"):
        struct({"a": object()})
