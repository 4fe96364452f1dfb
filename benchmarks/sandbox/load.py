"""A steady load of programs whose answers are known, to do harm under."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from guerdon.sandbox import Case, Engine, Program, Verdict

_WORK = "x = 1\nfor n in range(150_000):\n    x = (x * 69069 + n) % 65521\nprint(x)"
_LINES = "import sys\nprint(sum(map(int, sys.stdin.read().split())))"
_EXAMPLES = 5


def _worked() -> bytes:
    x = 1
    for n in range(150_000):
        x = (x * 69069 + n) % 65521
    return b"%d\n" % x


def _programs() -> list[tuple[Program, list[Case], list[bytes]]]:
    """Programs, their cases, and what each case must print."""
    sums = [Case(stdin=f"{n} {n + 1}\n".encode()) for n in range(6)]
    plain = [
        ("print(1+1)", [Case()], [b"2\n"]),
        (_WORK, [Case()], [_worked()]),
        (_LINES, sums, [b"%d\n" % (2 * n + 1) for n in range(6)]),
        ("import time\ntime.sleep(0.02)\nprint('slept')", [Case()], [b"slept\n"]),
    ]
    return [(Program(language="python", source=source), cases, answers) for source, cases, answers in plain]


@dataclass
class Outcome:
    """What the cases of a load came to."""

    right: int = 0
    not_judged: int = 0
    wrong: int = 0
    """Any verdict but those two, or a wrong answer."""
    details: Counter[str] = field(default_factory=Counter)

    def take(self, verdict: Verdict, detail: str, *, right: bool) -> None:
        """Count one case."""
        if verdict is Verdict.OK and right:
            self.right += 1
        elif verdict is Verdict.NOT_JUDGED:
            self.not_judged += 1
            self.details[f"not judged: {detail}"] += 1
        else:
            self.wrong += 1
            self.details[f"wrong: {verdict} {detail}"] += 1

    def most(self) -> list[str]:
        """The most frequent reasons."""
        return [f"{times} x {text}" for text, times in self.details.most_common(_EXAMPLES)]


@asynccontextmanager
async def load(engine: Engine, callers: int) -> AsyncIterator[Outcome]:
    """Keep so many callers asking until the end of the block; all their calls are answered then."""
    outcome = Outcome()
    over = asyncio.Event()
    programs = _programs()

    async def caller(first: int) -> None:
        for program, cases, answers in itertools.islice(itertools.cycle(programs), first % len(programs), None):
            if over.is_set():
                return
            result = await engine.run(program, cases)
            for case, answer in zip(result.cases, answers, strict=True):
                outcome.take(case.verdict, case.detail, right=case.stdout == answer)

    tasks = [asyncio.create_task(caller(number)) for number in range(callers)]
    try:
        yield outcome
    finally:
        over.set()
        await asyncio.gather(*tasks)


async def until(true: Callable[[], bool], timeout_s: float) -> float:
    """Wait until something holds; returns the seconds it took, infinity where it never came."""
    begun = time.monotonic()
    while not true():
        if time.monotonic() - begun > timeout_s:
            return float("inf")
        await asyncio.sleep(0.002)
    return time.monotonic() - begun
