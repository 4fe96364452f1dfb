"""One item: its target, the part that is measured, its verdict."""

import pytest
from pydantic import ValidationError

from guerdon.services.contract import Item, Message, Status, Verdict
from guerdon.services.language.detector import load_detector
from guerdon.services.language.judge import judge
from guerdon.services.language.params import LanguageParams
from guerdon.services.language.settings import LanguageSettings

ENGLISH, GERMAN = "First I add the two numbers.", "Danach teile ich die Summe durch zwei."


def verdict(completion: str, *, item: dict[str, object] | None = None, **params: object) -> Verdict:
    """The verdict on a completion."""
    fields = {
        "completion": completion,
        "params": LanguageParams.model_validate(params).model_dump(),
        **(item or {}),
    }
    return judge(Item(id="0", reward="language", **fields), LanguageSettings(), load_detector())  # type: ignore[arg-type]


def test_a_verdict_tells_what_was_counted():
    """Words, languages and the places of the foreign ones."""
    text = f"<think>{ENGLISH} {GERMAN}</think>7"
    found = verdict(text, target="en")
    assert (found.status, found.reason) == (Status.OK, "mixed")
    assert found.score == pytest.approx(6 / 13)
    details = found.details
    assert (details["target"], details["target_words"], details["foreign_words"]) == ("en", 6.0, 7.0)
    assert details["languages"] == {"en": 6.0, "de": 7.0}
    ((start, end, language),) = details["foreign_spans"]
    assert (text[start:end], language) == (GERMAN[:-1], "de")
    assert "7 German" in found.explanation


@pytest.mark.parametrize(
    ("completion", "score"),
    [
        (f"<think>{ENGLISH}</think>{GERMAN}", 1.0),
        (f"{ENGLISH}</think>{GERMAN}", 1.0),
        (f"<think>{ENGLISH}", 1.0),
        (ENGLISH, 1.0),
        (GERMAN, 0.0),
        (f"<think></think>{ENGLISH}", 0.0),
        (f"<think>{GERMAN}</think>{ENGLISH}", 0.0),
        (f"{GERMAN}<think></think>7", 0.0),
        (f"{GERMAN}<think>{ENGLISH}</think>7", 6 / 13),
        (f"\n <think>{ENGLISH}</think>{GERMAN}", 1.0),
    ],
)
def test_the_chain_of_thought_is_measured(completion: str, score: float):
    """With tags, with the one that the template leaves, without any, and with reasoning before the first."""
    assert verdict(completion, target="en").score == pytest.approx(score)


def test_spans_before_the_first_think_block_are_offsets_into_the_completion():
    """Like those in it."""
    text = f"\n{GERMAN}\n<think>{ENGLISH} {GERMAN}</think>7"
    spans = verdict(text, target="en").details["foreign_spans"]
    assert [text[start:end] for start, end, _ in spans] == [GERMAN[:-1]] * 2


@pytest.mark.parametrize(
    ("completion", "score"),
    [
        (f"<think>{GERMAN}</think><answer>{ENGLISH}</answer>", 1.0),
        (f"<think>{GERMAN}</think>{GERMAN}<answer>{ENGLISH}</answer>", 1.0),
        (f"<think>{GERMAN}</think>{ENGLISH}", 1.0),
        (f"<think>{ENGLISH}</think>{GERMAN}", 0.0),
        (f"<think>{ENGLISH}", 0.0),
        (f"<think>{ENGLISH}</think>42", 0.0),
    ],
)
def test_the_answer_can_be_measured_instead(completion: str, score: float):
    """The last answer block, or what follows the thoughts."""
    assert verdict(completion, target="en", scope="answer").score == score


@pytest.mark.parametrize(("threshold", "score"), [(0.4, 1.0), (0.5, 0.0)])
def test_a_share_can_be_made_a_decision(threshold: float, score: float):
    """The share itself stays in the details."""
    found = verdict(f"{ENGLISH} {GERMAN}", target="en", binary=True, threshold=threshold)
    assert found.score == score
    assert found.details["share"] == pytest.approx(6 / 13, abs=1e-6)


def test_the_given_target_goes_before_the_items_and_that_before_the_prompts():
    """The nearest statement decides."""
    said = {"language": "de-AT", "prompt": "Combien de pommes ?"}
    assert verdict(ENGLISH, target="en", item=said).details["target"] == "en"
    assert verdict(ENGLISH, item=said).details["target"] == "de"
    inferred = verdict(ENGLISH, item={"messages": (Message("user", "Combien de pommes Anna a-t-elle ?"),)})
    assert (inferred.details["target"], inferred.details["inferred"]) == ("fr", True)


@pytest.mark.parametrize(
    ("item", "status", "reason"),
    [
        ({}, Status.INVALID, "no_target"),
        ({"language": "tlh"}, Status.INVALID, "unknown_language"),
        ({"prompt": "$2 + 2$"}, Status.NOT_APPLICABLE, "prompt_without_language"),
    ],
)
def test_without_a_target_there_is_no_score(item: dict[str, object], status: Status, reason: str):
    """It is never made up."""
    found = verdict(ENGLISH, item=item)
    assert (found.status, found.reason, found.score) == (status, reason, None)


def test_a_completion_that_is_too_long_scores_zero():
    """It says how long it may be."""
    item = Item(id="0", reward="language", completion="word " * 30, params={"target": "en"})
    found = judge(item, LanguageSettings(max_completion_chars=100), load_detector())
    assert (found.score, found.reason) == (0.0, "too_long")
    assert "100" in found.explanation


def test_spans_in_a_verdict_are_bounded():
    """The rest are counted."""
    found = verdict("one and 数 then " * 400, target="en")
    assert len(found.details["foreign_spans"]) == 200
    assert found.details["more_foreign_spans"] == 200


@pytest.mark.parametrize(
    "params",
    [{"target": "klingon"}, {"target": ""}, {"target": 7}, {"mode": "slow"}, {"scope": "all"}, {"binary": 1},
     {"threshold": 0.0}, {"threshold": 1.5}, {"langauge": "en"}],
)  # fmt: skip
def test_parameters_that_mean_nothing_are_refused(params: dict[str, object]):
    """Unknown languages, names and values are the caller's mistake, not a default."""
    with pytest.raises(ValidationError):
        LanguageParams.model_validate(params)
