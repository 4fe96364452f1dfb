"""Puts an item's verdicts together: components, total, status.

Weights are never renormalised for what is missing, and nothing that is missing counts as a number.
"""

from __future__ import annotations

from dataclasses import replace

from guerdon.services.contract import (
    NO_VERDICT,
    RETRYABLE,
    ComponentError,
    ComponentResult,
    ItemResult,
    Status,
    Verdict,
)
from guerdon.services.contract.requests import Aggregation
from guerdon.services.gateway.plan import PlannedComponent, PlannedItem
from guerdon.services.runtime.backend import LATE

GRPC_CODES = {Status.INVALID: 3, Status.TIMEOUT: 4, Status.ERROR: 13, Status.UNAVAILABLE: 14}

SEVERITY = (Status.INVALID, Status.ERROR, Status.UNAVAILABLE, Status.TIMEOUT)
"""What an item is called when several components are missing: first what no retry can mend."""


def item_result(item: PlannedItem, aggregation: Aggregation) -> ItemResult:
    """The result of an item all of whose components have a verdict or a status."""
    missing = [c for c in item.components if _status(c) in NO_VERDICT]
    present = [c for c in item.components if _status(c) is Status.OK]
    status = _item_status(missing, present)
    total = None
    if status in {Status.OK, Status.PARTIAL}:
        total = _total(present, missing, aggregation)
    return ItemResult(
        id=item.id,
        status=status,
        total=total,
        components=[component_result(component) for component in item.components],
        missing=[component.spec.name for component in missing],
    )


def unfinished_result(item: PlannedItem, aggregation: Aggregation) -> ItemResult:
    """The result of an item as it is now, for a caller whose time is over: what is not judged is late."""
    components = [
        component if component.verdict is not None else replace(component, verdict=LATE)
        for component in item.components
    ]
    return item_result(PlannedItem(item.id, components), aggregation)


def component_result(component: PlannedComponent) -> ComponentResult:
    """The result of one component."""
    verdict = _verdict(component)
    error = None
    if verdict.status in NO_VERDICT:
        error = ComponentError(
            code=GRPC_CODES[verdict.status],
            message=verdict.explanation,
            retryable=verdict.status in RETRYABLE,
        )
    return ComponentResult(
        name=component.spec.name,
        status=verdict.status,
        score=verdict.score,
        weight=component.spec.weight,
        reason=verdict.reason,
        explanation=verdict.explanation,
        answer=verdict.answer,
        latency_ms=round(verdict.latency_ms, 3),
        queue_ms=round(verdict.queue_ms, 3),
        attempts=verdict.attempts,
        cached=component.cached,
        near_limit=verdict.near_limit,
        verifier_version=component.verifier.version if component.verifier else "",
        details=verdict.details,
        error=error,
    )


def _item_status(missing: list[PlannedComponent], present: list[PlannedComponent]) -> Status:
    required = [component for component in missing if component.spec.required]
    if not missing:
        return Status.OK if present else Status.NOT_APPLICABLE
    if present and not required:
        return Status.PARTIAL
    found = {_status(component) for component in required or missing}
    return next(status for status in SEVERITY if status in found)


def _total(present: list[PlannedComponent], missing: list[PlannedComponent], aggregation: Aggregation) -> float:
    if aggregation is Aggregation.GATED_SUM and not all(_gate_open(component) for component in present):
        return 0.0
    total = sum(component.spec.weight * _score(component) for component in present)
    if aggregation is Aggregation.WEIGHTED_MEAN:
        return total / sum(component.spec.weight for component in (*present, *missing))
    return total


def _gate_open(component: PlannedComponent) -> bool:
    return not component.spec.gate or (component.info is not None and _score(component) == component.info.best)


def _verdict(component: PlannedComponent) -> Verdict:
    if component.verdict is None:
        raise AssertionError(f"the component {component.spec.name!r} was never decided")
    return component.verdict


def _status(component: PlannedComponent) -> Status:
    return _verdict(component).status


def _score(component: PlannedComponent) -> float:
    score = _verdict(component).score
    if score is None:
        raise AssertionError(f"the component {component.spec.name!r} has no score")
    return score
