"""The cases of one program on their way through the sandbox and the comparison."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Sequence

from guerdon.sandbox import CaseResult, Program, Request, RunResult
from guerdon.sandbox import Verdict as RunVerdict
from guerdon.sandbox.languages import find
from guerdon.services.code.engine import SharedEngine
from guerdon.services.code.judge.checker import Checker, batches
from guerdon.services.code.judge.held import Held
from guerdon.services.code.judge.judged import GOOD, Judged, without_unshown_texts
from guerdon.services.code.judge.prepared import Prepared
from guerdon.services.code.judge.results import checked, compile_cpu_ms, not_run, outcome_of, result_of
from guerdon.services.code.judge.turn import Turn
from guerdon.services.code.outcome import CaseOutcome
from guerdon.services.code.suite import CompareMode
from guerdon.services.contract.meter import charge

_INLINE_BYTES = 1 << 13
"""Output and expected output that are compared in the event loop; what is longer takes milliseconds."""
_WINDOW = 1_024
_CHECKED_WINDOW = 32
"""Cases that are run before a checker is asked about them."""
_WINDOW_BYTES = 32 << 20


class Cases:
    """Cases of one program.

    Args:
        sandbox: runs them.
        prepared: the suite.
        program: put together.
        turn: whose turn it takes.
        held: counts outputs that wait to be compared.
        stop_early: leave out the cases after the first that fails; all before it are run, so that which ones those
            are does not depend on what ends first.
    """

    def __init__(
        self,
        sandbox: SharedEngine,
        prepared: Prepared,
        program: Program,
        turn: Turn,
        held: Held,
        *,
        stop_early: bool,
    ) -> None:
        self._sandbox = sandbox
        self._prepared = prepared
        self._program = program
        self._turn = turn
        self._held = held
        self._stop_early = stop_early
        self._compiled = find(program.language).compiled
        self._health = sandbox.engine.health()
        self._cpu_limit_ms = prepared.suite.limits.cpu_ms * self._health.speed_factor
        self._outcomes: list[CaseOutcome | None] = [None] * len(prepared.cases)
        self._decided = 0
        """All cases before this one have their outcome."""
        self._first_bad = len(prepared.cases)
        self._checker: Checker | None = None
        if prepared.suite.compare.mode is CompareMode.CHECKER:
            self._checker = Checker(sandbox, prepared.suite.compare.checker, turn, held)
        self._unchecked: list[tuple[int, CaseResult]] = []
        self._comparing: set[asyncio.Task[None]] = set()
        self._fault: BaseException | None = None
        self._cpu_ms = 0.0
        self._queue_ms = 0.0
        self._sent_at: float | None = None
        """When the cases in the sandbox were handed over, until the first of them has ended."""

    async def run(self, suspects: Sequence[int] = ()) -> Judged:
        """Run all, a window at a time.

        Args:
            suspects: cases to run first; one that fails decides with ``stop_early``, and no other is run.
        """
        begun = time.monotonic()
        last: RunResult | None = None
        most = _WINDOW if self._checker is None else _CHECKED_WINDOW
        gate = self._sandbox.programs
        try:
            for index in suspects if self._stop_early else ():
                last = await self._run([index]) or last
                if self._first_bad == index:
                    return self._judged([index], last, begun)
            for window in self._prepared.windows(min(most, gate.cases), min(_WINDOW_BYTES, gate.size_bytes)):
                while (rest := [index for index in window if self._outcomes[index] is None]) and not self._over:
                    await self._held.room()
                    last = await self._run(rest) or last
        finally:
            self._let_go()
        count = len(self._outcomes)
        return self._judged(range(min(self._first_bad + 1, count) if self._stop_early else count), last, begun)

    def _judged(self, counted: Sequence[int], last: RunResult | None, begun: float) -> Judged:
        """What is known of the cases that count; the others were left out, even if they have run."""
        return Judged(
            outcomes=without_unshown_texts(
                [
                    (self._outcomes[index] if index in counted else None) or not_run(index, spec)
                    for index, spec in enumerate(self._prepared.specs)
                ]
            ),
            tier=self._health.tier,
            runtime=self._sandbox.runtime_of(self._program.language),
            speed_factor=self._health.speed_factor,
            compiler=_compiler(last),
            queue_ms=self._queue_ms,
            work_ms=max(0.0, (time.monotonic() - begun) * 1000 - self._queue_ms),
        )

    async def _run(self, indices: Sequence[int]) -> RunResult | None:
        """Run some cases until all have ended, one has decided, or too many outputs wait to be compared."""
        request = Request(
            program=self._program,
            cases=[self._prepared.cases[index] for index in indices],
            limits=self._prepared.suite.limits,
            tenant=self._turn.tenant,
            priority=self._turn.priority,
        )
        self._sent_at = time.monotonic()
        result = await self._sandbox.engine.follow(
            request, lambda place, result: self._take(indices[place], result)
        )
        if result is not None:
            self._sandbox.note_runtime(self._program.language, result.runtime)
            self._cpu_ms += compile_cpu_ms(result)
        if self._checker is not None:
            await self._check(self._checker)
        while self._comparing:
            await asyncio.gather(*self._comparing)
        if self._fault is not None:
            raise self._fault
        return result

    def _take(self, index: int, result: CaseResult) -> bool:
        """Take a case's result; whether to go on."""
        try:
            self._receive(index, result)
        except Exception as fault:  # noqa: BLE001 - raised again where it is waited for, not in the slot's reader
            self._fault = fault
            return False
        # What does not compile fails for all cases at once, with the compiler's text at the end.
        if self._compiled and result.verdict is RunVerdict.COMPILE_ERROR:
            return True
        return not (self._over or self._held.full)

    def _receive(self, index: int, result: CaseResult) -> None:
        if self._sent_at is not None:
            self._queue_ms += max(0.0, (time.monotonic() - self._sent_at) * 1000 - result.wall_ms)
            self._sent_at = None
        self._cpu_ms += result.cpu_ms
        if result.verdict is not RunVerdict.OK:
            self._settle(index, outcome_of(index, self._prepared.specs[index], result, self._cpu_limit_ms))
        elif self._checker is not None:
            self._held.take(_size(result))
            self._unchecked.append((index, result))
        elif _size(result) + self._prepared.expected_bytes[index] > _INLINE_BYTES:
            self._compare_apart(index, result)
        else:
            self._settle(index, self._compare(index, result))

    def _compare(self, index: int, result: CaseResult) -> CaseOutcome:
        outcome = outcome_of(index, self._prepared.specs[index], result, self._cpu_limit_ms)
        return result_of(outcome, self._prepared.specs[index], result, self._prepared.suite.compare)

    def _compare_apart(self, index: int, result: CaseResult) -> None:
        async def work() -> None:
            self._settle(index, await self._held.apart(functools.partial(self._compare, index, result)))

        def ended(task: asyncio.Task[None]) -> None:
            self._comparing.discard(task)
            self._held.give(size)
            # Nobody waits for a task that ends while others still run; its case would be run for ever.
            if not task.cancelled() and (fault := task.exception()) is not None:
                self._fault = fault

        size = _size(result)
        self._held.take(size)
        task = asyncio.create_task(work())
        self._comparing.add(task)
        task.add_done_callback(ended)

    async def _check(self, checker: Checker) -> None:
        specs = self._prepared.suite.stdio
        for batch in batches(sorted(self._unchecked, key=lambda asked: asked[0]), specs):
            if self._over:
                break
            answers = await checker.check([(specs[index], result.stdout) for index, result in batch])
            for (index, result), answer in zip(batch, answers, strict=True):
                self._settle(
                    index, checked(outcome_of(index, specs[index], result, self._cpu_limit_ms), result, answer)
                )
        self._forget_unchecked()

    def _settle(self, index: int, outcome: CaseOutcome) -> None:
        self._outcomes[index] = outcome
        if outcome.verdict not in GOOD:
            self._first_bad = min(self._first_bad, index)
        while self._decided < len(self._outcomes) and self._outcomes[self._decided] is not None:
            self._decided += 1

    @property
    def _over(self) -> bool:
        """Whether what is left does not matter."""
        return self._fault is not None or (self._stop_early and self._first_bad < self._decided)

    def _forget_unchecked(self) -> None:
        self._held.give(sum(_size(result) for _, result in self._unchecked))
        self._unchecked.clear()

    def _let_go(self) -> None:
        charge(self._cpu_ms)
        self._forget_unchecked()
        for task in self._comparing:
            task.cancel()


def _size(result: CaseResult) -> int:
    return len(result.stdout) + len(result.value)


def _compiler(run: RunResult | None) -> str:
    if run is None or run.compile is None or run.compile.verdict is RunVerdict.OK:
        return ""
    return run.compile.output[:4_000]
