"""What a verifier's faults become."""

import datetime as dt

import pytest

from guerdon.services.contract import Item, RewardInfo, Status, Verdict
from guerdon.services.runtime.boundary import guard

REWARDS = {"r": RewardInfo(name="r", description="d", min_score=-1.0)}
ITEMS = [Item(id="a", reward="r"), Item(id="b", reward="r")]
GOOD = Verdict.ok(-1.0, "bad", "a sound verdict")


def raise_it():
    """Fail like a verifier with a bug."""
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("answer", "reasons"),
    [
        ([GOOD, GOOD], ["bad", "bad"]),
        ([GOOD], ["bad_verdict", "bad_verdict"]),
        (None, ["bad_verdict", "bad_verdict"]),
        ([GOOD, None], ["bad", "bad_verdict"]),
        ([GOOD, Verdict.ok(1.5, "high", "beyond the range")], ["bad", "bad_verdict"]),
        (
            [GOOD, Verdict(status=Status.PARTIAL, reason="p", explanation="only items are partial")],
            ["bad", "bad_verdict"],
        ),
        ([GOOD, Verdict.ok(1.0, "r", "e", answer="\ud800")], ["bad", "bad_verdict"]),
        ([GOOD, Verdict.ok(1.0, "r", "e", thing=object())], ["bad", "bad_verdict"]),
        ([GOOD, Verdict(status="odd", reason="r", explanation="no such status")], ["bad", "bad_verdict"]),
        ([GOOD, Verdict(status=Status.OK, score=True, reason="r", explanation="e")], ["bad", "bad_verdict"]),
        ([GOOD, Verdict.ok(1.0, "No code", "reasons are labels of metrics")], ["bad", "bad_verdict"]),
        ([GOOD, Verdict.ok(1.0, "", "a reason is always given")], ["bad", "bad_verdict"]),
    ],
)
def test_unsound_answers_are_errors_without_a_score(answer, reasons):
    """Whatever is not a sound verdict is booked as our fault, item by item."""
    verdicts = guard(lambda: answer, ITEMS, REWARDS)
    assert [v.reason for v in verdicts] == reasons
    assert all(v.score is None for v in verdicts if v.reason == "bad_verdict")


def test_details_are_what_json_makes_of_them():
    """Both transports tell the same, so nothing else than JSON values goes on."""
    verdict = Verdict.ok(1.0, "fine", "fine", at=(1, 2), day=dt.date(2026, 1, 2))
    assert guard(lambda: [verdict], ITEMS[:1], REWARDS)[0].details == {"at": [1, 2], "day": "2026-01-02"}


def test_an_exception_is_an_error_of_every_item_it_met():
    """A verifier that raises scores nothing."""
    assert [v.status for v in guard(raise_it, ITEMS, REWARDS)] == [Status.ERROR, Status.ERROR]
