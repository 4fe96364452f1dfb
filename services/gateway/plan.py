"""Turns a request into what the verifiers are to do.

Everything that can be refused at the door is refused here, before any work: unknown names, doubled ids,
contradictions, sizes. What concerns one component only (parameters, a ground truth that is not there) becomes
its verdict ``invalid`` and leaves its neighbours alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError

from guerdon.services.contract import GroundTruth, Item, Message, RewardInfo, Verdict
from guerdon.services.contract.errors import BatchTooLarge, Pointer, UnknownVerifier
from guerdon.services.contract.ground_truth import parse_ground_truth
from guerdon.services.contract.projection import completion_text, project, prompt_messages, prompt_text
from guerdon.services.contract.requests import Aggregation, RewardSpec, ScoreItem, ScoreRequest
from guerdon.services.gateway.choice import Choice, choose_rewards, depends_on_truth
from guerdon.services.gateway.parse import MAX_POINTERS, errors_of, invalid_at, json_pointer
from guerdon.services.gateway.settings import GatewaySettings, ProfileReward
from guerdon.services.gateway.truths import GroundTruthStore
from guerdon.services.runtime.backend import Backend, OfferedVerifier

T = TypeVar("T")

MAX_SHOWN = 200
"""Characters of the caller's own text in an explanation, which is repeated for every item."""


@dataclass(slots=True)
class PlannedComponent:
    """One reward of one item, and how its verdict comes about."""

    spec: RewardSpec
    verifier: OfferedVerifier | None = None
    info: RewardInfo | None = None
    item: Item | None = None
    of: int | None = None
    """For a dependent reward: position of the component it builds on."""
    verdict: Verdict | None = None
    """Set as soon as it is known; by the plan itself where no verifier need be asked."""
    cached: bool = False
    group_id: str = ""
    """Names the group of the item, also once the item itself is forgotten."""


@dataclass(slots=True)
class PlannedItem:
    """One item and its components, in the order of the request."""

    id: str
    components: list[PlannedComponent]


@dataclass(slots=True)
class Plan:
    """All a call has to do."""

    items: list[PlannedItem]
    aggregation: Aggregation
    rewards: set[str]
    """Names of all rewards asked for."""
    chars: int = 0
    """Length of all prompts and completions."""

    def forget_items(self) -> None:
        """Drop the texts once they are judged, so that a remembered call costs only its verdicts."""
        for item in self.items:
            for component in item.components:
                component.item = None


