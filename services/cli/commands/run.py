"""``guerdon run``: runs one program in the sandbox, by hand."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from guerdon.services.cli.errors import CliError, ExitCode

app = App(
    name="run",
    help_epilogue=(
        "Exit codes: 0 every case is ok; 1 some case is not; 2 the command is wrong or the language is missing; "
        "3 the sandbox could not run or judge it."
    ),
)

_LANGUAGES = {
    ".py": "python",
    ".c": "c",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".cxx": "cpp",
    ".js": "javascript",
    ".mjs": "javascript",
    ".java": "java",
    ".go": "go",
    ".rs": "rust",
    ".sh": "bash",
    ".bash": "bash",
}
_OPTIONS = {
    "cpu_ms": "--cpu-ms",
    "idle_ms": "--idle-ms",
    "memory_bytes": "--memory-mb",
    "output_bytes": "--output-kb",
}
_KIBIBYTE, _MEBIBYTE = 1 << 10, 1 << 20

TierName = Literal["auto", "full", "container", "restricted", "none"]
Repeated = Parameter(show_default=False)


@app.default
def run(
    file: Path,
    /,
    *,
    language: str = "",
    stdin: str | None = None,
    case: Annotated[tuple[Path, ...], Repeated] = (),
    call: Annotated[tuple[str, ...], Repeated] = (),
    cpu_ms: int | None = None,
    idle_ms: int | None = None,
    memory_mb: int | None = None,
    output_kb: int | None = None,
    tier: TierName = "auto",
    json: bool = False,
) -> int:
    """Run a program in the sandbox and show what it wrote, how it ended and what it used.

    Args:
        file: Source of the program.
        language: Its language, if the file's extension does not say it.
        stdin: Standard input, as text, or @FILE; without it what is piped to this command.
        case: File with the standard input of a case; may be repeated.
        call: Call of a Python function with plain arguments, such as 'f(1, [2])'; may be repeated.
        cpu_ms: CPU time of a case, in milliseconds; 2000 if not given.
        idle_ms: Time it may only wait, in milliseconds; 5000 if not given.
        memory_mb: Memory of a case, in MiB; 512 if not given.
        output_kb: Output of a case, in KiB; 16384 if not given.
        tier: Isolation; auto is the strongest this host allows.
        json: Write one JSON object to standard output.
    """
    from guerdon.sandbox import InvalidProgram, Program, SandboxError, UnknownLanguage
    from guerdon.services.cli.run_cases import cases_of
    from guerdon.services.cli.run_output import show

    cases, entry = cases_of(stdin, case, call)
    limits = _limits(
        cpu_ms=cpu_ms,
        idle_ms=idle_ms,
        memory_bytes=None if memory_mb is None else memory_mb * _MEBIBYTE,
        output_bytes=None if output_kb is None else output_kb * _KIBIBYTE,
    )
    program = Program(language=language or _language(file), source=_source(file), entry=entry)
    try:
        result = asyncio.run(_run(program, list(cases.values()), limits, tier))
    except UnknownLanguage as error:
        raise CliError(str(error), ExitCode.SERVICE if error.retryable else ExitCode.USAGE) from None
    except InvalidProgram as error:
        raise CliError(f"--call: {error}" if entry else str(error)) from None
    except SandboxError as error:
        raise CliError(f"the sandbox could not run it: {error}", ExitCode.SERVICE) from None
    return show(result, list(cases), as_json=json)


async def _run(program: Any, cases: list[Any], limits: Any, tier: str) -> Any:
    from guerdon.sandbox import Engine, SandboxSettings, Tier

    # What slots log on the way is for services; here the verdict says it.
    logging.getLogger("guerdon.sandbox").addHandler(logging.NullHandler())
    least = Tier.NONE if tier == Tier.NONE else Tier.RESTRICTED
    async with Engine(SandboxSettings(slots=1, tier=tier, min_tier=least)) as engine:
        return await engine.run(program, cases, limits)


def _language(file: Path) -> str:
    try:
        return _LANGUAGES[file.suffix.lower()]
    except KeyError:
        known = ", ".join(_LANGUAGES)
        raise CliError(f"{file}: the extension says no language (known: {known}); name it: --language") from None


def _source(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise CliError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CliError(f"{file}: not UTF-8 text: {error}") from None


def _limits(**given: int | None) -> Any:
    """The defaults with what was given, each at least 1."""
    import msgspec

    from guerdon.sandbox import Limits

    known = {name: value for name, value in given.items() if value is not None}
    for name, value in known.items():
        if value < 1:
            raise CliError(f"{_OPTIONS[name]}: has to be at least 1")
    return msgspec.structs.replace(Limits(), **known)
