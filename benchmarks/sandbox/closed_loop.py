"""Callers that each ask again as soon as they are answered, for a given time."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from accounting import CpuAccount, machine_s

from guerdon.services.bench.stats import percentile

Call = Callable[[], Awaitable[int]]
"""Asks once; returns how many of the answers were wrong."""
BlockingCall = Callable[[], int]


@dataclass
class Window:
    """What one stretch of time showed.

    ``idle`` and ``others`` are shares of all processors' time: unused, and taken by what is none of ours.
    """

    runs: int = 0
    wrong: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    idle: float = 0.0
    others: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)

    def take(self, begun: float, runs: int, wrong: int) -> None:
        """Count one answered call."""
        self.latencies_ms.append((time.perf_counter() - begun) * 1000)
        self.runs += runs
        self.wrong += wrong

    @property
    def figures(self) -> dict[str, float]:
        """Rate, CPU time a run and latencies of calls; a window without any call has none."""
        if not self.runs:
            return {}
        return {
            "runs_per_s": self.runs / self.seconds,
            "cpu_ms": self.cpu_s * 1000 / self.runs,
            "idle_percent": self.idle * 100,
            "others_percent": self.others * 100,
            **{f"p{percent}_ms": percentile(self.latencies_ms, percent) for percent in (50, 95, 99)},
        }


async def window(call: Call, callers: int, runs: int, seconds: float, account: CpuAccount) -> Window:
    """Let ``callers`` ask for ``seconds``; ``runs`` is how many runs one call is."""
    seen = Window()
    stop = _watch(seen, account)
    until = time.perf_counter() + seconds

    async def caller() -> None:
        while (now := time.perf_counter()) < until:
            seen.take(now, runs, await call())

    await asyncio.gather(*(caller() for _ in range(callers)))
    stop()
    return seen


def blocking_window(call: BlockingCall, callers: int, seconds: float, account: CpuAccount) -> Window:
    """The same with a thread a caller."""
    seen = Window()
    lock = threading.Lock()
    stop = _watch(seen, account)
    until = time.perf_counter() + seconds

    def caller() -> None:
        while (now := time.perf_counter()) < until:
            wrong = call()
            with lock:
                seen.take(now, 1, wrong)

    threads = [threading.Thread(target=caller) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stop()
    return seen


def _watch(seen: Window, account: CpuAccount) -> Callable[[], None]:
    """Read all clocks; what is returned reads them again and notes the differences."""
    begun, cpu_before, (all_before, idle_before) = time.perf_counter(), account.cpu_s(), machine_s()

    def stop() -> None:
        seen.seconds = time.perf_counter() - begun
        seen.cpu_s = account.cpu_s() - cpu_before
        all_, idle = machine_s()
        if (passed := all_ - all_before) > 0:
            seen.idle = (idle - idle_before) / passed
            seen.others = max(0.0, 1 - seen.idle - seen.cpu_s / passed)

    return stop


def medians(windows: Sequence[Window]) -> dict[str, float]:
    """Each figure's median over the windows."""
    figures = [window.figures for window in windows if window.runs]
    return {name: statistics.median(each[name] for each in figures) for name in figures[0]} if figures else {}
