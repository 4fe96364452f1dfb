"""From judged cases to the verdict a caller gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from guerdon.sandbox.errors import DeadlineExceeded, InvalidProgram, Overloaded, SandboxError, UnknownLanguage
from guerdon.services.code.judge.judged import GOOD, SHOWN_CASES, Judged
from guerdon.services.code.judge.scoring import score_of
from guerdon.services.code.outcome import CaseOutcome, CaseVerdict
from guerdon.services.code.settings import CodeParams
from guerdon.services.code.signals import NotJudged, Signal
from guerdon.services.code.submission import NoProgram, Submission
from guerdon.services.contract import Verdict

SHOWN_SOURCE_CHARS = 4_000
_BAD = frozenset(CaseVerdict) - GOOD


def no_program(found: NoProgram) -> Verdict:
    """A completion without a program is a wrong answer."""
    return Verdict.ok(0.0, found.reason, found.explanation)


def unusable_truth(fault: object) -> Verdict:
    """The caller's tests are of no use."""
    # It may quote the caller's data, in which JSON allows half a character.
    said = str(fault).encode(errors="backslashreplace").decode()
    return Verdict.invalid("bad_ground_truth", f"the ground truth cannot be used: {said}")


def no_tests(fault: object) -> Verdict:
    """The ground truth is another verifier's, and there is nothing to judge here."""
    return Verdict.not_applicable("no_tests", f"the ground truth is not for programs: {fault}")


def not_run(fault: SandboxError) -> Verdict:
    """Nothing was run: whose fault it is decides between ``invalid`` and ``unavailable``; never a score."""
    if isinstance(fault, NotJudged):
        return Verdict.unavailable("not_judged", f"the sandbox could not say: {fault}")
    if isinstance(fault, InvalidProgram):
        return Verdict.invalid("bad_ground_truth", f"the program cannot be run with these tests: {fault}")
    if isinstance(fault, UnknownLanguage):
        return Verdict.unavailable("language_missing", f"this service cannot run it: {fault}")
    if isinstance(fault, DeadlineExceeded):
        return late()
    reason = "overloaded" if isinstance(fault, Overloaded) else "sandbox_unavailable"
    return Verdict.unavailable(reason, f"the sandbox did not run it: {fault}")


def late() -> Verdict:
    """The call's time ran out."""
    return Verdict.timeout("deadline", "the call's time ran out before the program was judged")


def signal_verdict(signal: Signal, submission: Submission) -> Verdict:
    """The verdict that a signal gives."""
    if signal.score is None:
        return Verdict.not_applicable(signal.reason, signal.explanation)
    details = {"taken": submission.taken, "span": list(submission.span), **signal.details}
    verdict = Verdict.ok(signal.score, signal.reason, signal.explanation, _shown(submission), **details)
    return msgspec.structs.replace(verdict, near_limit=signal.near_limit)


def not_accepted(judged: Judged, submission: Submission) -> Verdict:
    """The verdict on the cost of a program that is not right, or of which it is not known."""
    score = score_of(judged.outcomes, "all_or_nothing")
    first = _first(judged.outcomes, score)
    if score is None or first is None:
        return _open_verdict(first)
    why = f"the program is not right, so its cost does not count; {first.described()}"
    verdict = Verdict.ok(0.0, first.verdict.value, why, _shown(submission), taken=submission.taken)
    return msgspec.structs.replace(verdict, near_limit=judged.near_limit)


def reference_fails(judged: Judged) -> Verdict:
    """The verdict where the reference is not right, which is the caller's fault, or of which that is not known."""
    score = score_of(judged.outcomes, "all_or_nothing")
    if score is None:
        return _open_verdict(_first(judged.outcomes, score))
    return unusable_truth(f"its reference does not pass: {judged.failure()}")


