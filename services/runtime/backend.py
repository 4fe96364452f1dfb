"""The seam between the gateway and whatever runs the verifiers.

The gateway sees verifiers only through :class:`Backend`: the in-process backend and Ray Serve implement it, so
both give the same verdicts from the same core.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from guerdon.services.contract import Deadline, Item, RewardInfo, Verdict
from guerdon.services.runtime.report import ReplicaReport

State = Literal["ready", "starting", "unavailable"]

LATE = Verdict.timeout("deadline", "the call's time ran out before this was judged")
"""What becomes of an item that is not judged in time."""


class OfferedVerifier(msgspec.Struct, frozen=True, kw_only=True):
    """A verifier this backend runs."""

    name: str
    """Name of the verifier."""
    version: str
    """Fingerprint of what decides its verdicts; empty while no replica has told it yet."""
    rewards: tuple[RewardInfo, ...]
    """The rewards it computes."""


class VerifierState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a verifier can answer now."""

    state: State
    """``ready``, ``starting`` or ``unavailable``."""
    detail: str = ""
    """Why it is not ready, for operators."""


def not_ready(verifier: str, states: Mapping[str, VerifierState]) -> Verdict:
    """What becomes of an item whose verifier is not ready."""
    state = states[verifier].state
    # Between two looks it may have become ready; the caller need only ask again.
    word = "starting" if state == "ready" else state
    return Verdict.unavailable(f"verifier_{word}", f"the verifier {verifier!r} is {word}", attempts=0)


class Backend(Protocol):
    """Runs verifiers and scores chunks of items on them."""

    async def start(self) -> None:
        """Begin to bring the verifiers up; does not wait for them."""

    async def close(self) -> None:
        """Stop all verifiers and everything they started."""

    async def wait_started(self) -> None:
        """Wait until no verifier is in its first start any more, whether it succeeded or failed."""

    def offered(self) -> Mapping[str, OfferedVerifier]:
        """The verifiers that belong to this deployment, ready or not; the same object while nothing changes."""

    def absent_rewards(self) -> Mapping[str, str]:
        """Rewards of registered verifiers that this deployment leaves out, with the verifier's name."""

    def states(self) -> Mapping[str, VerifierState]:
        """State of each offered verifier."""

    def chunk_items(self, verifier: str, items: int) -> int:
        """How many of ``items`` items to send in one call; a finished call is what a stream can show."""

    def expected_wait_ms(self, verifier: str, rank: int) -> float:
        """How long new work of a priority class would wait for the work in hand, in milliseconds."""

    def replicas(self) -> Mapping[str, Sequence[ReplicaReport]]:
        """What the replicas of each verifier tell of themselves."""

    async def score(
        self, verifier: str, items: Sequence[Item], deadline: Deadline, version: str = ""
    ) -> Sequence[Verdict]:
        """Score one chunk on one verifier: same length and order, and no exception for what goes wrong inside.

        Items of one group must come in one chunk. A verifier that is not ready gives ``unavailable``; so does one
        that does not judge by ``version`` any more, unless that is empty.
        """
