"""The calls a replica has in hand: what is taken, what is refused, and how each is judged and answered."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

import msgspec

from guerdon.services.contract import Deadline, Item, Verdict
from guerdon.services.contract.meter import METER, Meter
from guerdon.services.contract.urgency import URGENCY, Urgency
from guerdon.services.runtime.backend import LATE
from guerdon.services.runtime.boundary import bug_verdict
from guerdon.services.runtime.link.apart import put_back
from guerdon.services.runtime.link.connection import BadFrame, Connection
from guerdon.services.runtime.link.messages import Refusal, Refused, Score, Scored, Truth
from guerdon.services.runtime.link.packing import MAX_PACKED_BYTES, UNPACKABLE, UNREADABLE, pack, unpack
from guerdon.services.runtime.replica.editions import Edition, Editions
from guerdon.services.runtime.replica.truths import Lot, TruthMemory
from guerdon.services.runtime.tracing import span
from guerdon.services.runtime.workload import Workload

log = logging.getLogger(__name__)

MAX_QUEUED_BYTES = 256 << 20
"""Packed items and large ground truths a replica takes before it refuses more."""
CANCEL_S = 2.0
"""How long cancelled calls may take to end when the intake closes."""

_UNSENDABLE = Verdict.error("bad_verdict", "the verdict is too large, too deep or no JSON, and cannot be sent")


class Intake:
    """Takes calls of gateways and answers each of them.

    Args:
        editions: who judges.
        workload: told of every call that is taken, put down and judged.
        max_queued_items: items it takes before it refuses more; one call is always taken.
    """

    def __init__(self, editions: Editions, workload: Workload, max_queued_items: int) -> None:
        self.draining = False
        """Whether new calls are refused."""
        self.last_call = time.monotonic()
        """When a call last came."""
        self._editions = editions
        self._workload = workload
        self._max_queued_items = max_queued_items
        self._queued_bytes = 0
        self._truths = TruthMemory()
        self._calls: dict[tuple[Connection, int], asyncio.Task[None]] = {}

    @property
    def queued(self) -> int:
        """Items taken and not answered."""
        return sum(self._workload.queued)

    @property
    def calls(self) -> int:
        """Calls in hand."""
        return len(self._calls)

    def take(self, gateway: Connection, message: Score) -> None:
        """Begin a call, or refuse it.

        Raises:
            BadFrame: a call of this number is in hand already, or the time left is no time.
        """
        key = (gateway, message.call)
        # Timers are ordered by time, and not a number has no place among them.
        if key in self._calls or (message.timeout_ms is not None and not message.timeout_ms >= 0):
            raise BadFrame
        self.last_call = time.monotonic()
        edition = self._editions.judging_by(message.version)
        if edition is None or self.draining or self._full(message):
            reason, detail = self._refusal(message)
            gateway.send(Refused(message.call, reason, detail))
            return
        if any(not 0 <= use.size_bytes <= MAX_PACKED_BYTES for use in message.truths):
            gateway.send(Refused(message.call, "unreadable", "a ground truth has an impossible size"))
            return
        deadline = Deadline.never() if message.timeout_ms is None else Deadline.after_ms(message.timeout_ms)
        size = len(message.items)
        self._workload.take(message.rank, message.count)
        self._queued_bytes += size
        edition.busy += 1
        edition.used = self.last_call
        lot = self._truths.take(key, message.truths) if message.truths else None
        answering = self._answer(gateway, message, lot, edition, deadline)
        task = asyncio.create_task(answering, name="replica-call")
        self._calls[key] = task

        def put_down(_: asyncio.Task[None]) -> None:
            del self._calls[key]
            if lot is not None:
                self._truths.put_down(key)
            self._workload.put_down(message.rank, message.count)
            self._queued_bytes -= size
            edition.busy -= 1
            edition.used = time.monotonic()

        task.add_done_callback(put_down)

    def supply(self, gateway: Connection, message: Truth) -> None:
        """Take a ground truth that calls wait for."""
        self._truths.receive(gateway, message)

    def cancel(self, gateway: Connection, number: int) -> None:
        """Stop a call that nobody waits for."""
        if (task := self._calls.get((gateway, number))) is not None:
            task.cancel()
            # Before the next message is read: a call that comes now must not wait for what this one was asked for.
            self._truths.put_down((gateway, number))

    def forget(self, gateway: Connection) -> None:
        """Stop all calls of a gateway that has gone."""
        for (connection, _), task in tuple(self._calls.items()):
            if connection is gateway:
                task.cancel()

    async def close(self) -> None:
        """Stop all calls."""
        tasks = tuple(self._calls.values())
        for task in tasks:
            task.cancel()
        if tasks:
            _, stubborn = await asyncio.wait(tasks, timeout=CANCEL_S)
            if stubborn:
                log.error("cancellation_ignored", extra={"calls": len(stubborn)})

    def _full(self, message: Score) -> bool:
        return bool(self.queued) and (
            self.queued + message.count > self._max_queued_items or self._bytes_with(message) > MAX_QUEUED_BYTES
        )

    def _bytes_with(self, message: Score) -> int:
        truths_bytes = self._truths.used_bytes + self._truths.further_bytes(message.truths)
        return self._queued_bytes + len(message.items) + truths_bytes

    def _refusal(self, message: Score) -> tuple[Refusal, str]:
        current = self._editions.current
        if current is None:
            return "not_ready", "the verifier is not started yet"
        if self.draining:
            return "draining", "the replica is being stopped"
        if self._editions.judging_by(message.version) is None:
            return "version", f"this replica judges by {current.version}, the call by {message.version}"
        return "overloaded", f"{self.queued} items wait here, and at most {self._max_queued_items} may"

    async def _answer(
        self, gateway: Connection, message: Score, lot: Lot | None, edition: Edition, deadline: Deadline
    ) -> None:
        URGENCY.set(Urgency(message.rank, message.owner))
        meter = Meter()
        METER.set(meter)
        begun = time.monotonic()
        try:
            items = _items(message)
            if lot is not None:
                items = put_back(items, message.truths, await lot.whole(deadline))
        except TimeoutError:
            gateway.send(Scored(message.call, pack([LATE] * len(items)), meter.cpu_ms))
            return
        except UNREADABLE as cause:
            gateway.send(Refused(message.call, "unreadable", type(cause).__name__))
            return
        try:
            facts: dict[str, str | int] = {"guerdon.verifier": edition.name, "guerdon.items": len(items)}
            with span("judge", message.traceparent, facts):
                verdicts = await edition.runner.score(items, deadline)
            packed = pack_verdicts(verdicts)
        except Exception as cause:  # noqa: BLE001 - logged there; a runner answers for its verifier, so this is ours
            gateway.send(Scored(message.call, pack([bug_verdict(cause)] * len(items)), meter.cpu_ms))
            return
        gateway.send(Scored(message.call, packed, meter.cpu_ms))
        self._workload.note(verdicts, call_ms=(time.monotonic() - begun) * 1000, cpu_ms=meter.cpu_ms)


def pack_verdicts(verdicts: Sequence[Verdict]) -> memoryview:
    """Pack verdicts; one that cannot be sent costs itself and not its neighbours."""
    try:
        return pack(verdicts)
    except UNPACKABLE:
        share = MAX_PACKED_BYTES // (2 * len(verdicts))
        return pack([verdict if _fits(verdict, share) else _UNSENDABLE for verdict in verdicts])


def _fits(verdict: Verdict, most_bytes: int) -> bool:
    try:
        return max(len(pack([verdict])), len(msgspec.json.encode(verdict))) <= most_bytes
    except UNPACKABLE:
        return False


def _items(message: Score) -> list[Item]:
    items = unpack(message.items, Item)
    if len(items) != message.count:
        raise ValueError(f"{len(items)} items instead of {message.count}")
    return items
