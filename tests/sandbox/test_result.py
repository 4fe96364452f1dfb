"""Results and the verdict of a whole program."""

import pytest

from guerdon.sandbox.result import CaseResult, Verdict, verdict_of

OK, WRONG, TIME, OURS = Verdict.OK, Verdict.RUNTIME_ERROR, Verdict.TIME_LIMIT, Verdict.NOT_JUDGED


@pytest.mark.parametrize(
    ("cases", "whole"),
    [
        ([], OK),
        ([OK, OK], OK),
        ([OK, WRONG, TIME], WRONG),
        ([TIME, WRONG], TIME),
        ([OURS, OK], OURS),
        ([OURS, TIME], TIME),
        ([OK, OURS], OURS),
    ],
)
def test_the_programs_own_failures_come_first(cases: list[Verdict], whole: Verdict) -> None:
    """The first failure that is the program's decides, a fault of ours only where there is none."""
    assert verdict_of(tuple(CaseResult(verdict=verdict) for verdict in cases)) is whole


def test_output_that_is_no_text_can_be_shown() -> None:
    """Bytes that are not UTF-8 become replacement characters."""
    assert CaseResult(verdict=OK, stdout=b"a\xffb").stdout_text == "a\ufffdb"
