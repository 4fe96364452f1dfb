"""The replicas of one verifier as one gateway sees them: finds them, keeps links to them, chooses among them."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Container, Iterable
from contextlib import suppress

from guerdon.services.runtime.backend import VerifierState
from guerdon.services.runtime.link.messages import Address
from guerdon.services.runtime.link.replica_link import LinkLost, ReplicaLink
from guerdon.services.runtime.remote.directory import Directory, NotDeployed
from guerdon.services.runtime.report import ReplicaReport

log = logging.getLogger(__name__)

LOOK_PERIOD_S = 1.0
"""How often the directory is asked; a lost link makes it be asked at once."""
SOONEST_LOOK_S = 0.1
FIND_TIMEOUT_S = 5.0
"""How long the directory may take to answer."""


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
        self._meetings: dict[Address, asyncio.Task[None]] = {}
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look for replicas."""
        self._keeper = asyncio.create_task(self._keep_current(), name=f"fleet-{self.verifier}")

    async def close(self) -> None:
        """Let go of all replicas."""
        tasks = [*self._meetings.values(), *([self._keeper] if self._keeper else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for link in tuple(self._links.values()):
            link.close()

    def ready(self, version: str = "", *, draining: bool = False) -> list[ReplicaLink]:
        """Links to replicas that can judge by a version; by any where it is empty.

        Args:
            version: version of the verifier.
            draining: count those in that are being stopped: they still take calls that have nowhere else to go.
        """
        return [link for link in self._links.values() if _can_judge(link.report, version, draining=draining)]

    def choose(self, version: str, avoided: Container[str] = ()) -> ReplicaLink | None:
        """The replica that waits for the least, each in turn among equals; None where there is no other.

        Args:
            version: version of the verifier to judge by.
            avoided: names of replicas not to choose.
        """
        able = [link for link in self.ready(version, draining=True) if link.address.id not in avoided]
        if not able:
            return None
        self._turn += 1
        turn = self._turn % len(able)
        return min((*able[turn:], *able[:turn]), key=_reluctance)

    def state(self) -> VerifierState:
        """Whether a call could be judged now."""
        reports = [link.report for link in self._links.values() if link.report is not None]
        if self.ready():
            return VerifierState(state="ready")
        if not self.first_look.is_set() or any(report.condition == "starting" for report in reports):
            return VerifierState(state="starting")
        details = [report.detail or f"the replica {report.id} is {report.condition}" for report in reports]
        return VerifierState(state="unavailable", detail=next(iter(details), self._absence or "no replica"))

    def reports(self) -> list[ReplicaReport]:
        """What each replica last said of itself, by name."""
        known = [link.report for link in self._links.values() if link.report is not None]
        return sorted(known, key=lambda report: report.id)

    def look(self) -> None:
        """Ask the directory again at once."""
        self._look_now.set()

    async def _keep_current(self) -> None:
        while True:
            for address in await self._find():
                self._meet_once(address)
            if not self.first_look.is_set():
                await asyncio.gather(*self._meetings.values())
                self.first_look.set()
            await asyncio.sleep(SOONEST_LOOK_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_PERIOD_S):
                    await self._look_now.wait()
            self._look_now.clear()

    async def _find(self) -> Iterable[Address]:
        self._absence = ""
        try:
            async with asyncio.timeout(FIND_TIMEOUT_S):
                found = await self._directory.find(self.verifier)
            return {address.id: address for address in found}.values()
        except NotDeployed as cause:
            self._absence = str(cause)
        except Exception as cause:
            # The links at hand still work; only new replicas stay unknown until the directory answers again.
            log.exception("directory_failed", extra={"verifier": self.verifier})
            self._absence = f"replicas cannot be found: {type(cause).__name__}"
        return ()

    def _meet_once(self, address: Address) -> None:
        """Connect to a replica that is new, or has been started anew under its old name."""
        link = self._links.get(address.id)
        if address in self._meetings or (link is not None and link.address == address):
            return
        task = asyncio.create_task(self._meet(address), name=f"meet-{address.id}")
        self._meetings[address] = task
        task.add_done_callback(lambda _: self._meetings.pop(address))

    async def _meet(self, address: Address) -> None:
        link = ReplicaLink(address, self._changed)
        try:
            await link.connect()
        except LinkLost as cause:
            log.warning("replica_unreachable", extra={"verifier": self.verifier, "detail": str(cause)})
            return
        except Exception:
            log.exception("replica_not_met", extra={"verifier": self.verifier, "replica": address.id})
            return
        earlier, self._links[address.id] = self._links.get(address.id), link
        if earlier is not None:
            earlier.close()
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


def _can_judge(report: ReplicaReport | None, version: str, *, draining: bool) -> bool:
    if report is None or report.condition not in ({"ready", "draining"} if draining else {"ready"}):
        return False
    return not version or version == report.version or version in report.kept_versions


def _reluctance(link: ReplicaLink) -> tuple[bool, bool, float]:
    """Orders replicas: those that may be lost last, before them those that are to end, then by what they have."""
    draining, slots = (link.report.condition == "draining", link.report.slots) if link.report else (True, 1)
    return link.quiet, draining, link.outstanding / max(1, slots)
