"""What a call has to do: its items, their components, and how each verdict comes about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from guerdon.services.contract import RewardInfo, Verdict
from guerdon.services.contract.requests import Aggregation, RewardSpec
from guerdon.services.runtime.backend import OfferedVerifier

Fields = Mapping[str, Any]
"""All an item can tell a verifier, by name; the ground truth is a verdict where it is not known."""
NO_FIELDS: Fields = {}
MAX_SHOWN = 200
"""Characters of the caller's own text in an explanation, which is repeated for every item."""


class AskedReward(msgspec.Struct, frozen=True, eq=False):
    """A reward as a call asks for it; the items that ask for it share this."""

    spec: RewardSpec
    verifier: OfferedVerifier | None = None
    info: RewardInfo | None = None
    params: dict[str, Any] = {}
    """Its parameters, validated, defaults filled in."""
    verdict: Verdict | None = None
    """What becomes of it on every item, where no verifier can be asked."""


class PlannedComponent(msgspec.Struct, eq=False, gc=False):
    """One reward of one item, and how its verdict comes about."""

    asked: AskedReward
    verdict: Verdict | None = None
    """Set as soon as it is known; by the plan itself where no verifier need be asked."""
    of: int | None = None
    """For a dependent reward: position of the component it builds on."""
    cached: bool = False


class PlannedItem(msgspec.Struct, eq=False, gc=False):
    """One item and its components, in the order of the request."""

    id: str
    components: list[PlannedComponent]
    group_id: str = ""
    fields: Fields = NO_FIELDS
    """What verifiers may be told of it."""


class Plan(msgspec.Struct, eq=False):
    """All a call has to do."""

    items: list[PlannedItem]
    aggregation: Aggregation
    rewards: set[str]
    """Names of all rewards asked for."""
    chars: int = 0
    """Length of all prompts and completions."""
    digest: str = ""
    """Digest of the deployment that judges it."""
    cpu_ms: dict[str, float] = {}
    """CPU time that was spent on it so far, by verifier, in milliseconds."""

    def forget_items(self) -> None:
        """Drop the texts once they are judged, so that a remembered call costs only its verdicts."""
        for item in self.items:
            item.fields = NO_FIELDS
