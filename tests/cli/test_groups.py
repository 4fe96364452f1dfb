"""Groups that are compared: their rows are brought together, or they are not compared at all."""

from __future__ import annotations

import pytest
from row_scorer import RowScorer, outcomes_of, reasons, rows

from guerdon.services.cli import groups
from guerdon.services.cli.errors import CliError
from guerdon.services.cli.groups import Compared, gather
from guerdon.services.cli.rows import BadRow, Row

SCATTERED = rows(*"abcabca", "", *"bc")
SIZES = ["3", "3", "3", "3", "3", "3", "3", "no_group_id", "3", "3"]


@pytest.mark.parametrize("batch_size", [1, 2, 256])
@pytest.mark.parametrize("again", [{}, {"again": None}], ids=["file", "pipe"])
def test_scattered_groups_are_compared_whole(batch_size, again):
    """Wherever its rows stand and however small the batches, a group is compared as a whole."""
    outcomes = outcomes_of(RowScorer(), SCATTERED, "rank", batch_size=batch_size, **again)
    assert reasons(outcomes) == SIZES
    assert [outcome.row for outcome in outcomes] == SCATTERED


def test_a_file_is_streamed_group_by_group():
    """Where the rows can be read twice a group is sent with its last row, and not at the end."""
    compared = Compared(RowScorer(), {"rewards": [{"name": "rank"}]})
    given = rows(*"aabbba")
    taken = []

    def watched():
        for row in given:
            taken.append(row.line)
            yield row

    sent = [
        ([entry.place for entry in together], taken[-1]) for together in gather(watched(), compared, lambda: given)
    ]
    assert sent == [([2, 3, 4], 4), ([0, 1, 5], 5)]


@pytest.mark.parametrize(
    ("request_part", "own", "whole"),
    [
        ({"rewards": [{"name": "rank"}]}, [], True),
        ({"rewards": [{"name": "plain"}]}, [], False),
        ({"rewards": [{"name": "plain"}]}, [{"name": "rank"}], True),
        ({"rewards": [{"name": "rank"}]}, [{"name": "plain"}], False),
        ({"rewards": [{"name": "plain"}]}, [{"name": "rnak"}], True),
        ({"profile": "both", "rewards": []}, [], True),
        ({"profile": "one", "rewards": []}, [], False),
        ({"profile": "short of one", "rewards": []}, [], False),
    ],
)
def test_which_rows_are_compared(request_part, own, whole):
    """A row is compared if it names a group and asks for a reward that compares, or may be meant to."""
    compared = Compared(RowScorer(), request_part)
    item = {"completion": "1", "group_id": "g", **({"rewards": own} if own else {})}
    assert compared.group_of(Row(1, None, item)) == ("g" if whole else "")
    assert compared.group_of(Row(1, None, {**item, "group_id": ""})) == ""


def test_nothing_is_asked_where_no_row_names_a_group():
    """Who scores rows without groups causes no call but those that score."""
    scorer = RowScorer()
    outcomes_of(scorer, rows("", ""), "rank")
    assert scorer.descriptions == 0


@pytest.mark.parametrize("again", [{}, {"again": None}], ids=["file", "pipe"])
@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (BadRow(9, None, "odd", "a"), ["group_incomplete", "group_incomplete", "bad", "1", "1"]),
        (BadRow(9, None, "odd", ""), ["2", "2", "bad", "1", "1"]),
        (BadRow(9, None, "odd"), ["group_incomplete", "group_incomplete", "bad", "group_incomplete", "1"]),
    ],
    ids=["of a group", "of none", "unreadable"],
)
def test_a_bad_row_leaves_its_group_without_comparison(bad, expected, again):
    """It costs the group that it names; where it names none as it cannot be read, those that it stands next to."""
    first, second, third, fourth = rows(*"aabc")
    outcomes = outcomes_of(RowScorer(), [first, second, bad, third, fourth], "rank", **again)
    assert reasons(outcomes) == expected


def test_an_unreadable_row_costs_all_groups_around_it():
    """It may belong to any group that has rows before and after it, and such a group says which line it is."""
    given = rows(*"ababc")
    outcomes = outcomes_of(RowScorer(), [*given[:2], BadRow(9, None, "odd"), *given[2:]], "rank")
    assert reasons(outcomes) == [*["group_incomplete"] * 2, "bad", *["group_incomplete"] * 2, "1"]
    told = outcomes[0].result["components"][0]["explanation"]
    assert told.endswith("not compared: line 9, which may belong to it: odd")


@pytest.mark.parametrize("again", [{}, {"again": None}], ids=["file", "pipe"])
def test_rows_too_far_apart_are_refused(monkeypatch, again):
    """What is held is bounded, and the bound is told rather than the group cut."""
    monkeypatch.setattr(groups, "MAX_HELD_BYTES", 100)
    large = [Row(row.line, None, row.item, None, 60) for row in rows(*"abba")]
    with pytest.raises(CliError, match="the rows of the group 'a' are compared and may stand"):
        outcomes_of(RowScorer(), large, "rank", **again)


@pytest.mark.parametrize("now", ["ab", "aabba", "aabbc", "aaabb"])
def test_a_file_that_changes_is_refused(now):
    """Where a group turns out to have other rows than it had, nothing is known of it."""
    compared = Compared(RowScorer(), {"rewards": [{"name": "rank"}]})
    with pytest.raises(CliError, match="the file changed while it was read"):
        list(gather(rows(*now), compared, lambda: rows(*"aabb")))
