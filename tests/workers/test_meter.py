"""CPU time is charged to the call that work is done for, however the work ends."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from guerdon.services.contract import Deadline, Limits
from guerdon.services.contract.meter import METER, Meter
from guerdon.services.workers import SliceLane

NEVER = Deadline.never()


def spin(ms: float) -> float:
    """Use CPU time."""
    end = time.thread_time() + ms / 1000
    while time.thread_time() < end:
        pass
    return ms


async def metered(work: Any) -> float:
    """CPU time in milliseconds that is charged for some work of its own."""

    async def call() -> float:
        METER.set(made := Meter())
        await work
        return made.cpu_ms

    return await asyncio.create_task(call())


async def test_work_in_a_worker_is_charged(start_pool: Any) -> None:
    """As much as its outcome says, to the call that asked for it."""
    pool = await start_pool()
    METER.set(mine := Meter())
    outcome = await pool.run(["burn", 50], deadline=NEVER)
    assert mine.cpu_ms == outcome.cpu_ms >= 50


async def test_calls_side_by_side_are_charged_apart(start_pool: Any) -> None:
    """Each for its own work."""
    pool = await start_pool()
    light, heavy = await asyncio.gather(
        metered(pool.run(["echo", 1], deadline=NEVER)), metered(pool.run(["burn", 200], deadline=NEVER))
    )
    assert light < 100 < heavy


async def test_every_attempt_is_charged(start_pool: Any) -> None:
    """Work near its limit is measured twice and costs twice."""
    pool = await start_pool()
    METER.set(mine := Meter())
    outcome = await pool.run(["burn", 200], deadline=NEVER, limits=Limits(cpu_ms=220))
    assert outcome.attempts == 2
    assert mine.cpu_ms >= 390


async def test_work_that_is_killed_is_charged(start_pool: Any) -> None:
    """At its limit, at the deadline, and when nobody waits for it any more."""
    pool = await start_pool()
    limited = await metered(pool.run(["hang_in_python", None], deadline=NEVER, limits=Limits(cpu_ms=100)))
    late = await metered(pool.run(["hang_in_python", None], deadline=Deadline.after_ms(300)))
    assert limited >= 100
    assert late > 0
    METER.set(mine := Meter())
    call = asyncio.create_task(pool.run(["hang_in_python", None], deadline=NEVER))
    await asyncio.sleep(0.2)
    call.cancel()
    await asyncio.wait([call])
    assert mine.cpu_ms > 0


async def test_work_that_is_lost_and_tried_again_is_charged(start_pool: Any, tmp_path: Path) -> None:
    """Whatever is known of the lost attempt, and the second."""
    pool = await start_pool()
    METER.set(mine := Meter())
    outcome = await pool.run(["die_once", str(tmp_path / "flag")], deadline=NEVER)
    assert (outcome.value, outcome.attempts) == ("survived", 2)
    assert mine.cpu_ms >= outcome.cpu_ms


async def test_health_checks_are_charged_to_nobody(start_pool: Any) -> None:
    """A ping belongs to no call."""
    pool = await start_pool()
    await pool.check_health()
    assert METER.get() is None


async def test_slices_are_charged() -> None:
    """To whom they are computed for, also where callers take turns."""
    lane = SliceLane(slice_ms=1)
    small, large = await asyncio.gather(metered(lane.run(spin, [0.5] * 4)), metered(lane.run(spin, [0.5] * 40)))
    assert 2 <= small < 10
    assert 20 <= large < 40


async def test_a_slice_that_fails_is_charged() -> None:
    """What was spent is spent."""

    def fail(_: int) -> None:
        spin(2)
        raise ValueError("as asked")

    METER.set(mine := Meter())
    with pytest.raises(ValueError, match="as asked"):
        await SliceLane().run(fail, [1])
    assert mine.cpu_ms >= 2
