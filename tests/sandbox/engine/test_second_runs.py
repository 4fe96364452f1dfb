"""A case that used up its CPU time beside others is run once more, alone."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox_engines import ONE, StartEngine, script, scripts

from guerdon.sandbox.engine.engine import Engine
from guerdon.sandbox.program import Limits
from guerdon.sandbox.result import RunResult, Verdict

LIMITS = Limits(cpu_ms=10)


@asynccontextmanager
async def neighbour(engine: Engine, seconds: float = 0.2) -> AsyncIterator[None]:
    """Something else that runs meanwhile."""
    other = asyncio.create_task(engine.run(script(f"sleep {seconds}"), ONE))
    await asyncio.sleep(0.02)
    yield
    await other


async def run_beside(engine: Engine, *texts: str, stop_early: bool = False) -> RunResult:
    """Run a program while a neighbour runs."""
    program, cases = scripts(*texts)
    async with neighbour(engine):
        return await engine.run(program, cases, LIMITS, stop_early=stop_early)


async def test_a_case_that_was_late_beside_others_gets_a_second_run(engine: Engine, tmp_path: Path) -> None:
    """The second run's verdict counts, and is marked."""
    result = await run_beside(engine, f"late 1 {tmp_path / 'runs'}")
    assert result.verdict is Verdict.OK
    assert result.cases[0].reran
    assert engine.health().reruns == 1


async def test_a_case_that_is_late_alone_too_is_late(engine: Engine, tmp_path: Path) -> None:
    """There is no third run."""
    runs = tmp_path / "runs"
    result = await run_beside(engine, f"late 9 {runs}")
    assert result.verdict is Verdict.TIME_LIMIT
    assert result.cases[0].reran
    assert runs.read_text() == "xx"


async def test_a_case_that_ran_alone_gets_no_second_run(engine: Engine, tmp_path: Path) -> None:
    """Nobody can have disturbed it."""
    runs = tmp_path / "runs"
    result = await engine.run(script(f"late 1 {runs}"), ONE, LIMITS)
    assert result.verdict is Verdict.TIME_LIMIT
    assert not result.cases[0].reran
    assert runs.read_text() == "x"


async def test_nothing_else_runs_during_a_second_run(engine: Engine, tmp_path: Path) -> None:
    """Others wait until it is over, and are then served."""
    notes = tmp_path / "notes"
    program, cases = scripts(f"late 1 {tmp_path / 'runs'}")
    async with neighbour(engine):
        late = asyncio.create_task(engine.run(program, cases, LIMITS))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(engine.run(script(f"note {notes} ran"), ONE)) for _ in range(5)]
        await asyncio.sleep(0.05)
        assert not notes.exists()
    assert (await late).verdict is Verdict.OK
    assert {result.verdict for result in await asyncio.gather(*others)} == {Verdict.OK}


async def test_a_program_gets_one_second_run(engine: Engine, tmp_path: Path) -> None:
    """Of many late cases one is run again; the others say why they were not."""
    result = await run_beside(engine, *(f"late 9 {tmp_path / str(number)}" for number in range(3)))
    assert [case.reran for case in result.cases] == [True, False, False]
    assert "case 0 was" in result.cases[1].detail
    assert "too slow" in result.cases[1].detail


async def test_second_runs_can_be_switched_off(start_engine: StartEngine, tmp_path: Path) -> None:
    """Then the first verdict stands, and says so."""
    engine = await start_engine(rerun=False)
    result = await run_beside(engine, f"late 1 {tmp_path / 'runs'}")
    assert result.verdict is Verdict.TIME_LIMIT
    assert "not run again" in result.cases[0].detail


async def test_stop_early_goes_on_after_a_second_run_that_went_well(engine: Engine, tmp_path: Path) -> None:
    """Cases left out on account of the first run are run after all."""
    result = await run_beside(engine, "say a", f"late 1 {tmp_path / 'runs'}", "say b", "say c", stop_early=True)
    assert [case.verdict for case in result.cases] == ["ok"] * 4


async def test_stop_early_leaves_out_the_rest_when_the_second_run_is_late(engine: Engine, tmp_path: Path) -> None:
    """What follows is left out, once."""
    result = await run_beside(engine, "say a", f"late 9 {tmp_path / 'runs'}", "say b", stop_early=True)
    assert [case.verdict for case in result.cases] == ["ok", "time_limit", "not_judged"]


async def test_a_slot_that_dies_in_a_second_run_leaves_the_first_result(engine: Engine, tmp_path: Path) -> None:
    """What was measured is not thrown away."""
    # Its first run is late; in the second one the slot is killed from outside.
    program, cases = scripts(f"late-then-hang 1 {tmp_path / 'runs'}")
    async with neighbour(engine):
        call = asyncio.create_task(engine.run(program, cases, LIMITS))
        await asyncio.sleep(0.05)
    while (tmp_path / "runs").read_text() != "xx":
        await asyncio.sleep(0.01)
    for slot in engine.health().slots:
        if slot.state == "busy":
            os.kill(slot.pid, signal.SIGKILL)
    result = await call
    assert result.verdict is Verdict.TIME_LIMIT
    assert not result.cases[0].reran
    assert "not run again" in result.cases[0].detail


async def test_a_deadline_while_a_second_run_waits_leaves_the_first_result(engine: Engine, tmp_path: Path) -> None:
    """A measured verdict is better than none."""
    async with neighbour(engine, 0.3):
        program, cases = scripts(f"late 1 {tmp_path / 'runs'}")
        result = await engine.run(program, cases, LIMITS, deadline=time.monotonic() + 0.1)
        assert result.verdict is Verdict.TIME_LIMIT
        assert "deadline" in result.cases[0].detail
    assert (await engine.run(script("say next"), ONE)).verdict is Verdict.OK


async def test_what_does_not_end_does_not_hold_everybody_up(engine: Engine, tmp_path: Path) -> None:
    """A second run that would have to wait for a long neighbour is given up, and the first verdict stands."""
    long = asyncio.create_task(engine.run(script("sleep 60"), ONE))
    await asyncio.sleep(0.02)
    program, cases = scripts(f"late 1 {tmp_path / 'runs'}")
    late, other = await asyncio.gather(engine.run(program, cases, LIMITS), engine.run(script("say x"), ONE))
    assert late.verdict is Verdict.TIME_LIMIT
    assert "did not end" in late.cases[0].detail
    assert other.verdict is Verdict.OK
    long.cancel()


async def test_the_second_run_comes_after_the_programs_other_cases(engine: Engine, tmp_path: Path) -> None:
    """A program does not hold everybody up while its own other cases run."""
    result = await run_beside(engine, f"late 1 {tmp_path / 'runs'}", *["sleep 0.05"] * 3)
    assert [case.verdict for case in result.cases] == ["ok"] * 4
    assert [case.reran for case in result.cases] == [True, False, False, False]
