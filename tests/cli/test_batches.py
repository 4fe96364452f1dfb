"""Batches: how rows are put into calls, and what a refused call means for them."""

from __future__ import annotations

from typing import Any

import pytest

from guerdon.services.cli.batches import BadRow, item_faults, score_rows
from guerdon.services.cli.rows import Row


class Recorder:
    """Answers every item, and keeps what it was sent."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def score(self, request: dict[str, Any]) -> dict[str, Any]:
        """One empty result per item."""
        self.calls.append([item["completion"] for item in request["items"]])
        return {"results": [{"id": item["id"], "components": []} for item in request["items"]]}

    def describe(self) -> dict[str, Any]:
        """No rewards."""
        return {"verifiers": []}


def rows(*groups: str) -> list[Row]:
    """One row per group name; the completion is its place."""
    return [
        Row(line=number, field=None, item={"id": "same", "completion": str(number), "group_id": group})
        for number, group in enumerate(groups)
    ]


def test_neighbours_of_a_group_stay_together():
    """A batch is cut between groups only, so that a group is compared as a whole."""
    recorder = Recorder()
    list(score_rows(recorder, {}, rows("a", "a", "b", "b", "b", "", "", ""), 2))
    assert recorder.calls == [["0", "1"], ["2", "3", "4"], ["5", "6"], ["7"]]


def test_bad_rows_keep_their_place():
    """Bad rows are passed on between the results of their neighbours, and ids may repeat."""
    good, last = rows("", "")
    outcomes = list(score_rows(Recorder(), {}, [good, BadRow(2, None, "bad"), last], 10))
    assert [getattr(outcome, "row", outcome) for outcome in outcomes] == [good, BadRow(2, None, "bad"), last]
    assert outcomes[0].result["id"] == "same"


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
