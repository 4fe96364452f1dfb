"""What a program is run on: standard inputs, or calls written as in Python."""

from __future__ import annotations

import ast
import os
import stat
import sys
from pathlib import Path

from guerdon.sandbox import Case
from guerdon.sandbox.jail.values import UnplainValue
from guerdon.services.cli.errors import CliError


def cases_of(stdin: str | None, files: tuple[Path, ...], calls: tuple[str, ...]) -> tuple[dict[str, Case], str]:
    """Return the cases by name, and the entry point; empty for standard input.

    Args:
        stdin: text, or ``@`` and a file's name; None is what is piped to this process, if anything.
        files: one standard input each.
        calls: one call each.
    """
    if sum((stdin is not None, bool(files), bool(calls))) > 1:
        raise CliError("--stdin, --case and --call are different ways to run a program: choose one")
    if calls:
        return _calls(calls)
    if files:
        return {str(file): Case(stdin=_content(file)) for file in files}, ""
    if stdin is None:
        return {"": Case(stdin=_piped())}, ""
    return {"": Case(stdin=_content(Path(stdin[1:])) if stdin.startswith("@") else stdin.encode())}, ""


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CliError(f"{file}: {error.strerror}") from None


def _piped() -> bytes:
    """What is piped here; a terminal, or nothing at all, is no input."""
    try:
        kind = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return b""
    return sys.stdin.buffer.read() if stat.S_ISFIFO(kind) or stat.S_ISREG(kind) else b""


def _calls(texts: tuple[str, ...]) -> tuple[dict[str, Case], str]:
    parsed = {text: _call(text) for text in texts}
    entries = {entry for entry, _ in parsed.values()}
    if len(entries) > 1:
        raise CliError(f"--call: all have to call the same function, not {' and '.join(sorted(entries))}")
    return {text: case for text, (_, case) in parsed.items()}, entries.pop()


def _call(text: str) -> tuple[str, Case]:
    """The entry point and the case of one call."""
    try:
        call = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CliError(f"--call {text!r}: not a call: {error}") from None
    if not isinstance(call, ast.Call):
        raise CliError(f"--call {text!r}: not a call; write it as in Python: f(1, [2])")
    try:
        args = [ast.literal_eval(arg) for arg in call.args]
        kwargs = {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg}
    except ValueError:
        raise CliError(f"--call {text!r}: the arguments have to be plain literals") from None
    if len(kwargs) < len(call.keywords):
        raise CliError(f"--call {text!r}: ** cannot be used here")
    try:
        return _entry(text, call.func), Case.of_call(*args, **kwargs)
    except UnplainValue as error:
        raise CliError(f"--call {text!r}: {error}") from None


def _entry(text: str, function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return f"{function.value.id}.{function.attr}"
    raise CliError(f"--call {text!r}: the function has to be a name, f or Solution.f")
