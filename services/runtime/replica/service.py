"""Serves one verifier to gateways: judges their chunks, reports on itself, finishes what it has before it ends."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

import msgspec

from guerdon.services.contract import Deadline, Verdict, Verifier, VerifierSettings
from guerdon.services.contract.meter import METER, Meter
from guerdon.services.contract.urgency import URGENCY, Urgency
from guerdon.services.runtime.boundary import bug_verdict
from guerdon.services.runtime.link.connection import Connection
from guerdon.services.runtime.link.listener import Listener
from guerdon.services.runtime.link.messages import (
    Address,
    Cancel,
    Refusal,
    Refused,
    ReplicaCondition,
    ReplicaReport,
    Report,
    Score,
    Scored,
)
from guerdon.services.runtime.replica.editions import Edition, Editions
from guerdon.services.runtime.replica.pace import Pace

log = logging.getLogger(__name__)

REPORT_PERIOD_S = 1.0
QUIET_S = 1.0
"""A draining replica that was sent nothing for so long has been left by all gateways."""
_LOOK_PERIOD_S = 0.05


class ReplicaService:
    """One replica of a verifier.

    Args:
        kind: the verifier.
        replica_id: name of this replica, unique in the deployment.
        node: name of its node, for operators.
        slots: items it works on at a time.
        max_queued_items: items it takes before it refuses more; one call is always taken.
    """

    def __init__(
        self, kind: type[Verifier], *, replica_id: str, node: str, slots: int = 1, max_queued_items: int = 16_384
    ) -> None:
        self._editions = Editions(kind)
        self._id = replica_id
        self._node = node
        self._slots = slots
        self._max_queued = max_queued_items
        self._listener = Listener(self._greet, self._receive, self._forget)
        self._calls: dict[tuple[Connection, int], asyncio.Task[None]] = {}
        self._pace = Pace()
        self._queued = 0
        self._draining = False
        self._detail = ""
        self._last_call = time.monotonic()
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

    async def configure(self, settings: VerifierSettings) -> None:
        """Judge new calls under these settings; calls in progress are finished under those before.

        Raises:
            Exception: the verifier cannot be started under them; it goes on under those before.
        """
        if await self._editions.switch(settings):
            self._tell()

    async def check_health(self) -> None:
        """Let the verifier prove that it could judge now, and tell gateways.

        Raises:
            Exception: why it could not.
        """
        edition = self._editions.current
        if edition is None:
            raise RuntimeError("the verifier is not started yet")
        before = self._detail
        try:
            await edition.runner.check_health()
            self._detail = ""
        except Exception as cause:
            self._detail = f"{type(cause).__name__}: {cause}"
            raise
        finally:
            if self._detail != before:
                self._tell()

    async def close(self, drain_s: float = 0.0) -> None:
        """Take no new calls, finish those in hand within ``drain_s`` seconds, and stop everything."""
        self._draining = True
        self._tell()
        last = time.monotonic() + drain_s
        while time.monotonic() < last and (self._calls or self._heard_lately()):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_PERIOD_S)
        if self._reporter is not None:
            self._reporter.cancel()
            await asyncio.gather(self._reporter, return_exceptions=True)
        for task in tuple(self._calls.values()):
            task.cancel()
        await asyncio.gather(*self._calls.values(), return_exceptions=True)
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
            detail=self._detail,
            slots=self._slots,
            queued=self._queued,
            item_ms=self._pace.item_ms,
            p50_ms=self._pace.quantile_ms(0.5),
            p99_ms=self._pace.quantile_ms(0.99),
            items=self._pace.items,
            cpu_seconds=self._pace.cpu_seconds,
        )

    def _condition(self) -> ReplicaCondition:
        if self._draining:
            return "draining"
        if self._editions.current is None:
            return "starting"
        return "unavailable" if self._detail else "ready"

    def _heard_lately(self) -> bool:
        return bool(self._listener.gateways) and time.monotonic() - self._last_call < QUIET_S

    def _tell(self) -> None:
        self._listener.broadcast(Report(self.report()))

    async def _report_for_ever(self) -> None:
        while True:
            await asyncio.sleep(REPORT_PERIOD_S)
            self._tell()

    def _greet(self, gateway: Connection) -> None:
        gateway.send(Report(self.report()))

    def _forget(self, gateway: Connection) -> None:
        for (connection, _), task in tuple(self._calls.items()):
            if connection is gateway:
                task.cancel()

    def _receive(self, gateway: Connection, message: Score | Cancel) -> None:
        key = (gateway, message.call)
        if isinstance(message, Cancel):
            if (task := self._calls.get(key)) is not None:
                task.cancel()
            return
        self._last_call = time.monotonic()
        edition = self._editions.judging_by(message.version)
        refusal = self._refusal(edition, message)
        if edition is None or refusal is not None:
            reason, detail = refusal or ("not_ready", "the verifier is not started yet")
            gateway.send(Refused(message.call, reason, detail))
            return
        task = asyncio.create_task(self._score(gateway, message, edition), name="replica-call")
        self._calls[key] = task
        task.add_done_callback(lambda _: self._calls.pop(key, None))

    def _refusal(self, edition: Edition | None, message: Score) -> tuple[Refusal, str] | None:
        current = self._editions.current
        if current is None:
            return "not_ready", "the verifier is not started yet"
        if edition is None:
            return "version", f"this replica judges by {current.version}, the call by {message.version}"
        if self._queued and self._queued + len(message.items) > self._max_queued:
            return "overloaded", f"{self._queued} items wait here, and at most {self._max_queued} may"
        return None

    async def _score(self, gateway: Connection, message: Score, edition: Edition) -> None:
        URGENCY.set(Urgency(message.rank, message.owner))
        meter = Meter()
        METER.set(meter)
        begun = time.monotonic()
        count = len(message.items)
        deadline = Deadline.never() if message.timeout_ms is None else Deadline.after_ms(message.timeout_ms)
        self._queued += count
        edition.busy += 1
        try:
            verdicts = await edition.runner.score(message.items, deadline)
            _answer(gateway, Scored(message.call, list(verdicts), meter.cpu_ms))
        except Exception as cause:
            # A runner answers for its verifier's faults itself, so this is ours: null, and no other call suffers.
            log.exception("chunk_failed", extra={"items": count})
            gateway.send(Scored(message.call, [bug_verdict(cause)] * count, meter.cpu_ms))
        else:
            self._pace.note(
                items=count,
                call_ms=(time.monotonic() - begun) * 1000,
                work_ms=sum(verdict.latency_ms for verdict in verdicts),
                cpu_ms=meter.cpu_ms,
            )
        finally:
            self._queued -= count
            edition.busy -= 1
            edition.used = time.monotonic()


def _answer(gateway: Connection, scored: Scored) -> None:
    """Send verdicts; one that no frame can carry costs itself and not its neighbours."""
    try:
        gateway.send(scored)
    except (TypeError, ValueError, RecursionError):
        gateway.send(Scored(scored.call, [_sendable(verdict) for verdict in scored.verdicts], scored.cpu_ms))


def _sendable(verdict: Verdict) -> Verdict:
    try:
        encoded: Sequence[int] = msgspec.json.encode(verdict)
    except (TypeError, ValueError, RecursionError):
        encoded = ()
    if not encoded or len(encoded) > 1 << 20:
        return Verdict.error("bad_verdict", "the verdict is too large, too deep or no JSON, and cannot be sent")
    return verdict
