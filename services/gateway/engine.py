"""Carries a plan out: cache, chunks, deadline, dependent rewards second.

Each distinct piece of work runs once: components of one call that no verifier could tell apart share one
verdict. At the deadline what is done is kept and the rest is ``timeout``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import msgspec

from guerdon.services.contract import NO_VERDICT, Deadline, Item, ItemResult, Status, Verdict
from guerdon.services.contract.meter import METER, Meter
from guerdon.services.contract.projection import project
from guerdon.services.gateway.aggregate import item_result
from guerdon.services.gateway.cache import Keys, VerdictCache
from guerdon.services.gateway.plan import Plan, PlannedComponent
from guerdon.services.runtime.backend import LATE, Backend
from guerdon.services.runtime.tracing import span

log = logging.getLogger(__name__)

GRACE_MS = 100.0
"""How long after the deadline a verifier may still hand in what it has, before it is cut off."""
DEPENDENT_GRACE_MS = 150.0
"""The same for rewards that build on others, which may have begun only then."""
CANCEL_MS = 25.0
"""How long a verifier that is cut off has to clean up before it is waited for no more."""


Slot = tuple[int, PlannedComponent]
"""A component, after the place of its item."""


class Work(msgspec.Struct, eq=False, gc=False):
    """One item to send to a verifier, and the slots its verdict fills."""

    item: Item
    slots: list[Slot]
    key: bytes | None


class Engine:
    """Carries one plan out and tells of each item as it is finished.

    Args:
        plan: what to do; its components' verdicts are filled in.
        on_result: called once per item, with its index and result, in order of completion.
        verifier_timeout_ms: time of verifiers that may not take all that the call has, by name, in milliseconds.
    """

    def __init__(
        self,
        backend: Backend,
        cache: VerdictCache,
        plan: Plan,
        on_result: Callable[[int, ItemResult], None],
        verifier_timeout_ms: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._verifier_timeout_ms = verifier_timeout_ms
        self._backend = backend
        self._cache = cache
        self._plan = plan
        self._on_result = on_result
        self._open = [0] * len(plan.items)
        self._work: dict[str, list[Work]] = {}
        self._dependent: list[Slot] = []

    def recall(self) -> bool:
        """Decide what can be decided at once, from the plan and the cache; whether that is everything."""
        keys = Keys()
        keyed: dict[bytes, Work] = {}
        for index, item in enumerate(self._plan.items):
            for component in item.components:
                if component.verdict is not None:
                    continue
                if component.of is not None:
                    self._dependent.append((index, component))
                    self._open[index] += 1
                    continue
                key = keys.key(component.asked, item.fields)
                if key is not None and (known := self._cache.get(key)) is not None:
                    component.verdict, component.cached = known, True
                    continue
                self._open[index] += 1
                if key is not None and key in keyed:
                    keyed[key].slots.append((index, component))
                    continue
                piece = self._add(self._work, (index, component), key)
                if key is not None:
                    keyed[key] = piece
            if not self._open[index]:
                self._publish(index)
        return not self._work and not self._dependent

    @property
    def verifiers(self) -> set[str]:
        """Names of the verifiers that are still to be asked."""
        dependent = {component.asked.verifier.name for _, component in self._dependent if component.asked.verifier}
        return dependent | self._work.keys()

    async def run(self, deadline: Deadline) -> None:
        """Decide what :meth:`recall` left open, by the deadline and a short grace at the latest."""
        await self._wave(self._work, deadline, GRACE_MS)
        await self._wave(self._dependent_work(), deadline, DEPENDENT_GRACE_MS)

    def _dependent_work(self) -> dict[str, list[Work]]:
        """Work of dependent rewards, with the verdict they build on; where that is null, they are null too.

        Such an item stays in the work of its group, whose other members are compared with it.
        """
        work: dict[str, list[Work]] = {}
        for slot in self._dependent:
            index, component = slot
            info = component.asked.info
            assert component.of is not None and info is not None  # noqa: PT018, S101 - set by the plan
            basis = self._plan.items[index].components[component.of]
            of = basis.verdict
            if of is not None and of.status is not Status.OK and info.grouping == "item":
                self._fill(slot, _null_like(of, basis.asked.spec.name))
            else:
                piece = self._add(work, slot, None)
                piece.item = msgspec.structs.replace(piece.item, of=of)
        return work

    def _add(self, work: dict[str, list[Work]], slot: Slot, key: bytes | None) -> Work:
        """Add what a verifier is to judge for a slot."""
        index, component = slot
        asked, item = component.asked, self._plan.items[index]
        assert asked.verifier is not None and asked.info is not None  # noqa: PT018, S101 - set by the plan
        projected = project(item.fields, asked.info, item_id=item.id, group_id=item.group_id, params=asked.params)
        piece = Work(projected, [slot], key)
        work.setdefault(asked.verifier.name, []).append(piece)
        return piece

    async def _wave(self, work: Mapping[str, list[Work]], deadline: Deadline, grace_ms: float) -> None:
        chunks = [
            (verifier, chunk)
            for verifier, pieces in work.items()
            for chunk in _chunks(pieces, self._backend.chunk_items(verifier, len(pieces)))
        ]
        if not chunks:
            return
        await self._finish(chunks, deadline, Deadline(deadline.at + grace_ms / 1000))
        for _, chunk in chunks:
            for piece in chunk:
                for slot in piece.slots:
                    if slot[1].verdict is None:
                        self._fill(slot, LATE)

    async def _finish(self, chunks: list[tuple[str, list[Work]]], deadline: Deadline, cut_off: Deadline) -> None:
        """Score chunks until they are done or cut off."""
        tasks = [asyncio.create_task(self._score(verifier, chunk, deadline)) for verifier, chunk in chunks]
        try:
            await asyncio.wait(tasks, timeout=cut_off.remaining_ms() / 1000)
        finally:
            if late := [task for task in tasks if not task.done()]:
                await _cancel(late)
        for task in tasks:
            if task.done() and not task.cancelled() and (cause := task.exception()) is not None:
                raise cause

    async def _score(self, verifier: str, chunk: list[Work], deadline: Deadline) -> None:
        meter = Meter()
        METER.set(meter)
        try:
            with span("chunk", attributes={"guerdon.verifier": verifier, "guerdon.items": len(chunk)}):
                verdicts = await self._in_its_time(verifier, chunk, deadline)
        finally:
            costs = self._plan.cpu_ms
            costs[verifier] = costs.get(verifier, 0.0) + meter.cpu_ms
        for work, verdict in zip(chunk, verdicts, strict=True):
            if work.key is not None:
                self._cache.put(work.key, verdict)
            of = work.item.of
            if of is not None and of.status is not Status.OK:
                verdict = _null_like(of, work.item.params["of"])  # noqa: PLW2901 - the group's member without a basis
            for position, slot in enumerate(work.slots):
                self._fill(slot, verdict, cached=position > 0 and verdict.status is Status.OK)

    async def _in_its_time(self, verifier: str, chunk: list[Work], deadline: Deadline) -> Sequence[Verdict]:
        """The verdicts of a verifier, by the deadline of the call or its own, whichever comes first."""
        allowed_ms = self._verifier_timeout_ms.get(verifier)
        if allowed_ms is None or deadline.remaining_ms() <= allowed_ms:
            return await self._verdicts(verifier, chunk, deadline)
        own = Deadline.after_ms(allowed_ms)
        try:
            async with asyncio.timeout((allowed_ms + GRACE_MS) / 1000):
                return await self._verdicts(verifier, chunk, own)
        except TimeoutError:
            # Nothing inside lets one out, so it is this one.
            spent = f"the verifier {verifier!r} was not done within the {allowed_ms} ms that it has for a call"
            return [Verdict.timeout("verifier_deadline", spent)] * len(chunk)

    async def _verdicts(self, verifier: str, chunk: list[Work], deadline: Deadline) -> Sequence[Verdict]:
        """One verdict per item; a backend that fails costs its chunk and not the call."""
        items = [work.item for work in chunk]
        asked = chunk[0].slots[0][1].asked
        version = asked.verifier.version if asked.verifier else ""
        try:
            verdicts = await self._backend.score(verifier, items, deadline, version)
        except Exception as cause:
            log.exception("chunk_failed", extra={"verifier": verifier, "items": len(items)})
            fault = f"the backend of {verifier!r} raised {type(cause).__name__}; see the service's log"
            return [Verdict.error("backend_failed", fault)] * len(items)
        if len(verdicts) != len(items):
            log.error("chunk_answered_wrong_count", extra={"verifier": verifier, "items": len(items)})
            fault = f"the backend of {verifier!r} answered {len(verdicts)} verdicts for {len(items)} items"
            return [Verdict.error("backend_failed", fault)] * len(items)
        return verdicts

    def _fill(self, slot: Slot, verdict: Verdict, *, cached: bool = False) -> None:
        index, component = slot
        if component.verdict is not None:
            return
        component.verdict, component.cached = verdict, cached
        self._open[index] -= 1
        if not self._open[index]:
            self._publish(index)

    def _publish(self, index: int) -> None:
        self._on_result(index, item_result(self._plan.items[index], self._plan.aggregation))


def _null_like(of: Verdict, name: str) -> Verdict:
    status = of.status if of.status in NO_VERDICT else Status.NOT_APPLICABLE
    return Verdict(
        status=status,
        reason="no_base_verdict",
        explanation=f"this reward builds on {name!r}, which has no verdict: {of.explanation}",
    )


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cut tasks off; one that swallows its cancellation must not keep the call waiting, so this is no gather."""
    for task in tasks:
        task.cancel()
    _, stubborn = await asyncio.wait(tasks, timeout=CANCEL_MS / 1000)
    if stubborn:
        log.error("cancellation_ignored", extra={"chunks": len(stubborn)})
        for task in stubborn:
            task.cancel()


def _chunks(work: list[Work], size: int) -> list[list[Work]]:
    """Split work into chunks of about ``size``, members of one group together."""
    if not any(_grouped(piece) for piece in work):
        return [work[start : start + size] for start in range(0, len(work), size)]
    units: list[list[Work]] = []
    groups: dict[tuple[str, str], list[Work]] = {}
    for piece in work:
        if not _grouped(piece):
            units.append([piece])
        elif (group := groups.get((piece.item.reward, piece.item.group_id))) is not None:
            group.append(piece)
        else:
            groups[piece.item.reward, piece.item.group_id] = unit = [piece]
            units.append(unit)
    chunks: list[list[Work]] = [[]]
    for unit in units:
        if chunks[-1] and len(chunks[-1]) + len(unit) > size:
            chunks.append([])
        chunks[-1].extend(unit)
    return chunks


def _grouped(work: Work) -> bool:
    _, component = work.slots[0]
    info = component.asked.info
    return info is not None and info.grouping == "group"
