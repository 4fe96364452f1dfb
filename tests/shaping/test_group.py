"""The reward that compares a group."""

import pytest

from guerdon.services.contract import Deadline, Item, Status, Verdict, VerifierSettings
from guerdon.services.shaping.params import LengthParams
from guerdon.services.shaping.verifier import ShapingVerifier

RIGHT = Verdict.ok(1.0, "equal", "it is right")
WRONG = Verdict.ok(0.0, "not_equal", "it is wrong")
BROKEN = Verdict.error("kills_worker", "broke")


def member(
    tokens: int, of: Verdict = RIGHT, group: str = "g", unit: str = "tokens", right_from: float = 1.0
) -> Item:
    """A completion of so many tokens and so many words."""
    params = LengthParams.model_validate({"of": "math", "unit": unit, "right_from": right_from})
    return Item(
        id=f"{group}{tokens}",
        reward="length",
        group_id=group,
        completion="word " * tokens,
        completion_ids=tuple(range(tokens)),
        of=of,
        params=params.model_dump(),
    )


def untold(group: str = "g") -> Item:
    """A completion whose token ids did not come."""
    return Item(id="x", reward="length", group_id=group, completion="word", of=RIGHT, params=member(1).params)


def judge(*items: Item) -> list[Verdict]:
    """The verdicts on items."""
    return list(ShapingVerifier(VerifierSettings()).score_batch(items, Deadline.never()))


def test_the_shortest_right_member_gains_and_the_longest_loses():
    """Wrong ones never gain."""
    verdicts = judge(member(10), member(20), member(30), member(10, WRONG), member(30, WRONG))
    assert [verdict.score for verdict in verdicts] == [0.5, 0.0, -0.5, 0.0, -0.5]
    assert [verdict.reason for verdict in verdicts] == ["right", "right", "right", "wrong", "wrong"]
    assert verdicts[1].details == {"length": 20, "shortest": 10, "longest": 30, "right": True}


def test_groups_are_compared_by_themselves():
    """In whatever order their members come."""
    verdicts = judge(member(10, group="a"), member(50, group="b"), member(20, group="a"), member(40, group="b"))
    assert [verdict.score for verdict in verdicts] == [0.5, -0.5, -0.5, 0.5]


def test_members_of_one_length_neither_gain_nor_lose():
    """There is nothing to compare."""
    assert [(verdict.score, verdict.reason) for verdict in judge(member(7), member(7, WRONG))] == [
        (0.0, "all_equal"),
        (0.0, "all_equal"),
    ]


def test_a_member_without_a_base_verdict_is_null_and_still_counts_among_the_others():
    """What failed in judging one completion does not change what the others are paid."""
    whole = judge(member(10), member(20), member(30))
    broken = judge(member(10), member(20), member(30, BROKEN))
    assert broken[:2] == whole[:2]
    assert (broken[2].status, broken[2].score) == (Status.ERROR, None)


def test_a_member_that_cannot_be_measured_leaves_the_group_without_verdicts():
    """Nobody knows who is the shortest."""
    verdicts = judge(member(10), untold(), member(20), member(5, group="other"), member(6, group="other"))
    assert [verdict.status for verdict in verdicts[:3]] == [Status.INVALID] * 3
    assert [verdict.reason for verdict in verdicts[:3]] == [
        "group_not_measured",
        "no_token_ids",
        "group_not_measured",
    ]
    assert [verdict.score for verdict in verdicts[3:]] == [0.5, -0.5]


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ([member(10)], "lone_member"),
        ([member(10, group=""), member(20, group="")], "no_group_id"),
        ([member(10), member(20, unit="words")], "mixed_units"),
    ],
)
def test_what_is_no_group_to_compare_is_null(items: list[Item], reason: str):
    """One member alone, items without a group, and lengths in several units."""
    assert {(verdict.status, verdict.reason) for verdict in judge(*items)} == {(Status.INVALID, reason)}


def test_each_member_is_right_by_its_own_measure():
    """The score to reach may differ, as it comes with the item."""
    partly = Verdict.ok(0.5, "passed_some", "half of the tests pass")
    verdicts = judge(member(10, partly), member(12, partly, right_from=0.5), member(20))
    assert [verdict.details["right"] for verdict in verdicts] == [False, True, True]
