"""One attempt from inside, as data: a program, the limits it runs under, and what must become of it.

A program first writes that it tries, then what came of it: ``reached: …`` or ``refused: …``. Each is bounded, so
that a sandbox that does not hold is found out without harm to the host.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from guerdon.sandbox.errors import UnknownLanguage
from guerdon.sandbox.jail.syscalls import numbers
from guerdon.sandbox.program import MEBIBYTE, Limits, Program
from guerdon.sandbox.result import CaseResult, RunResult, Verdict
from guerdon.sandbox.selfcheck.finding import Finding, State

TRYING = "trying"
LIMITS = Limits(cpu_ms=3_000, idle_ms=3_000, memory_bytes=128 * MEBIBYTE, disk_bytes=4 * MEBIBYTE, inodes=256)
_SHOWN = 160
_FACT = re.compile(r"@([A-Za-z0-9_]+)@")

_PYTHON = """
import errno, os
print("trying", flush=True)
def refused(why):
    print("refused:", why.strerror if isinstance(why, OSError) else why, flush=True)
def reached(what):
    print("reached:", what, flush=True)
"""
_CALLS = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(number, *arguments):
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    return libc.syscall(ctypes.c_long(number), *words), ctypes.get_errno()
"""
_BASH = "echo trying\n"


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One attempt.

    Attributes:
        name: what is tried.
        means: what follows if it holds.
        source: the program; names between ``@`` are facts of the host or numbers of system calls.
        language: of the program.
        limits: it runs under.
        verdicts: how it must end; empty if all that counts is that it reaches nothing.
        needs: what the promise rests on beyond the filter: ``root`` a file system of its own, ``memory`` a memory
            cgroup.
        runs: cases to run one after the other.
        exact_output: whether standard output must be as long as the limit.
        overshoot_ms: CPU time it may use beyond its limit; 0 for not to look.
        survivors: whether processes that bear the mark are looked for afterwards.
    """

    name: str
    means: str
    source: str
    language: str = "python"
    limits: Limits = LIMITS
    verdicts: frozenset[Verdict] = frozenset()
    needs: tuple[str, ...] = ()
    runs: int = 1
    exact_output: bool = False
    overshoot_ms: float = 0.0
    survivors: bool = False

    def program(self, facts: Mapping[str, str]) -> Program:
        """Return the program for a host.

        Raises:
            KeyError: a fact it needs could not be had on this host.
        """
        prelude = _BASH if self.language == "bash" else _PYTHON + (_CALLS if "call(" in self.source else "")
        return Program(language=self.language, source=_filled(prelude + self.source, facts))


def calls(table: Iterable[tuple[str, str, str]]) -> tuple[Probe, ...]:
    """Return a probe for each system call of a table.

    Args:
        table: name, arguments as Python source, and what it means that the call is refused. The arguments change
            nothing even where the call is made; whatever the kernel says of them, other than a refusal, tells
            that the call got through to it.
    """
    known = numbers()
    return tuple(
        Probe(name=name, means=means, source=_CALL.replace("NAME", name).replace("ARGUMENTS", arguments))
        for name, arguments, means in table
        if name in known
    )


_CALL = """
result, code = call(@NAME@, ARGUMENTS)
if result < 0 and code in (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EOPNOTSUPP):
    refused(OSError(code, os.strerror(code)))
else:
    reached("the kernel took the call: " + (os.strerror(code) if result < 0 else str(result)))
