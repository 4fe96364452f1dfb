"""Compile steps: once for all who ask, kept, and told apart from faults of ours."""

import asyncio
from pathlib import Path

import pytest
from sandbox_engines import ONE, StartEngine, script

from guerdon.sandbox.engine.engine import Engine
from guerdon.sandbox.program import Case
from guerdon.sandbox.result import RunResult, Verdict


async def compile_and_run(engine: Engine, source: str, cases: list[Case] = ONE) -> RunResult:
    """Run a program in the compiled language."""
    return await engine.run(script(source, language="compiled"), cases)


async def test_a_program_is_compiled_and_reaches_all_slots(engine: Engine) -> None:
    """Slots that did not compile it are sent the artifact."""
    result = await compile_and_run(engine, "say hi", [Case()] * 40)
    assert result.verdict is Verdict.OK
    assert result.compile is not None
    assert (result.compile.verdict, result.compile.cached) == ("ok", False)


async def test_the_second_time_nothing_is_compiled(engine: Engine) -> None:
    """The result says that it came from the cache."""
    await compile_and_run(engine, "say hi")
    result = await compile_and_run(engine, "say hi")
    assert result.compile is not None
    assert result.compile.cached
    cache = engine.health().cache
    assert (cache.entries, cache.hits, cache.misses) == (1, 1, 1)
    assert cache.bytes > 0


async def test_a_refused_program_fails_all_cases(engine: Engine) -> None:
    """The compiler's text is in the result, and remembered."""
    for cached in (False, True):
        result = await compile_and_run(engine, "bad no such name", [Case(), Case()])
        assert result.verdict is Verdict.COMPILE_ERROR
        assert [case.verdict for case in result.cases] == ["compile_error"] * 2
        assert result.compile is not None
        assert (result.compile.output, result.compile.cached) == ("no such name", cached)


@pytest.mark.parametrize(("verdict", "kept"), [("memory_limit", True), ("security", True), ("time_limit", False)])
async def test_a_compiler_that_hits_a_limit_is_the_programs_fault(
    engine: Engine, verdict: str, kept: bool
) -> None:
    """Which limit is said; only what would happen again is remembered."""
    result = await compile_and_run(engine, f"verdict {verdict}")
    assert result.verdict is Verdict.COMPILE_ERROR
    assert verdict in result.cases[0].detail
    assert result.compile is not None
    assert result.compile.verdict == verdict
    assert engine.health().cache.entries == kept


async def test_a_compile_step_that_we_failed_is_not_judged(engine: Engine) -> None:
    """It is neither the program's fault nor remembered."""
    result = await compile_and_run(engine, "verdict not_judged")
    assert result.verdict is Verdict.NOT_JUDGED
    assert result.cases[0].retryable
    assert engine.health().cache.entries == 0


async def test_who_asks_at_the_same_time_waits_for_one_compile_step(engine: Engine, tmp_path: Path) -> None:
    """Ten callers cost one compile step."""
    notes = tmp_path / "notes"
    results = await asyncio.gather(*(compile_and_run(engine, f"note {notes} once") for _ in range(10)))
    assert all(result.verdict is Verdict.OK for result in results)
    assert len(notes.read_text().split()) == 1 + 10


async def test_a_compile_step_outlives_the_caller_who_began_it(engine: Engine) -> None:
    """Others wait for it too."""
    first = asyncio.create_task(compile_and_run(engine, "sleep 0.2"))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(compile_and_run(engine, "sleep 0.2"))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).verdict is Verdict.OK


async def test_a_compile_step_that_nobody_waits_for_is_killed(start_engine: StartEngine) -> None:
    """Its slot is free again at once."""
    engine = await start_engine(slots=1)
    call = asyncio.create_task(compile_and_run(engine, "sleep 30"))
    await asyncio.sleep(0.05)
    call.cancel()
    assert (await engine.run(script("say next"), ONE)).verdict is Verdict.OK
    assert engine.health().slots[0].restarts == 0


async def test_a_slot_that_dies_compiling_costs_one_more_try(engine: Engine, tmp_path: Path) -> None:
    """The compile step is tried once more elsewhere."""
    result = await compile_and_run(engine, f"die 1 {tmp_path / 'deaths'}")
    assert result.verdict is Verdict.OK


async def test_a_slot_that_dies_twice_compiling_is_our_fault(engine: Engine) -> None:
    """All who wait are told that nothing was judged."""
    result = await compile_and_run(engine, "die")
    assert result.verdict is Verdict.NOT_JUDGED
    assert result.cases[0].retryable


async def test_large_artifacts_reach_slots_whole(engine: Engine) -> None:
    """Programs of megabytes travel both ways."""
    result = await compile_and_run(engine, "say " + "x" * (4 << 20), [Case()] * 16)
    assert {len(case.stdout) for case in result.cases} == {4 << 20}


async def test_a_slot_that_asks_for_an_artifact_forever_is_our_fault(engine: Engine) -> None:
    """It is taken for broken instead of being fed again and again."""
    result = await compile_and_run(engine, "greedy")
    assert result.verdict is Verdict.NOT_JUDGED
    assert result.compile is not None
    assert result.compile.verdict is Verdict.OK
