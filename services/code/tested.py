"""The rewards that run a program against its tests: is it right, and what does it cost."""

from __future__ import annotations

import hashlib

import msgspec

from guerdon.sandbox import InvalidProgram, Program
from guerdon.sandbox.engine.request import check_files
from guerdon.sandbox.languages import find
from guerdon.services.code.engine import SharedEngine
from guerdon.services.code.finding import find_program
from guerdon.services.code.judge.judge import Judge
from guerdon.services.code.judge.judged import Judged
from guerdon.services.code.judge.prepared import Prepared
from guerdon.services.code.judge.sharing import Shared
from guerdon.services.code.judge.turn import Turn
from guerdon.services.code.outcome import CaseVerdict
from guerdon.services.code.settings import CodeParams, CodeSettings
from guerdon.services.code.signals.cost import CodeSpeedParams, accepted, memory, speed
from guerdon.services.code.submission import NoProgram, Submission
from guerdon.services.code.suite import NoTests, Suite, TruthError
from guerdon.services.code.suites import Suites
from guerdon.services.code.verdicts import (
    judged_verdict,
    no_program,
    no_tests,
    not_accepted,
    reference_fails,
    signal_verdict,
    unusable_truth,
)
from guerdon.services.contract import Deadline, GroundTruth, Item, Verdict

_KEPT_RESULTS = 4_096
_WEIGHING = frozenset({"weighted", "subtasks"})


class Tested:
    """Judges programs by their tests; equal programs with equal tests run once.

    Args:
        sandbox: runs them.
        settings: of the verifier.
    """

    def __init__(self, sandbox: SharedEngine, settings: CodeSettings) -> None:
        self._settings = settings
        self._judge = Judge(sandbox)
        self.suites = Suites(settings.suite_cache_bytes)
        self.shared: Shared[Judged] = Shared(_KEPT_RESULTS, _lasting, lambda judged: judged.size_bytes)

    async def code(self, item: Item, deadline: Deadline) -> Verdict:
        """Does it pass?"""
        params = CodeParams.model_validate(item.params)
        ready = await self._ready(item)
        if isinstance(ready, Verdict):
            return ready
        prepared, found = ready
        if params.scoring in _WEIGHING and prepared.specs and not any(case.weight for case in prepared.specs):
            return unusable_truth(f"the weight of every case is 0, and the scoring is {params.scoring!r}")
        early = params.stop_early if params.stop_early is not None else params.scoring == "all_or_nothing"
        judged = await self._judged(
            prepared,
            found,
            deadline,
            early=early,
            self_judged=params.allow_self_judged,
            quick=early and params.scoring == "all_or_nothing" and params.details == "failures",
        )
        return judged_verdict(judged, found, params)

    async def speed(self, item: Item, deadline: Deadline) -> Verdict:
        """How much CPU time does it take, against the reference?"""
        repeats = CodeSpeedParams.model_validate(item.params).repeats
        compared = await self._compared(item, deadline, repeats)
        if isinstance(compared, Verdict):
            return compared
        found, programs, references = compared
        return signal_verdict(speed(programs, references), found)

    async def memory(self, item: Item, deadline: Deadline) -> Verdict:
        """How much memory does it take, against the reference?"""
        compared = await self._compared(item, deadline, 1)
        if isinstance(compared, Verdict):
            return compared
        found, programs, references = compared
        return signal_verdict(memory(programs[0], references[0]), found)

    async def _ready(self, item: Item) -> Verdict | tuple[Prepared, Submission]:
        """The tests and the program of an item, or the verdict where one is missing."""
        truth: GroundTruth | None = item.ground_truth
        if truth is None:
            return unusable_truth(f"there is none, and {item.reward!r} needs unit tests")
        try:
            prepared = await self.suites.get(truth)
        except NoTests as other:
            return no_tests(other)
        except TruthError as fault:
            return unusable_truth(fault)
        suite = prepared.suite
        found = find_program(item, suite.language, suite.entry_point, most_chars=self._settings.max_source_chars)
        if isinstance(found, Submission):
            found = _runnable(found, suite)
        return no_program(found) if isinstance(found, NoProgram) else (prepared, found)

    async def _compared(
        self, item: Item, deadline: Deadline, repeats: int
    ) -> Verdict | tuple[Submission, list[Judged], list[Judged]]:
        """Runs of a right program and of its reference in turns, or the verdict where it is not right."""
        ready = await self._ready(item)
        if isinstance(ready, Verdict):
            return ready
        prepared, found = ready
        if not prepared.suite.reference:
            return unusable_truth(f"it has no 'reference', and {item.reward!r} compares with one")
        reference = Submission(source=prepared.suite.reference, taken="the reference")
        pairs = []
        for number in range(repeats):
            program_run = await self._judged(prepared, found, deadline, early=True, number=number)
            if not accepted(program_run):
                return not_accepted(program_run, found)
            reference_run = await self._judged(prepared, reference, deadline, early=True, number=number)
            if not accepted(reference_run):
                return reference_fails(reference_run)
            pairs.append((program_run, reference_run))
        return found, [program for program, _ in pairs], [run for _, run in pairs]

    async def _judged(
        self,
        prepared: Prepared,
        found: Submission,
        deadline: Deadline,
        *,
        early: bool,
        self_judged: bool = False,
        number: int = 0,
        quick: bool = False,
    ) -> Judged:
        async def work() -> Judged:
            turn = Turn.current()
            return await self._judge.judge(
                prepared, found, stop_early=early, self_judged=self_judged, turn=turn, quick=quick
            )

        files = sorted(found.files.items())
        # They decide nothing and are no part of the digest, but are told. JSON allows half a character in them.
        names = [case.name.encode(errors="surrogatepass") for case in prepared.specs]
        program = (found.source, found.language, files)
        parts = (prepared.suite.digest, names, program, early, self_judged, number, quick)
        return await self.shared.get(hashlib.sha256(msgspec.msgpack.encode(parts)).digest(), work, deadline)


def _runnable(found: Submission, suite: Suite) -> Submission | NoProgram:
    """A program unless what its completion calls its files cannot stand beside it; the tests' own files can."""
    files = {**found.files, **suite.files}
    try:
        check_files(Program(language=suite.language, source="", files=files), find(suite.language).reserved)
    except InvalidProgram as fault:
        return NoProgram(reason="invalid_program", explanation=f"the program cannot be run: {fault}")
    return found


def _lasting(judged: Judged) -> bool:
    """Whether judging again would say the same."""
    passing = {CaseVerdict.NOT_JUDGED, CaseVerdict.INVALID}
    return not judged.near_limit and not any(outcome.verdict in passing for outcome in judged.outcomes)
