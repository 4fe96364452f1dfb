"""Languages are offered once their self-test has passed, here and in this engine's jails."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from guerdon.sandbox.engine.languages import Language
from guerdon.sandbox.engine.request import Request
from guerdon.sandbox.errors import DeadlineExceeded, UnknownLanguage
from guerdon.sandbox.result import RunResult, Verdict

_REMEMBERED_S = 60.0
"""How long a failure is taken for granted before the self-test is run again."""


class Proofs:
    """Runs each language's self-test before its first program.

    Args:
        run: runs a request.
        prepare: does once a host what makes a language cheaper; takes its time.
    """

    def __init__(self, run: Callable[[Request], Awaitable[RunResult]], prepare: Callable[[str], None]) -> None:
        self._run = run
        self._prepare = prepare
        self._proven: set[str] = set()
        self._failed: dict[str, tuple[str, float]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def has_failed(self, language: Language) -> bool:
        """Whether the language's latest self-test failed."""
        return language.name in self._failed

    async def ensure(self, language: Language, deadline: float | None) -> None:
        """Wait until the language has passed its self-test, at most until the deadline.

        Raises:
            UnknownLanguage: it failed; ``retryable`` where that was a fault of ours.
            DeadlineExceeded: the deadline came first.
        """
        if language.name in self._proven or language.selftest is None:
            return
        reason, until = self._failed.get(language.name, ("", 0.0))
        if time.monotonic() < until:
            raise UnknownLanguage(reason)
        proof = self._running.get(language.name)
        if proof is None:
            proof = self._running[language.name] = asyncio.create_task(self._prove(language))
            proof.add_done_callback(lambda task: self._ended(language, task))
        left_s = None if deadline is None else max(0.0, deadline - time.monotonic())
        await asyncio.wait([proof], timeout=left_s)
        if not proof.done():
            raise DeadlineExceeded(f"the deadline passed during the self-test of {language.name}")
        proof.result()

    async def _prove(self, language: Language) -> None:
        test = language.selftest
        if test is None:
            return
        await asyncio.to_thread(self._prepare, language.name)
        request = Request(program=test.program, cases=[test.case], tenant="self-test")
        case = (await self._run(request)).cases[0]
        if case.verdict is Verdict.NOT_JUDGED:
            case = (await self._run(request)).cases[0]
        if case.verdict is Verdict.OK and case.stdout == test.stdout:
            self._proven.add(language.name)
            self._failed.pop(language.name, None)
            return
        said = case.detail or case.stderr.decode(errors="replace")[-500:] or f"it wrote {case.stdout[:200]!r}"
        failure = UnknownLanguage(f"the self-test of {language.name} ended with {case.verdict}: {said}")
        if case.verdict is Verdict.NOT_JUDGED:
            failure.retryable = True
        else:
            self._failed[language.name] = (str(failure), time.monotonic() + _REMEMBERED_S)
        raise failure

    def _ended(self, language: Language, proof: asyncio.Task[None]) -> None:
        del self._running[language.name]
        if not proof.cancelled():
            proof.exception()  # or asyncio complains where nobody waits for it any more
