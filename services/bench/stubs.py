"""Verifiers for load: trivial, sleeping and hanging ones. They are no entry points: only a bench runs them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from guerdon.services.bench.checks import BURNING, CACHED, SLEEP, SLEEPING, SPIN, check
from guerdon.services.contract import (
    Deadline,
    Item,
    ItemVerifier,
    Limits,
    Params,
    RewardInfo,
    Verdict,
    Verifier,
    VerifierSettings,
)


def _info(name: str, *, deterministic: bool = False) -> RewardInfo:
    return RewardInfo(name=name, description="One regular expression, for load.", deterministic=deterministic)


class _Check(ItemVerifier):
    """One regular expression over the completion."""

    inline = True

    def verify(self, item: Item) -> Verdict:
        """1.0 where the expression is found."""
        score = check(item.reward, item.completion)
        return Verdict.ok(score, "found" if score else "not_found", "searched the completion")


class CheckA(_Check):
    """The first trivial verifier."""

    name = "bench_a"
    rewards = (_info("bench_a"),)


class CheckB(_Check):
    """The second trivial verifier."""

    name = "bench_b"
    rewards = (_info("bench_b"),)


class CheckC(_Check):
    """The third trivial verifier."""

    name = "bench_c"
    rewards = (_info("bench_c"),)


class CheckD(_Check):
    """The fourth trivial verifier."""

    name = "bench_d"
    rewards = (_info("bench_d"),)


class CachedCheck(_Check):
    """A trivial verifier whose verdicts the gateway may keep."""

    name = CACHED
    rewards = (_info(CACHED, deterministic=True),)


class SleepSettings(VerifierSettings):
    """How many items one instance works on at once."""

    undecisive = frozenset({"slots"})

    slots: Annotated[int, Field(ge=1)] = 1
    """Items that sleep at the same time; one, as if the work filled a core."""


class WorkParams(Params):
    """How long an item takes."""

    ms: Annotated[float, Field(ge=0, le=60_000)] = 100.0
    """Time of one item in milliseconds."""


class SleepingVerifier(Verifier):
    """Sleeps for each item, one after the other: capacity is known and costs no CPU."""

    name = SLEEPING
    Settings = SleepSettings
    rewards = (RewardInfo(name=SLEEPING, description="Sleeps.", params=WorkParams, deterministic=False),)

    def __init__(self, settings: VerifierSettings) -> None:
        super().__init__(settings)
        self._slots = asyncio.Semaphore(settings.slots if isinstance(settings, SleepSettings) else 1)

    async def score_batch(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Verdict]:
        """1.0 for each item that was slept for before the deadline."""
        return [await self._one(item, deadline) for item in items]

    async def _one(self, item: Item, deadline: Deadline) -> Verdict:
        seconds = float(item.params["ms"]) / 1000
        try:
            async with asyncio.timeout(deadline.remaining_ms() / 1000), self._slots:
                await asyncio.sleep(seconds)
        except TimeoutError:
            return Verdict.timeout("deadline", "the call's time ran out before this was slept for")
        return Verdict.ok(1.0, "slept", "slept as long as asked")


class BurningVerifier(ItemVerifier):
    """Computes in killable workers, for as much CPU time as asked."""

    name = BURNING
    rewards = (RewardInfo(name=BURNING, description="Computes.", params=WorkParams, deterministic=False),)

    def verify(self, item: Item) -> Verdict:
        """1.0 after the work."""
        end = time.process_time() + float(item.params["ms"]) / 1000
        while time.process_time() < end:
            pass
        return Verdict.ok(1.0, "computed", "computed as long as asked")


class HangingVerifier(ItemVerifier):
    """Works in killable workers; hangs for completions that say so."""

    name = "bench_hang"
    rewards = (RewardInfo(name="bench_hang", description="Hangs when told to.", deterministic=False),)
    limits = Limits(cpu_ms=100.0, wall_ms=60_000.0)

    def verify(self, item: Item) -> Verdict:
        """1.0, or no end."""
        while item.completion.startswith(SPIN):
            pass
        while item.completion.startswith(SLEEP):
            time.sleep(3600)
        return Verdict.ok(1.0, "done", "did not have to hang")


STUBS: tuple[type[Verifier], ...] = (
    CheckA,
    CheckB,
    CheckC,
    CheckD,
    CachedCheck,
    SleepingVerifier,
    BurningVerifier,
    HangingVerifier,
)
"""All verifiers for load."""
