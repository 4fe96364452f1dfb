"""Turns the core's answers into messages, field by field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct, Value

from guerdon.services.contract import (
    ComponentError,
    ComponentResult,
    ItemResult,
    ScoreResponse,
    Status,
    Summary,
)
from guerdon.services.gateway.describe import (
    LimitsDescription,
    ProfileDescription,
    RewardDescription,
    ServiceDescription,
)
from guerdon.v1 import reward_pb2 as pb

_STATUSES = {status: pb.ResultStatus.Value(f"RESULT_STATUS_{status.upper()}") for status in Status}


def score_response(response: ScoreResponse) -> pb.ScoreResponse:
    """The message of a whole answer."""
    message = pb.ScoreResponse(
        request_id=response.request_id, digest=response.digest, summary=summary(response.summary)
    )
    for result in response.results:
        _write_item(message.results.add(), result)
    return message


def score_event(request_id: str, digest: str, event: ItemResult | Summary) -> pb.ScoreEvent:
    """The message of one event of a streamed answer."""
    if isinstance(event, Summary):
        return pb.ScoreEvent(request_id=request_id, digest=digest, summary=summary(event))
    return pb.ScoreEvent(request_id=request_id, digest=digest, result=item_result(event))


def item_result(result: ItemResult) -> pb.ItemResult:
    """The message of one item."""
    message = pb.ItemResult()
    _write_item(message, result)
    return message


def summary(counts: Summary) -> pb.Summary:
    """The message of a summary."""
    return pb.Summary(
        items=counts.items,
        by_status=counts.by_status,
        latency_ms=counts.latency_ms,
        server_version=counts.server_version,
    )


def description(service: ServiceDescription) -> pb.ListVerifiersResponse:
    """The message of what the service offers."""
    return pb.ListVerifiersResponse(
        digest=service.digest,
        server_version=service.server_version,
        verifiers=[_verifier(reward) for reward in service.verifiers],
        profiles=[_profile(profile) for profile in service.profiles],
        limits=_limits(service.limits),
    )


def _write_item(message: pb.ItemResult, result: ItemResult) -> None:
    """Write a result into its message, where it stands: a message made apart would be copied to its place."""
    message.id = result.id
    message.status = _STATUSES[result.status]
    if result.total is not None:
        message.total = result.total
    for component in result.components:
        _add_component(message, component)
    if result.missing:
        message.missing.extend(result.missing)


def _add_component(message: pb.ItemResult, component: ComponentResult) -> None:
    added = message.components.add(
        name=component.name,
        status=_STATUSES[component.status],
        score=component.score,
        weight=component.weight,
        reason=component.reason,
        explanation=component.explanation,
        answer=component.answer,
        attempts=component.attempts,
        verifier_version=component.verifier_version,
    )
    # What is at its default most of the time is not written, which saves as much again.
    for name in ("latency_ms", "queue_ms", "cached", "near_limit"):
        if value := getattr(component, name):
            setattr(added, name, value)
    if component.details:
        added.details.CopyFrom(struct(component.details))
    if component.error is not None:
        added.error.CopyFrom(_error(component.error))


def _error(error: ComponentError) -> pb.ComponentError:
    return pb.ComponentError(code=error.code, message=error.message, retryable=error.retryable)


def _verifier(reward: RewardDescription) -> pb.Verifier:
    return pb.Verifier(
        name=reward.name,
        verifier=reward.verifier,
        version=reward.version,
        description=reward.description,
        min_score=reward.min_score,
        max_score=reward.max_score,
        best=reward.best,
        worst=reward.worst,
        reads=reward.reads,
        params_schema=struct(reward.params_schema),
        group_wise=reward.group_wise,
        dependent=reward.dependent,
        state=pb.VerifierState.Value(f"VERIFIER_STATE_{reward.state.upper()}"),
    )


def _profile(profile: ProfileDescription) -> pb.Profile:
    return pb.Profile(
        name=profile.name,
        description=profile.description,
        aggregation=pb.Aggregation.Value(f"AGGREGATION_{profile.aggregation.upper()}"),
        rewards=[_profile_reward(reward) for reward in profile.rewards],
    )


def _profile_reward(reward: Mapping[str, Any]) -> pb.ProfileReward:
    return pb.ProfileReward(
        name=reward["name"],
        weight=reward["weight"],
        params=struct(reward["params"]),
        required=reward["required"],
        gate=reward["gate"],
        when=reward["when"],
    )


def _limits(limits: LimitsDescription) -> pb.ServiceLimits:
    return pb.ServiceLimits(
        max_items=limits.max_items,
        max_body_bytes=limits.max_body_bytes,
        max_completion_chars=limits.max_completion_chars,
        default_timeout_ms=limits.default_timeout_ms,
        max_timeout_ms=limits.max_timeout_ms,
        max_inflight_items=limits.max_inflight_items,
    )


def struct(values: Mapping[str, Any]) -> Struct:
    """The message of a JSON object."""
    return Struct(fields={str(key): _value(value) for key, value in values.items()})


def _value(value: Any) -> Value:
    """The message of a JSON value; a number that JSON does not know is null, as the JSON encoder has it.

    Raises:
        TypeError: it is none.
    """
    match value:
        case None:
            return Value(null_value=NULL_VALUE)
        case bool():
            return Value(bool_value=value)
        case int() | float():
            return Value(number_value=value) if math.isfinite(value) else Value(null_value=NULL_VALUE)
        case str():
            return Value(string_value=value)
        case Mapping():
            return Value(struct_value=struct(value))
        case list() | tuple():
            return Value(list_value=ListValue(values=[_value(inner) for inner in value]))
    raise TypeError(f"{type(value).__name__} is no JSON value")
