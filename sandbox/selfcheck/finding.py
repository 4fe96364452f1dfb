"""What the self-check finds."""

from enum import StrEnum

from msgspec import Struct

from guerdon.sandbox.tier import STRENGTH, Tier


class State(StrEnum):
    """What became of one check."""

    HOLDS = "holds"
    FAILS = "fails"
    """It does not hold, though the tier promises it."""
    GAP = "gap"
    """It does not hold, and the tier does not promise it here; ``detail`` says for want of what."""
    UNTRIED = "untried"
    """It could not be tried here; ``detail`` says why."""


class Finding(Struct, frozen=True, kw_only=True):
    """One check's outcome."""

    group: str
    name: str
    """What was tried."""
    state: State
    detail: str
    """What was seen."""
    means: str
    """What it means when it holds."""


class Report(Struct, frozen=True, kw_only=True):
    """All findings at one tier."""

    tier: str
    """The tier that was tried; empty if no engine could be started."""
    min_tier: Tier
    facts: dict[str, str]
    """What of the tier holds here, as its slots found."""
    findings: tuple[Finding, ...]
    fault: str = ""
    """Why no engine could be started."""

    @property
    def strong_enough(self) -> bool:
        """Whether the tier is at least the minimum."""
        return bool(self.tier) and STRENGTH[Tier(self.tier)] >= STRENGTH[self.min_tier]

    @property
    def ok(self) -> bool:
        """Whether programs may be run here."""
        return self.strong_enough and not self.count(State.FAILS)

    def count(self, state: State) -> int:
        """How many checks ended so."""
        return sum(finding.state is state for finding in self.findings)
