"""Hands work to slots: in turn, two pieces each, and alone where it must be."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Sequence

from guerdon.sandbox.engine.link import Launch
from guerdon.sandbox.engine.reruns import RerunBudget
from guerdon.sandbox.engine.room import Room
from guerdon.sandbox.engine.slot import DOWN_AFTER, Held, Slot
from guerdon.sandbox.engine.turns import Turns
from guerdon.sandbox.engine.work import Work
from guerdon.sandbox.settings import SandboxSettings
from guerdon.sandbox.tier import STRENGTH, Tier
from guerdon.sandbox.wire import ArtifactNeeded, Built, CaseDone, FromSlot, JobDone

_RECALL_AFTER_S = 0.02
"""How long work may lie behind other work in one slot while another slot has none."""

_DRAIN_S = 5.0
"""How long nothing may begin for the sake of a second run that waits for what runs."""


class Scheduler:
    """All slots, and what waits for them.

    Args:
        settings: of the engine.
        launch: starts a slot's process.
    """

    def __init__(self, settings: SandboxSettings, launch: Launch) -> None:
        self.slots = [Slot(index, settings, launch, self) for index in range(settings.slot_count)]
        self.tier = ""
        """The weakest isolation that any slot gives."""
        self.reruns = RerunBudget(settings.rerun_share if settings.rerun else 0.0, time.monotonic())
        self._turns: Turns[Work] = Turns()
        self._alone: deque[Work] = deque()
        self._holder: dict[Work, Slot] = {}
        self._numbers = itertools.count(1)
        self._room = Room()
        self._alone_running = False
        self._held_back_at: float | None = None
        self._outage = ""
        self._recall_timer: asyncio.TimerHandle | None = None

    def queue(self, works: Sequence[Work], *, front: bool = False) -> None:
        """Queue work and start what can be started."""
        if self._outage:
            for work in works:
                work.fail(self._outage)
            return
        for work in works:
            if work.alone:
                self._alone.append(work)
            else:
                self._turns.push(work, front=front)
        self.dispatch()

    def withdraw(self, work: Work) -> None:
        """Drop work that waits; kill it where it runs."""
        slot = self._holder.get(work)
        if slot is None:
            self._turns.discard(work)
            if work in self._alone:
                self._alone.remove(work)
                self.dispatch()
            return
        for held in slot.window:
            if held.work is work:
                self._cancel(slot, held, time.monotonic())
                return

    def dispatch(self) -> None:
        """Give work to slots that have room for it."""
        while self._turns or self._alone or self._held_back_at is not None:
            if self._is_held_back() or not self._turns:
                return
            slot = self._room.best()
            if slot is None:
                return
            self._give(slot, self._turns.pop())

    def watch(self, now: float) -> None:
        """Replace slots that owe an answer for too long, and end what holds the others back for too long."""
        for slot in self.slots:
            if slot.window and now > slot.window[0].due_at and not slot.why_killed:
                slot.kill("it did not answer in time")
        waits = self._held_back_at is not None and not self._alone_running
        if waits and now - (self._held_back_at or now) > _DRAIN_S:
            self._give_up_alone("what ran beside it did not end soon")
            self.dispatch()

    def fail_all(self, why: str) -> None:
        """Answer everything that waits: nobody knows when a slot will be there."""
        self._give_up_alone(why)
        for work in self._turns.drain():
            work.fail(why)

    # What slots tell.

    def slot_ready(self, slot: Slot) -> None:
        """Take a slot into service."""
        self._outage = ""
        tiers = [Tier(each.facts.tier) for each in self.slots if each.facts is not None]
        self.tier = min(tiers, key=lambda tier: STRENGTH[tier])
        self._room.add(slot)
        self.dispatch()

    def slot_answered(self, slot: Slot, message: FromSlot) -> None:
        """Take a slot's word about work it holds.

        Raises:
            ValueError: it holds no such work, or the word does not fit it.
        """
        if isinstance(message, CaseDone):
            self._case_done(slot, self._find(slot, message.job), message)
        elif isinstance(message, JobDone | Built):
            self._done(slot, self._find(slot, message.job), message)
        elif isinstance(message, ArtifactNeeded):
            self._send_artifact(slot, message)
        else:
            raise ValueError(f"{type(message).__name__} came twice")  # noqa: TRY004 - of the wire, not of a caller
        self.dispatch()
        self._recall_soon()

    def slot_lost(self, slot: Slot, why: str) -> None:
        """Have the work of a dead slot tried elsewhere."""
        self._room.remove(slot)
        lost, slot.window = slot.window, deque()
        for position, held in enumerate(lost):
            if held.work.alone:
                self._alone_running = False
            if not held.cancelled:
                del self._holder[held.work]
                held.work.lost(f"slot {slot.index} ended: {why}", running=position == 0)
        self.dispatch()

    def slot_failed(self, slot: Slot, why: str) -> None:
        """Where no slot can be started, let nobody wait."""
        if all(each.ready is None and each.failures >= DOWN_AFTER for each in self.slots):
            self._outage = why
            self.fail_all(why)

    # The rest is its own.

    def _recall_soon(self) -> None:
        if self._room.idle and not self._turns and self._room.full and self._recall_timer is None:
            loop = asyncio.get_running_loop()
            self._recall_timer = loop.call_later(_RECALL_AFTER_S, self._recall)

    def _recall(self) -> None:
        """Take back work that lies behind long work while other slots have nothing to do."""
        self._recall_timer = None
        if self._turns or self._alone:
            return
        now = time.monotonic()
        wanted = self._room.idle
        for slot in self._room.full:
            if wanted and now - slot.window[0].started_at > _RECALL_AFTER_S / 2:
                wanted -= self._take_back(slot, now)
        self._recall_soon()

    def _give_up_alone(self, why: str) -> None:
        given_up, self._alone = self._alone, deque()
        for work in given_up:
            work.fail(why)

    def _hold_back(self, now: float) -> None:
        """Let nothing begin any more, neither from the queue nor from what slots hold."""
        self._held_back_at = now
        for slot in self._room.full:
            self._take_back(slot, now)

    def _take_back(self, slot: Slot, now: float) -> bool:
        """Queue again what lies behind other work in a slot; False where nothing does that is wanted."""
        behind = slot.window[-1]
        if behind.cancelled:
            return False
        self._cancel(slot, behind, now)
        behind.work.recalled()
        return True

    def _is_held_back(self) -> bool:
        """Whether a second run keeps the others waiting; starts it when its time has come."""
        if self._alone_running:
            return True
        now = time.monotonic()
        while self._alone:
            if self._held_back_at is None:
                self._hold_back(now)
            slot = None if self._room.busy else self._room.best(idle=True)
            if slot is None or self._give(slot, self._alone.popleft()):
                return True
        if self._held_back_at is not None:
            self.reruns.spend(now - self._held_back_at)
            self._held_back_at = None
        return False

    def _give(self, slot: Slot, work: Work) -> bool:
        """Send work to a slot; False where nothing of it is left to do."""
        message = work.message(next(self._numbers))
        if message is None:
            work.ended()
            return False
        held = Held(message.id, work)  # type: ignore[union-attr]
        self._holder[work] = slot
        self._alone_running |= work.alone
        slot.give(held, message, time.monotonic())
        self._room.took(slot)
        return True

    def _find(self, slot: Slot, number: int) -> Held:
        for held in slot.window:
            if held.number == number:
                return held
        raise ValueError(f"it speaks of job {number}, which it was not given")

    def _case_done(self, slot: Slot, held: Held, message: CaseDone) -> None:
        if held is not slot.window[0]:
            raise ValueError("a result came for work whose turn it is not")
        now = time.monotonic()
        contended = self._room.was_shared(held.since)
        slot.runs += 1
        if held.cancelled:
            return
        held.since = now
        slot.wait_for(held, now)
        held.work.case_done(message.index, message.result, contended=contended)

    def _done(self, slot: Slot, held: Held, message: JobDone | Built) -> None:
        self._release(slot, held)
        slot.runs += isinstance(message, Built)
        if held.cancelled:
            return
        if isinstance(message, Built):
            held.work.built(message)
        else:
            held.work.ended()

    def _cancel(self, slot: Slot, held: Held, now: float) -> None:
        """Have a slot drop work; whatever it still says of it does not matter."""
        del self._holder[held.work]
        slot.cancel(held, now)

    def _send_artifact(self, slot: Slot, message: ArtifactNeeded) -> None:
        held = self._find(slot, message.job)
        if held.cancelled:
            self._release(slot, held)
            return
        artifact = held.work.artifact(message.key)
        self._release(slot, held)
        slot.send(artifact)
        self._give(slot, held.work)

    def _release(self, slot: Slot, held: Held) -> None:
        """Take work out of a slot's window."""
        first = held is slot.window[0]
        slot.window.remove(held)
        if not held.cancelled:
            del self._holder[held.work]
        self._room.freed(slot)
        if held.work.alone:
            self._alone_running = False
        if slot.window and first:
            slot.begin(time.monotonic())