@dataclass(slots=True)
class Planner:
    """Makes plans for one deployment."""

    backend: Backend
    settings: GatewaySettings
    truths: GroundTruthStore
    _owners: Mapping[str, tuple[OfferedVerifier, RewardInfo]] = field(init=False)

    def __post_init__(self) -> None:
        self._owners = {
            info.name: (verifier, info)
            for verifier in self.backend.offered().values()
            for info in verifier.rewards
        }

    def plan(self, request: ScoreRequest) -> Plan:
        """Plan a request.

        Raises:
            BatchTooLarge: more items than a call may have.
            UnknownProfile, UnknownVerifier: a name that does not exist.
            InvalidRequest: the request contradicts itself, with pointers.
        """
        if len(request.items) > self.settings.max_items:
            raise BatchTooLarge(
                f"the call has {len(request.items)} items; at most {self.settings.max_items} go into one: split it"
            )
        choice = choose_rewards(request, self.settings.all_profiles())
        choice.check(request, {name: info for name, (_, info) in self._owners.items()})
        params = {id(spec): self._resolve(spec) for spec in choice.all_specs()}
        faults: list[Pointer] = []
        seen: dict[str, int] = {}
        items = []
        chars = 0
        shared = _shared_truths(request, faults)
        for index, item in enumerate(request.items):
            item_id = item.id or str(index)
            if item_id in seen:
                detail = f"the id {item_id!r} is that of item {seen[item_id]} too"
                faults.append(Pointer(json_pointer("items", index, "id"), detail))
            seen[item_id] = index
            fields = self._fields(index, item, shared, faults)
            chars += len(fields["completion"]) + len(fields["prompt"])
            if len(faults) >= MAX_POINTERS:
                break
            items.append(PlannedItem(item_id, self._components(item_id, item, fields, choice, params)))
        if faults:
            raise invalid_at(faults)
        return Plan(items, choice.aggregation, {spec.name for spec in choice.all_specs()}, chars)

    def _resolve(self, spec: RewardSpec) -> PlannedComponent:
        """The component of a spec, before it is applied to an item."""
        component = PlannedComponent(spec)
        if spec.name not in self._owners:
            absent = self.backend.absent_rewards().get(spec.name)
            if absent is None and not isinstance(spec, ProfileReward):
                known = ", ".join(sorted(self._owners))
                raise UnknownVerifier(f"no verifier computes the reward {spec.name!r}; this service has: {known}")
            component.verdict = Verdict.unavailable(
                "verifier_absent", f"this deployment has no verifier for the reward {spec.name!r}", attempts=0
            )
            return component
        component.verifier, component.info = self._owners[spec.name]
        try:
            params = component.info.params.model_validate(spec.params)
        except ValidationError as cause:
            component.verdict = Verdict.invalid("bad_params", _params_fault(cause))
        else:
            component.item = Item(id="", reward=spec.name, params=params.model_dump())
        return component

    def _components(
        self,
        item_id: str,
        item: ScoreItem,
        fields: dict[str, Any],
        choice: Choice,
        resolved: Mapping[int, PlannedComponent],
    ) -> list[PlannedComponent]:
        truth = fields["ground_truth"]
        components = []
        for spec in choice.specs_of(item, truth):
            template = resolved[id(spec)]
            component = PlannedComponent(
                spec, template.verifier, template.info, verdict=template.verdict, group_id=item.group_id
            )
            components.append(component)
            if isinstance(truth, Verdict) and depends_on_truth(spec):
                component.verdict = truth
            if component.verdict is None:
                _fill_in(component, template, item_id, item, fields)
        for component in components:
            _link(component, components)
        return components

    def _fields(
        self, index: int, item: ScoreItem, shared: Mapping[str, GroundTruth], faults: list[Pointer]
    ) -> dict[str, Any]:
        """All an item can tell a verifier; a fault of its form is added to ``faults``."""

        def checked(name: str, read: Callable[[], T], otherwise: T) -> T:
            try:
                return read()
            except ValueError as cause:
                faults.append(Pointer(json_pointer("items", index, name), str(cause)))
                return otherwise

        messages: tuple[Message, ...] = checked("messages", lambda: prompt_messages(item), ())
        return {
            "prompt": prompt_text(item, messages),
            "messages": messages,
            "completion": checked("completion", lambda: self._completion(item), ""),
            "completion_ids": tuple(item.completion_ids),
            "ground_truth": checked("ground_truth", lambda: self._truth(item, shared), None),
            "finish_reason": item.finish_reason or "",
            "language": item.language,
            "domain": item.domain,
            "extra": item.extra,
        }

    def _completion(self, item: ScoreItem) -> str:
        completion = completion_text(item)
        if len(completion) > (limit := self.settings.max_completion_chars):
            raise ValueError(f"the completion has {len(completion)} characters; at most {limit} are read")
        return completion

    def _truth(self, item: ScoreItem, shared: Mapping[str, GroundTruth]) -> GroundTruth | Verdict | None:
        if item.ground_truth is not None and item.ground_truth_ref:
            raise ValueError("the ground truth is given twice, as 'ground_truth' and as 'ground_truth_ref'")
        if item.ground_truth is not None:
            return parse_ground_truth(item.ground_truth)
        ref = item.ground_truth_ref
        if not ref:
            return None
        return (
            shared.get(ref)
            or self.truths.get(ref)
            or Verdict.invalid(
                "unknown_ref", f"no ground truth is known as {ref!r}: send it in 'ground_truths' or upload it"
            )
        )


def _fill_in(
    component: PlannedComponent, template: PlannedComponent, item_id: str, item: ScoreItem, fields: dict[str, Any]
) -> None:
    """Project the item's fields to those the reward reads."""
    info = template.info
    assert info is not None  # noqa: S101 - a template without a verifier carries its verdict
    assert template.item is not None  # noqa: S101
    if info.grouping == "group" and not item.group_id:
        component.verdict = Verdict.invalid(
            "no_group_id", f"{info.name} compares a group: give the item a group_id"
        )
        return
    truth = fields["ground_truth"]
    if "ground_truth" in info.reads and isinstance(truth, Verdict):
        component.verdict = truth
        return
    component.item = project(fields, info, item_id=item_id, group_id=item.group_id, params=template.item.params)


def _link(component: PlannedComponent, components: list[PlannedComponent]) -> None:
    """Find the component a dependent reward builds on."""
    if component.info is None or not component.info.dependent or component.item is None:
        return
    wanted = component.item.params["of"]
    for position, other in enumerate(components):
        if other.spec.name == wanted and other is not component:
            component.of = position
            if other.info is None or not other.info.dependent:
                return
            detail = f"params.of names {wanted!r}, which depends on another reward itself"
            component.verdict = Verdict.invalid("bad_params", detail)
            return
    detail = f"params.of names {wanted[:MAX_SHOWN]!r}, which this item does not ask for"
    component.verdict = Verdict.invalid("bad_params", detail)


def _shared_truths(request: ScoreRequest, faults: list[Pointer]) -> dict[str, GroundTruth]:
    shared = {}
    for name, value in request.ground_truths.items():
        try:
            shared[name] = parse_ground_truth(value)
        except ValueError as cause:
            faults.append(Pointer(json_pointer("ground_truths", name), str(cause)))
    return shared


def _params_fault(cause: ValidationError) -> str:
    faults = errors_of(cause)
    if not faults:
        return f"params has {cause.error_count()} faults; they are too many to be named"
    return "; ".join(f"params{json_pointer(*fault['loc'])}: {fault['msg']}"[:MAX_SHOWN] for fault in faults[:8])
