"""The suite of hostile and honest programs in ``tests/sandbox/attacks``: how it is read, and what counts as held.

The judge here stands for a caller: it alone knows what is expected, and it pays for a run that is ``ok`` and whose
output or value is exactly that.
"""

import ast
import platform
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from guerdon.sandbox import Case, CaseResult, Limits, Program, RunResult, Verdict
from guerdon.sandbox.jail.values import UnplainValue, decode

ATTACKS = Path(__file__).parent.parent / "sandbox" / "attacks"
HONEST = ATTACKS / "honest"
TIERS = ("full", "restricted", "container")
HOSTILE_LIMITS: dict[str, int] = {
    "cpu_ms": 400,
    "idle_ms": 700,
    "memory_bytes": 128 << 20,
    "output_bytes": 1 << 20,
    "disk_bytes": 16 << 20,
}
HONEST_LIMITS: dict[str, int] = {"cpu_ms": 5_000, "idle_ms": 5_000}
BOASTS = b"ESCAPED"
"""What a hostile program prints if its attack worked."""
_KEYS = frozenset(
    {
        *("name", "each", "language", "source", "entry", "files", "prelude", "limits", "machine", "tiers"),
        *("stdin", "call", "case", "stdout", "returns", "answer", "verdict", "may_pay"),
        *("then", "then_stdout", "then_verdict"),
    }
)
_CASE_KEYS = frozenset({"stdin", "call", "stdout", "returns", "verdict", "may_pay"})
_PRELUDES = {"syscall": (ATTACKS / "syscall.prelude").read_text(encoding="utf-8")}
_MISSING = object()


@dataclass(frozen=True)
class Trial:
    """One case of a program and what may come of it."""

    verdicts: frozenset[Verdict]
    pays: bool
    """Whether a right answer here is earned."""
    stdout: bytes | None = None
    """Output that is right; with ``value`` missing too, nobody but the judge knows what is."""
    value: object = _MISSING
    stdin: bytes = b""
    call: str = ""

    def case(self, facts: Mapping[str, str]) -> Case:
        """Return what is run, with what it says about the host filled in."""
        return _called(_filled(self.call, facts)) if self.call else Case(stdin=self.stdin)


@dataclass(frozen=True)
class Entry:
    """One program of the suite."""

    name: str
    category: str
    honest: bool
    language: str
    source: str
    trials: tuple[Trial, ...]
    limits: Limits
    entry: str = ""
    files: tuple[tuple[str, str], ...] = ()
    machine: str = ""
    tiers: tuple[str, ...] = TIERS
    then: str = ""
    then_stdout: bytes = b""
    then_verdicts: frozenset[Verdict] = frozenset({Verdict.OK})

    def cases(self, facts: Mapping[str, str]) -> list[Case]:
        """Return what the program is run on."""
        return [trial.case(facts) for trial in self.trials]

    def program(self, facts: Mapping[str, str]) -> Program:
        """Return the program with what it knows about the host filled in."""
        return Program(
            language=self.language, source=_filled(self.source, facts), entry=self.entry, files=dict(self.files)
        )

    def follower(self, facts: Mapping[str, str]) -> Program:
        """Return the program that runs right after and finds nothing of this one."""
        return Program(language=self.language, source=_filled(self.then, facts))

    def runs_on(self, machine: str = platform.machine()) -> bool:
        """Say whether the program is meant for this kind of processor."""
        return self.machine in ("", machine)


def _filled(text: str, facts: Mapping[str, str]) -> str:
    for name, value in facts.items():
        text = text.replace(f"@{name}@", value)
    return text


@cache
def programs(honest: bool) -> tuple[Entry, ...]:
    """Read all programs of one kind.

    Raises:
        ValueError: a data file has a key that is none, or a program without a name or a source.
    """
    return tuple(
        entry for path in sorted((HONEST if honest else ATTACKS).glob("*.toml")) for entry in _file(path, honest)
    )


def _file(path: Path, honest: bool) -> Iterator[Entry]:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    common = {key: value for key, value in data.items() if key != "program"}
    for written in data["program"]:
        table = common | written
        if unknown := set(table) - _KEYS:
            raise ValueError(f"{path.name}: {table.get('name')} has unknown keys {sorted(unknown)}")
        for each in table.pop("each", [None]):
            yield _entry(_each(table, each), path.stem, honest)


