"""What a verifier is given: one item, projected to the fields its reward reads."""

from __future__ import annotations

from typing import Any

import msgspec

from guerdon.services.contract.ground_truth import GroundTruth
from guerdon.services.contract.verdicts import Verdict

PROJECTABLE = frozenset(
    {
        "prompt",
        "messages",
        "completion",
        "completion_ids",
        "ground_truth",
        "finish_reason",
        "language",
        "domain",
        "extra",
    }
)
"""Fields of :class:`Item` a reward may declare in ``RewardInfo.reads``; the others are always there."""


class Message(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One chat message in OpenAI's form."""

    role: str
    """``system``, ``user``, ``assistant`` or ``tool``."""
    content: str
    """The text of the message."""
    reasoning_content: str = ""
    """Thoughts that the inference server split off, or empty."""


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One completion to judge under one reward.

    Only the fields named in the reward's ``reads`` are filled in; the rest keep their defaults, so that a
    verifier cannot depend on what it has not declared and messages between processes stay small.
    """

    id: str
    """The caller's name of the item, unique in the call."""
    reward: str
    """Name of the reward to compute, one of those the verifier declares."""
    params: dict[str, Any] = {}
    """Parameters of the reward, validated, defaults filled in."""
    group_id: str = ""
    """Names the prompt whose completions form one group; empty means no group."""
    prompt: str = ""
    """The prompt as text; for a chat, the contents of its messages in order."""
    messages: tuple[Message, ...] = ()
    """The prompt as a chat, when the caller sent one."""
    completion: str = ""
    """The whole completion as text, thoughts included."""
    completion_ids: tuple[int, ...] = ()
    """Token ids of the completion, when the caller sent them."""
    ground_truth: GroundTruth | None = None
    """What to compare with, or None."""
    finish_reason: str = ""
    """Why generation ended: ``stop``, ``length`` … ; empty means unknown."""
    language: str = ""
    """Language the item is meant to be in (ISO 639 code), or empty."""
    domain: str = ""
    """Kind of prompt, such as ``helpful`` or ``safety``, or empty."""
    extra: dict[str, Any] = {}
    """Anything else the caller sent along for verifiers that know it."""
    of: Verdict | None = None
    """For a dependent reward: the verdict on this item that it builds on; its status may be any."""
