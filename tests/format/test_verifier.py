"""The verifier: verdicts, details, explanations, parameters."""

import pytest
from pydantic import ValidationError

from guerdon.services.contract import Deadline, Item, Status, Verdict, VerifierSettings
from guerdon.services.format.params import FormatParams
from guerdon.services.format.verifier import FormatVerifier

GOOD = "<think>a</think><answer>b</answer>"


def judge(completion: str, finish_reason: str = "", **params: object) -> Verdict:
    """The verdict on one completion."""
    item = Item(
        id="0",
        reward="format",
        completion=completion,
        finish_reason=finish_reason,
        params=FormatParams(**params).model_dump(),  # type: ignore[arg-type]
    )
    (verdict,) = FormatVerifier(VerifierSettings()).score_batch([item], Deadline.never())
    return verdict


def test_a_layout_that_holds_scores_one():
    """Nothing is broken, so there is no rule and no offset."""
    verdict = judge(GOOD)
    assert (verdict.status, verdict.score, verdict.reason, verdict.details) == (Status.OK, 1.0, "well_formed", {})
    assert "r1_zero" in verdict.explanation


def test_a_broken_layout_scores_zero_with_rule_and_place():
    """Reason, details and explanation agree."""
    verdict = judge(GOOD + "<answer>c</answer>")
    assert (verdict.status, verdict.score, verdict.reason) == (Status.OK, 0.0, "duplicate_answer_open")
    assert verdict.details == {"rule": "duplicate_answer_open", "offset": 34}
    assert "character 34" in verdict.explanation
    assert "duplicate_answer_open" in verdict.explanation


def test_a_truncated_layout_fails_by_the_rule_it_breaks():
    """The token limit is a fact beside the verdict, not a rule."""
    verdict = judge("<think>a</think><answer>b", finish_reason="length")
    assert verdict.details == {"rule": "missing_answer_close", "offset": 25, "truncated": True}


def test_a_complete_layout_holds_at_the_token_limit():
    """Generation may have ended with the last tag."""
    verdict = judge(GOOD, finish_reason="length")
    assert (verdict.score, verdict.details) == (1.0, {"truncated": True})


@pytest.mark.parametrize(
    ("completion", "profile", "reason"),
    [
        ("<think>a</think>It is \\boxed{4}.", "boxed", "well_formed"),
        ("a</think>It is \\boxed{4}.", "boxed", "well_formed"),
        ("It is \\boxed{4}.", "boxed", "well_formed"),
        ("<think>\\boxed{5}</think><answer>\\boxed{4}</answer>", "boxed", "well_formed"),
        ("<think>\\boxed{4}</think>It is 4.", "boxed", "missing_box"),
        ("<think>a \\boxed{4}", "boxed", "missing_think_close"),
        ("<think> </think>\\boxed{4}", "boxed", "blank_thoughts"),
        ("\\boxed{4}<think>a</think>", "boxed", "text_before"),
        ("<think>a</think><think>b</think>\\boxed{4}", "boxed", "duplicate_think_open"),
        ("", "boxed", "missing_box"),
        ("<think>a</think><answer>```python\nx\n```</answer>", "code_block", "well_formed"),
        ("<think>```py\nx\n```</think><answer>\n```python\nx\n```\n</answer>", "code_block", "well_formed"),
        ("<think>a</think><answer>x</answer>", "code_block", "missing_fence"),
        ("<think>a</think>```python\nx\n```", "code_block", "missing_answer_open"),
    ],
)
def test_content_is_looked_at_once_the_layout_holds(completion: str, profile: str, reason: str):
    """Box and code block are judged in the last part only."""
    assert judge(completion, profile=profile).reason == reason


@pytest.mark.parametrize(
    ("completion", "profile"),
    [
        ("<think>use `<answer>`</think><answer>b</answer>", "r1_zero"),
        ("<think>use\n\n```\n<think>\n```\n</think><answer>b</answer>", "r1_zero"),
        ("<think>a</think>`\\boxed{3}` is no box, \\boxed{4} is.", "boxed"),
        ("<think>a</think><answer>\n```python\nprint('</answer>')\n```\n</answer>", "code_block"),
    ],
)
def test_code_can_be_left_out_of_the_search(completion: str, profile: str):
    """What counts by default as a second tag or box does not with mask_code."""
    assert judge(completion, profile=profile).score == 0.0
    assert judge(completion, profile=profile, mask_code=True).score == 1.0


@pytest.mark.parametrize(
    "params",
    [{"profile": "r1"}, {"special_token": ""}, {"special_token": " \u200b"}, {"language": ""}, {"mask_code": 1},
     {"special_token": "x" * 65}, {"tags": []}],
)  # fmt: skip
def test_parameters_that_mean_nothing_are_refused(params: dict[str, object]):
    """Unknown names and values are the caller's mistake, not a default."""
    with pytest.raises(ValidationError):
        FormatParams.model_validate(params)


@pytest.mark.parametrize("profile", FormatParams.model_json_schema()["properties"]["profile"]["enum"])
@pytest.mark.parametrize("piece", ["<think>", "</answer>", "\\boxed{", "```python\n", "`", "\u200b", "\0", "<"])
def test_hostile_repetition_is_judged(profile: str, piece: str):
    """Twenty thousand of anything is a wrong layout in every profile, whether code is masked or not."""
    text = piece * 20_000
    assert judge(text, profile=profile).score == 0.0
    assert judge(text, profile=profile, mask_code=True).score == 0.0
