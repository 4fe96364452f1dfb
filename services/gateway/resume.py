"""What a call sent again keeps of its earlier try."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from guerdon.services.contract import Status
from guerdon.services.gateway.plan import Plan, PlannedComponent, PlannedItem

Group = tuple[str, str]
"""A reward that compares, and a group it compares."""


class _Pair(NamedTuple):
    """A component, and the one of the earlier try whose verdict it could keep, if there is one."""

    component: PlannedComponent
    earlier: PlannedComponent | None
    group: Group | None


def take_over(plan: Plan, earlier: Plan) -> None:
    """Keep the verdicts an earlier try reached; only what has none is tried again.

    Settings, versions and uploaded ground truths can have changed since, so a component is known by what its
    verdict was given on and not by its place. What was judged together is kept together or not at all: a dependent
    reward with the verdict it builds on, and a group with all of its members.
    """
    sizes = _group_sizes(earlier)
    for dependent in (False, True):
        pairs = list(_pairs(plan, earlier, dependent=dependent))
        kept = Counter(pair.group for pair in pairs if pair.earlier is not None)
        members = Counter(pair.group for pair in pairs)
        for component, found, group in pairs:
            whole = group is None or kept[group] == members[group] == sizes[group]
            if found is not None and whole:
                component.verdict, component.cached = found.verdict, found.cached


def _pairs(plan: Plan, earlier: Plan, *, dependent: bool) -> Iterator[_Pair]:
    for item, before in zip(plan.items, earlier.items, strict=True):
        known = {_key(component): component for component in before.components if _is_ok(component)}
        for component in item.components:
            if _is_dependent(component) is not dependent:
                continue
            found = known.get(_key(component))
            if component.verdict is not None or (dependent and not _keeps_basis(item, component)):
                found = None
            yield _Pair(component, found, _group(item, component))


def _keeps_basis(item: PlannedItem, component: PlannedComponent) -> bool:
    """Whether what a dependent reward builds on was kept, which is decided before."""
    return component.of is not None and item.components[component.of].verdict is not None


def _group_sizes(plan: Plan) -> Counter[Group | None]:
    return Counter(_group(item, component) for item in plan.items for component in item.components)


def _group(item: PlannedItem, component: PlannedComponent) -> Group | None:
    """The group a component is compared in, or None where it is judged by itself."""
    info = component.asked.info
    return None if info is None or info.grouping == "item" else (info.name, item.group_id)


def _is_dependent(component: PlannedComponent) -> bool:
    return component.asked.info is not None and component.asked.info.dependent


def _key(component: PlannedComponent) -> tuple[str, str, str]:
    """What a verdict must have been given on to be kept: the same reward by the same version."""
    asked = component.asked
    version = asked.verifier.version if asked.verifier else ""
    return asked.spec.name, asked.spec.model_dump_json(include={"params"}), version


def _is_ok(component: PlannedComponent) -> bool:
    return component.verdict is not None and component.verdict.status is Status.OK
