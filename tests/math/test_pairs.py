"""Labelled pairs of ground truth and answer, by kind, as the whole verifier judges them."""

import pytest

KINDS = ("numbers", "units", "algebra", "collections", "equations", "choices", "languages")


@pytest.mark.parametrize("kind", KINDS)
def test_every_boxed_answer_of_a_kind_is_judged_as_labelled(kind, labelled, judged):
    """Equal answers are paid and others are not, for every pair of the kind."""
    wrong = [
        (row, verdict.explanation)
        for row in labelled("pairs.jsonl", kind=kind)
        if (verdict := judged(f"So it is $\\boxed{{{row['answer']}}}$.", row["ground_truth"])).score
        != float(row["equal"])
    ]
    assert wrong == []


@pytest.mark.parametrize("kind", KINDS)
def test_swapping_ground_truth_and_answer_changes_no_verdict(kind, labelled, judged):
    """Equality is symmetric over all pairs of the kind."""
    flipped = [
        row
        for row in labelled("pairs.jsonl", kind=kind)
        if (judged(f"\\boxed{{{row['ground_truth']}}}", row["answer"]).score == 1.0) != row["equal"]
    ]
    assert flipped == []


@pytest.mark.parametrize("kind", ["extraction", "languages"])
def test_every_response_of_a_kind_is_judged_as_labelled(kind, labelled, judged):
    """The answer is found where it is stated, and nothing else is taken for one."""
    wrong = [
        (row, verdict.explanation)
        for row in labelled("responses.jsonl", kind=kind)
        if (verdict := judged(row["completion"], row["ground_truth"])).score != float(row["right"])
    ]
    assert wrong == []
