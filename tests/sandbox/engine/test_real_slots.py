"""The engine with real slots: verdicts, killed slots, and nothing left behind."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from guerdon.sandbox import Case, Engine, Limits, Program, Request, RunResult, SandboxSettings, TierUnavailable

ECHO = Program(language="python", source="print(input())")


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    """An engine with two slots of the strongest tier that this host has."""
    engine = Engine(SandboxSettings(slots=2, speed_factor=1.0))
    try:
        await engine.start()
    except TierUnavailable as error:
        pytest.skip(f"this host offers no isolation: {error}")
    yield engine
    await engine.close()


def descendants(pid: int) -> set[int]:
    """All processes below one."""
    found: set[int] = set()
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found |= {child} | descendants(child)
    return found


def exists(pid: int) -> bool:
    """Whether there is such a process, dead or alive."""
    return Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("print(input())", "ok"),
        ("raise SystemExit(3)", "runtime_error"),
        ("while True: pass", "time_limit"),
        ("import time; time.sleep(60)", "idle_limit"),
        ("print('x' * 2_000_000)", "output_limit"),
        ("import os; os.fork()", "security"),
    ],
)
async def test_verdicts_come_through(engine: Engine, source: str, verdict: str) -> None:
    """What slots judge is what callers get, for one case and for many."""
    limits = Limits(cpu_ms=200, idle_ms=200, output_bytes=1_000_000)
    result = await engine.run(Program(language="python", source=source), [Case(stdin=b"1")] * 3, limits)
    assert [case.verdict for case in result.cases] == [verdict] * 3


async def test_a_killed_slot_costs_no_verdict(engine: Engine) -> None:
    """Programs that ran or waited there are right all the same, and the slot comes back."""
    requests = [Request(program=ECHO, cases=[Case(stdin=str(number).encode())]) for number in range(200)]
    batch = asyncio.create_task(engine.run_batch(requests))
    await asyncio.sleep(0.1)
    os.kill(engine.health().slots[0].pid, signal.SIGKILL)
    results = await batch
    assert [result.cases[0].stdout_text for result in results if isinstance(result, RunResult)] == [
        f"{number}\n" for number in range(200)
    ]
    while engine.health().slots[0].state != "idle":
        await asyncio.sleep(0.01)


async def test_a_cancelled_program_is_gone(engine: Engine) -> None:
    """Its slot serves the next one, without a restart."""
    call = asyncio.create_task(engine.run(Program(language="python", source="while True: pass"), [Case()] * 8))
    await asyncio.sleep(0.1)
    call.cancel()
    assert (await engine.run(ECHO, [Case(stdin=b"1")] * 8)).verdict == "ok"
    assert [slot.restarts for slot in engine.health().slots] == [0, 0]


async def test_closing_leaves_no_process(engine: Engine) -> None:
    """Slots, zygotes and the program at work end."""
    sleeper = asyncio.create_task(
        engine.run(
            Program(language="python", source="import time; time.sleep(60)"), [Case()], Limits(idle_ms=60_000)
        )
    )
    await asyncio.sleep(0.2)
    pids = {pid for slot in engine.health().slots for pid in {slot.pid} | descendants(slot.pid)}
    assert len(pids) > 4
    await engine.close()
    await asyncio.gather(sleeper, return_exceptions=True)
    for _ in range(100):
        left = [pid for pid in pids if exists(pid)]
        if not left:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"still there: {left}")
