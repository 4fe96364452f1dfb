"""Turns a request into what the verifiers are to do.

Everything that can be refused at the door is refused here, before any work: unknown names, doubled ids,
contradictions, sizes. What concerns one component only (parameters, a ground truth that is not there) becomes
its verdict ``invalid`` and leaves its neighbours alone, but for those it would be compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from guerdon.services.contract import GroundTruth, RewardInfo, Verdict
from guerdon.services.contract.errors import BatchTooLarge, Pointer, UnknownVerifier
from guerdon.services.contract.ground_truth import parse_ground_truth
from guerdon.services.contract.projection import completion_text, prompt_messages, prompt_text
from guerdon.services.contract.requests import RewardSpec, ScoreItem, ScoreRequest
from guerdon.services.gateway.choice import choose_rewards, depends_on_truth
from guerdon.services.gateway.groups import refuse_incomplete
from guerdon.services.gateway.parse import MAX_POINTERS, errors_of, invalid_at, json_pointer
from guerdon.services.gateway.plan import MAX_SHOWN, AskedReward, Fields, Plan, PlannedComponent, PlannedItem
from guerdon.services.gateway.settings import GatewaySettings, ProfileReward
from guerdon.services.gateway.truths import GroundTruthStore
from guerdon.services.runtime.backend import Backend, OfferedVerifier, not_ready


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
        asked = {id(spec): self._resolve(spec) for spec in choice.all_specs()}
        usual = [asked[id(spec)] for spec in choice.rewards]
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
            if len(faults) >= MAX_POINTERS:
                break
            if fields is None:
                continue
            chars += len(fields["completion"]) + len(fields["prompt"])
            specs = choice.specs_of(item, fields["ground_truth"])
            rewards = usual if specs is choice.rewards else [asked[id(spec)] for spec in specs]
            truth = fields["ground_truth"]
            components = [PlannedComponent(reward, _obstacle(reward, item, truth)) for reward in rewards]
            _link(components)
            items.append(PlannedItem(item_id, components, item.group_id, fields))
        if faults:
            raise invalid_at(faults)
        refuse_incomplete(items)
        return Plan(items, choice.aggregation, {spec.name for spec in choice.all_specs()}, chars)

    def _resolve(self, spec: RewardSpec) -> AskedReward:
        if spec.name not in self._owners:
            absent = self.backend.absent_rewards().get(spec.name)
            if absent is None and not isinstance(spec, ProfileReward):
                known = ", ".join(sorted(self._owners))
                raise UnknownVerifier(f"no verifier computes the reward {spec.name!r}; this service has: {known}")
            fault = f"this deployment has no verifier for the reward {spec.name!r}"
            return AskedReward(spec, verdict=Verdict.unavailable("verifier_absent", fault, attempts=0))
        verifier, info = self._owners[spec.name]
        if not verifier.version:
            # Its verdicts could not be told from those of another version.
            return AskedReward(spec, verifier, info, verdict=not_ready(verifier.name, self.backend.states()))
        try:
            params = info.params.model_validate(spec.params)
        except ValidationError as cause:
            return AskedReward(spec, verifier, info, verdict=Verdict.invalid("bad_params", _params_fault(cause)))
        return AskedReward(spec, verifier, info, params.model_dump())

    def _fields(
        self, index: int, item: ScoreItem, shared: Mapping[str, GroundTruth], faults: list[Pointer]
    ) -> Fields | None:
        """All an item can tell a verifier; None where its form is faulty, which ``faults`` is told."""
        try:
            messages = prompt_messages(item)
            return {
                "prompt": prompt_text(item, messages),
                "messages": messages,
                "completion": self._completion(item),
                "completion_ids": tuple(item.completion_ids),
                "ground_truth": self._truth(item, shared),
                "finish_reason": item.finish_reason or "",
                "language": item.language,
                "domain": item.domain,
                "extra": item.extra,
            }
        except ValueError:
            readers: dict[str, Callable[[], object]] = {
                "messages": lambda: prompt_messages(item),
                "completion": lambda: self._completion(item),
                "ground_truth": lambda: self._truth(item, shared),
            }
            faults += _faults_of(index, readers)
            return None

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


def _faults_of(index: int, readers: Mapping[str, Callable[[], object]]) -> list[Pointer]:
    """What is wrong with the fields of one item, each read by itself."""
    faults = []
    for name, read in readers.items():
        try:
            read()
        except ValueError as cause:
            faults.append(Pointer(json_pointer("items", index, name), str(cause)))
    return faults


def _obstacle(asked: AskedReward, item: ScoreItem, truth: GroundTruth | Verdict | None) -> Verdict | None:
    """The verdict of a reward that no verifier need be asked for; None where one must."""
    info = asked.info
    if isinstance(truth, Verdict) and depends_on_truth(asked.spec):
        return truth
    if asked.verdict is not None or info is None:
        return asked.verdict
    if info.grouping == "group" and not item.group_id:
        return Verdict.invalid("no_group_id", f"{info.name} compares a group: give the item a group_id")
    if isinstance(truth, Verdict) and "ground_truth" in info.reads:
        return truth
    return None


def _link(components: Sequence[PlannedComponent]) -> None:
    """Find what each dependent reward of an item builds on."""
    for component in components:
        info = component.asked.info
        if info is not None and info.dependent and component.verdict is None:
            _link_to(component.asked.params["of"], component, components)


def _link_to(wanted: str, component: PlannedComponent, components: Sequence[PlannedComponent]) -> None:
    for position, other in enumerate(components):
        if other.asked.spec.name == wanted and other is not component:
            component.of = position
            if other.asked.info is None or not other.asked.info.dependent:
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
    return "; ".join(f"params{json_pointer(*fault['loc'])}: {_as_json(fault)}"[:MAX_SHOWN] for fault in faults[:8])


def _as_json(fault: ErrorDetails) -> str:
    """What is wrong with a parameter, in the words of JSON, which has lists where Python has tuples."""
    if fault["type"] in {"tuple_type", "too_short", "too_long"}:
        return fault["msg"].replace("tuple", "list").replace("Tuple", "List")
    return fault["msg"]
