"""From an item as callers write it to an item as a verifier reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guerdon.services.contract.completion import completion_of_messages
from guerdon.services.contract.ground_truth import parse_ground_truth
from guerdon.services.contract.items import Item, Message
from guerdon.services.contract.requests import ChatMessage, ScoreItem
from guerdon.services.contract.verifier import RewardInfo


def completion_text(item: ScoreItem) -> str:
    """The whole completion as text, whichever way it is given.

    Raises:
        ValueError: it is given twice, not at all, or as messages without one of the assistant.
    """
    if item.completion is not None and item.completion_messages:
        raise ValueError("the completion is given twice, as 'completion' and as 'completion_messages'")
    if isinstance(item.completion, str):
        return item.completion
    messages = item.completion or item.completion_messages
    if not messages:
        raise ValueError("every item needs a 'completion', as text or as messages")
    return completion_of_messages(_messages(messages))


def prompt_messages(item: ScoreItem) -> tuple[Message, ...]:
    """The prompt as a chat; empty where it is given as text.

    Raises:
        ValueError: the prompt is given twice.
    """
    if item.prompt and item.messages:
        raise ValueError("the prompt is given twice, as 'prompt' and as 'messages'")
    messages = item.prompt if isinstance(item.prompt, list) else item.messages
    return _messages(messages) if messages else ()


def prompt_text(item: ScoreItem, messages: tuple[Message, ...]) -> str:
    """The prompt as text: as given, or the contents of its messages in order."""
    if isinstance(item.prompt, str) and item.prompt:
        return item.prompt
    return "\n\n".join(message.content for message in messages)


def item_fields(item: ScoreItem) -> dict[str, Any]:
    """Every field that a reward may read, by name; a ground truth given by reference is left out.

    Raises:
        ValueError: the completion, the prompt or the ground truth is not given as it must be.
    """
    messages = prompt_messages(item)
    return {
        "prompt": prompt_text(item, messages),
        "messages": messages,
        "completion": completion_text(item),
        "completion_ids": tuple(item.completion_ids),
        "ground_truth": None if item.ground_truth is None else parse_ground_truth(item.ground_truth),
        "finish_reason": item.finish_reason or "",
        "language": item.language,
        "domain": item.domain,
        "extra": item.extra,
    }


def project(
    fields: Mapping[str, Any], reward: RewardInfo, *, item_id: str, group_id: str = "", params: Mapping[str, Any]
) -> Item:
    """The item that a reward is given: only the fields it reads.

    Args:
        fields: every field, by name.
        reward: the reward.
        item_id: name of the item.
        group_id: name of its group, or empty.
        params: the reward's parameters, validated.
    """
    told: dict[str, Any] = {"id": item_id, "reward": reward.name, "group_id": group_id, "params": dict(params)}
    for name in reward.reads:
        told[name] = fields[name]
    return Item(**told)


def _messages(messages: Sequence[ChatMessage]) -> tuple[Message, ...]:
    return tuple(Message(message.role, message.content, message.reasoning_content) for message in messages)
