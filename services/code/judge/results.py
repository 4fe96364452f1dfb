"""From what the sandbox saw of a case to its outcome, and from its output to what it is worth."""

from __future__ import annotations

import msgspec

from guerdon.sandbox import CaseResult, RunResult
from guerdon.sandbox import Verdict as RunVerdict
from guerdon.sandbox.jail.values import UnplainValue, decode
from guerdon.services.code.compare import Comparison, check_value, compare_text
from guerdon.services.code.outcome import CaseOutcome, CaseVerdict
from guerdon.services.code.suite import CallCase, Compare, StdioCase, TruthError

SHOWN_CHARS = 1_000
"""Longest text of a program that an outcome holds."""
NEAR = 0.8
"""Share of the CPU limit from which a verdict hangs on it."""
_NAME_CHARS = 200


class Checked(msgspec.Struct, frozen=True):
    """What a checker says of an output."""

    verdict: CaseVerdict
    share: float
    detail: str


def outcome_of(index: int, spec: StdioCase | CallCase, result: CaseResult, cpu_limit_ms: float) -> CaseOutcome:
    """What became of a case: ``accepted`` so far where the run was fine, else the sandbox's verdict."""
    ran = result.verdict is RunVerdict.OK
    return CaseOutcome(
        verdict=CaseVerdict.ACCEPTED if ran else CaseVerdict(result.verdict.value),
        index=index,
        name=_name(spec.name),
        share=1.0 if ran else 0.0,
        weight=spec.weight,
        subtask=_name(spec.subtask),
        detail=result.detail,
        cpu_ms=round(result.cpu_ms, 2),
        load_cpu_ms=round(result.load_cpu_ms, 2),
        wall_ms=round(result.wall_ms, 2),
        peak_memory_bytes=result.peak_memory_bytes,
        filter=result.filter,
        # How long it waits depends on what else the machine does.
        near_limit=result.cpu_ms >= NEAR * cpu_limit_ms or result.verdict is RunVerdict.IDLE_LIMIT,
        **({} if ran else {"stdout": _shown(result.stdout), "stderr": _end_of(result.stderr)}),
    )


def result_of(
    outcome: CaseOutcome, spec: StdioCase | CallCase, result: CaseResult, compare: Compare
) -> CaseOutcome:
    """A case's outcome once its output, or the value of its call, has been compared."""
    if isinstance(spec, StdioCase):
        text = result.stdout.decode(errors="replace")
        return _compared(outcome, result, compare_text(text, spec.expected, compare))
    try:
        value = decode(result.value)
    except UnplainValue as cause:
        return _faulty(outcome, CaseVerdict.RUNTIME_ERROR, f"the call's result cannot be read: {cause}")
    try:
        return _compared(outcome, result, check_value(value, spec.check))
    except TruthError as cause:
        return _faulty(outcome, CaseVerdict.INVALID, str(cause))


def checked(outcome: CaseOutcome, result: CaseResult, said: Checked) -> CaseOutcome:
    """A case's outcome with what the checker says of its output."""
    outcome = msgspec.structs.replace(outcome, verdict=said.verdict, share=said.share, detail=said.detail)
    return outcome if said.verdict is CaseVerdict.ACCEPTED else _with_outputs(outcome, result)


def compile_cpu_ms(run: RunResult) -> float:
    """CPU time that compiling took for this run; what another one has compiled is paid by that one."""
    return 0.0 if run.compile is None or run.compile.cached else run.compile.cpu_ms


def not_run(index: int, spec: StdioCase | CallCase) -> CaseOutcome:
    """The outcome of a case that was left out."""
    name, subtask = _name(spec.name), _name(spec.subtask)
    return CaseOutcome(verdict=CaseVerdict.NOT_RUN, index=index, name=name, weight=spec.weight, subtask=subtask)


def _compared(outcome: CaseOutcome, result: CaseResult, comparison: Comparison) -> CaseOutcome:
    if comparison.equal:
        return outcome
    outcome = msgspec.structs.replace(
        outcome,
        verdict=CaseVerdict.WRONG_ANSWER,
        share=0.0,
        detail=comparison.detail,
        expected=comparison.expected,
        actual=comparison.actual,
    )
    return _with_outputs(outcome, result)


def _faulty(outcome: CaseOutcome, verdict: CaseVerdict, detail: str) -> CaseOutcome:
    return msgspec.structs.replace(outcome, verdict=verdict, share=0.0, detail=detail)


def _with_outputs(outcome: CaseOutcome, result: CaseResult) -> CaseOutcome:
    return msgspec.structs.replace(outcome, stdout=_shown(result.stdout), stderr=_end_of(result.stderr))


def _name(written: str) -> str:
    """The caller's name of a case, at a bounded length and as text that JSON can hold."""
    return written[:_NAME_CHARS].encode(errors="replace").decode()


def _shown(data: bytes) -> str:
    """The beginning of an output."""
    text = data[: 4 * SHOWN_CHARS].decode(errors="replace")
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"


def _end_of(data: bytes) -> str:
    """The end of an error output, where a traceback says what happened."""
    text = data[-4 * SHOWN_CHARS :].decode(errors="replace")
    return text if len(text) <= SHOWN_CHARS else f"…{text[-SHOWN_CHARS:]}"