def _each(table: dict[str, Any], each: str | None) -> dict[str, Any]:
    if each is None:
        return table
    filled = {
        key: value.replace("@EACH@", each) if isinstance(value, str) else value for key, value in table.items()
    }
    return filled | {"name": f"{table['name']}: {each}"}


def _entry(table: dict[str, Any], category: str, honest: bool) -> Entry:
    prelude = _PRELUDES[table["prelude"]] + "\n" if "prelude" in table else ""
    return Entry(
        name=table["name"],
        category=category,
        honest=honest,
        language=table.get("language", "python"),
        source=prelude + _text(table["source"]).decode(),
        entry=table.get("entry", ""),
        files=tuple(table.get("files", {}).items()),
        trials=tuple(_trials(table, honest)),
        limits=Limits(**((HONEST_LIMITS if honest else HOSTILE_LIMITS) | table.get("limits", {}))),
        machine=table.get("machine", ""),
        tiers=tuple(table.get("tiers", TIERS)),
        then=table.get("then", ""),
        then_stdout=_text(table.get("then_stdout", "")),
        then_verdicts=_verdicts(table.get("then_verdict", "ok")),
    )


def _trials(table: dict[str, Any], honest: bool) -> Iterator[Trial]:
    shared = {key: value for key, value in table.items() if key in _CASE_KEYS} | {"pays": honest}
    if "answer" in table and "entry" not in table:
        shared.setdefault("stdout", table["answer"])
    if honest:
        shared["verdict"] = "ok"
    if "case" in table:
        for case in table["case"]:
            if unknown := set(case) - _CASE_KEYS:
                raise ValueError(f"{table['name']}: a case has unknown keys {sorted(unknown)}")
            yield _trial(shared | case)
    elif isinstance(table.get("call"), list):
        for call in table["call"]:
            yield _trial(shared | {"call": call})
    else:
        yield _trial(shared)


def _trial(table: dict[str, Any]) -> Trial:
    return Trial(
        verdicts=_verdicts(table["verdict"]),
        pays=bool(table["pays"] or table.get("may_pay")),
        stdout=_text(table["stdout"]) if "stdout" in table and "call" not in table else None,
        value=_literal(ast.parse(table["returns"], mode="eval").body) if "returns" in table else _MISSING,
        stdin=_text(table.get("stdin", "2 3\n")),
        call=table.get("call", ""),
    )


def _verdicts(names: str | list[str]) -> frozenset[Verdict]:
    return frozenset(Verdict(name) for name in ([names] if isinstance(names, str) else names))


def _text(pieces: Any) -> bytes:
    """Join pieces: texts, ``{repeat, times}`` and ``{hex}``."""
    if isinstance(pieces, str):
        return pieces.encode()
    return b"".join(_piece(piece) for piece in pieces)


def _piece(piece: Any) -> bytes:
    if isinstance(piece, str):
        return piece.encode()
    if "hex" in piece:
        return bytes.fromhex(piece["hex"])
    return str(piece["repeat"]).encode() * int(piece["times"])


def _called(text: str) -> Case:
    """Read a call as it would be written in Python; its arguments are literals."""
    call = ast.parse(text, mode="eval").body
    if not isinstance(call, ast.Call):
        raise TypeError(f"{text} is no call")
    return Case.of_call(*map(_literal, call.args), **{str(k.arg): _literal(k.value) for k in call.keywords})


