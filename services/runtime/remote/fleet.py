"""The replicas of one verifier as one gateway sees them: finds them, keeps links to them, chooses among them."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Container, Iterable

from guerdon.services.runtime.backend import VerifierState
from guerdon.services.runtime.link.messages import Address, ReplicaReport
from guerdon.services.runtime.link.replica_link import LinkLost, ReplicaLink
from guerdon.services.runtime.remote.directory import Directory, NotDeployed

log = logging.getLogger(__name__)

LOOK_PERIOD_S = 1.0
"""How often the directory is asked; a lost link makes it be asked at once."""
SOONEST_LOOK_S = 0.1


class Fleet:
    """The replicas of one verifier.

    Args:
        verifier: its name.
        directory: where replicas are found.
    """

    def __init__(self, verifier: str, directory: Directory) -> None:
        self.verifier = verifier
        self.version = ""
        """Version that new calls are judged by; empty until a replica was ready for the first time."""
        self.first_look = asyncio.Event()
        """Set once the first look for replicas is over, whatever was found."""
        self._directory = directory
        self._links: dict[str, ReplicaLink] = {}
        self._absence = ""
        self._look_now = asyncio.Event()
        self._turn = 0
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look for replicas."""
        self._keeper = asyncio.create_task(self._keep_current(), name=f"fleet-{self.verifier}")

    async def close(self) -> None:
        """Let go of all replicas."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        for link in tuple(self._links.values()):
            link.close()

    def ready(self, version: str = "") -> list[ReplicaLink]:
        """Links to replicas that can judge by a version; by any where it is empty."""
        return [link for link in self._links.values() if _can_judge(link.report, version)]

    def choose(self, version: str, avoided: Container[str] = ()) -> ReplicaLink | None:
        """The replica that waits for the least, each in turn among equals; None where there is no other.

        Args:
            version: version of the verifier to judge by.
            avoided: names of replicas not to choose.
        """
        able = [link for link in self.ready(version) if link.address.id not in avoided]
        if not able:
            return None
        self._turn += 1
        turn = self._turn % len(able)
        return min((*able[turn:], *able[:turn]), key=lambda link: link.outstanding)

    def state(self) -> VerifierState:
        """Whether a call could be judged now."""
        reports = [link.report for link in self._links.values() if link.report is not None]
        if any(_can_judge(report, "") for report in reports):
            return VerifierState(state="ready")
        if not self.first_look.is_set() or any(report.condition == "starting" for report in reports):
            return VerifierState(state="starting")
        details = [report.detail for report in reports if report.detail]
        return VerifierState(state="unavailable", detail=details[0] if details else self._absence or "no replica")

    def reports(self) -> list[ReplicaReport]:
        """What each replica last said of itself, by name."""
        known = [link.report for link in self._links.values() if link.report is not None]
        return sorted(known, key=lambda report: report.id)

    def look(self) -> None:
        """Ask the directory again at once."""
        self._look_now.set()

    async def _keep_current(self) -> None:
        while True:
            try:
                addresses = await self._directory.find(self.verifier)
                self._absence = ""
            except NotDeployed as cause:
                addresses, self._absence = (), str(cause)
            except Exception as cause:
                # The links at hand still work; only new replicas stay unknown until the directory answers again.
                log.exception("directory_failed", extra={"verifier": self.verifier})
                addresses, self._absence = (), f"replicas cannot be found: {type(cause).__name__}"
            await asyncio.gather(*(self._meet(address) for address in self._strangers(addresses)))
            self.first_look.set()
            await asyncio.sleep(SOONEST_LOOK_S)
            try:
                async with asyncio.timeout(LOOK_PERIOD_S):
                    await self._look_now.wait()
            except TimeoutError:
                pass
            self._look_now.clear()

    def _strangers(self, addresses: Iterable[Address]) -> list[Address]:
        return [address for address in addresses if address.id not in self._links]

    async def _meet(self, address: Address) -> None:
        link = ReplicaLink(address, self._changed)
        try:
            await link.connect()
        except LinkLost as cause:
            log.warning("replica_unreachable", extra={"verifier": self.verifier, "detail": str(cause)})
            return
        self._links[address.id] = link
        log.info("replica_met", extra={"verifier": self.verifier, "replica": address.id})
        self._settle_version()

    def _changed(self, link: ReplicaLink) -> None:
        if link.lost and self._links.get(link.address.id) is link:
            del self._links[link.address.id]
            log.info("replica_left", extra={"verifier": self.verifier, "replica": link.address.id})
            self.look()
        self._settle_version()

    def _settle_version(self) -> None:
        """Judge new calls by the version that most replicas have; while none is ready, keep to the last one."""
        versions = Counter(link.report.version for link in self.ready() if link.report is not None)
        if versions and versions[self.version] < max(versions.values()):
            self.version = max(versions, key=lambda version: versions[version])
            log.info("version_settled", extra={"verifier": self.verifier, "version": self.version})


def _can_judge(report: ReplicaReport | None, version: str) -> bool:
    """Whether a replica takes calls by a version; one that drains takes only those that have begun before."""
    if report is None or report.condition not in {"ready", "draining"}:
        return False
    if not version:
        return report.condition == "ready"
    return version == report.version or version in report.kept_versions
