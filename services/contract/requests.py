"""The request of ``POST /score``, as callers write it.

These models are the edge: they accept the friendlier JSON forms, refuse what cannot be meant, and name every
faulty place at once. Inside the service an item is :class:`~guerdon.services.contract.items.Item`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

MAX_NAME = 256
MAX_ITEMS = 32_768
"""Items of one call that are read at all; services set their own limit below it."""
MAX_PARAMS_BYTES = 65_536
"""Parameters of one reward, as JSON."""
MAX_KEYS = 10_000
"""Keys of a JSON object that stands directly in a request; each is looked at by itself."""
MAX_REWARDS = 64
"""Rewards of one call or item."""
MAX_MESSAGES = 4096
"""Messages of one chat."""
Name = Annotated[str, Field(max_length=MAX_NAME)]


def _new(kind: Callable[[], Any]) -> Any:
    """Default of a field: a new empty list or object; a given one would be copied deeply for every request."""
    return Field(default_factory=kind, json_schema_extra={"default": kind()})


def _finite(value: JsonValue) -> JsonValue:
    """Refuse NaN and infinity, which JSON does not have although parsers make them of ``1e999``."""
    stack = [value]
    while stack:
        part = stack.pop()
        if isinstance(part, float) and not math.isfinite(part):
            raise ValueError("holds a number that is not finite")
        if isinstance(part, dict):
            stack.extend(part.values())
        elif isinstance(part, list):
            stack.extend(part)
    return value


Json = Annotated[JsonValue, AfterValidator(_finite)]
"""Any JSON value."""
JsonObject = Annotated[dict[str, Json], Field(max_length=MAX_KEYS, fail_fast=True)]
"""A JSON object; inside its values there may be more keys."""


def _small(params: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Refuse parameters as large as data: they are repeated for every item and remembered with the call."""
    if (size_bytes := len(msgspec.json.encode(params))) > MAX_PARAMS_BYTES:
        raise ValueError(f"parameters take {size_bytes} bytes as JSON; at most {MAX_PARAMS_BYTES} are taken")
    return params


class Aggregation(StrEnum):
    """How an item's scores become its total."""

    WEIGHTED_SUM = "weighted_sum"
    """Sum of weight times score."""
    WEIGHTED_MEAN = "weighted_mean"
    """That sum over the sum of the weights of all components that apply, present or missing."""
    GATED_SUM = "gated_sum"
    """The weighted sum, but 0 unless every component with ``gate`` is at its best score."""


class Priority(StrEnum):
    """Which calls go first when there is not room for all."""

    TRAIN = "train"
    EVAL = "eval"
    BATCH = "batch"


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class RewardSpec(_Wire):
    """One reward asked for."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    """Name of the reward, such as ``math``."""
    weight: Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)] = 1.0
    """Weight of its score in the total; may be negative in a weighted sum."""
    params: Annotated[JsonObject, AfterValidator(_small)] = _new(dict)
    """Parameters of the reward; its schema is told by ``GET /v1/verifiers``."""
    required: bool = True
    """Whether the total is null without this score."""
    gate: bool = False
    """With ``gated_sum``: the total is 0 unless this score is the best possible."""


class ChatMessage(BaseModel):
    """One chat message in OpenAI's form; fields not named here are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    role: Annotated[str, Field(min_length=1, max_length=64)]
    """``system``, ``user``, ``assistant`` or ``tool``."""
    content: str = ""
    """The text."""
    reasoning_content: str = ""
    """Thoughts the inference server split off."""


Texts = Annotated[list[str], Field(fail_fast=True)]
Rewards = Annotated[list[RewardSpec], Field(max_length=MAX_REWARDS)]
Chat = Annotated[list[ChatMessage], Field(max_length=MAX_MESSAGES)]


class ScoreItem(_Wire):
    """One completion to judge."""

    id: Name = ""
    """The caller's name of the item, unique in the call; defaults to its index."""
    prompt: str | Chat = ""
    """The prompt, as text or as chat messages."""
    messages: Chat = _new(list)
    """The prompt as chat messages; instead of ``prompt``."""
    completion: str | Chat | None = None
    """The whole completion, thoughts included, as text or as chat messages."""
    completion_messages: Chat = _new(list)
    """The completion as chat messages; instead of ``completion``."""
    completion_ids: Annotated[list[Annotated[int, Field(ge=0, lt=2**31)]], Field(fail_fast=True)] = _new(list)
    """Token ids of the completion."""
    finish_reason: Name | None = ""
    """Why generation ended: ``stop``, ``length`` …"""
    ground_truth: str | Texts | JsonObject | None = None
    """What to compare with: a string, a list of accepted strings, or an object."""
    ground_truth_ref: Name = ""
    """Name of an entry of the request's ``ground_truths``, or ``sha256:<hex>`` of an uploaded one."""
    rewards: Rewards = _new(list)
    """Rewards of this item; instead of the request's."""
    group_id: Name = ""
    """Names the prompt whose completions form one group."""
    language: Name = ""
    """Language the completion is meant to be in."""
    domain: Name = ""
    """Kind of prompt, such as ``helpful`` or ``safety``."""
    extra: JsonObject = _new(dict)
    """Anything else for verifiers that know it."""


class ScoreRequest(_Wire):
    """A batch to score."""

    request_id: Name = ""
    """The caller's name of this call: sent again with the same body, it is answered from what is known."""
    rewards: Rewards = _new(list)
    """Rewards of every item that names none itself."""
    profile: Name = ""
    """A set of rewards and weights configured in the service; instead of ``rewards``."""
    items: Annotated[list[ScoreItem], Field(max_length=MAX_ITEMS)]
    """What to judge."""
    timeout_ms: Annotated[int, Field(ge=0, le=86_400_000)] = 0
    """Time the caller waits, in milliseconds; 0 for the service's default."""
    aggregation: Aggregation | None = None
    """How scores become totals; by default the profile's way, or the weighted sum."""
    metadata: JsonObject = _new(dict)
    """About the call: ``run``, ``step``, ``rank`` …"""
    expect_digest: Name = ""
    """Refuse to be judged by any other deployment state."""
    ground_truths: Annotated[dict[str, str | Texts | JsonObject], Field(max_length=MAX_ITEMS, fail_fast=True)] = (
        _new(dict)
    )
    """Ground truths that items share through ``ground_truth_ref``."""
    priority: Priority = Priority.TRAIN
    """Which calls go first when there is not room for all."""
