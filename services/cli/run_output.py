"""What a run came to, for people and for programs."""

from __future__ import annotations

import json
import sys
from typing import Any, TextIO

from guerdon.sandbox import CaseResult, RunResult, Verdict
from guerdon.sandbox.jail.values import UnplainValue, decode
from guerdon.services.cli.errors import ExitCode
from guerdon.services.cli.terminal import say, visible

_MEBIBYTE = 1 << 20


def show(result: RunResult, names: list[str], *, as_json: bool) -> ExitCode:
    """Show the cases by name; what programs wrote goes where they wrote it, what we say to standard error."""
    if as_json:
        print(json.dumps(_as_data(result, names), indent=2))
    else:
        _show(result, names)
    if result.verdict is Verdict.OK:
        return ExitCode.OK
    ours = any(case.verdict is Verdict.NOT_JUDGED for case in result.cases)
    return ExitCode.SERVICE if ours else ExitCode.INCOMPLETE


def _show(result: RunResult, names: list[str]) -> None:
    if result.compile is not None and result.compile.output:
        _write(sys.stderr, result.compile.output.encode())
    for name, case in zip(names, result.cases, strict=False):
        if len(names) > 1:
            say(f"--- {name}")
        _write(sys.stdout, case.stdout)
        _write(sys.stderr, case.stderr)
        if case.value:
            print(f"{visible(name)} = {visible(_value(case))}", flush=True)
        say(_line(case, result))


def _write(stream: TextIO, content: bytes) -> None:
    """Pass on what a program wrote: as it is, or made harmless where a person looks at it."""
    if not content:
        return
    stream.flush()
    if stream.isatty():
        text = content.decode(errors="replace")
        stream.write("\n".join(visible(line.expandtabs()) for line in text.split("\n")))
        stream.write("" if text.endswith("\n") else "\n")
    elif hasattr(stream, "buffer"):
        stream.buffer.write(content)
    else:
        stream.write(content.decode(errors="replace"))
    stream.flush()


def _line(case: CaseResult, result: RunResult) -> str:
    """One line: how it ended, what it used, where it ran, what was refused on the way."""
    ending = f"{case.verdict}" + (f" ({case.filter})" if case.filter else "")
    if case.detail:
        ending += f": {case.detail}"
    peak = case.peak_memory_bytes / _MEBIBYTE
    used = f"cpu {case.cpu_ms:.1f} ms, wall {case.wall_ms:.1f} ms, peak memory {peak:.1f} MiB"
    if result.compile is not None:
        used = f"compiler {'cached' if result.compile.cached else f'cpu {result.compile.cpu_ms:.0f} ms'}, {used}"
    where = f"tier {result.tier}, {result.runtime}"
    if result.speed_factor != 1.0:
        where += f", CPU limits x{result.speed_factor}"
    refused = ", ".join(f"{name} x{times}" for name, times in case.denied.items())
    return "; ".join((ending, used, where, *([f"refused: {refused}"] if refused else [])))


def _value(case: CaseResult) -> str:
    try:
        return repr(decode(case.value))
    except (UnplainValue, ValueError) as error:
        # The program wrote it past the interpreter.
        return f"<no plain data: {error}>"


def _as_data(result: RunResult, names: list[str]) -> dict[str, Any]:
    compiled = result.compile
    return {
        "verdict": result.verdict,
        "tier": result.tier,
        "language": result.language,
        "runtime": result.runtime,
        "speed_factor": result.speed_factor,
        "compile": None
        if compiled is None
        else {"verdict": compiled.verdict, "output": compiled.output, "cpu_ms": compiled.cpu_ms},
        "cases": [_case_data(name, case) for name, case in zip(names, result.cases, strict=False)],
    }


def _case_data(name: str, case: CaseResult) -> dict[str, Any]:
    return {
        "name": name,
        "verdict": case.verdict,
        "detail": case.detail,
        "stdout": case.stdout_text,
        "stderr": case.stderr.decode(errors="replace"),
        "value": _value(case) if case.value else None,
        "exit_code": case.exit_code,
        "signal": case.signal,
        "cpu_ms": case.cpu_ms,
        "wall_ms": case.wall_ms,
        "idle_ms": case.idle_ms,
        "peak_memory_bytes": case.peak_memory_bytes,
        "filter": case.filter,
        "denied": case.denied,
        "reran": case.reran,
    }
