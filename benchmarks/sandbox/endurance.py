"""A hundred thousand runs of all sorts: what was wrong, what was left behind, what grew.

    python benchmarks/sandbox/endurance.py [--runs N] [--seed N] [--json FILE] [--plot FILE.png]

The right answers are worked out outside the sandbox. What there is of the engine is counted when a tenth of the
runs is done, when all are, both times with the engine idle, and after it was closed. Files and the kernel's
memory are the whole machine's: no other engine should run beside.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from census import census, groups, grown, kernel, litter, memory_kib
from mix import OTHER_LANGUAGES, Mix, Sample
from reporting import Advance, Json, by_comma, circumstances, count, figure, finish, parser_for, progress, table_of

from guerdon.sandbox import CaseResult, Engine, SandboxError, SandboxSettings, UnknownLanguage, Verdict
from guerdon.sandbox.engine.languages import InstalledLanguages, check_tier

_PR_SET_CHILD_SUBREAPER = 36
_EXAMPLES = 20
_SETTLE_S = 0.5
MEMORY_OF = ("engine", "slots", "zygotes and runs")
MAX_GROWTH_KIB = 20 << 10


@dataclass
class Tally:
    """What came of the runs."""

    runs: int = 0
    wrong: int = 0
    not_judged: int = 0
    reran: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    by_verdict: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def take(self, sample: Sample, results: tuple[CaseResult, ...]) -> None:
        """Check and count a sample's results."""
        for result, check in zip(results, sample.checks, strict=True):
            self.runs += 1
            self.by_kind[sample.kind] += 1
            self.by_verdict[result.verdict] += 1
            self.reran += result.reran
            if result.verdict is Verdict.NOT_JUDGED:
                self.not_judged += 1
                self._note(f"{sample.kind}: not judged: {result.detail}")
            elif fault := check(result):
                self.wrong += 1
                self._note(f"{sample.kind}: {fault}")

    def _note(self, text: str) -> None:
        if len(self.examples) < _EXAMPLES:
            self.examples.append(f"run {self.runs}: {text}")


class Endurance:
    """One engine under a mixed load.

    Args:
        engine: started.
        words: of the command line.
        advance: moves the progress bar.
    """

    def __init__(self, engine: Engine, words: argparse.Namespace, advance: Advance) -> None:
        self.tally = Tally()
        self.samples: list[Json] = []
        self._engine = engine
        self._mix = Mix(words.seed, engine.settings.warm)
        self._callers = words.callers or 4 * engine.settings.slot_count
        self._every_s = words.every
        self._tier = words.tier
        self._advance = advance
        self._begun = time.monotonic()

    @property
    def slots(self) -> list[int]:
        """Processes of the slots."""
        return [slot.pid for slot in self._engine.health().slots]

    async def until(self, runs: int) -> None:
        """Go on until so many runs are done, then let the engine come to rest."""
        watch = asyncio.create_task(self._watch())
        await asyncio.gather(*(self._caller(runs) for _ in range(self._callers)))
        watch.cancel()
        await asyncio.wait([watch])
        # Ended processes and emptied groups take a moment to vanish.
        await asyncio.sleep(_SETTLE_S)
        self._measure()

    def count(self) -> Json:
        """What there is now."""
        return {
            "runs": self.tally.runs,
            **census(self.slots, self._tier),
            "memory_kib": memory_kib(self.slots),
            **kernel(),
        }

    async def _caller(self, runs: int) -> None:
        while self.tally.runs < runs:
            sample = self._mix.next()
            try:
                result = await self._engine.run(sample.program, sample.cases, sample.limits, tenant=sample.kind)
            except SandboxError as error:
                raise RuntimeError(f"{sample.kind} was refused: {error}") from error
            self.tally.take(sample, result.cases)
            self._advance(len(sample.cases), f"wrong {self.tally.wrong}, not judged {self.tally.not_judged}")

    async def _watch(self) -> None:
        while True:
            self._measure()
            await asyncio.sleep(self._every_s)

    def _measure(self) -> None:
        now = round(time.monotonic() - self._begun, 2)
        self.samples.append({"seconds": now, "runs": self.tally.runs, **memory_kib(self.slots)})


