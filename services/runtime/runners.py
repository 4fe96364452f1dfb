"""How a verifier runs in this process: inline in short slices, in killable workers, or on its own."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

import msgspec
from pydantic import SecretBytes, SecretStr

from guerdon.services.contract import Deadline, Item, RewardInfo, Verdict, Verifier, VerifierSettings
from guerdon.services.runtime.backend import LATE
from guerdon.services.runtime.boundary import attempt, bug_verdict, checked, sound_verdicts
from guerdon.services.runtime.pooled import target_of
from guerdon.services.runtime.units import Unit, units_of
from guerdon.services.workers import Outcome, SliceLane, WorkerPool, verdict_of_outcome

log = logging.getLogger(__name__)

CPUS = "GUERDON_CPUS"
"""Variable that holds how many CPUs this process may use, where it is not all that it can see."""
STREAMED_CHUNKS = 16
LARGEST_CHUNK = 32
INLINE_CHUNK = 256

T = TypeVar("T")


def make_runner(verifier: Verifier, lane: SliceLane) -> Runner:
    """The runner that fits what the verifier declares."""
    if inspect.iscoroutinefunction(type(verifier).score_batch):
        return OwnRunner(verifier)
    return InlineRunner(verifier, lane) if verifier.inline else PooledRunner(verifier)


def usable_cpus() -> int:
    """CPUs that this process may use."""
    return int(os.environ.get(CPUS) or len(os.sched_getaffinity(0)))


class Runner:
    """Runs one verifier; never raises for what happens inside it."""

    slots = 1
    """Items it works on at a time."""

    def __init__(self, verifier: Verifier) -> None:
        self.verifier = verifier
        self.rewards: dict[str, RewardInfo] = {reward.name: reward for reward in verifier.rewards}

    async def start(self) -> None:
        """Get ready to score."""
        await self.verifier.start()

    async def close(self) -> None:
        """Stop what :meth:`start` started."""
        await self.verifier.close()

    async def check_health(self) -> None:
        """Raise when the verifier could not answer now."""
        await self.verifier.check_health()

    async def score(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """One sound verdict per item."""
        raise NotImplementedError

    def chunk_items(self, items: int) -> int:
        """How many of ``items`` items to score in one call: one that hangs delays only its chunk's answer."""
        return max(1, min(LARGEST_CHUNK, items // STREAMED_CHUNKS))


class OwnRunner(Runner):
    """A verifier with an ``async`` ``score_batch``, which manages its own workers."""

    async def score(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """One sound verdict per item."""
        try:
            verdicts = await cast("Awaitable[Sequence[Verdict]]", self.verifier.score_batch(items, deadline))
        except asyncio.CancelledError as cause:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # Nobody cancelled this call: a task inside the verifier was, which is its own fault.
            return [bug_verdict(cause)] * len(items)
        except Exception as cause:  # noqa: BLE001 - any fault of a verifier is booked as one, never as a score
            return [bug_verdict(cause)] * len(items)
        return sound_verdicts(verdicts, items, self.rewards)


class InlineRunner(Runner):
    """A cheap verifier, computed in this process a slice at a time."""

    def __init__(self, verifier: Verifier, lane: SliceLane) -> None:
        super().__init__(verifier)
        self._lane = lane

    def chunk_items(self, items: int) -> int:
        """Many: the work is so short that calls would cost more."""
        return INLINE_CHUNK

    async def score(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """One sound verdict per item."""
        score = cast("Callable[[Sequence[Item], Deadline], Sequence[Verdict]]", self.verifier.score_batch)

        def attempt_unit(unit: Unit) -> Sequence[object]:
            if deadline.expired:
                return [LATE] * len(unit)
            members = [items[position] for position in unit]
            return attempt(lambda: score(members, deadline), len(unit))

        units = units_of(items, self.rewards)
        answers = _in_order(len(items), units, await self._lane.run(attempt_unit, units))
        return checked(answers, items, self.rewards)


class PooledRunner(Runner):
    """A verifier of ordinary functions, computed in killable workers under its limits."""

    def __init__(self, verifier: Verifier) -> None:
        super().__init__(verifier)
        self.slots = usable_cpus()
        self._pool = WorkerPool(
            "guerdon.services.runtime.pooled:make_scorer",
            setup={
                "target": target_of(type(verifier)),
                "settings": _revealed(verifier.settings),
            },
            size=self.slots,
            limits=verifier.limits,
        )

    async def start(self) -> None:
        """Fork the workers."""
        await self._pool.start()

    async def close(self) -> None:
        """Kill the workers."""
        await self._pool.close()

    async def check_health(self) -> None:
        """Send a canary through the pool."""
        await self._pool.check_health()

    async def score(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """One sound verdict per item."""
        units = units_of(items, self.rewards)
        work = [self._score_unit([items[position] for position in unit], deadline) for unit in units]
        return _in_order(len(items), units, await asyncio.gather(*work))

    async def _score_unit(self, items: list[Item], deadline: Deadline) -> list[Verdict]:
        try:
            outcome = await self._pool.run(msgspec.to_builtins(items), deadline=deadline)
        except (TypeError, ValueError, OverflowError, RecursionError) as cause:
            log.exception("item_not_sent")
            fault = f"the item cannot be sent to a worker ({type(cause).__name__}): too large, too deep or no JSON"
            return [Verdict.invalid("unsendable_item", fault)] * len(items)
        if outcome.kind != "done":
            return [_limit_verdict(outcome, self.rewards[items[0].reward])] * len(items)
        try:
            verdicts = msgspec.convert(outcome.value, list[Verdict])
        except (msgspec.ValidationError, ValueError) as cause:
            return [bug_verdict(cause)] * len(items)
        timed = [
            msgspec.structs.replace(
                verdict,
                latency_ms=outcome.wall_ms,
                queue_ms=outcome.queue_ms,
                attempts=outcome.attempts,
                near_limit=outcome.near_limit,
            )
            for verdict in verdicts
        ]
        return sound_verdicts(timed, items, self.rewards)


def _revealed(settings: VerifierSettings) -> dict[str, Any]:
    """Settings as plain values, secrets included: they go to the verifier's own workers over a private socket."""

    def plain(value: Any) -> Any:
        return value.get_secret_value() if isinstance(value, SecretStr | SecretBytes) else str(value)

    builtins: dict[str, Any] = msgspec.to_builtins(settings.model_dump(mode="python"), enc_hook=plain)
    return builtins


def _limit_verdict(outcome: Outcome, reward: RewardInfo) -> Verdict:
    """A limit the item exhausted costs it the worst score; without such a score, or in a group, it is null."""
    if outcome.kind in {"cpu_limit", "memory_limit"} and (reward.worst is None or reward.grouping == "group"):
        return Verdict.error(
            "kills_worker",
            f"{reward.name} exceeded its {outcome.kind.replace('_', ' ')}, and no one completion is to blame",
            attempts=outcome.attempts,
        )
    return verdict_of_outcome(outcome, worst=reward.worst or 0.0, what=reward.name)


def _in_order(count: int, units: list[Unit], answers: Sequence[Sequence[T]]) -> list[T]:
    if len(units) == count:
        return [answer for unit_answers in answers for answer in unit_answers]
    ordered: dict[int, T] = {}
    for unit, unit_answers in zip(units, answers, strict=True):
        ordered.update(zip(unit, unit_answers, strict=True))
    return [ordered[position] for position in range(count)]
