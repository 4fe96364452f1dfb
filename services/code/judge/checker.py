"""The caller's checker decides whether an output is right, in a jail of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from guerdon.sandbox import Case, CaseResult, Limits, Program
from guerdon.sandbox import Verdict as RunVerdict
from guerdon.sandbox.jail.values import UnplainValue, decode
from guerdon.services.code.engine import SharedEngine
from guerdon.services.code.judge.blame import EXAMPLES, is_of_output
from guerdon.services.code.judge.held import Held
from guerdon.services.code.judge.results import Checked
from guerdon.services.code.judge.turn import Turn
from guerdon.services.code.outcome import CaseVerdict
from guerdon.services.code.suite import StdioCase
from guerdon.services.contract.meter import charge

ENTRY = "check"
_LOADED = "_loaded"
"""What is called to see whether a checker loads."""
LIMITS = Limits(cpu_ms=5_000, memory_bytes=1 << 30, output_bytes=1 << 20)
"""What one question may cost the checker."""
_BATCH = 16
_BATCH_BYTES = 16 << 20
_SHOWN_CHARS = 300

Asked = tuple[StdioCase, bytes]
"""A case and what a program wrote."""


class Checker:
    """Asks a checker.

    Args:
        sandbox: runs it.
        source: Python that defines ``check(input, output, expected)``: True, False, or a share from 0 to 1.
        turn: whose turn it takes.
        held: has threads for long questions.
    """

    def __init__(self, sandbox: SharedEngine, source: str, turn: Turn, held: Held) -> None:
        self._sandbox = sandbox
        self._program = Program(language="python", source=source, entry=ENTRY)
        probe = f"{source}\n\n\ndef {_LOADED}(*_):\n    return callable({ENTRY}) or None\n"
        self._probe = Program(language="python", source=probe, entry=_LOADED)
        self._turn = turn
        self._held = held

    async def check(self, asked: Sequence[Asked]) -> list[Checked]:
        """Ask about outputs.

        Where it gives no answer, that is the output's fault if it can say anything of another: of the expected
        one, or of an example where the expected output is none; a program must not get rid of a verdict by what it
        writes. Else it is the checker's own, unless it plainly failed at reading. A blank expected output is no
        example of one, so there it is the output's fault if the checker loads at all.

        Raises:
            SandboxError: it could not be run.
        """
        results = await self._ask(self._program, asked)
        doubtful = [place for place, result in enumerate(results) if _is_doubtful(result)]
        blank = [place for place in doubtful if not asked[place][0].expected.strip()]
        stated = [place for place in doubtful if asked[place][0].expected.strip()]
        loaded = await self._ask(self._probe, [asked[place] for place in blank])
        known = await self._ask(self._program, [_expected(asked[place][0]) for place in stated])
        proofs = {place: [proof] for place, proof in zip((*blank, *stated), (*loaded, *known), strict=True)}
        for place in stated:
            if _failed(proofs[place][0]):
                proofs[place] = await self._further(*asked[place], results[place], proofs[place])
        return [_settled(result, proofs.get(place, ())) for place, result in enumerate(results)]

    async def _further(
        self, case: StdioCase, output: bytes, result: CaseResult, others: list[CaseResult]
    ) -> list[CaseResult]:
        """Ask about examples until there is an answer, or a limit; returns what was said of all others.

        Without one, what looks as if the output could not be read may be the expected one that cannot: another in
        its place then mends it, and the checker's word on the output stands for its word on all.
        """
        for text in EXAMPLES:
            others = [*others, *await self._ask(self._program, [(case, text.encode())])]
            if not _failed(others[-1]):
                return others
        for text in EXAMPLES if is_of_output(_word(result), map(_word, others)) else ():
            (mended,) = await self._ask(self._program, [(msgspec.structs.replace(case, expected=text), output)])
            if mended.verdict is RunVerdict.NOT_JUDGED:
                return [mended]
            if not _is_doubtful(mended):
                return [result]
        return others

    async def _ask(self, program: Program, asked: Sequence[Asked]) -> Sequence[CaseResult]:
        if not asked:
            return ()
        cases = await self._held.apart(lambda: [_question(case, output) for case, output in asked])
        size = len(program.source.encode()) + sum(len(case.call) for case in cases)
        async with self._sandbox.checkers.entered(len(cases), size):
            run = await self._sandbox.engine.run(
                program, cases, LIMITS, tenant=self._turn.tenant, priority=self._turn.priority
            )
        charge(sum(result.cpu_ms for result in run.cases))
        return run.cases


def batches(
    outputs: Sequence[tuple[int, CaseResult]], specs: Sequence[StdioCase]
) -> Iterator[list[tuple[int, CaseResult]]]:
    """Cut outputs, by case, into runs that are asked about together: bounded, but one at least."""
    batch: list[tuple[int, CaseResult]] = []
    size = 0
    for index, result in outputs:
        own = len(specs[index].stdin) + len(result.stdout) + len(specs[index].expected)
        if batch and (len(batch) >= _BATCH or size + own > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((index, result))
        size += own
    if batch:
        yield batch


def _expected(case: StdioCase) -> Asked:
    return case, case.expected.encode()


def _question(case: StdioCase, output: bytes) -> Case:
    return Case.of_call(case.stdin.decode(errors="replace"), output.decode(errors="replace"), case.expected)


def _settled(result: CaseResult, others: Sequence[CaseResult]) -> Checked:
    """What an answer means beside those on other outputs, which were asked for where it is none."""
    said = _said(result)
    if not others:
        return said
    last = _said(others[-1])
    if last.verdict is CaseVerdict.NOT_JUDGED:
        return last
    if last.verdict is not CaseVerdict.INVALID or is_of_output(_word(result), map(_word, others)):
        return Checked(CaseVerdict.WRONG_ANSWER, 0.0, f"the checker could not read the output: {said.detail}")
    return Checked(CaseVerdict.INVALID, 0.0, f"the checker does not work, whatever the output: {said.detail}")


def _is_doubtful(result: CaseResult) -> bool:
    """Whether a checker gave no answer, be it the output's fault or its own."""
    return _said(result).verdict is CaseVerdict.INVALID


