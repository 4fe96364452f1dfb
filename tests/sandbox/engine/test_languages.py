"""Which languages an engine runs: known, installed, possible in its tier, and proven."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from sandbox_engines import ONE, StubLanguages, script, stub_settings

from guerdon.sandbox.engine.engine import Engine
from guerdon.sandbox.engine.languages import InstalledLanguages
from guerdon.sandbox.engine.request import Request
from guerdon.sandbox.errors import DeadlineExceeded, UnknownLanguage
from guerdon.sandbox.languages import SelfTest
from guerdon.sandbox.result import Verdict
from guerdon.sandbox.tier import Tier


class OneLanguage(StubLanguages):
    """The stub language, changed."""

    def __init__(self, selftest: str = "", tiers: Sequence[Tier] = tuple(Tier)) -> None:
        super().__init__()
        language = self._known["stub"]
        language.tiers = frozenset(tiers)
        if selftest:
            language.selftest = SelfTest(program=script(selftest), stdin=b"", stdout=b"right")


def engine_with(languages: OneLanguage) -> Engine:
    """An engine with stub slots."""
    return Engine(stub_settings(), languages=languages)


async def test_a_language_is_offered_once_its_self_test_has_passed() -> None:
    """The self-test runs once, before the first program."""
    async with engine_with(OneLanguage("say right")) as engine:
        for _ in range(3):
            assert (await engine.run(script("say x"), ONE)).verdict is Verdict.OK
        assert engine.health().runs == {"stub": {"ok": 4}}


@pytest.mark.parametrize(("selftest", "why"), [("say wrong", "wrong"), ("verdict security", "security")])
async def test_a_language_whose_self_test_fails_is_not_offered(selftest: str, why: str) -> None:
    """Calls, streams and batches are told why, and health does not list it."""
    async with engine_with(OneLanguage(selftest)) as engine:
        assert "stub" in engine.health().languages
        for _ in range(2):
            with pytest.raises(UnknownLanguage, match=why):
                await engine.run(script("say x"), ONE)
        request = Request(program=script("say x"), cases=ONE)
        assert [type(item) for item in await engine.run_batch([request])] == [UnknownLanguage]
        with pytest.raises(UnknownLanguage):
            await anext(engine.stream(request))
        assert "stub" not in engine.health().languages
        assert sum(engine.health().runs["stub"].values()) == 1


async def test_a_self_test_that_we_failed_is_run_again() -> None:
    """A fault of ours says nothing of the language."""
    async with engine_with(OneLanguage("verdict not_judged")) as engine:
        for _ in range(2):
            with pytest.raises(UnknownLanguage) as failure:
                await engine.run(script("say x"), ONE)
            assert failure.value.retryable
        assert engine.health().runs == {"stub": {"not_judged": 4}}, "each of the two calls tries twice"


async def test_a_deadline_holds_during_a_self_test_too(tmp_path: Path) -> None:
    """Callers with less time than it takes are not kept; the next one profits from it."""
    async with engine_with(OneLanguage("sleep 0.2")) as engine:
        with pytest.raises(DeadlineExceeded):
            await engine.run(script("say x"), ONE, deadline=time.monotonic() + 0.05)


async def test_callers_share_one_self_test() -> None:
    """Even when one of them leaves."""
    async with engine_with(OneLanguage("say right")) as engine:
        calls = [asyncio.create_task(engine.run(script("say x"), ONE)) for _ in range(5)]
        await asyncio.sleep(0)
        calls[0].cancel()
        results = await asyncio.gather(*calls[1:])
        assert {result.verdict for result in results} == {Verdict.OK}
        assert engine.health().runs == {"stub": {"ok": 5}}


async def test_a_language_that_the_tier_cannot_contain_is_refused() -> None:
    """The message names the tiers that can."""
    async with engine_with(OneLanguage(tiers=[Tier.CONTAINER])) as engine:
        with pytest.raises(UnknownLanguage, match="only in container"):
            await engine.run(script("say x"), ONE)
        assert engine.health().languages == ("compiled",)


def test_python_is_always_among_the_installed() -> None:
    """The interpreter that asks is there."""
    installed = InstalledLanguages()
    assert "python" in [language.name for language in installed.survey()]
    assert installed.find("py").name == "python"
    with pytest.raises(UnknownLanguage):
        installed.find("klingon")
