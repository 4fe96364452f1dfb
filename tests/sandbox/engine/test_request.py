"""Requests that make no sense are refused before anything runs."""

import pytest
from sandbox_engines import StubLanguage

from guerdon.sandbox.engine.request import Request, check, size_bytes
from guerdon.sandbox.errors import InvalidProgram
from guerdon.sandbox.program import Case, Program

WITH_CALLS, COMPILED = StubLanguage("stub", compiled=False), StubLanguage("compiled", compiled=True)


def request(cases: list[Case], **program: object) -> Request:
    """A request in the stub language."""
    return Request(program=Program(**{"language": "stub", "source": "say", **program}), cases=cases)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "language", "why"),
    [
        (request([]), WITH_CALLS, "no cases"),
        (request([Case.of_call(1)], entry="f"), COMPILED, "no entry point"),
        (request([Case(stdin=b"1")], entry="f"), WITH_CALLS, "case 0 .* calls"),
        (request([Case(), Case.of_call(1)]), WITH_CALLS, "case 1 .* standard input"),
    ],
)
def test_requests_without_a_meaning_are_refused(wrong: Request, language: StubLanguage, why: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(InvalidProgram, match=why):
        check(wrong, language)


@pytest.mark.parametrize("good", [request([Case()]), request([Case.of_call(1)], entry="f")])
def test_sensible_requests_pass(good: Request) -> None:
    """Programs with and without an entry point are both fine."""
    check(good, WITH_CALLS)


def test_size_counts_bytes_of_texts_and_inputs() -> None:
    """Characters count as they travel."""
    sized = request([Case(stdin=b"12"), Case(stdin=b"345")], source="ü", files={"a": "é!"})
    assert size_bytes(sized) == 2 + 1 + 3 + 5


@pytest.mark.parametrize("program", [{"source": "\ud800"}, {"entry": "\ud800"}, {"files": {"a": "\ud800"}}])
def test_text_that_cannot_travel_is_refused(program: dict[str, object]) -> None:
    """A lone surrogate has no bytes."""
    with pytest.raises(InvalidProgram, match="not text"):
        size_bytes(request([Case()], **program))
