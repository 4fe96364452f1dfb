"""Checkers: the caller's word on outputs, whose own faults are the caller's and never a score."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from code_items import code_verifier, judge, runs, score, stdio
from code_items import item as item_of

from guerdon.sandbox import Limits
from guerdon.services.code.judge import checker
from guerdon.services.code.verifier import CodeVerifier
from guerdon.services.contract import GroundTruth, Status

pytestmark = [pytest.mark.sandbox, pytest.mark.asyncio(loop_scope="module")]

HEAD = "def check(input, output, expected):\n"
ABOVE = "    return int(output) > int(input)"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def verifier() -> AsyncIterator[CodeVerifier]:
    """A verifier at work."""
    async with code_verifier() as verifier:
        yield verifier


def checked(body: str, *cases: tuple[str, str]) -> GroundTruth:
    """Tests that a checker decides."""
    return stdio(*(cases or (("1", "2"), ("5", "6"))), compare={"mode": "checker", "checker": HEAD + body})


@pytest.mark.parametrize(
    ("source", "passes"), [("print(7)", True), ("print(2)", False), ("print(int(input()) + 9)", True)]
)
async def test_the_checker_decides(verifier: CodeVerifier, source: str, passes: bool) -> None:
    """It sees the input, the output and what was expected."""
    verdict = await judge(verifier, source, checked(ABOVE))
    assert verdict.score == float(passes)
    assert verdict.reason == ("accepted" if passes else "wrong_answer")


@pytest.mark.parametrize(
    ("scoring", "expected"), [("weighted", 0.75), ("pass_rate", 0.5), ("all_or_nothing", 0.0)]
)
async def test_a_share_counts_by_weight_alone(verifier: CodeVerifier, scoring: str, expected: float) -> None:
    """A case that is half right is not passed."""
    truth = checked("    return 1.0 if input == '1' else 0.5")
    verdict = await judge(verifier, "print(1)", truth, params={"scoring": scoring})
    assert verdict.score == expected


@pytest.mark.parametrize(
    "body",
    [
        "    return int(output) >= 0",
        "    assert output.isascii(); return bool(int(output))",
        "    while not output.strip().isdigit(): pass\n    return True",
        "    return not bytearray(1 << 30 if 'x' in output else 1).isalpha()",
    ],
    ids=["raises", "asserts", "hangs", "takes memory"],
)
async def test_a_checker_that_fails_on_an_output_alone_refuses_it(
    verifier: CodeVerifier, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It works on the expected output, so the program's is to blame."""
    monkeypatch.setattr(checker, "LIMITS", Limits(cpu_ms=500))
    verdict = await judge(verifier, "print('x\\u00e9')", checked(body, ("1", "2")))
    assert (verdict.status, verdict.score, verdict.reason) == (Status.OK, 0.0, "wrong_answer"), verdict
    assert "could not read" in verdict.explanation


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("    return int(output) > 3", "x"),
        ("    return float(output) / 10", "nan"),
        ("    return 1 - abs(float(output) - 2) / 10", "99"),
        ("    if output.strip() == expected: return True", "7"),
    ],
    ids=["expected one is refused", "not a number", "below 0", "no answer"],
)
async def test_no_output_gets_rid_of_a_verdict(verifier: CodeVerifier, body: str, written: str) -> None:
    """A checker that can say something of the expected output, if only no, works."""
    verdict = await judge(verifier, f"print('{written}')", checked(body, ("1", "2")))
    assert (verdict.status, verdict.score, verdict.reason) == (Status.OK, 0.0, "wrong_answer"), verdict


