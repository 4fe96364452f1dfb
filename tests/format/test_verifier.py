"""The verifier: verdicts, details, explanations, parameters."""

from typing import Any

import pytest
from pydantic import ValidationError

from guerdon.services.contract import Deadline, Item, Status, Verdict, VerifierSettings
from guerdon.services.format.params import CodeFormatParams, FormatParams, PrefilledParams
from guerdon.services.format.verifier import FormatVerifier

GOOD = "<think>a</think><answer>b</answer>"
CODE = "<think>a</think>\n<answer>\n```python\n42\n```\n</answer>"
PROFILES = sorted({*FormatParams.model_json_schema()["properties"]["profile"]["enum"]} - {"custom"})


REWARDS = {reward.name: reward for reward in FormatVerifier.rewards}
CUSTOM = {"parts": [{"tag": "think"}, {"tag": "answer"}]}


def judge(completion: str, finish_reason: str = "", reward: str = "format", **params: object) -> Verdict:
    """The verdict on one completion."""
    item = Item(
        id="0",
        reward=reward,
        completion=completion,
        finish_reason=finish_reason,
        params=REWARDS[reward].params.model_validate(params).model_dump(),
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
        ("<think>a</think>\\boxed{`\\boxed{}`}", "boxed"),
        ("<think>a</think><answer>\n```python\nprint('</answer>')\n```\n</answer>", "code_block"),
    ],
)
def test_code_can_be_left_out_of_the_search(completion: str, profile: str):
    """What counts by default as a second tag or box does not with mask_code."""
    assert judge(completion, profile=profile).score == 0.0
    assert judge(completion, profile=profile, mask_code=True).score == 1.0


def test_a_layout_of_ones_own_takes_the_place_of_a_profile():
    """It is named so, and need not be."""
    assert judge(GOOD, layout=CUSTOM).score == 1.0
    assert judge(GOOD, layout=CUSTOM, profile="custom").score == 1.0
    verdict = judge("<think>`<think>`</think><answer>b</answer>", layout=CUSTOM)
    assert (verdict.reason, verdict.details["offset"]) == ("duplicate_think_open", 8)
    assert "custom" in verdict.explanation
    assert judge("<think>`<think>`</think><answer>b</answer>", layout=CUSTOM, mask_code=True).score == 1.0


@pytest.mark.parametrize(
    ("completion", "params", "reason"),
    [
        ("<think>a</think>b", {}, "well_formed"),
        ("\n<think>\na\n</think>\n\nb\n", {}, "well_formed"),
        ("<think>a</think><answer>b</answer>", {}, "well_formed"),
        ("<think>a</think>", {}, "blank_summary"),
        ("<think> </think>b", {}, "blank_thoughts"),
        ("x<think>a</think>b", {}, "text_before"),
        ("<think>a</think>b</think>", {}, "duplicate_think_close"),
        ("<think>a</think>b<think>", {}, "duplicate_think_open"),
        ("a</think>b", {}, "missing_think_open"),
        ("a</think>b", {"prefilled": True}, "well_formed"),
        ("<think>a</think>b", {"prefilled": True}, "duplicate_think_open"),
        ("<think>`</think>`</think>b", {"mask_code": True}, "well_formed"),
    ],
)
def test_think_format_asks_for_one_think_block_first(completion: str, params: dict[str, Any], reason: str):
    """Then for text, in which answer tags are nothing special."""
    verdict = judge(completion, reward="think_format", **params)
    assert (verdict.reason, verdict.score) == (reason, float(reason == "well_formed"))


@pytest.mark.parametrize(
    ("completion", "params", "reason"),
    [
        (CODE, {}, "well_formed"),
        (CODE, {"language": "py"}, "well_formed"),
        (CODE, {"language": "rust"}, "wrong_language"),
        (CODE.removeprefix("<think>"), {"prefilled": True}, "well_formed"),
        (CODE, {"prefilled": True}, "duplicate_think_open"),
        (GOOD, {}, "missing_fence"),
    ],
)
def test_code_format_asks_for_the_layout_and_one_block_of_code(
    completion: str, params: dict[str, Any], reason: str
):
    """As the profile ``code_block`` does, and after a template too."""
    assert judge(completion, reward="code_format", **params).reason == reason