def _failed(result: CaseResult) -> bool:
    """Whether a checker gave no answer, and not for a limit, which it may run into time and again."""
    return _is_doubtful(result) and result.verdict in (RunVerdict.OK, RunVerdict.RUNTIME_ERROR)


def _said(result: CaseResult) -> Checked:
    """What a checker's answer means by itself."""
    if result.verdict is RunVerdict.NOT_JUDGED:
        return Checked(CaseVerdict.NOT_JUDGED, 0.0, f"the checker was not run: {result.detail}")
    if result.verdict is not RunVerdict.OK:
        return Checked(CaseVerdict.INVALID, 0.0, _why(result))
    try:
        answer = decode(result.value)
    except UnplainValue as cause:
        return Checked(CaseVerdict.INVALID, 0.0, f"the checker's answer cannot be read: {cause}")
    # NaN is in no range, and an integer of any size is compared without being turned into a float.
    if not isinstance(answer, bool | int | float) or not 0 <= answer <= 1:
        kind = type(answer).__name__
        return Checked(CaseVerdict.INVALID, 0.0, f"the checker answered a {kind} that is no share from 0 to 1")
    share = float(answer)
    verdict = CaseVerdict.ACCEPTED if share == 1.0 else CaseVerdict.WRONG_ANSWER
    return Checked(verdict, share, "" if share == 1.0 else f"the checker gives {share:g} of 1")


def _why(result: CaseResult) -> str:
    last = _word(result)
    return f"{result.detail}: {last}" if last else result.detail


def _word(result: CaseResult) -> str:
    """The last line of what a checker wrote where it failed: the exception, if it was one."""
    return result.stderr[-4 * _SHOWN_CHARS :].decode(errors="replace").strip().rsplit("\n", 1)[-1][:_SHOWN_CHARS]
