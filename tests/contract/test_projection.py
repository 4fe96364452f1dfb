"""From an item as callers write it to an item as a verifier reads it."""

from typing import Any

import pytest

from guerdon.services.contract import GroundTruth, Message, RewardInfo
from guerdon.services.contract.projection import completion_text, item_fields, project
from guerdon.services.contract.requests import ScoreItem


def item(**fields: Any) -> ScoreItem:
    """An item as a caller writes it."""
    return ScoreItem.model_validate(fields)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"completion": "b"}, "b"),
        ({"completion": ""}, ""),
        ({"completion": [{"role": "assistant", "content": "b", "reasoning_content": "a"}]}, "<think>a</think>b"),
        ({"completion_messages": [{"role": "user"}, {"role": "assistant", "content": "b"}]}, "b"),
    ],
)
def test_a_completion_is_text_or_messages(fields: dict[str, Any], text: str):
    """All ways lead to one text."""
    assert completion_text(item(**fields)) == text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "needs a 'completion'"),
        ({"completion": []}, "needs a 'completion'"),
        ({"completion": "a", "completion_messages": [{"role": "assistant"}]}, "given twice"),
        ({"completion": [{"role": "user", "content": "a"}]}, "role 'assistant'"),
        ({"completion": "a", "prompt": "q", "messages": [{"role": "user"}]}, "given twice"),
        ({"completion": "a", "ground_truth": {}}, "an empty object"),
    ],
)
def test_what_contradicts_itself_is_refused(fields: dict[str, Any], said: str):
    """The message names the fields."""
    with pytest.raises(ValueError, match=said):
        item_fields(item(**fields))


@pytest.mark.parametrize("name", ["prompt", "messages"])
def test_a_chat_is_a_prompt_too(name: str):
    """Its text is the contents of its messages in order."""
    chat = [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}]
    fields = item_fields(item(completion="a", **{name: chat}))
    assert fields["prompt"] == "s\n\nq"
    assert fields["messages"] == (Message("system", "s"), Message("user", "q"))


def test_only_what_a_reward_reads_reaches_it():
    """The rest keeps its defaults, so that a verifier cannot depend on what it has not declared."""
    written = item(completion="a", prompt="q", ground_truth="4", finish_reason="stop", extra={"k": 1})
    reward = RewardInfo(name="r", description="d", reads=frozenset({"completion", "ground_truth"}))
    projected = project(item_fields(written), reward, item_id="7", group_id="g", params={"p": 1})
    assert (projected.id, projected.reward, projected.group_id, projected.params) == ("7", "r", "g", {"p": 1})
    assert (projected.completion, projected.ground_truth) == ("a", GroundTruth(form="text", texts=("4",)))
    assert (projected.prompt, projected.finish_reason, projected.extra) == ("", "", {})
