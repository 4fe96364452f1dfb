"""Verdicts and times on a node that has far more to do than it can.

    python benchmarks/sandbox/overload.py [--runs N] [--limit MS] [--times N] [--json FILE] [--plot FILE.png]

* A correct program that uses 60 % of its CPU limit, with N times as many slots as cores, all of them busy: how
  many verdicts are not ``ok``, how much CPU time the same work took, and how many a second run alone saved.
* Programs that never end: by how much they overshoot their CPU limit, on an idle node and beside that load. Here
  there are no second runs, which would hide what happened in the first.
* Trivial programs with two callers a core: what the slowest wait.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from reporting import Advance, Json, circumstances, count, figure, finish, parser_for, progress, table_of
from rich.table import Table

from guerdon.sandbox import Case, CaseResult, Engine, Limits, Program, SandboxSettings, Verdict
from guerdon.services.bench.stats import percentile

SHARE = 0.6
MAX_OVERSHOOT_MS = 50.0
_STEPS = 200_000
_CALIBRATIONS = 7
_WORK = """
def work(steps):
    x = 1
    for _ in range(steps):
        x = (x * 1103515245 + 12345) % 2147483648
    return x
print(work({steps}))
"""
_FOREVER = Program(language="python", source="while True: pass")
_TRIVIAL = Program(language="python", source="print(1+1)")


@dataclass
class Seen:
    """Results of one kind of program."""

    results: list[CaseResult] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)

    @property
    def verdicts(self) -> dict[str, int]:
        """How often each came."""
        return dict(Counter(result.verdict.value for result in self.results))


async def ask(engine: Engine, seen: Seen, program: Program, limits: Limits) -> CaseResult:
    """Run one case and keep the result."""
    begun = time.perf_counter()
    result = (await engine.run(program, [Case()], limits)).cases[0]
    seen.waits_ms.append((time.perf_counter() - begun) * 1000)
    seen.results.append(result)
    return result


async def fill(callers: int, runs: int, once: Callable[[], object]) -> None:
    """Let callers ask again and again until there were so many runs."""
    left = iter(range(runs))

    async def caller() -> None:
        for _ in left:
            await once()  # type: ignore[misc]

    await asyncio.gather(*(caller() for _ in range(callers)))


def work(steps: int) -> tuple[Program, bytes]:
    """The correct program and what it must print."""
    x = 1
    for _ in range(steps):
        x = (x * 1103515245 + 12345) % 2147483648
    return Program(language="python", source=_WORK.format(steps=steps)), b"%d\n" % x


async def calibrate(engine: Engine, cpu_ms: float) -> int:
    """Steps of work that take ``cpu_ms`` of CPU time when nothing else runs."""
    seen = Seen()
    for _ in range(_CALIBRATIONS):
        await ask(engine, seen, work(_STEPS)[0], Limits(cpu_ms=60_000))
    base = Seen()
    for _ in range(_CALIBRATIONS):
        await ask(engine, base, _TRIVIAL, Limits())
    start_up, whole = (statistics.median(result.cpu_ms for result in each.results) for each in (base, seen))
    return max(1, round(_STEPS * (cpu_ms - start_up) / (whole - start_up)))


async def flips(words: argparse.Namespace, advance: Advance) -> tuple[Json, Json]:
    """The correct program under the overload, and the circumstances."""
    settings = SandboxSettings(slots=words.times * words.cores, tier=words.tier, speed_factor=1.0)
    limits = Limits(cpu_ms=words.limit)
    async with Engine(settings) as engine:
        around = circumstances(engine)
        advance(0, "calibrating")
        steps = await calibrate(engine, words.limit * SHARE)
        program, answer = work(steps)
        alone = Seen()
        for _ in range(_CALIBRATIONS):
            await ask(engine, alone, program, limits)
        loaded = Seen()

        async def once() -> None:
            await ask(engine, loaded, program, limits)
            advance(1, "60 % of the CPU limit, overloaded")

        begun = time.monotonic()
        await fill(2 * settings.slot_count, words.runs, once)
        seconds = time.monotonic() - begun
    cpu = [result.cpu_ms for result in loaded.results]
    wrong = [result for result in loaded.results if result.verdict is not Verdict.OK or result.stdout != answer]
    return around, {
        "slots": settings.slot_count,
        "limit_ms": words.limit,
        "steps": steps,
        "runs": len(loaded.results),
        "seconds": seconds,
        "cpu_ms_alone": statistics.median(result.cpu_ms for result in alone.results),
        "cpu_ms_p50": percentile(cpu, 50),
        "cpu_ms_p99": percentile(cpu, 99),
        "cpu_ms_max": max(cpu),
        "wall_ms_max": max(result.wall_ms for result in loaded.results),
        "verdicts": loaded.verdicts,
        "flips": sum(result.verdict is not Verdict.NOT_JUDGED for result in wrong),
        "not_judged": sum(result.verdict is Verdict.NOT_JUDGED for result in wrong),
        "saved_by_second_run": sum(result.reran and result.verdict is Verdict.OK for result in loaded.results),
        "examples": sorted({f"{result.verdict}: {result.detail}" for result in wrong})[:10],
        "cpu_ms": cpu,
    }


async def overshoot(words: argparse.Namespace, steps: int, advance: Advance) -> Json:
    """Programs that never end, on an idle node and beside the load."""
    settings = SandboxSettings(slots=words.times * words.cores, tier=words.tier, speed_factor=1.0, rerun=False)
    limits = Limits(cpu_ms=words.limit)
    program, _ = work(steps)
    async with Engine(settings) as engine:
        idle, loaded, beside = Seen(), Seen(), Seen()
        for _ in range(words.loops):
            await ask(engine, idle, _FOREVER, limits)
            advance(1, "CPU limit, idle")
        over = asyncio.Event()

        async def load() -> None:
            while not over.is_set():
                await ask(engine, beside, program, limits)

        async def once() -> None:
            await ask(engine, loaded, _FOREVER, limits)
            advance(1, "CPU limit, overloaded")

        background = [asyncio.create_task(load()) for _ in range(settings.slot_count)]
        await fill(settings.slot_count, words.loops, once)
        over.set()
        await asyncio.gather(*background)
    return {"idle": _overshoots(idle, words.limit), "overloaded": _overshoots(loaded, words.limit)}


def _overshoots(seen: Seen, limit_ms: int) -> Json:
    over = [result.cpu_ms - limit_ms for result in seen.results]
    return {
        "runs": len(over),
        "verdicts": seen.verdicts,
        "overshoot_ms_p50": percentile(over, 50),
        "overshoot_ms_p99": percentile(over, 99),
        "overshoot_ms_max": max(over),
        "overshoot_ms": over,
    }


async def waiting(words: argparse.Namespace, slots: int, advance: Advance) -> Json:
    """Trivial programs with two callers a core."""
    async with Engine(SandboxSettings(slots=slots, tier=words.tier, speed_factor=1.0)) as engine:
        warm, seen = Seen(), Seen()
        await fill(2 * words.cores, 20 * words.cores, lambda: ask(engine, warm, _TRIVIAL, Limits()))

        async def once() -> None:
            await ask(engine, seen, _TRIVIAL, Limits())
            advance(1, f"trivial, 2 callers a core, {slots} slots")

        await fill(2 * words.cores, words.trivial, once)
    return {
        "slots": slots,
        "callers": 2 * words.cores,
        "runs": len(seen.results),
        "verdicts": seen.verdicts,
        **{f"p{percent}_ms": percentile(seen.waits_ms, percent) for percent in (50, 95, 99)},
        "own_ms_p50": percentile([result.wall_ms for result in seen.results], 50),
    }


async def measure(words: argparse.Namespace) -> Json:
    """Measure everything in turn."""
    with progress(words.runs + 2 * words.loops + 2 * words.trivial) as advance:
        around, flipped = await flips(words, advance)
        over = await overshoot(words, flipped["steps"], advance)
        waits = [await waiting(words, slots, advance) for slots in (words.cores, 2 * words.cores)]
    return {"circumstances": around, "share": SHARE, "flips": flipped, "overshoot": over, "trivial": waits}


def problems_of(report: Json) -> list[str]:
    """What must not be."""
    flipped = report["flips"]
    found = [f"{flipped[key]} of {flipped['runs']} {key}" for key in ("flips", "not_judged") if flipped[key]]
    found += flipped["examples"]
    for when, seen in report["overshoot"].items():
        if seen["verdicts"] != {"time_limit": seen["runs"]}:
            found.append(f"endless programs, {when}: {seen['verdicts']}")
        if seen["overshoot_ms_max"] > MAX_OVERSHOOT_MS:
            found.append(f"{when}: a CPU limit was overshot by {seen['overshoot_ms_max']:.0f} ms")
    found += [
        f"trivial programs: {seen['verdicts']}"
        for seen in report["trivial"]
        if seen["verdicts"] != {"ok": seen["runs"]}
    ]
    return found


def draw(report: Json) -> object:
    """CPU time of the correct program, and overshoots."""
    picture = figure(11, 4.5)
    left, right = picture.subplots(1, 2)
    flipped = report["flips"]
    left.hist(flipped["cpu_ms"], bins=60)
    for where, name in ((flipped["cpu_ms_alone"], "alone"), (flipped["limit_ms"], "limit")):
        left.axvline(where, linestyle=":", color="black" if name == "alone" else "tab:red", label=name)
    left.set_xlabel("CPU-ms the same work took under overload")
    left.legend()
    for when, seen in report["overshoot"].items():
        values = sorted(seen["overshoot_ms"])
        right.plot(values, [(place + 1) / len(values) for place in range(len(values))], label=when)
    right.set_xlabel("CPU-ms beyond the limit")
    right.set_ylabel("share of endless programs")
    for axes in (left, right):
        axes.grid(alpha=0.3)
    right.legend()
    return picture


def tables_of(report: Json) -> list[Table]:
    """What people want to see."""
    hidden = ("steps", "cpu_ms", "verdicts", "examples")
    over = ("overshoot_ms_p50", "overshoot_ms_p99", "overshoot_ms_max")
    waits = ("runs", "p50_ms", "p95_ms", "p99_ms", "own_ms_p50")
    return [
        table_of(
            ("60 % of the CPU limit, overloaded", "value"),
            [(name.replace("_", " "), value) for name, value in report["flips"].items() if name not in hidden],
        ),
        table_of(
            ("endless programs", "runs", "p50 over, ms", "p99", "max"),
            [(when, seen["runs"], *(seen[name] for name in over)) for when, seen in report["overshoot"].items()],
        ),
        table_of(
            ("trivial programs, 2 callers a core", "runs", "p50 ms", "p95", "p99", "own p50"),
            [(f"{seen['slots']} slots", *(seen[name] for name in waits)) for seen in report["trivial"]],
        ),
    ]


def main() -> int:
    """Measure and show."""
    parser = parser_for(__doc__, plot="CPU times and overshoots")
    parser.add_argument("--runs", type=count, default=1000, help="of the correct program (default 1,000)")
    parser.add_argument("--limit", type=count, default=250, metavar="MS", help="CPU limit (default 250)")
    parser.add_argument("--times", type=count, default=8, metavar="N", help="slots a core (default 8)")
    parser.add_argument(
        "--loops", type=count, default=100, help="endless programs, idle and again loaded (default 100)"
    )
    parser.add_argument("--trivial", type=count, default=2000, help="trivial programs (default 2,000)")
    parser.add_argument("--tier", default="full", help="default full")
    words = parser.parse_args()
    words.cores = SandboxSettings().slot_count
    report = asyncio.run(measure(words))
    if words.plot:
        draw(report).savefig(words.plot)  # type: ignore[attr-defined]
    return finish(report, words, tables_of(report), problems_of(report))


if __name__ == "__main__":
    sys.exit(main())