"""


def _filled(source: str, facts: Mapping[str, str]) -> str:
    known = {name: str(number) for name, number in numbers().items()}
    return _FACT.sub(lambda match: known.get(match[1]) or facts[match[1]], source)


def finding(group: str, probe: Probe, state: State, detail: str) -> Finding:
    """Return what was found of a probe."""
    return Finding(group=group, name=probe.name, state=state, detail=detail, means=probe.means)


@dataclass(frozen=True)
class Outcome:
    """What the runs of a probe came to."""

    state: State
    detail: str


def judge(probe: Probe, result: RunResult, secrets: Mapping[str, bytes]) -> Outcome:
    """Say whether a probe's runs were held; of several the first that was not.

    Args:
        probe: what was run.
        result: what came back.
        secrets: what must not come out, by where it lies.
    """
    outcomes = [_judge(probe, case, secrets, result.speed_factor) for case in result.cases]
    return next((each for each in outcomes if each.state is not State.HOLDS), outcomes[0])


def _judge(probe: Probe, case: CaseResult, secrets: Mapping[str, bytes], speed_factor: float) -> Outcome:
    written = case.stdout + case.stderr
    for place, secret in secrets.items():
        if secret in written:
            return Outcome(State.FAILS, f"it read the secret in {place}")
    said = case.stdout_text[: _SHOWN * 4].splitlines()
    reached = next((line for line in said if line.startswith("reached: ")), "")
    if reached:
        return Outcome(State.FAILS, reached[:_SHOWN])
    if case.verdict is Verdict.NOT_JUDGED:
        return Outcome(State.FAILS, f"the sandbox could not judge it: {case.detail}")
    if TRYING not in said[:1]:
        return Outcome(State.UNTRIED, f"it ended before it could try: {_ending(case)}")
    if probe.verdicts:
        return _by_verdict(probe, case, said, speed_factor)
    return _by_refusal(case, said)


def _by_verdict(probe: Probe, case: CaseResult, said: list[str], speed_factor: float) -> Outcome:
    if case.verdict not in probe.verdicts:
        wanted = " or ".join(sorted(probe.verdicts))
        return Outcome(State.FAILS, f"it ended as {_ending(case)}, where {wanted} was due")
    if probe.exact_output and len(case.stdout) != probe.limits.output_bytes:
        return Outcome(State.FAILS, f"{len(case.stdout)} bytes came back, not {probe.limits.output_bytes}")
    if not probe.overshoot_ms:
        return Outcome(State.HOLDS, _refusal(said) or _ending(case))
    over = case.cpu_ms - probe.limits.cpu_ms * speed_factor
    detail = f"{case.verdict}: {over:.1f} ms over the limit of {probe.limits.cpu_ms} ms"
    return Outcome(State.HOLDS if over <= probe.overshoot_ms else State.FAILS, detail)


def _by_refusal(case: CaseResult, said: list[str]) -> Outcome:
    if case.verdict is Verdict.SECURITY:
        return Outcome(State.HOLDS, f"ended by the filter {case.filter}")
    refused = _refusal(said)
    if refused:
        return Outcome(State.HOLDS, refused)
    return Outcome(State.UNTRIED, f"it said nothing of what came of it: {_ending(case)}")


def _refusal(said: list[str]) -> str:
    return next((line for line in said if line.startswith("refused: ")), "")[:_SHOWN]


def _ending(case: CaseResult) -> str:
    last = case.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    text = case.detail or (last if case.verdict is not Verdict.OK else "")
    return f"{case.verdict}: {text[:_SHOWN]}" if text else str(case.verdict)


def missing(probe: Probe, error: KeyError | UnknownLanguage, absent: Mapping[str, str]) -> Outcome:
    """Say why a probe could not be tried.

    Args:
        probe: what was to be run.
        error: what was in the way.
        absent: why facts could not be had, by name.
    """
    if isinstance(error, UnknownLanguage):
        return Outcome(State.UNTRIED, str(error))
    return Outcome(State.UNTRIED, absent.get(error.args[0], f"{error.args[0]} is not known"))


def relieved(outcome: Outcome, reason: str) -> Outcome:
    """Turn a failure into a gap where the tier does not promise this here, for a ``reason``."""
    if outcome.state is not State.FAILS or not reason:
        return outcome
    return replace(outcome, state=State.GAP, detail=f"{outcome.detail}; {reason}")
