"""Calls: what a refusal means for the rows in it, and for the groups they belong to."""

from __future__ import annotations

import pytest
from row_scorer import RowScorer, outcomes_of, reasons, rows

from guerdon.services.cli.calls import CallError, item_faults
from guerdon.services.cli.rows import BadRow, Row


@pytest.mark.parametrize(
    ("pointers", "faults"),
    [
        ([("/items/3/completion", "is long"), ("/items/3/id", "too")], {3: "completion: is long"}),
        ([("/items/0", "is odd"), ("/items/12/rewards/0/name", "?")], {0: "is odd", 12: "rewards/0/name: ?"}),
        ([("/items/0", "is odd"), ("/rewards/0", "is odd")], {}),
        ([("/items", "is odd")], {}),
        ([], {}),
    ],
)
def test_faults_of_items(pointers, faults):
    """Pointers into items name the rows to leave out; any other pointer is about the whole call."""
    assert item_faults(pointers) == faults


def test_a_refused_row_costs_others_nothing():
    """Where nothing is compared the rest is sent again."""
    outcomes = outcomes_of(RowScorer(refused={"1"}), rows("a", "a", "a"), "plain")
    assert reasons(outcomes) == ["1.0", "bad", "1.0"]


def test_a_refused_row_leaves_its_group_without_comparison():
    """The others of its group are judged by what does not compare, and told why; other groups are compared."""
    scorer = RowScorer(refused={"2"})
    outcomes = outcomes_of(scorer, rows("a", "b", "a", "b", "a"), "rank", "plain")
    assert reasons(outcomes) == ["group_incomplete", "2", "bad", "2", "group_incomplete"]
    assert reasons(outcomes, 1) == ["1.0", "1.0", "bad", "1.0", "1.0"]
    told = outcomes[0].result["components"][0]["explanation"]
    assert told == "a row of the group cannot be scored, so the others are not compared: line 2: is odd"
    assert outcomes[0].row.item["group_id"] == "a"


def test_a_row_that_names_an_unknown_reward_leaves_its_group_without_comparison():
    """What the service calls unknown is found in the rows, and costs the group as any other fault does."""

    class Strict(RowScorer):
        def score(self, request):
            if any(spec["name"] == "nope" for item in request["items"] for spec in item.get("rewards", ())):
                raise CallError("unknown_verifier", "there is no reward 'nope'")
            return super().score(request)

    first, second, other = rows("a", "a", "b")
    second = Row(1, None, {**second.item, "rewards": [{"name": "nope"}, {"name": "rank"}]})
    assert reasons(outcomes_of(Strict(), [first, second, other], "rank")) == ["group_incomplete", "bad", "1"]


def test_calls_that_are_too_large_are_cut_between_groups():
    """The halves of a refused call hold whole groups."""
    scorer = RowScorer(max_items=6)
    outcomes = outcomes_of(scorer, rows(*"aaabbbbcccdd"), "rank")
    assert reasons(outcomes) == [*"333", *"4444", *"333", *"22"]
    assert [len(call) for call in scorer.calls] == [12, 7, 3, 4, 5]


def test_a_group_too_large_for_any_call_is_not_compared():
    """It is judged by the other rewards, in parts, and says what the service said."""
    outcomes = outcomes_of(RowScorer(max_items=3), rows(*"aabbbbb"), "rank", "plain")
    assert reasons(outcomes) == ["2", "2", *["group_too_large"] * 5]
    assert reasons(outcomes, 1) == ["1.0"] * 7
    told = outcomes[2].result["components"][0]["explanation"]
    assert (
        told == "the 5 rows of the group do not go into one call, so they are not compared: 5 items are too many"
    )


def test_a_single_row_that_is_too_large_is_bad():
    """Nothing is left to be cut."""
    (outcome,) = outcomes_of(RowScorer(max_items=0), rows("a"), "rank")
    assert outcome == BadRow(0, None, "1 items are too many", "a")
