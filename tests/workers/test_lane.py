"""Cheap work inside the event loop."""

import asyncio
import time

import pytest

from guerdon.services.workers import SliceLane


def spin(ms: float) -> float:
    """Keep the loop busy."""
    end = time.perf_counter() + ms / 1000
    while time.perf_counter() < end:
        pass
    return ms


async def test_results_in_order() -> None:
    """The results are those of a plain loop, in its order."""
    assert await SliceLane().run(lambda n: n * n, range(1000)) == [n * n for n in range(1000)]


async def test_nothing_to_do() -> None:
    """No items give no results."""
    assert await SliceLane().run(spin, []) == []


async def test_loop_gets_its_turn_between_slices() -> None:
    """Other callbacks of the loop run between the slices of one batch."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(count())
    await SliceLane(slice_ms=1).run(spin, [0.5] * 40)
    other.cancel()
    assert turns >= 10


async def test_callers_take_turns() -> None:
    """A small batch is done long before a large one that came first."""
    lane = SliceLane(slice_ms=1)
    order: list[str] = []

    async def run(name: str, count: int) -> None:
        await lane.run(spin, [0.5] * count)
        order.append(name)

    await asyncio.gather(run("large", 100), run("small", 4), run("tiny", 1))
    assert order == ["tiny", "small", "large"]


async def test_one_slice_per_turn_over_all_callers() -> None:
    """However many callers there are, the loop computes one slice and then does something else."""
    lane = SliceLane(slice_ms=1)
    events: list[str] = []

    async def watch() -> None:
        while True:
            events.append("turn")
            await asyncio.sleep(0)

    def work(_: int) -> None:
        events.append("slice")
        spin(1.1)

    watcher = asyncio.create_task(watch())
    await asyncio.gather(*(lane.run(work, [1, 2]) for _ in range(5)))
    watcher.cancel()
    assert "slice,slice" not in ",".join(events)
    assert events.count("slice") == 10


async def test_errors_reach_the_caller_and_free_the_lane() -> None:
    """An exception of the function is the caller's, and the lane works on for others."""
    lane = SliceLane()
    with pytest.raises(ZeroDivisionError):
        await lane.run(lambda n: 1 // n, [1, 0])
    assert await lane.run(lambda n: 1 // n, [1]) == [1]
