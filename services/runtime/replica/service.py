"""Serves one verifier to gateways: takes their calls, reports on itself, finishes what it has before it ends."""

from __future__ import annotations

import asyncio
import time

from guerdon.services.contract import Verifier, VerifierSettings
from guerdon.services.runtime.link.connection import Connection
from guerdon.services.runtime.link.listener import Listener
from guerdon.services.runtime.link.messages import Address, Cancel, Report, Score, Truth
from guerdon.services.runtime.replica.editions import Editions
from guerdon.services.runtime.replica.intake import Intake
from guerdon.services.runtime.report import ReplicaCondition, ReplicaReport
from guerdon.services.runtime.workload import Workload
from guerdon.services.workers import SliceLane

REPORT_PERIOD_S = 1.0
QUIET_S = 1.0
"""A draining replica that was sent nothing for so long has been left by all gateways."""
TAKEN_SHARE = 0.5
"""Share of the time to drain after which calls that still come are refused, so that those in hand can end."""
_LOOK_PERIOD_S = 0.05
_DETAIL_CHARS = 500


class ReplicaService:
    """One replica of a verifier.

    Args:
        kind: the verifier.
        replica_id: name of this replica, unique in the deployment.
        node: name of its node, for operators.
        slots: items it works on at a time.
        max_queued_items: items it takes before it refuses more; one call is always taken.
        lane: where an inline verifier computes; its own by default.
    """

    def __init__(
        self,
        kind: type[Verifier],
        *,
        replica_id: str,
        node: str,
        slots: int = 1,
        max_queued_items: int = 16_384,
        lane: SliceLane | None = None,
    ) -> None:
        self._editions = Editions(kind, lane or SliceLane())
        self._id = replica_id
        self._node = node
        self._slots = slots
        self._workload = Workload(slots)
        self._intake = Intake(self._editions, self._workload, max_queued_items)
        self._listener = Listener(self._greet, self._receive, self._intake.forget)
        self._draining = False
        self._detail = ""
        self._withdrawn = ""
        self._reporter: asyncio.Task[None] | None = None
        self.address: Address | None = None
        """Where gateways reach it, once it is started."""

    async def start(self, host: str) -> None:
        """Listen on an address of this machine; what arrives before :meth:`configure` is refused.

        Raises:
            OSError: it is no address of this machine.
        """
        self.address = await self._listener.start(host, self._id)
        self._reporter = asyncio.create_task(self._report_for_ever(), name="replica-report")

    async def configure(self, settings: VerifierSettings, *, anew: bool = False) -> None:
        """Judge new calls under these settings; calls in progress are finished under those before.

        Args:
            settings: the settings.
            anew: start the verifier even where it is at work under them.

        Raises:
            Exception: the verifier cannot be started under them; it goes on under those before.
        """
        try:
            changed = await self._editions.switch(settings, anew=anew)
            self._withdrawn = ""
            if changed:
                self._detail = ""
        except Exception as cause:
            if self._editions.current is None:
                self._detail = _shown(cause)
            raise
        finally:
            self._tell()

    def withdraw(self, cause: Exception) -> None:
        """Take no more calls until it is configured with success: what is at work is not what was asked for."""
        self._withdrawn = _shown(cause)
        self._tell()

    async def check_health(self) -> None:
        """Let the verifier prove that it could judge now, and tell gateways.

        Raises:
            Exception: why it could not.
        """
        edition = self._editions.current
        if edition is None or self._withdrawn:
            raise RuntimeError(self._withdrawn or self._detail or "the verifier is not started yet")
        before = self._detail
        try:
            await edition.runner.check_health()
            self._detail = ""
        except Exception as cause:
            # An edition that was replaced meanwhile says nothing about the one in its place.
            if edition is self._editions.current:
                self._detail = _shown(cause)
            raise
        finally:
            if self._detail != before:
                self._tell()

    async def close(self, drain_s: float = 0.0) -> None:
        """Finish the calls in hand within ``drain_s`` seconds, and stop everything.

        Gateways are told at once and send new calls elsewhere; those that have nowhere else are still served
        for half of the time.
        """
        self._draining = True
        self._tell()
        begun = time.monotonic()
        while time.monotonic() < begun + drain_s and (self._intake.calls or self._heard_lately()):
            await asyncio.sleep(_LOOK_PERIOD_S)
            self._intake.draining = time.monotonic() >= begun + drain_s * TAKEN_SHARE
        self._intake.draining = True
        if self._reporter is not None:
            self._reporter.cancel()
            await asyncio.wait((self._reporter,))
        await self._intake.close()
        await self._listener.close()
        await self._editions.close()

    def report(self) -> ReplicaReport:
        """What gateways are told."""
        current = self._editions.current
        return ReplicaReport(
            id=self._id,
            node=self._node,
            condition=self._condition(),
            version=current.version if current else "",
            kept_versions=self._editions.kept_versions,
            detail=self._withdrawn or self._detail,
            slots=self._slots,
            queued=self._workload.queued,
            item_ms=self._workload.item_ms,
            drain_ms=self._workload.drain_ms,
            p50_ms=self._workload.quantile_ms(0.5),
            p99_ms=self._workload.quantile_ms(0.99),
            items=self._workload.items,
            cpu_seconds=self._workload.cpu_seconds,
        )

    def _condition(self) -> ReplicaCondition:
        if self._draining:
            return "draining"
        if self._withdrawn or self._detail:
            return "unavailable"
        return "ready" if self._editions.current is not None else "starting"

    def _heard_lately(self) -> bool:
        return bool(self._listener.gateways) and time.monotonic() - self._intake.last_call < QUIET_S

    def _tell(self) -> None:
        self._listener.broadcast(Report(self.report()))

    async def _report_for_ever(self) -> None:
        while True:
            await asyncio.sleep(REPORT_PERIOD_S)
            self._tell()

    def _greet(self, gateway: Connection) -> None:
        gateway.send(Report(self.report()))

    def _receive(self, gateway: Connection, message: Score | Truth | Cancel) -> None:
        match message:
            case Score():
                self._intake.take(gateway, message)
            case Truth():
                self._intake.supply(gateway, message)
            case Cancel():
                self._intake.cancel(gateway, message.call)


def _shown(cause: Exception) -> str:
    """An exception for operators, in text that can be sent whatever a file name in it holds."""
    text = f"{type(cause).__name__}: {cause}"[:_DETAIL_CHARS]
    return text.encode(errors="backslashreplace").decode()
