"""Reading answers: what has a score, and what only looks like it."""

import json

import pytest

from guerdon.services.bench.answers import Ledger, components_of
from guerdon.services.bench.protocol import event_components
from guerdon.v1 import reward_pb2 as pb


def body(*components: dict) -> bytes:
    """An answer of one item."""
    return json.dumps({"results": [{"id": "a", "components": list(components)}], "summary": {}}).encode()


def test_scores_are_counted_by_status():
    """A null is missing whatever its status says."""
    ledger = Ledger("http")
    ledger.add(body({"status": "ok", "score": 1.0}, {"status": "ok", "score": None}, {"status": "timeout"}))
    ledger.add(body({"status": "ok", "score": 0.0, "cached": True}))
    ledger.settle()
    assert ledger.tally.statuses == {"ok": 2, "ok without score": 1, "timeout": 1}
    assert ledger.sizes == [1, 1]
    assert ledger.tally.cached == 1


@pytest.mark.parametrize(
    ("transport", "raw"), [("http", b"<html>"), ("http", b'{"results": 1}'), ("grpc", b"\xff")]
)
def test_what_cannot_be_read_is_told(transport, raw):
    """It counts as an answer without verdicts, and is named as unreadable."""
    ledger = Ledger(transport)
    ledger.add(raw)
    ledger.settle()
    assert ledger.unreadable == 1
    assert ledger.sizes == [0]


def test_many_answers_are_read_before_the_end(monkeypatch):
    """What is kept is bounded."""
    monkeypatch.setattr("guerdon.services.bench.answers.LATER_BYTES", 10)
    ledger = Ledger("http")
    ledger.add(body({"status": "ok", "score": 1.0}))
    assert ledger.sizes == [1]


def test_messages():
    """A score that is not set is None, and an event may be an error."""
    parts = [pb.ComponentResult(status=pb.RESULT_STATUS_OK, score=0.0), pb.ComponentResult(status=5)]
    result = pb.ItemResult(id="a", components=parts)
    expected = [("ok", 0.0, False), ("unavailable", None, False)]
    assert components_of("grpc", pb.ScoreResponse(results=[result]).SerializeToString()) == expected
    assert event_components(pb.ScoreEvent(result=result).SerializeToString()) == expected
    failed = pb.ScoreEvent()
    failed.error.message = "no room"
    assert event_components(failed.SerializeToString()) == "no room"
    assert event_components(pb.ScoreEvent(summary=pb.Summary(items=1)).SerializeToString()) is None