@contextmanager
def subreaper() -> Iterator[None]:
    """Orphans of ours become our children, so that none can get out of sight."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def languages(tier: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """Python, and those of the languages wanted whose programs can run here."""
    found = ["python"]
    for name in wanted:
        with suppress(UnknownLanguage):
            check_tier(InstalledLanguages().find(name), tier)
            found.append(name)
    return tuple(found)


async def measure(words: argparse.Namespace) -> Json:
    """Run everything and return what was found."""
    before, litter_before = census([], words.tier), set(litter(words.tier))
    with progress(words.runs) as advance:
        # With all that the mix needs from the start, or the first run of a language would look like a leak.
        settings = SandboxSettings(slots=words.slots, tier=words.tier, warm=languages(words.tier, words.languages))
        async with Engine(settings) as engine:
            around = circumstances(engine)
            endurance = Endurance(engine, words, advance)
            begun = time.monotonic()
            await endurance.until(words.runs // 10)
            tenth = endurance.count()
            await endurance.until(words.runs)
            seconds = time.monotonic() - begun
            end = endurance.count()
            health = engine.health()
        await asyncio.sleep(_SETTLE_S)
        after = census([], words.tier)
    tally = endurance.tally
    return {
        "circumstances": around,
        "seed": words.seed,
        "runs": tally.runs,
        "runs_per_s": tally.runs / seconds,
        "wrong": tally.wrong,
        "not_judged": tally.not_judged,
        "reran": tally.reran,
        "by_kind": dict(tally.by_kind),
        "by_verdict": dict(tally.by_verdict),
        "examples": tally.examples,
        "slot_restarts": sum(slot.restarts for slot in health.slots),
        "counts": {"before": before, "tenth": tenth, "end": end, "closed": after},
        "left": [str(path) for path in {*groups(os.getpid()), *litter(words.tier)} - litter_before],
        "samples": endurance.samples,
    }


def problems_of(report: Json) -> list[str]:
    """What must not be."""
    found = [f"{report[key]} runs were {key.replace('_', ' ')}" for key in ("wrong", "not_judged") if report[key]]
    found += report["examples"]
    counts = report["counts"]
    for earlier, later in (("tenth", "end"), ("before", "closed")):
        at = {what: counts[earlier][what] for what in counts["before"]}
        found += [f"{each} ({earlier} to {later})" for each in grown(at, counts[later])]
    growth = grown_kib(report)
    if growth > MAX_GROWTH_KIB:
        found.append(f"engine and slots grew by {growth / 1024:.1f} MiB")
    return found + [f"left: {path}" for path in report["left"]]


def grown_kib(report: Json) -> int:
    """By how much engine and slots together grew from a tenth of the runs to all of them."""
    tenth, end = (report["counts"][when]["memory_kib"] for when in ("tenth", "end"))
    return int(end["engine"] + end["slots"] - tenth["engine"] - tenth["slots"])


def draw(report: Json) -> object:
    """Resident memory over the runs."""
    picture = figure(9, 5)
    axes = picture.subplots()
    runs = [sample["runs"] for sample in report["samples"]]
    for what in MEMORY_OF:
        axes.plot(runs, [sample[what] / 1024 for sample in report["samples"]], label=what)
    axes.axvline(report["counts"]["tenth"]["runs"], color="grey", linestyle=":")
    axes.set_xlabel("runs done")
    axes.set_ylabel("resident memory, MiB, all of a kind together")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    return picture


def main() -> int:
    """Run and show."""
    parser = parser_for(__doc__, plot="resident memory over the runs")
    parser.add_argument("--runs", type=count, default=100_000, help="default 100,000")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of programs (default 1)")
    parser.add_argument("--slots", type=int, default=0, help="default: one a usable core")
    parser.add_argument("--callers", type=int, default=0, help="default: 4 a slot")
    parser.add_argument(
        "--every", type=float, default=5.0, metavar="S", help="between looks at memory (default 5)"
    )
    parser.add_argument(
        "--languages",
        type=by_comma,
        default=OTHER_LANGUAGES,
        help=f"beside Python (default {','.join(OTHER_LANGUAGES)})",
    )
    parser.add_argument("--tier", default="full", help="default full")
    words = parser.parse_args()
    with subreaper():
        report = asyncio.run(measure(words))
    report["grown_kib"] = grown_kib(report)
    if words.plot:
        draw(report).savefig(words.plot)  # type: ignore[attr-defined]
    counts = report["counts"]
    names = [*counts["before"], *kernel()]
    memory = [
        (
            f"{what}, MiB resident",
            None,
            *(counts[when]["memory_kib"][what] / 1024 for when in ("tenth", "end")),
            None,
        )
        for what in MEMORY_OF
    ]
    columns = ("before", "tenth", "end", "closed")
    summary = ("runs", "runs_per_s", "wrong", "not_judged", "reran", "slot_restarts", "grown_kib")
    tables = [
        table_of(
            ("what there is", "before", "10 %", "100 %", "closed"),
            [*((name, *(counts[when].get(name) for when in columns)) for name in names), *memory],
        ),
        table_of(("kind", "runs"), report["by_kind"].items()),
        table_of(("all", "value"), [(name.replace("_", " "), report[name]) for name in summary]),
    ]
    return finish(report, words, tables, problems_of(report))


if __name__ == "__main__":
    sys.exit(main())
