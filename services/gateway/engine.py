"""Carries a plan out: cache, chunks, deadline, dependent rewards second.

Each distinct piece of work runs once: components of one call that no verifier could tell apart share one
verdict. At the deadline what is done is kept and the rest is ``timeout``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from guerdon.services.contract import NO_VERDICT, Deadline, Item, ItemResult, Status, Verdict
from guerdon.services.gateway.aggregate import item_result
from guerdon.services.gateway.cache import Keys, VerdictCache
from guerdon.services.gateway.plan import Plan, PlannedComponent
from guerdon.services.runtime.backend import LATE, Backend

log = logging.getLogger(__name__)

GRACE_MS = 100.0
"""How long after the deadline a verifier may still hand in what it has, before it is cut off."""
DEPENDENT_GRACE_MS = 150.0
"""The same for rewards that build on others, which may have begun only then."""
CANCEL_MS = 25.0
"""How long a verifier that is cut off has to clean up before it is waited for no more."""

Slot = tuple[int, int]
"""Index of an item and of a component in it."""


@dataclass(slots=True)
class Work:
    """One item to send to a verifier, and the slots its verdict fills."""

    item: Item
    slots: list[Slot]
    key: bytes | None


class Engine:
    """Carries one plan out and tells of each item as it is finished.

    Args:
        plan: what to do; its components' verdicts are filled in.
        on_result: called once per item, with its index and result, in order of completion.
    """

    def __init__(
        self, backend: Backend, cache: VerdictCache, plan: Plan, on_result: Callable[[int, ItemResult], None]
    ) -> None:
        self._backend = backend
        self._cache = cache
        self._plan = plan
        self._on_result = on_result
        self._open = [sum(c.verdict is None for c in item.components) for item in plan.items]

    async def run(self, deadline: Deadline) -> None:
        """Decide every component, by the deadline and a short grace at the latest."""
        for index, left in enumerate(self._open):
            if not left:
                self._publish(index)
        await self._wave(self._slots(dependent=False), deadline, GRACE_MS)
        self._hand_over_dependencies()
        await self._wave(self._slots(dependent=True), deadline, DEPENDENT_GRACE_MS)

    def _component(self, slot: Slot) -> PlannedComponent:
        return self._plan.items[slot[0]].components[slot[1]]

    def _slots(self, *, dependent: bool) -> list[Slot]:
        return [
            (i, j)
            for i, item in enumerate(self._plan.items)
            for j, component in enumerate(item.components)
            if component.verdict is None and (component.of is not None) == dependent
        ]

    def _hand_over_dependencies(self) -> None:
        """Give dependent rewards the verdict they build on; where that is null, they are null too.

        Such an item stays in the work of its group, whose other members are compared with it.
        """
        for i, j in self._slots(dependent=True):
            component = self._component((i, j))
            assert component.item is not None and component.of is not None  # noqa: PT018, S101 - set by the plan
            of = self._plan.items[i].components[component.of].verdict
            component.item = msgspec.structs.replace(component.item, of=of)
            if (
                of is not None
                and of.status is not Status.OK
                and component.info
                and component.info.grouping == "item"
            ):
                self._fill((i, j), _null_like(of, self._plan.items[i].components[component.of].spec.name))

    async def _wave(self, slots: list[Slot], deadline: Deadline, grace_ms: float) -> None:
        chunks = [
            (verifier, chunk)
            for verifier, work in self._by_verifier(slots).items()
            for chunk in _chunks(work, self._backend.chunk_items(verifier, len(work)), self._grouped)
        ]
        if chunks:
            await self._finish(chunks, deadline, Deadline(deadline.at + grace_ms / 1000))
        for slot in slots:
            if self._component(slot).verdict is None:
                self._fill(slot, LATE)

    async def _finish(self, chunks: list[tuple[str, list[Work]]], deadline: Deadline, cut_off: Deadline) -> None:
        """Score chunks until they are done or cut off."""
        tasks = [asyncio.create_task(self._score(verifier, chunk, deadline)) for verifier, chunk in chunks]
        try:
            await asyncio.wait(tasks, timeout=cut_off.remaining_ms() / 1000)
        finally:
            for task in tasks:
                task.cancel()
            # Not a gather: a verifier that swallows its cancellation must not keep the call waiting.
            _, stubborn = await asyncio.wait(tasks, timeout=CANCEL_MS / 1000)
            if stubborn:
                log.error("cancellation_ignored", extra={"chunks": len(stubborn)})
                for task in stubborn:
                    task.cancel()
        for task in tasks:
            if task.done() and not task.cancelled() and (cause := task.exception()) is not None:
                raise cause

    def _by_verifier(self, slots: Iterable[Slot]) -> dict[str, list[Work]]:
        """Work per verifier, without what the cache knows and without doubles."""
        work: dict[str, list[Work]] = {}
        keyed: dict[bytes, Work] = {}
        keys = Keys()
        for slot in slots:
            component = self._component(slot)
            if component.verdict is not None or component.item is None:
                continue
            assert component.verifier is not None and component.info is not None  # noqa: PT018, S101
            key = keys.key(component.verifier.version, component.info, component.spec.params, component.item)
            if key is not None and (known := self._cache.get(key)) is not None:
                self._fill(slot, known, cached=True)
            elif key is not None and key in keyed:
                keyed[key].slots.append(slot)
            else:
                piece = Work(component.item, [slot], key)
                work.setdefault(component.verifier.name, []).append(piece)
                if key is not None:
                    keyed[key] = piece
        return work

    def _grouped(self, work: Work) -> bool:
        info = self._component(work.slots[0]).info
        return info is not None and info.grouping == "group"

    async def _score(self, verifier: str, chunk: list[Work], deadline: Deadline) -> None:
        verdicts = await self._verdicts(verifier, [work.item for work in chunk], deadline)
        for work, verdict in zip(chunk, verdicts, strict=True):
            if work.key is not None:
                self._cache.put(work.key, verdict)
            of = work.item.of
            if of is not None and of.status is not Status.OK:
                verdict = _null_like(of, work.item.params["of"])  # noqa: PLW2901 - the group's member without a basis
            for position, slot in enumerate(work.slots):
                self._fill(slot, verdict, cached=position > 0 and verdict.status is Status.OK)

    async def _verdicts(self, verifier: str, items: list[Item], deadline: Deadline) -> Sequence[Verdict]:
        """One verdict per item; a backend that fails costs its chunk and not the call."""
        try:
            verdicts = await self._backend.score(verifier, items, deadline)
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
        component = self._component(slot)
        if component.verdict is not None:
            return
        if cached:
            verdict = msgspec.structs.replace(verdict, latency_ms=0.0, queue_ms=0.0, attempts=0)
        component.verdict, component.cached = verdict, cached
        self._open[slot[0]] -= 1
        if not self._open[slot[0]]:
            self._publish(slot[0])

    def _publish(self, index: int) -> None:
        self._on_result(index, item_result(self._plan.items[index], self._plan.aggregation))


def _null_like(of: Verdict, name: str) -> Verdict:
    status = of.status if of.status in NO_VERDICT else Status.NOT_APPLICABLE
    return Verdict(
        status=status,
        reason="no_base_verdict",
        explanation=f"this reward builds on {name!r}, which has no verdict: {of.explanation}",
    )


def _chunks(work: list[Work], size: int, grouped: Callable[[Work], bool]) -> list[list[Work]]:
    """Split work into chunks of about ``size``, members of one group together."""
    units: list[list[Work]] = []
    groups: dict[tuple[str, str], list[Work]] = {}
    for piece in work:
        if not grouped(piece):
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
    return chunks if work else []
