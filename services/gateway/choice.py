"""Which rewards a call asks for: its own list, a profile's, or an item's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from guerdon.services.contract import GroundTruth, RewardInfo, Verdict
from guerdon.services.contract.errors import Pointer, UnknownProfile
from guerdon.services.contract.requests import Aggregation, RewardSpec, ScoreItem, ScoreRequest
from guerdon.services.gateway.parse import invalid_at, json_pointer
from guerdon.services.gateway.settings import Profile, ProfileReward


@dataclass(slots=True)
class Choice:
    """The rewards of a call and how their scores are put together."""

    rewards: Sequence[RewardSpec]
    item_rewards: Sequence[RewardSpec]
    aggregation: Aggregation
    from_profile: bool

    def all_specs(self) -> list[RewardSpec]:
        """Every reward that some item may ask for."""
        return [*self.rewards, *self.item_rewards]

    def specs_of(self, item: ScoreItem, truth: GroundTruth | Verdict | None) -> Sequence[RewardSpec]:
        """The rewards of one item.

        Args:
            item: the item.
            truth: its ground truth; a verdict where that is not known, so that every reward which hangs on its
                form is listed and none is passed over in silence.
        """
        if item.rewards:
            return item.rewards
        if not self.from_profile or isinstance(truth, Verdict):
            return self.rewards
        form = truth.form if truth else "none"
        return [spec for spec in self.rewards if (forms := _forms(spec)) is None or form in forms]

    def check(self, request: ScoreRequest, infos: Mapping[str, RewardInfo]) -> None:
        """Raise InvalidRequest for rewards that cannot be put together.

        Args:
            request: the request, for the places of the faults.
            infos: the rewards that are known.
        """
        if self.from_profile:
            faults = self._profile_faults(infos)
        else:
            faults = self._faults(request.rewards, ("rewards",), infos)
        for index, item in enumerate(request.items):
            if item.rewards:
                faults += self._faults(item.rewards, ("items", index, "rewards"), infos)
            elif not self.rewards:
                place = json_pointer("items", index, "rewards")
                faults.append(Pointer(place, "neither the item nor the call names rewards or a profile"))
        if faults:
            raise invalid_at(faults)

    def _profile_faults(self, infos: Mapping[str, RewardInfo]) -> list[Pointer]:
        """What the profile's rewards have against the call's way to put them together."""
        found = [self._fault(spec, set(), infos) for spec in self.rewards]
        return [Pointer("/aggregation", f"{detail}, in the profile") for detail in found if detail]

    def _faults(
        self, specs: Sequence[RewardSpec], path: tuple[object, ...], infos: Mapping[str, RewardInfo]
    ) -> list[Pointer]:
        faults = []
        names: set[str] = set()
        for index, spec in enumerate(specs):
            detail = self._fault(spec, names, infos)
            names.add(spec.name)
            if detail:
                faults.append(Pointer(json_pointer(*path, index), detail))
        return faults

    def _fault(self, spec: RewardSpec, names: set[str], infos: Mapping[str, RewardInfo]) -> str | None:
        if spec.name in names:
            return f"the reward {spec.name!r} is asked for twice"
        if self.aggregation is Aggregation.WEIGHTED_MEAN and spec.weight <= 0:
            return f"weighted_mean needs positive weights, and {spec.name!r} has {spec.weight}"
        if spec.gate and self.aggregation is not Aggregation.GATED_SUM:
            return f"gate on {spec.name!r} has a meaning only with the aggregation gated_sum"
        if spec.gate and spec.name in infos and infos[spec.name].best is None:
            return f"{spec.name!r} has no best score, so it cannot be a gate"
        if spec.gate and not spec.required:
            return f"{spec.name!r} is a gate, so it cannot be optional"
        return None


def depends_on_truth(spec: RewardSpec) -> bool:
    """Whether a profile asks for a reward only with some forms of ground truth."""
    return _forms(spec) is not None


def _forms(spec: RewardSpec) -> Sequence[str] | None:
    return spec.when if isinstance(spec, ProfileReward) else None


def choose_rewards(request: ScoreRequest, profiles: Mapping[str, Profile]) -> Choice:
    """The rewards of a request.

    Raises:
        UnknownProfile: the request names a profile that is not configured.
        InvalidRequest: it names a profile and rewards at once.
    """
    item_rewards = [spec for item in request.items for spec in item.rewards]
    if not request.profile:
        aggregation = request.aggregation or Aggregation.WEIGHTED_SUM
        return Choice(request.rewards, item_rewards, aggregation, from_profile=False)
    if request.rewards:
        raise invalid_at([Pointer("/profile", "give either a profile or rewards, not both")])
    profile = profiles.get(request.profile)
    if profile is None:
        known = ", ".join(sorted(profiles))
        raise UnknownProfile(f"there is no profile {request.profile!r}; this service has: {known}")
    aggregation = request.aggregation or profile.aggregation
    return Choice(profile.rewards, item_rewards, aggregation, from_profile=True)
