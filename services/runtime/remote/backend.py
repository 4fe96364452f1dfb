"""Implements the backend over replicas in other processes.

A chunk goes to the replica that has the least to do. Where that replica is lost or refuses, the chunk is tried
once more on another; a verdict is never made up. All chunks of a call are judged by the version of the verifier
the call was planned by.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from guerdon.services.contract import Deadline, Item, Verdict, Verifier
from guerdon.services.contract.meter import charge
from guerdon.services.contract.urgency import URGENCY
from guerdon.services.runtime.backend import OfferedVerifier, VerifierState
from guerdon.services.runtime.link.messages import Refused, ReplicaReport
from guerdon.services.runtime.link.replica_link import LinkLost
from guerdon.services.runtime.remote.directory import Directory
from guerdon.services.runtime.remote.fleet import Fleet

CHUNK_WORK_MS = 40.0
"""Work a chunk should hold for each of the replica's slots; a call costs some tenths of a millisecond."""
SMALL_WORK_MS = 5.0
"""Work up to which a batch goes out as one chunk."""
LARGEST_CHUNK = 256
CHUNK_CHARS = 1 << 20
"""Text of one message; more is cut into several, so that no message holds up the others."""
ATTEMPTS = 2


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

    def expected_wait_ms(self, verifier: str) -> float:
        """How long new work would wait for the work that is queued already."""
        reports = [link.report for link in self._fleets[verifier].ready() if link.report is not None]
        slots = sum(report.slots for report in reports)
        return sum(report.queued * report.item_ms for report in reports) / slots if slots else 0.0

    async def score(
        self, verifier: str, items: Sequence[Item], deadline: Deadline, version: str = ""
    ) -> Sequence[Verdict]:
        """Score one chunk; what no replica can judge now is ``unavailable``."""
        fleet = self._fleets[verifier]
        parts = [self._score_part(fleet, part, deadline, version) for part in _parts(items)]
        if len(parts) == 1:
            return await parts[0]
        return [verdict for verdicts in await asyncio.gather(*parts) for verdict in verdicts]

    async def _score_part(
        self, fleet: Fleet, items: Sequence[Item], deadline: Deadline, version: str
    ) -> list[Verdict]:
        tried: set[str] = set()
        fault = _absence(fleet, version)
        for attempt in range(1, ATTEMPTS + 1):
            link = fleet.choose(version, tried)
            if link is None:
                break
            tried.add(link.address.id)
            urgency = URGENCY.get()
            try:
                answer = await link.score(
                    items, version=version, deadline=deadline, rank=urgency.rank, owner=urgency.owner
                )
            except LinkLost as cause:
                fault = Verdict.unavailable("replica_lost", str(cause), attempts=attempt)
                continue
            except (TypeError, ValueError, RecursionError) as cause:
                return await self._one_by_one(fleet, items, deadline, version, cause)
            if isinstance(answer, Refused):
                fault = Verdict.unavailable(_REASONS[answer.reason], answer.detail, attempts=attempt - 1)
                continue
            charge(answer.cpu_ms)
            if len(answer.verdicts) != len(items):
                detail = f"a replica answered {len(answer.verdicts)} verdicts for {len(items)} items"
                return [Verdict.error("bad_verdict", detail)] * len(items)
            return answer.verdicts if attempt == 1 else [_attempted(v, attempt) for v in answer.verdicts]
        return [fault] * len(items)

    async def _one_by_one(
        self, fleet: Fleet, items: Sequence[Item], deadline: Deadline, version: str, cause: Exception
    ) -> list[Verdict]:
        """Find the items that no message can carry; the others are judged."""
        if len(items) == 1:
            detail = (
                f"the item cannot be sent to a replica ({type(cause).__name__}): too large, too deep or no JSON"
            )
            return [Verdict.invalid("unsendable_item", detail)]
        alone = [self._score_part(fleet, [item], deadline, version) for item in items]
        return [verdict for verdicts in await asyncio.gather(*alone) for verdict in verdicts]


_REASONS = {
    "version": "version_changed",
    "overloaded": "overloaded",
    "draining": "replica_draining",
    "not_ready": "verifier_starting",
}


def _attempted(verdict: Verdict, attempts: int) -> Verdict:
    return msgspec.structs.replace(verdict, attempts=verdict.attempts + attempts - 1)


def _absence(fleet: Fleet, version: str) -> Verdict:
    """Why no replica can be asked."""
    state = fleet.state()
    name = fleet.verifier
    if state.state == "ready":
        return Verdict.unavailable(
            "version_changed",
            f"the verifier {name!r} has changed from {version} to {fleet.version} since this call began: try again",
            attempts=0,
        )
    return Verdict.unavailable(f"verifier_{state.state}", f"the verifier {name!r} is {state.state}", attempts=0)


def _parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Cut items into messages of moderate size; members of a group stay together."""
    begin = chars = 0
    for end, item in enumerate(items):
        size = len(item.completion) + len(item.prompt)
        starts_group = not item.group_id or end == 0 or items[end - 1].group_id != item.group_id
        if chars and chars + size > CHUNK_CHARS and starts_group:
            yield items[begin:end]
            begin, chars = end, 0
        chars += size
    yield items[begin:]