def _literal(node: ast.expr) -> Any:
    """Evaluate a literal, or a literal repeated: ``'x' * 1000``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return ast.literal_eval(node.left) * ast.literal_eval(node.right)
    return ast.literal_eval(node)


def complaints(
    entry: Entry, result: RunResult, answer: bytes = b"", secrets: tuple[bytes, ...] = (), *, then: bool = False
) -> list[str]:
    """Say what is wrong with what came of a program; nothing is, if it was held or accepted as it must be.

    Args:
        entry: the program.
        result: of its run.
        answer: what is right where the data file says nothing: nobody in the jail can know it.
        secrets: what must not come out, wherever.
        then: whether this is the run right after.
    """
    trials = (_follower(entry),) if then else entry.trials
    found = [] if len(result.cases) == len(trials) else [f"{len(result.cases)} results for {len(trials)} cases"]
    for number, (trial, case) in enumerate(zip(trials, result.cases, strict=False), 1):
        found += [f"case {number}: {text}" for text in _of_case(trial, case, answer, entry.honest or then)]
        found += [f"case {number}: {text}" for text in _leaks(case, result, secrets)]
    return found


def _follower(entry: Entry) -> Trial:
    return Trial(verdicts=entry.then_verdicts, pays=True, stdout=entry.then_stdout)


def _of_case(trial: Trial, case: CaseResult, answer: bytes, must_be_right: bool) -> Iterator[str]:
    seen = f"{case.verdict}: {case.detail} filter={case.filter} denied={case.denied} stderr={case.stderr[-300:]!r}"
    if case.verdict not in trial.verdicts:
        yield f"not one of {sorted(trial.verdicts)} but {seen}"
    if case.verdict is Verdict.OK and trial.call and _value(case) is _MISSING:
        yield f"it is ok without a value: {seen}"
    right = case.verdict is Verdict.OK and _is_right(trial, case, answer)
    if right and not trial.pays:
        yield f"it was paid: {seen}"
    if must_be_right and case.verdict is Verdict.OK and not right:
        got, wanted = (_value(case), trial.value) if trial.call else (case.stdout, trial.stdout)
        yield f"it came to {got!r:.200}, not {wanted!r:.200}"


def _is_right(trial: Trial, case: CaseResult, answer: bytes) -> bool:
    if trial.call:
        expected = answer.decode() if trial.value is _MISSING else trial.value
        return _same(_value(case), expected)
    return case.stdout == (answer + b"\n" if trial.stdout is None else trial.stdout)


def _value(case: CaseResult) -> object:
    try:
        return decode(case.value) if case.value else _MISSING
    except UnplainValue:
        return _MISSING


def _same(left: object, right: object) -> bool:
    """Compare plain data exactly: 1, True and 1.0 are three things, and so are 0.0 and -0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(_same, left, right))  # type: ignore[arg-type]
    if isinstance(left, int):
        return left == right
    return repr(left) == repr(right) if isinstance(left, float | complex) else left == right


def _leaks(case: CaseResult, result: RunResult, secrets: tuple[bytes, ...]) -> Iterator[str]:
    # Not in standard error: a traceback quotes the source.
    for said in (case.stdout, case.value):
        if BOASTS in said:
            at = said.index(BOASTS)
            yield f"it says {said[at : at + 200]!r}"
    said = case.stdout + case.stderr + case.value + (result.compile.output.encode() if result.compile else b"")
    for secret in secrets:
        if secret in said:
            yield f"a secret of the host came out: {secret.decode()}"


_DRIVER = """
import sys, types
sys.path.insert(0, {folder!r})
from guerdon.sandbox.jail.values import decode, encode
name, _, method = {entry!r}.partition(".")
module = types.ModuleType("solution")
module.__file__ = {path!r}
sys.modules["solution"] = module
exec(compile(open({path!r}, encoding="utf-8").read(), {path!r}, "exec", dont_inherit=True), module.__dict__)
target = getattr(module, name)
target = getattr(target(), method) if method else target
args, kwargs = decode(open({arguments!r}, "rb").read())
open({answer!r}, "wb").write(encode(target(*args, **kwargs)))
"""


def plain_python(entry: Entry, python: str) -> list[str]:
    """Run an honest program by an interpreter without any sandbox, and say what differs from what is expected."""
    wrong: list[str] = []
    for trial in entry.trials:
        with tempfile.TemporaryDirectory() as name:
            case = _plainly(entry, trial, python, Path(name))
        wrong += _of_case(trial, case, b"", must_be_right=True)
    return wrong


def _plainly(entry: Entry, trial: Trial, python: str, folder: Path) -> CaseResult:
    source, stdin, arguments, answer = (folder / part for part in ("main.py", "stdin", "arguments", "answer"))
    source.write_bytes(entry.source.encode())
    stdin.write_bytes(trial.stdin)
    for file, text in entry.files:
        (folder / file).write_text(text, encoding="utf-8")
    started = source
    if entry.entry:
        arguments.write_bytes(trial.case({}).call)
        started = folder / "driver.py"
        started.write_text(
            _DRIVER.format(
                folder=str(folder),
                entry=entry.entry,
                path=str(source),
                arguments=str(arguments),
                answer=str(answer),
            )
        )
    with stdin.open("rb") as stream:
        done = subprocess.run([python, started], stdin=stream, capture_output=True, timeout=30, cwd=folder)
    return CaseResult(
        verdict=Verdict.RUNTIME_ERROR if done.returncode else Verdict.OK,
        stdout=done.stdout,
        stderr=done.stderr,
        value=answer.read_bytes() if answer.exists() else b"",
    )
