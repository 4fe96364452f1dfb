"""What a call sent again keeps of its earlier try."""

from __future__ import annotations

from guerdon.services.contract import Status
from guerdon.services.gateway.plan import Plan, PlannedComponent, PlannedItem


def take_over(plan: Plan, earlier: Plan) -> None:
    """Keep the verdicts an earlier try reached; only what has none is tried again.

    A ground truth uploaded in the meantime can change which rewards a profile asks for, so a component is known
    by its reward and not by its place. A group of which one member has no verdict is judged again as a whole: its
    other members were compared without that one.
    """
    broken = _groups_without_verdict(earlier)
    for item, before in zip(plan.items, earlier.items, strict=True):
        known = {_key(component): component for component in before.components}
        for component in item.components:
            found = known.get(_key(component))
            if component.verdict is not None or found is None or _group(item, component) in broken:
                continue
            if _is_ok(found):
                component.verdict, component.cached = found.verdict, found.cached


def _groups_without_verdict(plan: Plan) -> set[tuple[str, str]]:
    groups = {
        _group(item, component) for item in plan.items for component in item.components if not _is_ok(component)
    }
    return {group for group in groups if group is not None}


def _group(item: PlannedItem, component: PlannedComponent) -> tuple[str, str] | None:
    """The group a component is compared in, or None where it is judged by itself."""
    info = component.asked.info
    return None if info is None or info.grouping == "item" else (info.name, item.group_id)


def _key(component: PlannedComponent) -> tuple[str, str, str]:
    """What a verdict must have been given on to be kept: the same reward by the same version."""
    asked = component.asked
    version = asked.verifier.version if asked.verifier else ""
    return asked.spec.name, asked.spec.model_dump_json(include={"params"}), version


def _is_ok(component: PlannedComponent) -> bool:
    return component.verdict is not None and component.verdict.status is Status.OK
