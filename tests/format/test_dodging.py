"""Ways to be paid for a layout without thinking or answering, and ways to slip out of a verdict."""

import pytest

from guerdon.services.contract import Item, Status, Verdict, VerifierSettings
from guerdon.services.contract.hostile import hostile_completions
from guerdon.services.format.verifier import FormatVerifier

PARAMS = {reward.name: reward.params().model_dump() for reward in FormatVerifier.rewards}
HONEST = "<think>Six times seven is 42.</think>\n<answer>\n\\boxed{42}\n```python\n42\n```\n</answer>"
LAYOUT_REWARDS = ["format", "think_format", "code_format", "boxed"]


def judge(reward: str, completion: str, **params: object) -> Verdict:
    """The verdict on one completion."""
    given = {**PARAMS[reward], **params}
    return FormatVerifier(VerifierSettings()).verify(
        Item(id="0", reward=reward, completion=completion, params=given)
    )


@pytest.mark.parametrize("reward", PARAMS)
def test_honest_work_is_paid_by_every_reward(reward: str):
    """The measure for the rest of this file."""
    assert judge(reward, HONEST).score == 1.0


@pytest.mark.parametrize(
    "dodge",
    [
        HONEST.replace("Six times seven is 42.", ""),
        HONEST.replace("Six times seven is 42.", " \n\t"),
        HONEST.replace("Six times seven is 42.", "\u200b\u2060\ufeff"),
        HONEST.replace("Six times seven is 42.", "\u3164\u2800\u115f"),
        HONEST.replace("Six times seven is 42.", "\x00\x1c\x7f"),
        HONEST.replace("Six times seven is 42.", "\u0301"),
        HONEST.replace("</think>", "</think><think></think>"),
        HONEST.replace("<think>", "<think><think>"),
        HONEST.replace("<think>", "&lt;think&gt;"),
        HONEST.replace("<think>", "<thi\u200bnk>"),
        "42. " + HONEST,
    ],
)
@pytest.mark.parametrize("reward", ["format", "think_format", "code_format"])
def test_thoughts_that_are_not_there_are_not_paid(reward: str, dodge: str):
    """Empty, invisible, doubled or unmarked thoughts, and an answer before them, earn nothing."""
    assert judge(reward, dodge).score == 0.0


@pytest.mark.parametrize(
    "dodge",
    [
        HONEST + HONEST,
        HONEST + "<answer>41</answer>",
        HONEST.replace("<answer>", "<answer>41</answer><answer>"),
        HONEST.replace("<answer>", "<answer><think>Or 41?</think>"),
        HONEST.replace("\n<answer>", " It may be 41. <answer>"),
        HONEST + " Or 41.",
        "<think>Six times seven is 42.</think>",
        "<think>Six times seven is 42.</think><answer></answer>",
        "<think>Six times seven is 42.</think><answer>\u200b</answer>",
        "<think><answer>42</answer></think>",
    ],
)
@pytest.mark.parametrize("reward", ["format", "code_format"])
def test_answers_that_are_several_or_nowhere_are_not_paid(reward: str, dodge: str):
    """Two answers, an answer outside of its block and an empty one earn nothing."""
    assert judge(reward, dodge).score == 0.0


@pytest.mark.parametrize(
    "final",
    [
        r"\boxed{41} \boxed{42}",
        r"\boxed{42} \boxed{42",
        r"\boxed{\boxed{42}}",
        r"\boxed{}",
        r"\boxed{\,~{}\quad}",
        "\\boxed{\u200b}",
        r"\\boxed{42}",
        r"\boxed 42",
        r"\boxed{42",
        "42",
    ],
)
def test_boxes_that_hedge_or_hold_nothing_are_not_paid(final: str):
    """Several contents, no content, and a box that TeX does not see."""
    assert judge("boxed", f"<think>a</think>{final}").score == 0.0


def test_boxes_that_hedge_in_code_are_not_paid():
    """What is passed over in the search for boxes still tells them apart."""
    hedge = r"<think>a</think>\boxed{`41`} \boxed{`42`}"
    assert judge("boxed", hedge, mask_code=True).reason == "duplicate_box"


@pytest.mark.parametrize(
    "answer",
    [
        "```python\n```",
        "```python\n\u200b\n```",
        "```python\n42",
        "```py\n41\n```\n```python\n42\n```",
        "```pythonic\n42\n```",
        "```\n42\n```",
        "`python 42`",
    ],
)
def test_code_that_hedges_or_holds_nothing_is_not_paid(answer: str):
    """Several blocks, an empty or open one, and one of another language."""
    assert judge("code_format", f"<think>a</think><answer>\n{answer}\n</answer>").score == 0.0


def test_thoughts_without_an_end_hold_no_answer():
    """Where the template opened the thoughts, a box in thoughts that never end is none of an answer."""
    assert judge("boxed", "So it is \\boxed{42}.", prefilled=True).score == 0.0
    assert judge("boxed", "So it is 42.</think>\\boxed{42}", prefilled=True).score == 1.0


@pytest.mark.parametrize("reward", PARAMS)
@pytest.mark.parametrize("name", hostile_completions())
def test_no_completion_slips_out_of_its_verdict(reward: str, name: str):
    """Null is for what we or the caller did wrong, so whatever a policy writes is scored."""
    verdict = judge(reward, hostile_completions()[name], mask_code=True)
    assert verdict.status is Status.OK
    assert verdict.score in {0.0, 0.25, 0.5, 0.75, 1.0}
