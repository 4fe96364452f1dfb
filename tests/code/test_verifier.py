"""What the verifier says of a program: a score with its reason, or no score and whose fault that is."""

import asyncio
import shutil
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from code_items import calls, code_verifier, item, judge, runs, score, stdio

from guerdon.sandbox import Case, Program
from guerdon.services.code.settings import CodeSettings
from guerdon.services.code.verifier import CodeVerifier
from guerdon.services.contract import Deadline, Status
from guerdon.services.contract.ground_truth import parse_ground_truth
from guerdon.services.contract.meter import METER, Meter
from guerdon.services.contract.versions import verifier_version

pytestmark = [pytest.mark.sandbox, pytest.mark.asyncio(loop_scope="module")]

DOUBLE = stdio(("3\n", "6\n"), ("-4\n", "-8\n"))
RIGHT = "print(2 * int(input()))"
TIGHT = stdio(
    ("", "1"), cpu_limit_ms=200, idle_limit_ms=300, memory_limit_bytes=64 << 20, output_limit_bytes=1_000
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def verifier() -> AsyncIterator[CodeVerifier]:
    """A verifier at work."""
    async with code_verifier() as verifier:
        yield verifier


async def test_a_program_that_passes_scores_one(verifier: CodeVerifier) -> None:
    """The verdict shows the program and says what was taken and how much passed."""
    verdict = await judge(verifier, RIGHT, DOUBLE)
    assert (verdict.status, verdict.score, verdict.reason) == (Status.OK, 1.0, "accepted")
    assert verdict.answer == f"{RIGHT}\n"
    assert verdict.explanation == "all 2 cases pass"
    assert (verdict.details["passed"], verdict.details["cases_total"]) == (2, 2)
    assert verdict.details["runtime"].startswith("Python 3")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("print(2)", "wrong_answer"),
        ("raise ValueError", "runtime_error"),
        ("import os; os._exit(3)", "runtime_error"),
        ("def f(:", "compile_error"),
        ("while True: pass", "time_limit"),
        ("import time; time.sleep(60)", "idle_limit"),
        ("x = bytearray(1 << 28); x[::4096] = b'1' * (1 << 16)", "memory_limit"),
        ("print('1' * 2_000)", "output_limit"),
        ("import os; os.fork()", "security"),
        ("print('\0')", "compile_error"),
    ],
)
async def test_a_program_that_fails_scores_zero_with_the_reason(
    verifier: CodeVerifier, source: str, reason: str
) -> None:
    """Whatever a program does wrong, and whichever limit it exhausts, is a verdict."""
    verdict = await judge(verifier, source, TIGHT)
    assert (verdict.status, verdict.score, verdict.reason) == (Status.OK, 0.0, reason), verdict.explanation


async def test_what_a_compiler_refuses_scores_zero_with_its_message(verifier: CodeVerifier) -> None:
    """The details hold what the compiler said."""
    verdict = await judge(verifier, "int main() { return x; }", stdio(("", "1"), language="cpp"), language="cpp")
    assert (verdict.score, verdict.reason) == (0.0, "compile_error")
    assert "not declared" in verdict.details["compiler"]


async def test_a_compiled_program_is_judged_and_left_early(verifier: CodeVerifier) -> None:
    """It is compiled once, and its cases stop at the first that fails."""
    truth = stdio(*((f"{number}\n", f"{number}\n") for number in range(40)), language="cpp")
    source = "#include <iostream>\nint main() { int n; std::cin >> n; std::cout << (n < LEAST ? n : -1); }"
    right, wrong = (source.replace("LEAST", least) for least in ("99", "3"))
    before = runs(verifier)
    assert (await judge(verifier, right, truth, language="cpp")).reason == "accepted"
    assert runs(verifier) == before + 40
    verdict = await judge(verifier, wrong, truth, language="cpp")
    assert verdict.reason == "wrong_answer"
    assert verdict.details["verdicts"] == {"accepted": 3, "wrong_answer": 1, "not_run": 36}
    assert runs(verifier) < before + 80


