"""How many runs a second the sandbox makes, what one costs, and what a caller waits.

    python benchmarks/sandbox/speed.py [--rounds N] [--seconds S] [--only WORD,…] [--json FILE] [--plot FILE.png]

Closed loops: each caller asks again as soon as it is answered. All ways, rivals included, are measured in turn in
short windows, round after round, so that noise hits all alike; figures are medians of the rounds. CPU time is of
everything together: this process with the engine in it, slots, zygotes and runs. Latency is of a whole call.
Of the machine it is said how much of it nobody used and how much others took, for a rate means little otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from accounting import CpuAccount
from closed_loop import BlockingCall, Call, Window, blocking_window, medians, window
from reporting import (
    Json,
    by_comma,
    circumstances,
    columns_to_show,
    count,
    figure,
    finish,
    parser_for,
    progress,
    table_of,
    wanted,
)
from rivals import Rival, rivals

from guerdon.sandbox import Case, Engine, Program, SandboxSettings, Verdict
from guerdon.sandbox.jail.values import encode

SOURCE = "print(1+1)"
ANSWER = b"2\n"
IMPORTS = (
    *("bisect", "collections", "copy", "dataclasses", "datetime", "decimal", "fractions", "functools", "heapq"),
    *("itertools", "json", "math", "operator", "random", "re", "statistics", "string", "typing"),
)
WITH_IMPORTS = f"import {', '.join(IMPORTS)}\n{SOURCE}"
NUMPY = "import numpy\nprint(int(numpy.arange(2).sum() * 2))"
CPP = '#include <cstdio>\nint main() { std::puts("2"); }'
BATCH = 64
COLUMNS = {
    "callers": "callers",
    "runs/s": "runs_per_s",
    "per core": "runs_per_s_per_core",
    "CPU-ms/run": "cpu_ms",
    "p50 ms": "p50_ms",
    "p95 ms": "p95_ms",
    "p99 ms": "p99_ms",
    "idle %": "idle_percent",
    "others %": "others_percent",
}
LEFT_OUT = ("callers", "p95 ms", "idle %")
"""On a terminal of fewer than ``WIDE`` columns."""
WIDE = 120
TRIVIAL = "one slot a core, 2 callers a slot"


@dataclass
class Way:
    """One thing to measure."""

    name: str
    callers: int
    call: Call | BlockingCall
    runs: int = 1
    fills_cores: bool = False
    counts_cpu: bool = True
    blocking: bool = False
    slow: bool = False
    windows: list[Window] = field(default_factory=list)

    async def measure(self, seconds: float, account: CpuAccount) -> Window:
        """Measure one window."""
        if self.blocking:
            return await asyncio.to_thread(blocking_window, self.call, self.callers, seconds, account)  # type: ignore[arg-type]
        return await window(self.call, self.callers, self.runs, seconds, account)  # type: ignore[arg-type]

    def result(self, cores: int) -> Json:
        """Its figures."""
        figures = medians(self.windows)
        if not self.counts_cpu:
            figures.pop("cpu_ms", None)
        if self.fills_cores and figures:
            figures["runs_per_s_per_core"] = figures["runs_per_s"] / cores
        return {
            "way": self.name,
            "callers": self.callers,
            "runs_a_call": self.runs,
            "runs": sum(each.runs for each in self.windows),
            "wrong": sum(each.wrong for each in self.windows),
            **figures,
        }


def stdio(engine: Engine, source: str, language: str = "python", cases: int = 1) -> Call:
    """Asks for a program that prints 2."""
    program, asked = Program(language=language, source=source), [Case()] * cases

    async def call() -> int:
        result = await engine.run(program, asked)
        return sum(case.verdict is not Verdict.OK or case.stdout != ANSWER for case in result.cases)

    return call


def calls(engine: Engine, cases: int) -> Call:
    """Asks for calls of one function."""
    program = Program(language="python", source="def double(n):\n    return n * 2", entry="double")
    asked = [Case.of_call(n) for n in range(cases)]
    right = [encode(n * 2) for n in range(cases)]

    async def call() -> int:
        result = await engine.run(program, asked)
        return sum(case.value != value for case, value in zip(result.cases, right, strict=True))

    return call


def ways_of(single: Engine, engine: Engine) -> list[Way]:
    """What is measured of the sandbox, on an engine with one slot and one with a slot a core."""
    slots = engine.settings.slot_count
    offered = set(engine.health().languages)
    trivial = stdio(engine, SOURCE)
    ways = [
        Way("one slot, 1 caller", 1, stdio(single, SOURCE)),
        Way("one slot, 2 callers", 2, stdio(single, SOURCE)),
        Way("one slot a core, 1 caller", 1, trivial),
        Way(TRIVIAL, 2 * slots, trivial, fills_cores=True),
        Way("one slot a core, 8 callers a slot", 8 * slots, trivial, fills_cores=True),
        Way("18 imports, 1 caller", 1, stdio(engine, WITH_IMPORTS)),
        Way("18 imports, 2 callers a slot", 2 * slots, stdio(engine, WITH_IMPORTS), fills_cores=True),
        Way(f"{BATCH} stdio cases a call", 2 * slots, stdio(engine, SOURCE, cases=BATCH), BATCH, fills_cores=True),
        Way(f"{BATCH} calls of a function a call", 2 * slots, calls(engine, BATCH), BATCH, fills_cores=True),
    ]
    if "python-scientific" in offered:
        numpy = stdio(engine, NUMPY, "python-scientific")
        ways += [
            Way("numpy, 1 caller", 1, numpy),
            Way("numpy, 2 callers a slot", 2 * slots, numpy, fills_cores=True),
        ]
    if "cpp" in offered:
        hello = stdio(engine, CPP, "cpp")
        ways += [Way("C++, 1 caller", 1, hello), Way("C++, 2 callers a slot", 2 * slots, hello, fills_cores=True)]
    return ways


def ways_of_rivals(found: Sequence[Rival], cores: int, account: CpuAccount) -> list[Way]:
    """What is measured of the others: one at a time, and one a core."""
    ways = []
    for rival in found:
        for name, callers in (("1 caller", 1), ("1 caller a core", cores)):
            way = Way(f"{rival.name}, {name}", callers, rival.call, fills_cores="core" in name, blocking=True)
            way.counts_cpu, way.slow = rival.ours and (rival.reaps or account.exact), rival.slow
            ways.append(way)
    return ways


async def measure(words: argparse.Namespace, account: CpuAccount) -> Json:
    """Start everything, go round, and return what was found."""
    async with (
        Engine(SandboxSettings(slots=1, tier=words.tier)) as single,
        Engine(SandboxSettings(slots=words.slots, tier=words.tier)) as engine,
    ):
        around = circumstances(engine)
        found, skipped = await asyncio.to_thread(rivals, SOURCE, WITH_IMPORTS, ANSWER)
        ways = [*ways_of(single, engine), *ways_of_rivals(found, around["cores"], account)]
        ways = [way for way in ways if wanted(way.name, words.only)]
        with progress(len(ways) * (words.rounds + 1)) as advance:
            for way in ways:
                advance(doing=f"warming up: {way.name}")
                # What it takes the first time (a zygote, a compile step) is not what is asked here.
                await way.measure(0.0 if way.slow else words.seconds / 4, account)
                await way.measure(0.001, account)
            for number in range(words.rounds):
                for way in ways:
                    advance(doing=f"round {number + 1}: {way.name}")
                    if not (way.slow and number >= words.slow_rounds):
                        way.windows.append(await way.measure(words.seconds, account))
        return {
            "circumstances": around,
            "cpu_time_from": account.how,
            "rounds": words.rounds,
            "seconds": words.seconds,
            "skipped": skipped,
            "ways": [way.result(around["cores"]) for way in ways],
        }


def derived(ways: Sequence[Json]) -> Json:
    """Figures made of two ways each; those whose ways were not measured are left out."""
    by_name = {way["way"]: way for way in ways if way["runs"]}
    figures: Json = {}

    def compare(name: str, first: str, second: str, field_: str, *, ratio: bool) -> None:
        one, other = (by_name.get(way, {}).get(field_) for way in (first, second))
        if one is not None and other:
            figures[name] = one / other if ratio else one - other

    compare("18 imports add, CPU-ms", "18 imports, 2 callers a slot", TRIVIAL, "cpu_ms", ratio=False)
    compare("18 imports add, p50 ms", "18 imports, 1 caller", "one slot a core, 1 caller", "p50_ms", ratio=False)
    compare(
        "18 imports add to python -I -S, CPU-ms",
        "python -I -S, 18 imports, 1 caller a core",
        "python -I -S, 1 caller a core",
        "cpu_ms",
        ratio=False,
    )
    for rival in ("python -I -S", "bubblewrap, python -I -S", "docker run, python -I -S"):
        saturated, single = f"{rival}, 1 caller a core", f"{rival}, 1 caller"
        compare(f"runs/s, times {rival}", TRIVIAL, saturated, "runs_per_s", ratio=True)
        compare(f"p50 of {rival}, times ours", single, "one slot a core, 1 caller", "p50_ms", ratio=True)
        compare(f"CPU of {rival}, times ours", saturated, TRIVIAL, "cpu_ms", ratio=True)
    return figures


def draw(ways: Sequence[Json]) -> object:
    """CPU time and latency of each way as bars."""
    ways = [way for way in ways if way["runs"]]
    picture = figure(12, 1.5 + 0.35 * len(ways))
    left, right = picture.subplots(1, 2, sharey=True)
    rows = range(len(ways))
    bars = left.barh(rows, [way.get("cpu_ms", 0.0) for way in ways])
    left.bar_label(
        bars, [f"{way['cpu_ms']:.3g}" if "cpu_ms" in way else "?" for way in ways], padding=2, fontsize=7
    )
    left.set_title("CPU-ms a run, everything included")
    for colour, percent in (("tab:red", 99), ("tab:orange", 95), ("tab:blue", 50)):
        right.barh(rows, [way[f"p{percent}_ms"] for way in ways], color=colour, label=f"p{percent}")
    right.set_title("latency of a call, ms")
    right.legend()
    for axes in (left, right):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter("")
        axes.grid(axis="x", alpha=0.3)
    left.set_yticks(rows, [way["way"] for way in ways])
    left.invert_yaxis()
    return picture


def main() -> int:
    """Measure and show."""
    parser = parser_for(__doc__, plot="CPU time and latencies")
    parser.add_argument("--rounds", type=count, default=7, help="windows of each way (default 7)")
    parser.add_argument("--slow-rounds", type=count, default=2, help="windows of docker run (default 2)")
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a window (default 1.5)")
    parser.add_argument("--slots", type=int, default=0, help="default: one a usable core")
    parser.add_argument("--tier", default="full", help="default full")
    parser.add_argument(
        "--only", type=by_comma, default=(), metavar="WORD,…", help="ways with one of these in their name"
    )
    words = parser.parse_args()
    with CpuAccount() as account:
        report = asyncio.run(measure(words, account))
    ways = report["ways"]
    report["figures"] = derived(ways)
    if words.plot:
        draw(ways).savefig(words.plot)  # type: ignore[attr-defined]
    shown = [column for column in COLUMNS if columns_to_show() >= WIDE or column not in LEFT_OUT]
    tables = [
        table_of(("way", *shown), [(way["way"], *(way.get(COLUMNS[column]) for column in shown)) for way in ways]),
        table_of(("compared", "value"), report["figures"].items()),
    ]
    tables += [table_of(("skipped",), [(why,) for why in report["skipped"]])] if report["skipped"] else []
    problems = [f"{way['way']}: {way['wrong']} of {way['runs']} runs were wrong" for way in ways if way["wrong"]]
    return finish(report, words, tables, problems)


if __name__ == "__main__":
    sys.exit(main())
