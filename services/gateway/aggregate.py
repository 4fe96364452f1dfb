"""Puts an item's verdicts together: components, total, status.

Weights are never renormalised for what is missing, and nothing that is missing counts as a number.
"""

from __future__ import annotations

import msgspec

from guerdon.services.contract import (
    NO_VERDICT,
    RETRYABLE,
    ComponentError,
    ComponentResult,
    ItemResult,
    Status,
)
from guerdon.services.contract.requests import Aggregation
from guerdon.services.gateway.plan import PlannedComponent, PlannedItem
from guerdon.services.runtime.backend import LATE

GRPC_CODES = {Status.INVALID: 3, Status.TIMEOUT: 4, Status.ERROR: 13, Status.UNAVAILABLE: 14}

SEVERITY = (Status.INVALID, Status.ERROR, Status.UNAVAILABLE, Status.TIMEOUT)
"""What an item is called when several components are missing: first what no retry can mend."""

_WITH_TOTAL = frozenset({Status.OK, Status.PARTIAL})


def item_result(item: PlannedItem, aggregation: Aggregation) -> ItemResult:
    """The result of an item all of whose components have a verdict or a status."""
    results: list[ComponentResult] = []
    present: list[PlannedComponent] = []
    missing: list[PlannedComponent] = []
    total = 0.0
    for component in item.components:
        result = component_result(component)
        results.append(result)
        if result.score is not None:
            present.append(component)
            total += result.weight * result.score
        elif result.status in NO_VERDICT:
            missing.append(component)
    status = _item_status(missing, present)
    return ItemResult(
        id=item.id,
        status=status,
        total=_aggregated(total, present, missing, aggregation) if status in _WITH_TOTAL else None,
        components=results,
        missing=[component.asked.spec.name for component in missing],
    )


def unfinished_result(item: PlannedItem, aggregation: Aggregation) -> ItemResult:
    """The result of an item as it is now, for a caller whose time is over: what is not judged is late."""
    components = [
        component if component.verdict is not None else msgspec.structs.replace(component, verdict=LATE)
        for component in item.components
    ]
    return item_result(PlannedItem(item.id, components), aggregation)


def component_result(component: PlannedComponent) -> ComponentResult:
    """The result of one component."""
    asked, verdict = component.asked, component.verdict
    if verdict is None:
        raise AssertionError(f"the component {asked.spec.name!r} was never decided")
    error = None
    if verdict.status in NO_VERDICT:
        error = ComponentError(
            code=GRPC_CODES[verdict.status],
            message=verdict.explanation,
            retryable=verdict.status in RETRYABLE,
        )
    return ComponentResult(
        name=asked.spec.name,
        status=verdict.status,
        score=verdict.score,
        weight=asked.spec.weight,
        reason=verdict.reason,
        explanation=verdict.explanation,
        answer=verdict.answer,
        # The work of a verdict that was known already is none of this call's.
        latency_ms=0.0 if component.cached else round(verdict.latency_ms, 3),
        queue_ms=0.0 if component.cached else round(verdict.queue_ms, 3),
        attempts=0 if component.cached else verdict.attempts,
        cached=component.cached,
        near_limit=verdict.near_limit,
        verifier_version=asked.verifier.version if asked.verifier else "",
        details=verdict.details,
        error=error,
    )


def _item_status(missing: list[PlannedComponent], present: list[PlannedComponent]) -> Status:
    if not missing:
        return Status.OK if present else Status.NOT_APPLICABLE
    required = [component for component in missing if component.asked.spec.required]
    if present and not required:
        return Status.PARTIAL
    found = {component.verdict.status for component in required or missing if component.verdict is not None}
    return next(status for status in SEVERITY if status in found)


def _aggregated(
    weighted: float,
    present: list[PlannedComponent],
    missing: list[PlannedComponent],
    aggregation: Aggregation,
) -> float:
    """The total, made from the sum of weight times score."""
    if aggregation is Aggregation.GATED_SUM and not all(_gate_open(component) for component in present):
        return 0.0
    if aggregation is Aggregation.WEIGHTED_MEAN:
        return weighted / sum(component.asked.spec.weight for component in (*present, *missing))
    return weighted


def _gate_open(component: PlannedComponent) -> bool:
    asked, verdict = component.asked, component.verdict
    if not asked.spec.gate:
        return True
    return asked.info is not None and verdict is not None and verdict.score == asked.info.best