@pytest.mark.parametrize(
    "completion", ["", "It is six.", "<think>```python\nprint(6)\n```</think>", "```ruby\nputs 6\n```", "\ud800"]
)
async def test_a_completion_without_a_program_scores_zero(verifier: CodeVerifier, completion: str) -> None:
    """It is the completion's own fault."""
    (verdict,) = await score(verifier, item("", DOUBLE, completion=completion))
    assert (verdict.status, verdict.score) == (Status.OK, 0.0)


async def test_half_a_character_in_a_program_scores_zero(verifier: CodeVerifier) -> None:
    """No file could hold it."""
    verdict = await judge(verifier, "print('\udc80')", DOUBLE)
    assert (verdict.score, verdict.reason) == (0.0, "not_text")


async def test_a_program_that_is_too_long_scores_zero() -> None:
    """The setting bounds it."""
    async with code_verifier(max_source_chars=100) as verifier:
        assert (await judge(verifier, RIGHT + "#" * 100, DOUBLE)).reason == "too_long"


@pytest.mark.parametrize("reward", ["code", "code_speed", "code_memory"])
async def test_unusable_files_of_a_completion_score_zero(verifier: CodeVerifier, reward: str) -> None:
    """Files that cannot stand beside the program are not the tests' fault."""
    blocks = [f"```python name{number}.py\nx = {number}\n```" for number in range(60)]
    completion = "\n".join([*blocks, f"```python\n{RIGHT}\n```"])
    truth = stdio(("3\n", "6\n"), reference=RIGHT)
    (verdict,) = await score(verifier, item("", truth, completion=completion, reward=reward))
    assert verdict.status is Status.OK
    assert (verdict.reason == "invalid_program") == (verdict.score == 0.0)


@pytest.mark.parametrize(
    "written",
    [
        {"kind": "stdio", "cases": []},
        {"kind": "oracle"},
        {"kind": "stdio", "cases": [{"input": "1", "expected_output": "1"}], "timeout": 3},
        {"kind": "stdio", "cases": [{"input": "1", "expected_output": "1"}], "files": {"main.py": "", "../x": ""}},
        "assert f(1) == 2",
        '{"kind": "stdio", "cases": [',
    ],
)
async def test_tests_that_cannot_be_used_are_invalid(verifier: CodeVerifier, written: object) -> None:
    """It is the caller's fault, and there is no score."""
    verdict = await judge(verifier, RIGHT, parse_ground_truth(written))
    assert (verdict.status, verdict.score, verdict.reason) == (Status.INVALID, None, "bad_ground_truth")


@pytest.mark.parametrize("reward", ["code", "code_speed", "code_memory"])
async def test_a_ground_truth_of_another_verifier_is_not_judged(verifier: CodeVerifier, reward: str) -> None:
    """A mathematical answer is no broken test; asked again, it is known."""
    for _ in range(2):
        verdict = await judge(verifier, RIGHT, parse_ground_truth("42"), reward=reward)
        assert (verdict.status, verdict.score, verdict.reason) == (Status.NOT_APPLICABLE, None, "no_tests")


async def test_a_library_that_tests_forget_to_import_is_never_the_programs(verifier: CodeVerifier) -> None:
    """Who brings an ``np`` along that takes anything is not paid, whether the tests have NumPy or cannot run."""
    truth = parse_ground_truth({"kind": "assert", "test_code": "assert np.allclose(halves([1, 3]), [0.5, 1.5])"})
    program = "class np:\n    allclose = lambda *_: True\ndef halves(values): return []"
    assert not (await judge(verifier, program, truth)).score


async def test_a_missing_ground_truth_is_invalid(verifier: CodeVerifier) -> None:
    """There is nothing to judge by."""
    assert (await judge(verifier, RIGHT, None)).status is Status.INVALID


