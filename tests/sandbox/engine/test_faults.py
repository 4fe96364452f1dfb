"""Slots that die, hang or talk nonsense: what they were at is tried again, the rest goes on, capacity returns."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from sandbox_engines import ONE, StartEngine, script, scripts, stub_engine

from guerdon.sandbox.engine.engine import Engine
from guerdon.sandbox.errors import TierUnavailable
from guerdon.sandbox.program import Case, Limits
from guerdon.sandbox.result import Verdict

SHORT = Limits(cpu_ms=1, wall_ms=1)


async def until_whole(engine: Engine) -> None:
    """Wait until all slots can take work."""
    while any(slot.state in ("starting", "down") for slot in engine.health().slots):
        await asyncio.sleep(0.01)


def gone(pid: int) -> bool:
    """Whether a process has been reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_a_case_whose_slot_died_is_tried_once_more(engine: Engine, tmp_path: Path) -> None:
    """A death that does not repeat costs the caller nothing."""
    program, cases = scripts("say a", f"die 1 {tmp_path / 'deaths'}", "say b", "say c")
    result = await engine.run(program, cases)
    assert [case.verdict for case in result.cases] == ["ok"] * 4


@pytest.mark.parametrize("word", ["die", "nonsense", "stray"])
async def test_a_case_that_costs_two_slots_is_not_judged(engine: Engine, word: str) -> None:
    """The other cases of the program are judged all the same."""
    program, cases = scripts("say a", word, "say b", "say c")
    result = await engine.run(program, cases)
    assert [case.verdict for case in result.cases] == ["ok", "not_judged", "ok", "ok"]
    assert result.cases[1].retryable
    assert "slot" in result.cases[1].detail
    assert sum(slot.restarts for slot in engine.health().slots) >= 1


async def test_a_slot_that_hangs_is_replaced(start_engine: StartEngine) -> None:
    """Silence beyond the limits and a margin is taken for death."""
    engine = await start_engine(answer_margin_s=0.1)
    result = await engine.run(script("hang"), ONE, SHORT)
    assert result.verdict is Verdict.NOT_JUDGED
    assert "did not answer" in result.cases[0].detail


async def test_a_slot_that_does_not_obey_a_cancel_is_replaced(start_engine: StartEngine) -> None:
    """A hung slot does not keep its place."""
    engine = await start_engine(slots=1, cancel_margin_s=0.05)
    call = asyncio.create_task(engine.run(script("hang"), ONE))
    await asyncio.sleep(0.05)
    call.cancel()
    assert (await engine.run(script("say next"), ONE)).verdict is Verdict.OK
    assert engine.health().slots[0].restarts == 1


async def test_a_case_that_a_slot_leaves_out_is_tried_again_and_then_not_judged(engine: Engine) -> None:
    """A missing answer is never taken for a verdict."""
    program, cases = scripts("say a", "skip")
    result = await engine.run(program, cases)
    assert [case.verdict for case in result.cases] == ["ok", "not_judged"]


async def test_killed_slots_are_replaced_while_others_work_on(engine: Engine) -> None:
    """Killing slots under load flips no verdict and loses no case."""
    calls = [asyncio.create_task(engine.run(script("sleep 0.01"), [Case()] * 8)) for _ in range(20)]
    for _ in range(3):
        await asyncio.sleep(0.05)
        os.kill(engine.health().slots[0].pid, signal.SIGKILL)
        await until_whole(engine)
    results = await asyncio.gather(*calls)
    assert {result.verdict for result in results} == {Verdict.OK}
    assert engine.health().slots[0].restarts >= 1


async def test_work_that_lay_in_a_dead_slot_is_not_suspected(start_engine: StartEngine) -> None:
    """Only the case at work when the slot died counts a try; what waited behind it does not."""
    engine = await start_engine(slots=1)
    behind = [engine.run(script("say fine"), ONE) for _ in range(4)]
    dead, *others = await asyncio.gather(engine.run(script("die"), ONE), *behind)
    assert dead.verdict is Verdict.NOT_JUDGED
    assert {result.verdict for result in others} == {Verdict.OK}


async def test_without_any_slot_calls_are_answered(start_engine: StartEngine, tmp_path: Path) -> None:
    """When no slot can be started any more, nobody waits forever; when one can again, work goes on."""
    broken = tmp_path / "broken"
    engine = await start_engine("--fails-while", str(broken), slots=1)
    broken.touch()
    os.kill(engine.health().slots[0].pid, signal.SIGKILL)
    while engine.health().slots[0].state != "starting":
        await asyncio.sleep(0.005)
    results = await asyncio.gather(
        engine.run(script("say x"), ONE), engine.run(script("say x", language="compiled"), ONE)
    )
    assert [result.verdict for result in results] == ["not_judged"] * 2
    assert "no isolation to be had today" in results[0].cases[0].detail
    assert not engine.health().ready
    assert (await engine.run(script("say x"), ONE)).verdict is Verdict.NOT_JUDGED
    broken.unlink()
    await until_whole(engine)
    assert (await engine.run(script("say x"), ONE)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("stub", "options", "why"),
    [
        (["--claims", "none"], {}, "not asked for by name"),
        (["--claims", "restricted"], {"min_tier": "full"}, "least allowed is full"),
        (["--claims", "magic"], {}, "makes no sense"),
        (["--mute"], {"start_timeout_s": 0.3}, "not ready within"),
        (["--no-such-option"], {}, "unrecognized arguments"),
    ],
)
async def test_an_engine_without_the_isolation_asked_for_does_not_start(
    stub: list[str], options: dict[str, object], why: str
) -> None:
    """It refuses to serve, says why, and leaves nothing behind."""
    engine = stub_engine(*stub, **options)
    with pytest.raises(TierUnavailable, match=why):
        await engine.start()


async def test_a_slot_command_that_cannot_be_started_is_an_error() -> None:
    """A missing program is said plainly."""
    engine = stub_engine(slot_command=("/no/such/program",))
    with pytest.raises(OSError, match="no/such/program"):
        await engine.start()


async def test_no_isolation_can_be_had_by_name(start_engine: StartEngine) -> None:
    """Both the tier and the minimum must be named."""
    engine = await start_engine("--claims", "none", tier="none", min_tier="none")
    assert (await engine.run(script("say x"), ONE)).tier == "none"


async def test_the_weakest_slot_is_what_results_claim(start_engine: StartEngine) -> None:
    """The tier stated is never stronger than what a case got."""
    engine = await start_engine("--claims", "restricted")
    assert (await engine.run(script("say x"), ONE)).tier == "restricted"


async def test_close_leaves_no_process(start_engine: StartEngine) -> None:
    """Idle, busy and hung slots all end."""
    engine = await start_engine(slots=3)
    calls = [asyncio.create_task(engine.run(script(text), ONE)) for text in ("hang", "sleep 30")]
    await asyncio.sleep(0.05)
    pids = [slot.pid for slot in engine.health().slots]
    await engine.close()
    assert all(gone(pid) for pid in pids)
    await asyncio.gather(*calls, return_exceptions=True)
