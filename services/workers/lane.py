"""Cheap work inside the event loop, cut into slices so that it never stalls the loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from guerdon.services.contract.meter import METER

T = TypeVar("T")
R = TypeVar("R")


class SliceLane:
    """Computes in the event loop, one short slice per turn of the loop over all its callers.

    Callers take turns, first come first served, so a small batch never waits for the end of a large one. Only
    for work that costs microseconds an item: a single item is never interrupted.

    Args:
        slice_ms: how long a slice may last before the loop gets its turn, in milliseconds; one item is
            computed even where it takes longer.
    """

    def __init__(self, slice_ms: float = 2.0) -> None:
        self._slice_s = slice_ms / 1000
        self._turn = asyncio.Lock()

    async def run(self, fn: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Compute ``[fn(item) for item in items]``.

        Raises:
            Exception: whatever ``fn`` raises; the rest of the items are then left undone.
        """
        results: list[R] = []
        remaining = iter(items)
        unfinished = True
        while unfinished:
            async with self._turn:
                unfinished = self._compute_slice(fn, remaining, results)
                # Kept over the turn of the loop: otherwise every waiting caller would get a slice in it.
                await asyncio.sleep(0)
        return results

    def _compute_slice(self, fn: Callable[[T], R], remaining: Iterable[T], results: list[R]) -> bool:
        """Compute items until the slice is over; whether any may be left."""
        meter = METER.get()
        # Thread time, as the processor may be taken from this thread within a slice; read only for who asks.
        begun_s = 0.0 if meter is None else time.thread_time()
        end = time.perf_counter() + self._slice_s
        try:
            for item in remaining:
                results.append(fn(item))
                if time.perf_counter() >= end:
                    return True
            return False
        finally:
            if meter is not None:
                meter.cpu_ms += (time.thread_time() - begun_s) * 1000
