"""Implements the backend over replicas in other processes.

A chunk goes to the replica that has the least to do. Where that replica is lost or refuses, the chunk is tried
once more on another; a verdict is never made up. All chunks of a call are judged by the version of the verifier
the call was planned by.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence

import msgspec

from guerdon.services.contract import Deadline, Item, Verdict, Verifier
from guerdon.services.runtime.backend import OfferedVerifier, VerifierState
from guerdon.services.runtime.remote.call import RemoteCall, judge
from guerdon.services.runtime.remote.directory import Directory
from guerdon.services.runtime.remote.fleet import Fleet
from guerdon.services.runtime.report import ReplicaReport
from guerdon.services.runtime.workload import ahead, wait_ms

CHUNK_WORK_MS = 40.0
"""Work a chunk should hold for each of the replica's slots; a call costs some tenths of a millisecond."""
SMALL_WORK_MS = 5.0
"""Work up to which a batch goes out as one chunk."""
LARGEST_CHUNK = 256


class RemoteBackend:
    """Runs verifiers on replicas elsewhere.

    Args:
        verifiers: the verifiers of the deployment, for the rewards they declare; they are not started here.
        directory: where their replicas are found.
        absent_rewards: rewards that are registered but left out here, with their verifier's name.
    """

    def __init__(
        self,
        verifiers: Sequence[type[Verifier]],
        directory: Directory,
        absent_rewards: Mapping[str, str] | None = None,
    ) -> None:
        self._fleets = {verifier.name: Fleet(verifier.name, directory) for verifier in verifiers}
        self._offered = {
            verifier.name: OfferedVerifier(name=verifier.name, version="", rewards=verifier.rewards)
            for verifier in verifiers
        }
        self._absent = dict(absent_rewards or {})

    async def start(self) -> None:
        """Begin to look for replicas; does not wait for them."""
        for fleet in self._fleets.values():
            await fleet.start()

    async def close(self) -> None:
        """Let go of all replicas; they are not stopped."""
        await asyncio.gather(*(fleet.close() for fleet in self._fleets.values()))

    async def wait_started(self) -> None:
        """Wait until every verifier was looked for once."""
        await asyncio.gather(*(fleet.first_look.wait() for fleet in self._fleets.values()))

    def offered(self) -> Mapping[str, OfferedVerifier]:
        """The verifiers with the version that new calls are judged by; the same object while nothing changes."""
        versions = {name: fleet.version for name, fleet in self._fleets.items()}
        if any(self._offered[name].version != version for name, version in versions.items()):
            self._offered = {
                name: msgspec.structs.replace(verifier, version=versions[name])
                for name, verifier in self._offered.items()
            }
        return self._offered

    def absent_rewards(self) -> Mapping[str, str]:
        """Rewards of registered verifiers that this deployment leaves out."""
        return self._absent

    def states(self) -> Mapping[str, VerifierState]:
        """State of each verifier."""
        return {name: fleet.state() for name, fleet in self._fleets.items()}

    def replicas(self) -> Mapping[str, Sequence[ReplicaReport]]:
        """What the replicas of each verifier say of themselves."""
        return {name: fleet.reports() for name, fleet in self._fleets.items()}

    def chunk_items(self, verifier: str, items: int) -> int:
        """As many as make a worthwhile message, spread over the replicas; a small batch stays whole."""
        reports = [link.report for link in self._fleets[verifier].ready() if link.report is not None]
        if not reports:
            return items
        item_ms = max(report.item_ms for report in reports)
        slots = sum(report.slots for report in reports)
        if item_ms * items <= SMALL_WORK_MS * slots / len(reports):
            return min(items, LARGEST_CHUNK) if item_ms else max(1, math.ceil(items / len(reports)))
        worthwhile = int(CHUNK_WORK_MS * slots / len(reports) / item_ms)
        return max(1, min(worthwhile, math.ceil(items / len(reports)), LARGEST_CHUNK))

    def expected_wait_ms(self, verifier: str, rank: int) -> float:
        """How long new work of a priority class would wait for the work in hand, in milliseconds."""
        waits = [
            wait_ms(ahead(link.queued, rank), link.report.drain_ms, link.report.slots)
            for link in self._fleets[verifier].ready()
            if link.report is not None
        ]
        return sum(waits) / len(waits) if waits else 0.0

    async def score(
        self, verifier: str, items: Sequence[Item], deadline: Deadline, version: str = ""
    ) -> Sequence[Verdict]:
        """Score one chunk; what no replica can judge now is ``unavailable``."""
        rewards = {reward.name: reward for reward in self._offered[verifier].rewards}
        return await judge(RemoteCall(self._fleets[verifier], rewards, deadline, version), items)
