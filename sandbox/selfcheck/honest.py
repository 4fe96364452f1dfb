"""One honest program for each language: what is held must not hold those."""

from guerdon.sandbox.engine.engine import Engine
from guerdon.sandbox.engine.request import Request
from guerdon.sandbox.errors import SandboxError
from guerdon.sandbox.languages import ALL
from guerdon.sandbox.languages.language import Language
from guerdon.sandbox.program import Limits
from guerdon.sandbox.result import RunResult, Verdict
from guerdon.sandbox.selfcheck.finding import Finding, State
from guerdon.sandbox.tier import Tier

GROUP = "languages"
_SHOWN = 200
_LIMITS = Limits(cpu_ms=10_000, idle_ms=10_000)


async def check_languages(engine: Engine) -> list[Finding]:
    """Run the self-test of every language that this host has."""
    tier = engine.health().tier
    wanted = list(ALL.values())
    # What is here is asked of the engine, for in containers it is the image that counts.
    requests = [
        Request(program=each.selftest.program, cases=[each.selftest.case], limits=_LIMITS) for each in wanted
    ]
    results = await engine.run_batch(requests)
    return [_finding(language, tier, result) for language, result in zip(wanted, results, strict=True)]


def _finding(language: Language, tier: str, result: RunResult | SandboxError) -> Finding:
    state, detail = _judge(language, tier, result)
    return Finding(group=GROUP, name=language.name, state=state, detail=detail, means="its programs can be judged")


def _judge(language: Language, tier: str, result: RunResult | SandboxError) -> tuple[State, str]:
    if isinstance(result, SandboxError):
        possible = not language.missing and Tier(tier) in language.tiers
        return (State.FAILS if possible and tier != Tier.CONTAINER else State.UNTRIED), str(result)
    case = result.cases[0]
    version = result.runtime or language.runtime
    if result.compile is not None and result.compile.verdict is not Verdict.OK:
        said = result.compile.output or result.compile.detail
        return State.FAILS, f"{version}: it does not compile: {_gist(said)}"
    if case.verdict is not Verdict.OK:
        said = case.stderr.decode(errors="replace") or case.detail
        return State.FAILS, f"{version}: {case.verdict}: {_gist(said)}"
    if case.stdout != language.selftest.stdout:
        return State.FAILS, f"{version}: its output is not what it must be: {case.stdout_text[:80]!r}"
    return State.HOLDS, f"{version}: its self-test passes in {case.cpu_ms:.0f} ms of CPU time"


def _gist(text: str) -> str:
    """The last line that speaks of an error, else the last."""
    lines = text.strip().splitlines() or [""]
    return next((line for line in reversed(lines) if "rror" in line), lines[-1])[:_SHOWN]
