"""Batches: how rows are put into calls, and in which order their results come."""

from __future__ import annotations

from row_scorer import RowScorer, outcomes_of, rows

from guerdon.services.cli.rows import BadRow


def test_neighbours_of_a_group_stay_together():
    """A batch is cut between groups only, whether a reward compares them or not."""
    scorer = RowScorer()
    outcomes_of(scorer, rows("a", "a", "b", "b", "b", "", "", ""), "plain", batch_size=2)
    assert scorer.calls == [["0", "1"], ["2", "3", "4"], ["5", "6"], ["7"]]


def test_bad_rows_keep_their_place():
    """Bad rows are passed on between the results of their neighbours, and ids may repeat."""
    good, last = rows("", "")
    outcomes = outcomes_of(RowScorer(), [good, BadRow(2, None, "bad"), last], "plain", batch_size=10)
    assert [getattr(outcome, "row", outcome) for outcome in outcomes] == [good, BadRow(2, None, "bad"), last]
    assert outcomes[0].result["id"] == "same"


def test_rows_are_scored_while_they_are_read():
    """Where nothing is compared a batch is sent as soon as it is full, though neighbours come."""
    scorer = RowScorer()
    sent = []

    def watched():
        for row in rows("a", "b", "a", "b"):
            sent.append(len(scorer.calls))
            yield row

    outcomes_of(scorer, watched(), "plain", batch_size=2, again=None)
    assert sent == [0, 0, 0, 1]


def test_results_come_in_the_order_of_the_rows():
    """Groups are sent when they are complete, and their results wait for those of rows before them."""
    scorer = RowScorer()
    mixed = rows("a", "b", "", "a", "b", "a", "", "c")
    outcomes = outcomes_of(scorer, mixed, "rank", batch_size=1)
    assert scorer.calls == [["2"], ["1", "4"], ["0", "3", "5"], ["6"], ["7"]]
    assert [outcome.row for outcome in outcomes] == mixed


def test_a_compared_group_is_never_cut_by_the_size_of_a_batch():
    """A group larger than a batch, and than the service's usual limit, goes into one call."""
    scorer = RowScorer()
    outcomes_of(scorer, rows(*["a", "b"] * 4100), "rank", batch_size=256)
    assert [len(call) for call in scorer.calls] == [4100, 4100]
