"""Everything at once: deaths, late cases, deadlines, cancelled calls, failures, full queues."""

import asyncio
import random
import time
from pathlib import Path

import pytest
from sandbox_engines import StartEngine, scripts

from guerdon.sandbox.engine.engine import Engine
from guerdon.sandbox.errors import SandboxError
from guerdon.sandbox.program import Limits
from guerdon.sandbox.result import RunResult, Verdict

ALLOWED = {
    "say": {"ok", "not_judged"},
    "sleep": {"ok", "not_judged"},
    "verdict": {"runtime_error", "not_judged"},
    "late": {"ok", "time_limit", "not_judged"},
    "die": {"ok", "not_judged"},
    "skip": {"not_judged"},
}


def words(chance: random.Random, folder: Path) -> list[str]:
    """The cases of one program."""
    marks = iter(str(folder / str(chance.getrandbits(64))) for _ in range(100))
    makers = {
        "say": lambda: f"say {chance.random()}",
        "sleep": lambda: f"sleep {chance.choice([0, 0.001, 0.03])}",
        "verdict": lambda: "verdict runtime_error",
        "late": lambda: f"late 1 {next(marks)}",
        "die": lambda: chance.choice(["die", f"die 1 {next(marks)}"]),
        "skip": lambda: "skip",
    }
    kinds = chance.choices(list(makers), weights=[30, 10, 2, 2, 0.5, 1], k=chance.choice([1, 1, 3, 20]))
    return [makers[kind]() for kind in kinds]


async def call(engine: Engine, chance: random.Random, texts: list[str]) -> RunResult | SandboxError | None:
    """Make one call, which its deadline or its caller may cut short."""
    program, cases = scripts(*texts)
    deadline = time.monotonic() + chance.random() * 0.5 if chance.random() < 0.1 else None
    work = engine.run(
        program,
        cases,
        Limits(cpu_ms=10),
        deadline=deadline,
        tenant=chance.choice("abc"),
        priority=chance.choice([0, 0, 1]),
        stop_early=chance.random() < 0.3,
    )
    try:
        return await asyncio.wait_for(work, chance.random() * 0.2 if chance.random() < 0.1 else None)
    except SandboxError as error:
        return error
    except TimeoutError:
        return None


@pytest.mark.parametrize("seed", range(3))
async def test_disorder_ends_in_order(
    start_engine: StartEngine, tmp_path: Path, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    """Every call is answered, no case gets a verdict that is not its own, and nothing is left over."""
    chance = random.Random(seed)
    engine = await start_engine(slots=3, max_open_cases=400)
    programs = [words(chance, tmp_path) for _ in range(150)]
    results = await asyncio.gather(*(call(engine, chance, texts) for texts in programs))
    for texts, result in zip(programs, results, strict=True):
        if isinstance(result, RunResult):
            assert len(result.cases) == len(texts)
            for text, case in zip(texts, result.cases, strict=True):
                assert case.verdict in ALLOWED[text.split()[0]], text
                if text.startswith("say") and case.verdict is Verdict.OK:
                    assert case.stdout.decode() == text.removeprefix("say ")
    while any(slot.state != "idle" for slot in engine.health().slots):
        await asyncio.sleep(0.01)
    health = engine.health()
    assert health.open_cases == health.open_bytes == 0
    program, cases = scripts(*["say fine"] * 50)
    assert (await engine.run(program, cases)).verdict is Verdict.OK
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
