"""Carries a plan out: cache, chunks, deadline, dependent rewards second.

Each distinct piece of work runs once: components of one call that no verifier could tell apart share one
verdict. At the deadline what is done is kept and the rest is ``timeout``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from guerdon.services.contract import NO_VERDICT, Deadline, Item, ItemResult, Status, Verdict
from guerdon.services.gateway.aggregate import item_result
from guerdon.services.gateway.cache import VerdictCache, cache_key
from guerdon.services.gateway.plan import Plan, PlannedComponent
from guerdon.services.runtime.backend import Backend

GRACE_MS = 100.0
"""How long after the deadline a verifier may still hand in what it has, before it is cut off."""

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
        await self._wave(self._slots(dependent=False), deadline)
        self._hand_over_dependencies()
        await self._wave(self._slots(dependent=True), deadline)

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

    async def _wave(self, slots: list[Slot], deadline: Deadline) -> None:
        chunks = [
            (verifier, chunk)
            for verifier, work in self._by_verifier(slots).items()
            for chunk in _chunks(work, self._backend.chunk_items(verifier, len(work)), self._grouped)
        ]
        tasks = [asyncio.create_task(self._score(verifier, chunk, deadline)) for verifier, chunk in chunks]
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=(deadline.remaining_ms() + GRACE_MS) / 1000)
        finally:
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
        late = Verdict.timeout("deadline", "the call's time ran out before this was judged")
        for slot in slots:
            if self._component(slot).verdict is None:
                self._fill(slot, late)

    def _by_verifier(self, slots: Iterable[Slot]) -> dict[str, list[Work]]:
        """Work per verifier, without what the cache knows and without doubles."""
        work: dict[str, list[Work]] = {}
        keyed: dict[bytes, Work] = {}
        for slot in slots:
            component = self._component(slot)
            if component.verdict is not None or component.item is None:
                continue
            assert component.verifier is not None and component.info is not None  # noqa: PT018, S101
            key = cache_key(component.verifier.version, component.info, component.item)
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
        verdicts = await self._backend.score(verifier, [work.item for work in chunk], deadline)
        for work, verdict in zip(chunk, verdicts, strict=True):
            if work.key is not None:
                self._cache.put(work.key, verdict)
            of = work.item.of
            if of is not None and of.status is not Status.OK:
                verdict = _null_like(of, work.item.params["of"])  # noqa: PLW2901 - the group's member without a basis
            for position, slot in enumerate(work.slots):
                self._fill(slot, verdict, cached=position > 0 and verdict.status is Status.OK)

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