def judged_verdict(judged: Judged, submission: Submission, params: CodeParams) -> Verdict:
    """The verdict on a program whose cases were run."""
    score = score_of(judged.outcomes, params.scoring)
    first = _first(judged.outcomes, score)
    if score is None:
        return _open_verdict(first)
    reason = "accepted" if first is None else first.verdict.value
    verdict = Verdict.ok(
        score,
        reason,
        _explanation(judged, first),
        _shown(submission),
        **_details(judged, submission, params),
    )
    return msgspec.structs.replace(
        verdict,
        near_limit=judged.near_limit,
        latency_ms=round(judged.work_ms, 3),
        queue_ms=round(judged.queue_ms, 3),
    )


def _first(outcomes: Sequence[CaseOutcome], score: float | None) -> CaseOutcome | None:
    """The case that decided: a forbidden try, else the first without a verdict or the first that failed."""
    wanted = frozenset({CaseVerdict.NOT_JUDGED, CaseVerdict.INVALID}) if score is None else _BAD
    found = [outcome for outcome in outcomes if outcome.verdict in wanted]
    forbidden = [outcome for outcome in found if outcome.verdict is CaseVerdict.SECURITY]
    return next(iter(forbidden or found), None)


def _open_verdict(first: CaseOutcome | None) -> Verdict:
    if first is None:
        return Verdict.error("no_case", "no case was judged and none says why")
    if first.verdict is CaseVerdict.INVALID:
        return Verdict.invalid("bad_ground_truth", first.described())
    return Verdict.unavailable("not_judged", first.described())


def _explanation(judged: Judged, first: CaseOutcome | None) -> str:
    counts = Counter(outcome.verdict for outcome in judged.outcomes)
    total, passed = len(judged.outcomes), counts[CaseVerdict.ACCEPTED]
    if first is None:
        return "the only case passes" if total == 1 else f"all {total} cases pass"
    left_out = counts[CaseVerdict.NOT_RUN]
    tail = f"; {left_out} {'was' if left_out == 1 else 'were'} left out" if left_out else ""
    return f"{passed} of {total} cases pass{tail}; {first.described()}"


def _details(judged: Judged, submission: Submission, params: CodeParams) -> dict[str, Any]:
    outcomes = judged.outcomes
    counts = Counter(outcome.verdict.value for outcome in outcomes)
    shown = [outcome for outcome in outcomes if params.details == "cases" or outcome.verdict in _BAD]
    filters = Counter(outcome.filter for outcome in outcomes if outcome.filter)
    details: dict[str, Any] = {
        "taken": submission.taken,
        "span": list(submission.span),
        "passed": counts[CaseVerdict.ACCEPTED.value],
        "cases_total": len(outcomes),
        "verdicts": dict(counts),
        "cases": msgspec.to_builtins(shown[:SHOWN_CASES]),
        **_costs(judged),
        "tier": str(judged.tier),
        "runtime": judged.runtime,
        "speed_factor": judged.speed_factor,
    }
    if len(shown) > SHOWN_CASES:
        details["cases_not_shown"] = len(shown) - SHOWN_CASES
    if judged.compiler:
        details["compiler"] = judged.compiler
    if filters:
        details["filters"] = dict(filters)
    if judged.self_judged:
        details["self_judged"] = judged.self_judged
    return details


def _costs(judged: Judged) -> dict[str, Any]:
    """What the cases took, all together and the costliest; of calls in one process only the former is known."""
    if judged.cpu_ms is not None:
        return {"cpu_ms": judged.cpu_ms, "peak_memory_bytes": judged.peak_memory_bytes, "one_process": True}
    return {
        "cpu_ms": round(sum(outcome.cpu_ms for outcome in judged.outcomes), 2),
        "max_cpu_ms": max(outcome.cpu_ms for outcome in judged.outcomes),
        "peak_memory_bytes": max(outcome.peak_memory_bytes for outcome in judged.outcomes),
    }


def _shown(submission: Submission) -> str:
    return submission.source[:SHOWN_SOURCE_CHARS]