@pytest.mark.parametrize(
    ("final", "reason"),
    [
        (r"It is \boxed{42}.", "well_formed"),
        (r"It is \boxed{42}. \boxed{42}", "well_formed"),
        (r"\boxed{x = 2} means \boxed{x=2}, \boxed{x\,=\ 2}", "well_formed"),
        (r"\boxed{4}, \boxed{2}", "duplicate_box"),
        (r"\boxed{\frac{1}{23}}, \boxed{\frac{12}{3}}", "duplicate_box"),
        (r"\boxed{42}, \boxed{42", "unclosed_box"),
        ("42", "missing_box"),
    ],
)
def test_boxed_asks_for_one_distinct_box(final: str, reason: str):
    """A box may be repeated, which the profile does not allow; a second content is a hedge."""
    assert judge(f"<think>\\boxed{{41}}?</think>{final}", reward="boxed").reason == reason
    assert judge(final, reward="boxed").reason == reason


@pytest.mark.parametrize(
    ("completion", "params", "score", "reason"),
    [
        (GOOD, {}, 1.0, "well_tagged"),
        ("<think>\na\n</think>\n", {}, 0.5, "missing_answer_open"),
        ("<think><think></think><answer>", {}, 0.5, "duplicate_think_open"),
        ("", {}, 0.0, "missing_think_open"),
        ("a</think>", {"prefilled": True}, 0.5, "missing_answer_open"),
        ("`<think>`", {"mask_code": True}, 0.0, "missing_think_open"),
    ],
)
def test_tag_count_pays_a_quarter_for_each_tag(completion: str, params: dict[str, Any], score: float, reason: str):
    """And tells how often each stands."""
    verdict = judge(completion, "length", reward="tag_count", **params)
    assert (verdict.score, verdict.reason, verdict.details["truncated"]) == (score, reason, True)
    assert sum(count == 1 for count in verdict.details["counts"].values()) == 4 * score


@pytest.mark.parametrize(
    "params",
    [{"profile": "r1"}, {"special_token": ""}, {"special_token": " \u200b"}, {"language": ""}, {"mask_code": 1},
     {"special_token": "x" * 65}, {"special_token": "a\nb"}, {"tags": []}, {"prefilled": True},
     {"special_token": "|t|"}, {"language": "rust"}, {"layout": CUSTOM, "language": "rust"},
     {"profile": "code_block", "special_token": "|t|"}, {"profile": "special_token", "language": "rust"},
     {"profile": "custom"}, {"profile": "r1_zero", "layout": CUSTOM}, {"layout": {"parts": []}},
     {"layout": CUSTOM | {"order": "any"}}],
)  # fmt: skip
def test_parameters_that_mean_nothing_are_refused(params: dict[str, object]):
    """Unknown names and values are the caller's mistake, not a default."""
    with pytest.raises(ValidationError):
        FormatParams.model_validate(params)


@pytest.mark.parametrize("language", ["", " ", "python ", " python", "visual basic", "{python}", "py\u200b", "="])
def test_a_language_that_no_fence_can_name_is_refused(language: str):
    """Every completion would be to blame for it otherwise."""
    with pytest.raises(ValidationError):
        CodeFormatParams.model_validate({"language": language})


@pytest.mark.parametrize("language", ["python", "Python", "c++", "C#", "objective-c", "python3.11", ".net", "四"])
def test_a_language_that_a_fence_names_is_found(language: str):
    """Whatever is taken as a parameter can be written by a completion."""
    text = CODE.replace("```python", f"```{language}")
    assert judge(text, reward="code_format", language=language).score == 1.0


@pytest.mark.parametrize("params", [{"language": "python"}, {"special_token": "<|reasoning|>"}])
def test_a_default_that_is_written_out_is_taken(params: dict[str, str]):
    """Parameters come back from their JSON with every default filled in."""
    assert FormatParams.model_validate(params) == FormatParams()


@pytest.mark.parametrize("kind", [PrefilledParams, CodeFormatParams])
def test_the_other_rewards_take_no_profile(kind: type[PrefilledParams]):
    """They are one layout each."""
    with pytest.raises(ValidationError):
        kind.model_validate({"profile": "r1_zero"})


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("piece", ["<think>", "</answer>", "\\boxed{", "```python\n", "`", "\u200b", "\0", "<"])
def test_hostile_repetition_is_judged(profile: str, piece: str):
    """Twenty thousand of anything is a wrong layout in every profile, whether code is masked or not."""
    text = piece * 20_000
    assert judge(text, profile=profile).score == 0.0
    assert judge(text, profile=profile, mask_code=True).score == 0.0
