"""What a signal answers, and what all of them ask the engine with."""

from __future__ import annotations

from typing import Any

import msgspec

from guerdon.sandbox import Case, Engine, Limits, Program, RunResult, SandboxError
from guerdon.services.code.judge.results import compile_cpu_ms
from guerdon.services.code.judge.turn import Turn
from guerdon.services.contract.meter import charge

_SHOWN_CHARS = 300


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One signal of one program."""

    score: float | None
    """0 to 1; None where the signal does not apply to such programs."""
    reason: str
    """Short code of what decided."""
    explanation: str
    """One sentence."""
    details: dict[str, Any] = {}
    """JSON values of bounded size."""
    near_limit: bool = False
    """Whether the score hangs on a limit that was nearly, or just, exhausted."""


class NotJudged(SandboxError):
    """The sandbox could not say; nothing is known about the program."""

    def __init__(self, detail: str, *, retryable: bool = True) -> None:
        super().__init__(detail or "the sandbox gave no reason")
        self.retryable = retryable


async def ask(
    engine: Engine, program: Program, inputs: list[bytes], limits: Limits, deadline: float | None, turn: Turn
) -> RunResult:
    """Run a program on each of the inputs; raises what :meth:`guerdon.sandbox.Engine.run` raises."""
    cases = [Case(stdin=text) for text in inputs]
    result = await engine.run(
        program, cases, limits, deadline=deadline, tenant=turn.tenant, priority=turn.priority
    )
    charge(sum(case.cpu_ms for case in result.cases) + compile_cpu_ms(result))
    return result


def not_text() -> Signal:
    """The signal of a program with lone surrogates in it, which no file can hold."""
    return Signal(score=0.0, reason="not_text", explanation="the program cannot be written as UTF-8")


def is_text(*texts: str) -> bool:
    """Tell whether all texts can be written to files."""
    try:
        for text in texts:
            text.encode()
    except UnicodeEncodeError:
        return False
    return True


def shortened(text: str, most: int = _SHOWN_CHARS) -> str:
    """Return at most so many characters of untrusted text."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
