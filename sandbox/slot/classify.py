"""From what the watch saw to a verdict: one place, one order of precedence."""

import os
import signal

from guerdon.sandbox.program import Limits
from guerdon.sandbox.result import CaseResult, Verdict
from guerdon.sandbox.slot.watch import Observed, Stream

_KILLED = {
    "output": (Verdict.OUTPUT_LIMIT, "it wrote more than {limits.output_bytes} bytes"),
    "time": (Verdict.TIME_LIMIT, "it used up its {limits.cpu_ms} ms of CPU time"),
    "idle": (Verdict.IDLE_LIMIT, "it waited for {seen.idle_ms:.0f} ms without computing; the limit is {limits.idle_ms} ms"),
    "memory": (Verdict.MEMORY_LIMIT, "it needed more than {limits.memory_bytes} bytes of memory"),
    "host": (Verdict.NOT_JUDGED, "the host ran out of memory"),
    "cancelled": (Verdict.NOT_JUDGED, "the caller cancelled it"),
    "starved": (Verdict.NOT_JUDGED, "it got too little of a processor in {seen.wall_ms:.0f} ms to be judged"),
}


def judge(seen: Observed, out: Stream, err: Stream, value: Stream | None, limits: Limits, memory_killed: bool, out_of_memory: tuple[bytes, ...] = ()) -> CaseResult:
    """Return the verdict of one ended case.

    Args:
        seen: by the watch.
        out: standard output.
        err: standard error.
        value: a call's encoded result, None where there is no call.
        limits: of the case.
        memory_killed: whether the kernel killed it for its memory.
        out_of_memory: what the runtime says when it has none left.
    """
    verdict, detail = _verdict(seen, value, limits, memory_killed)
    if verdict is Verdict.RUNTIME_ERROR and any(text in err.content for text in out_of_memory):
        verdict, detail = Verdict.MEMORY_LIMIT, f"it needed more than {limits.memory_bytes} bytes of memory"
    status = seen.case_status if seen.case_status is not None else seen.ended.status if seen.ended else 0
    exited = os.WIFEXITED(status)
    return CaseResult(
        verdict=verdict,
        detail=detail,
        stdout=out.content,
        stderr=err.content,
        stdout_bytes=out.count,
        stderr_bytes=err.count,
        value=value.content if value is not None and verdict is Verdict.OK else b"",
        exit_code=os.WEXITSTATUS(status) if exited and not seen.killed else None,
        signal=None if exited else os.WTERMSIG(status),
        cpu_ms=round(seen.cpu_ms, 3),
        wall_ms=round(seen.wall_ms, 3),
        idle_ms=round(seen.idle_ms, 3),
        peak_memory_bytes=seen.peak_bytes,
        filter=seen.filter,
        denied=seen.denied,
        retryable=verdict is Verdict.NOT_JUDGED,
    )


def _verdict(seen: Observed, value: Stream | None, limits: Limits, memory_killed: bool) -> tuple[Verdict, str]:
    if seen.killed == "security":
        return Verdict.SECURITY, f"it tried what no judged program needs: {seen.filter}"
    if seen.killed:
        verdict, text = _KILLED[seen.killed]
        return verdict, text.format(limits=limits, seen=seen)
    if memory_killed or b"M" in seen.said:
        return Verdict.MEMORY_LIMIT, f"it needed more than {limits.memory_bytes} bytes of memory"
    if b"E" in seen.said:
        return Verdict.NOT_JUDGED, f"the program could not be started: {seen.complaint}"
    if seen.cpu_ms > limits.cpu_ms:
        return Verdict.TIME_LIMIT, f"it used {seen.cpu_ms:.0f} ms of CPU time; the limit is {limits.cpu_ms} ms"
    return _by_status(seen, value, seen.case_status if seen.case_status is not None else seen.ended.status if seen.ended else 0)


def _by_status(seen: Observed, value: Stream | None, status: int) -> tuple[Verdict, str]:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGSYS:
            seen.filter = "syscall:unnamed"
            return Verdict.SECURITY, "the kernel's filter killed it"
        if number == signal.SIGKILL and seen.case_status is None:
            # From inside its pid namespace nothing can send this one to it, and it is none of our own reasons.
            return Verdict.NOT_JUDGED, "something outside the sandbox killed it"
        return Verdict.RUNTIME_ERROR, f"signal {number} ({signal.Signals(number).name}) ended it" if number in set(signal.Signals) else f"signal {number} ended it"
    if b"C" in seen.said:
        return Verdict.COMPILE_ERROR, "the source does not compile"
    if b"U" in seen.said:
        return Verdict.RUNTIME_ERROR, f"the call's result is no plain data: {seen.complaint}"
    code = os.WEXITSTATUS(status)
    if code:
        return Verdict.RUNTIME_ERROR, f"it ended with exit status {code}"
    if value is not None and not value.count:
        return Verdict.RUNTIME_ERROR, "it ended before the call returned"
    return Verdict.OK, ""
