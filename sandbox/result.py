"""What a caller gets back: a verdict a case, with what the case used and what it tried."""

from enum import StrEnum

from msgspec import Struct


class Verdict(StrEnum):
    """How a run ended, in the judges' vocabulary; whether its output is right is the caller's to say."""

    OK = "ok"
    """Ended by itself with exit status 0."""
    RUNTIME_ERROR = "runtime_error"
    COMPILE_ERROR = "compile_error"
    TIME_LIMIT = "time_limit"
    """Used up its CPU time."""
    IDLE_LIMIT = "idle_limit"
    """Waited too long for something that is not a processor: slept, or read input that never comes."""
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    SECURITY = "security"
    """Tried what no judged program needs; ``filter`` says what."""
    NOT_JUDGED = "not_judged"
    """A fault of ours: nothing is known about the program, and the same run may be asked for again."""


class CaseResult(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One case's verdict and measurements. Everything the program wrote is untrusted."""

    verdict: Verdict
    detail: str = ""
    """One sentence for a person."""
    stdout: bytes = b""
    """Exactly the first ``output_bytes`` the program wrote."""
    stderr: bytes = b""
    """The first 64 KiB of standard error."""
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    """Bytes written and seen; on ``output_limit`` at least one more than the limit on one of the two."""
    value: bytes = b""
    """The encoded result of a call; :func:`guerdon.sandbox.jail.values.decode` reads it."""
    exit_code: int | None = None
    signal: int | None = None
    """Signal that ended the program, None when it exited."""
    cpu_ms: float = 0.0
    load_cpu_ms: float = 0.0
    """CPU time of loading the program, where cases share that; 0 where it is part of the case's own."""
    wall_ms: float = 0.0
    idle_ms: float = 0.0
    """Wall time less CPU time less time spent waiting for a processor."""
    peak_memory_bytes: int = 0
    filter: str = ""
    """Which filter fired, for ``security``: ``syscall:ptrace``, ``socket:inet``, ``process:fork``, …"""
    denied: dict[str, int] = {}
    """Everything refused on the way and how often, fatal or not, by filter."""
    interactor: "CaseResult | None" = None
    """Result of the tests that asked the program from another jail, for an interaction."""
    reran: bool = False
    """Whether this is the second run, alone on the node, of a case that used up its CPU time beside others."""
    retryable: bool = False

    @property
    def stdout_text(self) -> str:
        """Standard output as text; bytes that are not UTF-8 become U+FFFD."""
        return self.stdout.decode(errors="replace")


class Interaction(Struct, frozen=True, kw_only=True):
    """How a program and the tests that asked it from another jail ended."""

    program: CaseResult
    """``ok`` where it answered until the tests had ended."""
    interactor: CaseResult
    """Of the tests; ``value`` is what they returned."""
    tier: str
    runtime: str = ""
    """Version line of the interpreter."""
    speed_factor: float = 1.0
    queue_ms: float = 0.0


class CompileResult(Struct, frozen=True, kw_only=True):
    """The compile step: its verdict and the compiler's messages."""

    verdict: Verdict
    output: str = ""
    cpu_ms: float = 0.0
    cached: bool = False
    """Whether it was taken for another run, which the CPU time belongs to."""
    detail: str = ""


class RunResult(Struct, frozen=True, kw_only=True):
    """All cases of one program, in the order they were given."""

    verdict: Verdict
    """``ok`` if every case is; else the first verdict that is not, our own faults last."""
    cases: tuple[CaseResult, ...]
    tier: str
    language: str
    runtime: str = ""
    """Version line of the interpreter or compiler."""
    speed_factor: float = 1.0
    """By how much this node's CPU limits were stretched (above 1: a slow node)."""
    compile: CompileResult | None = None
    queue_ms: float = 0.0


def verdict_of(cases: tuple[CaseResult, ...]) -> Verdict:
    """Return the program's verdict: the first failure that is the program's own, then ours, then ``ok``."""
    own = (case.verdict for case in cases if case.verdict not in (Verdict.OK, Verdict.NOT_JUDGED))
    ours = (case.verdict for case in cases if case.verdict is Verdict.NOT_JUDGED)
    return next(own, next(ours, Verdict.OK))