async def test_a_blank_expected_output_proves_nothing_of_a_checker(verifier: CodeVerifier) -> None:
    """A checker that reads numbers gives no answer for it, and a program that writes no number is wrong."""
    for expected in ("", " \n"):
        verdict = await judge(verifier, "print('x')", checked("    return int(output) > 0", ("1", expected)))
        assert (verdict.status, verdict.score, verdict.reason) == (Status.OK, 0.0, "wrong_answer"), verdict
    for ending in ("\nimport nothing_of_this_name", "\ncheck = None", "\ndel check"):
        truth = checked(f"    return int(output) > 0{ending}", ("1", ""))
        assert (await judge(verifier, "print('x')", truth)).status is Status.INVALID


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("    return int(output) > 3", "x"),
        ("    a, b, c = map(int, output.split())\n    return a + b == c", "x"),
        ("    a, b, c, d, e, f, g = map(int, output.split('/'))\n    return True", "x"),
        ("    import json\n    return json.loads(output)['n'] == 3", "x"),
        ("    return int(output.splitlines()[50]) == 1", ""),
        ("    tokens = iter(output.split())\n    return int(next(tokens)) == 3", ""),
        ("    assert len(output.split()) == 2\n    return True", "x"),
        ("    while 'x' in output: pass\n    return int(output)", "x"),
    ],
    ids=["number", "numbers", "never an example", "JSON", "line", "token", "asserted", "hangs"],
)
async def test_an_impossible_expected_output_proves_nothing_of_a_checker(
    verifier: CodeVerifier, body: str, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it stands for many right ones (``see the checker``), what cannot be read is wrong all the same."""
    monkeypatch.setattr(checker, "LIMITS", Limits(cpu_ms=500))
    verdict = await judge(verifier, f"print('{written}')", checked(body, ("1", "see the checker")))
    assert (verdict.status, verdict.score, verdict.reason) == (Status.OK, 0.0, "wrong_answer"), verdict


@pytest.mark.parametrize(
    "body",
    [
        "    return int(output) > int(expected)",
        "    return float(output) > int(expected)",
        "    return int(output) + no_such_name > 0",
        "    return int(output) + 'a'",
        "    int(output)",
        "    int(output)\n    while True: pass",
    ],
)
@pytest.mark.parametrize("expected", ["see the checker", "-"])
async def test_a_broken_checker_is_told_by_examples(
    verifier: CodeVerifier, body: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails on a right output, and on all others that it can read: that is no program's fault."""
    monkeypatch.setattr(checker, "LIMITS", Limits(cpu_ms=500))
    verdict = await judge(verifier, "print(7)", checked(body, ("1", expected)))
    assert (verdict.status, verdict.score, verdict.reason) == (Status.INVALID, None, "bad_ground_truth"), verdict


@pytest.mark.parametrize(
    "body",
    [
        "    raise RuntimeError('broken')",
        "    import nothing_of_this_name",
        "    return 'yes'",
        "    return None",
        "    return 2",
        "    return -0.5",
        "    return float('nan')",
        "    return float('inf')",
        "    return 10**400",
        "    return [1] * 10**6",
        "    return object()",
        "    import os; os.fork(); return True",
        "    import os; os._exit(0)",
    ],
)
async def test_a_checker_that_does_not_work_is_the_callers_fault(verifier: CodeVerifier, body: str) -> None:
    """There is no score, for a right program no more than for a wrong one."""
    verdict = await judge(verifier, "print(7)", checked(body, ("1", "2")))
    assert (verdict.status, verdict.score, verdict.reason) == (Status.INVALID, None, "bad_ground_truth")


async def test_a_checker_that_does_not_parse_is_refused_at_once(verifier: CodeVerifier) -> None:
    """Nothing is run for it."""
    before = runs(verifier)
    verdict = await judge(verifier, "print(7)", checked("    return ("))
    assert verdict.status is Status.INVALID
    assert runs(verifier) == before


async def test_a_flood_of_output_is_the_programs_fault(verifier: CodeVerifier) -> None:
    """However much is written in however many cases, the checker is asked in parts that fit."""
    cases = [(f"{number}", "2") for number in range(40)]
    verdict = await judge(verifier, "print('7' * 15_000_000)", checked("    return len(output) < 99", *cases))
    assert (verdict.status, verdict.score, verdict.reason) == (Status.OK, 0.0, "wrong_answer")


async def test_a_refusal_ends_the_questions() -> None:
    """What comes after the first that fails is not asked."""
    async with code_verifier(slots=1) as verifier:
        await judge(verifier, "print(7)", checked(ABOVE))
        before = runs(verifier)
        cases = [(f"{number}", "1") for number in range(32)]
        verdict = await judge(verifier, "print(input())", checked("    return input == '0'", *cases))
        assert verdict.details["verdicts"] == {"accepted": 1, "wrong_answer": 1, "not_run": 30}
        assert runs(verifier) == before + 32 + 16


async def test_a_checker_knows_nothing_of_the_program(verifier: CodeVerifier) -> None:
    """Nor the program of it: what one leaves in its memory the other does not find."""
    source = "import builtins, sys\nbuiltins.int = lambda *_: 10**9\nsys.modules['math'] = None\nprint(0)"
    assert (await judge(verifier, source, checked(ABOVE))).score == 0.0


async def test_many_programs_ask_at_once(verifier: CodeVerifier) -> None:
    """Programs wait for room for their checkers, never for each other."""
    items = [item_of(f"print({number})", checked(ABOVE), id=str(number)) for number in range(64)]
    verdicts = await score(verifier, *items)
    assert [verdict.score for verdict in verdicts] == [float(number > 5) for number in range(64)]