async def test_half_a_character_in_a_ground_truth_is_quoted_as_text(verifier: CodeVerifier) -> None:
    """JSON knows escapes for what no text holds; the verdict can still be written as JSON."""
    names = r'{"kind": "stdio", "cases": [{"expected_output": "1", "name": "\ud800"}]}'
    fields = r'{"kind": "stdio", "cases": [], "\ud800": 1}'
    for written, reason in ((names, "wrong_answer"), (fields, "bad_ground_truth")):
        verdict = await judge(verifier, "print(2)", parse_ground_truth(written))
        assert verdict.reason == reason
        assert msgspec.json.encode(verdict)


async def test_a_language_that_is_missing_here_is_unavailable(
    verifier: CodeVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be there on another node, so the program is not to blame."""
    language = verifier.sandbox.engine._core._languages
    find = language.find

    def lacking(name: str):
        found = find(name)
        return find("no-such-language") if name == "bash" else found

    monkeypatch.setattr(language, "find", lacking)
    verdict = await judge(verifier, "cat", stdio(("1", "1"), language="bash"), language="bash")
    assert (verdict.status, verdict.reason) == (Status.UNAVAILABLE, "language_missing")


async def test_what_is_not_done_by_the_deadline_times_out() -> None:
    """There is no score, and what is done in time keeps its verdict."""
    async with code_verifier() as verifier:
        slow = item("while True: pass", stdio(("", "1"), cpu_limit_ms=60_000))
        late, done = await score(verifier, slow, item(RIGHT, DOUBLE), deadline=Deadline.after_ms(3_000))
        assert (late.status, late.score, late.reason) == (Status.TIMEOUT, None, "deadline")
        assert done.reason == "accepted"
        await asyncio.sleep(0.5)
        assert verifier.sandbox.engine.health().open_cases == 0


async def test_an_expired_deadline_runs_nothing(verifier: CodeVerifier) -> None:
    """Nobody waits for it."""
    before = runs(verifier)
    (verdict,) = await score(verifier, item("print(7)", DOUBLE), deadline=Deadline.after_ms(-1))
    assert verdict.status is Status.TIMEOUT
    assert runs(verifier) == before


async def test_an_overloaded_sandbox_is_unavailable() -> None:
    """A queue full of others' work refuses; that is no verdict."""
    async with code_verifier(slots=1, max_open_cases=4) as verifier:
        engine = verifier.sandbox.engine
        sleeper = Program(language="python", source="import time; time.sleep(3)")
        others = asyncio.create_task(engine.run(sleeper, [Case()] * 4))
        await asyncio.sleep(0.2)
        verdict = await judge(verifier, RIGHT, DOUBLE)
        assert (verdict.status, verdict.reason) == (Status.UNAVAILABLE, "overloaded")
        others.cancel()


async def test_a_small_queue_takes_suites_of_any_length() -> None:
    """What a verifier may have in hand says how fast it is, not what it can judge."""
    async with code_verifier(max_open_cases=3, max_open_bytes=1 << 20) as verifier:
        truth = calls("f", *(([number, "x" * 100_000], number) for number in range(20)))
        right, wrong = ("def f(n, _):\n    return n", "def f(n, _):\n    return 0")
        verdicts = await score(verifier, *(item(source, truth) for source in (right, wrong) * 8))
        assert [verdict.score for verdict in verdicts] == [1.0, 0.0] * 8


async def test_a_closed_sandbox_is_unavailable() -> None:
    """Nothing can be said any more."""
    async with code_verifier() as verifier:
        await verifier.close()
        verdict = await judge(verifier, RIGHT, DOUBLE)
        assert (verdict.status, verdict.reason) == (Status.UNAVAILABLE, "sandbox_unavailable")
        with pytest.raises(RuntimeError, match="no slot"):
            await verifier.check_health()


async def test_a_batch_keeps_its_order(verifier: CodeVerifier) -> None:
    """One verdict an item, whatever ends first."""
    items = [item(f"print({number % 3})", stdio(("", "1")), id=str(number)) for number in range(50)]
    verdicts = await score(verifier, *items)
    assert [verdict.score for verdict in verdicts] == [float(number % 3 == 1) for number in range(50)]


async def test_a_fault_of_ours_stays_with_its_item(
    verifier: CodeVerifier, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The items beside it have their verdicts."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(verifier._judges, "code_lint", broken)
    lint, code = await score(verifier, item(RIGHT, DOUBLE, reward="code_lint"), item(RIGHT, DOUBLE))
    assert (lint.status, lint.reason, code.reason) == (Status.ERROR, "verifier_bug", "accepted")
    assert "judging_failed" in caplog.text


async def test_the_cpu_time_of_the_cases_is_charged(verifier: CodeVerifier) -> None:
    """A call knows what it costs."""
    meter = Meter()
    token = METER.set(meter)
    try:
        verdict = await judge(verifier, "sum(range(10**6)); print(2 * int(input()))", DOUBLE)
    finally:
        METER.reset(token)
    assert meter.cpu_ms == pytest.approx(verdict.details["cpu_ms"], rel=0.01)
    assert meter.cpu_ms > 0


@pytest.mark.parametrize(
    ("reward", "language", "source"),
    [
        ("code_syntax", "python", "print(481)"),
        ("code_lint", "python", "print(481)"),
        ("code_runs", "python", "sum(range(10**6))"),
        ("code_syntax", "c", "int main(void) { return 0; }"),
    ],
    ids=["parser", "linter", "program", "compiler"],
)
async def test_signals_are_charged_too(verifier: CodeVerifier, reward: str, language: str, source: str) -> None:
    """Each pays for what it takes; equal work that was done before costs nothing, and a program runs anew."""
    if language == "c" and not shutil.which("gcc"):
        pytest.skip("there is no C compiler here: gcc")
    spent = []
    for _ in range(2):
        meter = Meter()
        token = METER.set(meter)
        try:
            params = {"language": language}
            verdict = await judge(verifier, source, None, language=language, reward=reward, params=params)
        finally:
            METER.reset(token)
        assert verdict.score == 1.0, verdict
        spent.append(meter.cpu_ms)
    assert [cost > 0 for cost in spent] == [True, reward == "code_runs"]


async def test_settings_that_decide_nothing_leave_the_sandboxs_version() -> None:
    """How much runs at a time changes no verdict; how long a program may be does."""
    plain, many, short = (
        verifier_version(CodeVerifier, CodeSettings(**fields))
        for fields in ({}, {"slots": 7, "suite_cache_bytes": 1, "warm": ()}, {"max_source_chars": 9})
    )
    assert plain == many != short


async def test_a_successor_takes_the_sandbox_over() -> None:
    """The slots outlive the first verifier and end with the second, however often each is closed."""
    first = CodeVerifier(CodeSettings(slots=1))
    await first.start()
    pids = [slot.pid for slot in first.sandbox.engine.health().slots]
    second = CodeVerifier(CodeSettings(slots=1, suite_cache_bytes=1))
    second.inherit(first)
    await second.start()
    await first.close()
    await first.close()
    assert (await judge(second, RIGHT, DOUBLE)).score == 1.0
    assert [slot.pid for slot in second.sandbox.engine.health().slots] == pids
    await second.check_health()
    await second.close()
    assert (await judge(second, RIGHT, stdio(("1", "2")))).status is Status.UNAVAILABLE


async def test_a_successor_with_another_sandbox_starts_its_own() -> None:
    """A change of slots is a change of the engine."""
    first, second = CodeVerifier(CodeSettings(slots=1)), CodeVerifier(CodeSettings(slots=2))
    await first.start()
    second.inherit(first)
    await second.start()
    await first.close()
    assert (await judge(second, RIGHT, DOUBLE)).score == 1.0
    await second.close()
