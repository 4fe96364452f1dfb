"""Turns a request into what the verifiers are to do.

Everything that can be refused at the door is refused here, before any work: unknown names, doubled ids,
contradictions, sizes. What concerns one component only (parameters, a ground truth that is not there) becomes
its verdict ``invalid`` and leaves its neighbours alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from guerdon.services.contract import GroundTruth, Item, Message, RewardInfo, Verdict, completion_of_messages
from guerdon.services.contract.errors import BatchTooLarge, Pointer, UnknownVerifier
from guerdon.services.contract.ground_truth import parse_ground_truth
from guerdon.services.contract.requests import Aggregation, ChatMessage, RewardSpec, ScoreItem, ScoreRequest
from guerdon.services.gateway.choice import Choice, choose_rewards
from guerdon.services.gateway.parse import MAX_POINTERS, invalid_at, json_pointer
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.gateway.truths import GroundTruthStore
from guerdon.services.runtime.backend import Backend, OfferedVerifier


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
        params = {id(spec): self._resolve(spec, choice) for spec in choice.all_specs()}
        choice.check(request, {name: info for name, (_, info) in self._owners.items()})
        faults: list[Pointer] = []
        seen: dict[str, int] = {}
        items = []
        shared = _shared_truths(request, faults)
        for index, item in enumerate(request.items):
            item_id = item.id or str(index)
            if item_id in seen:
                detail = f"the id {item_id!r} is that of item {seen[item_id]} too"
                faults.append(Pointer(json_pointer("items", index, "id"), detail))
            seen[item_id] = index
            fields = self._fields(index, item, shared, faults)
            if len(faults) >= MAX_POINTERS:
                break
            items.append(PlannedItem(item_id, self._components(item_id, item, fields, choice, params)))
        if faults:
            raise invalid_at(faults)
        return Plan(items, choice.aggregation, {spec.name for spec in choice.all_specs()})

    def _resolve(self, spec: RewardSpec, choice: Choice) -> PlannedComponent:
        """The component of a spec, before it is applied to an item."""
        component = PlannedComponent(spec)
        if spec.name not in self._owners:
            absent = self.backend.absent_rewards().get(spec.name)
            if absent is None and not choice.from_profile:
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
        truth = fields.get("ground_truth")
        specs = choice.specs_of(item, truth if isinstance(truth, GroundTruth) else None)
        components = []
        for spec in specs:
            template = resolved[id(spec)]
            component = PlannedComponent(spec, template.verifier, template.info, verdict=template.verdict)
            components.append(component)
            if component.verdict is None:
                _fill_in(component, template, item_id, item, fields)
        for component in components:
            _link(component, components)
        return components

    def _fields(
        self, index: int, item: ScoreItem, shared: Mapping[str, GroundTruth], faults: list[Pointer]
    ) -> dict[str, Any]:
        """All an item can tell a verifier; a fault of its form is added to ``faults``."""

        def fault(name: str, detail: str) -> None:
            faults.append(Pointer(json_pointer("items", index, name), detail))

        messages = _messages(item.prompt if isinstance(item.prompt, list) else item.messages)
        if item.prompt and item.messages:
            fault("messages", "the prompt is given twice, as 'prompt' and as 'messages'")
        completion = ""
        try:
            completion = _completion(item)
        except ValueError as cause:
            fault("completion", str(cause))
        if len(completion) > self.settings.max_completion_chars:
            limit = self.settings.max_completion_chars
            fault("completion", f"has {len(completion)} characters; at most {limit} are read")
        fields: dict[str, Any] = {
            "prompt": item.prompt if isinstance(item.prompt, str) and item.prompt else _joined(messages),
            "messages": messages,
            "completion": completion,
            "completion_ids": tuple(item.completion_ids),
            "finish_reason": item.finish_reason or "",
            "language": item.language,
            "domain": item.domain,
            "extra": item.extra,
        }
        if item.ground_truth is not None and item.ground_truth_ref:
            fault("ground_truth_ref", "the ground truth is given twice, as 'ground_truth' and by reference")
        try:
            fields["ground_truth"] = self._truth(item, shared)
        except ValueError as cause:
            fault("ground_truth", str(cause))
        return fields

    def _truth(self, item: ScoreItem, shared: Mapping[str, GroundTruth]) -> GroundTruth | Verdict | None:
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
    projected = {name: fields[name] for name in info.reads}
    truth = projected.get("ground_truth")
    if isinstance(truth, Verdict):
        component.verdict = truth
        return
    component.item = Item(
        id=item_id, reward=info.name, params=template.item.params, group_id=item.group_id, **projected
    )


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
    detail = f"params.of names {wanted!r}, which this item does not ask for"
    component.verdict = Verdict.invalid("bad_params", detail)


def _shared_truths(request: ScoreRequest, faults: list[Pointer]) -> dict[str, GroundTruth]:
    shared = {}
    for name, value in request.ground_truths.items():
        try:
            shared[name] = parse_ground_truth(value)
        except ValueError as cause:
            faults.append(Pointer(json_pointer("ground_truths", name), str(cause)))
    return shared


def _completion(item: ScoreItem) -> str:
    if item.completion is not None and item.completion_messages:
        raise ValueError("the completion is given twice, as 'completion' and as 'completion_messages'")
    if isinstance(item.completion, str):
        return item.completion
    messages = item.completion or item.completion_messages
    if not messages:
        raise ValueError("every item needs a 'completion', as text or as messages")
    return completion_of_messages(_messages(messages))


def _messages(messages: list[ChatMessage]) -> tuple[Message, ...]:
    return tuple(Message(m.role, m.content, m.reasoning_content) for m in messages)


def _joined(messages: tuple[Message, ...]) -> str:
    return "\n\n".join(message.content for message in messages)


def _params_fault(cause: ValidationError) -> str:
    faults = cause.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"params{json_pointer(*fault['loc'])}: {fault['msg']}" for fault in faults[:8])
