"""Layouts of other kinds than the profiles': the specification is data, and the scanner follows it."""

import pytest

from guerdon.services.format.layout import Block, Gap, Layout, Opening, Tag
from guerdon.services.format.scanner import Failure, scan

PLAN = Block("plan", Tag("plan_open", "[plan]"), Tag("plan_close", "[/plan]"))
WORK = Block("work", Tag("work_open", "[work]"), Tag("work_close", "[/work]"))
DONE = Block("result", Tag("done_open", "[done]"), Tag("done_close", "[/done]"))
THREE = Layout(blocks=(PLAN, WORK, DONE))


def test_any_number_of_blocks_is_checked_in_order():
    """Three blocks give three parts."""
    text = "[plan]a[/plan] [work]b[/work]\n[done]c[/done]"
    parts = scan(THREE, text)
    assert not isinstance(parts, Failure)
    assert {name: text[slice(*span)] for name, span in parts.items()} == {"plan": "a", "work": "b", "result": "c"}


@pytest.mark.parametrize(
    ("text", "rule", "offset"),
    [
        ("[plan]a[/plan][done]c[/done]", "missing_work_open", 14),
        ("[plan]a[/plan][done]c[/done][work]b[/work]", "misplaced_done_open", 14),
        ("[plan]a[/plan][work]b[/work]x[done]c[/done]", "text_between", 28),
        ("[plan]a[/plan][work]b[/work][done]c[/done]x", "text_after_result", 42),
        ("[plan]a[/plan][work] [/work][done]c[/done]", "blank_work", 20),
    ],
)
def test_rules_carry_the_names_of_the_layout(text: str, rule: str, offset: int):
    """A layout that nobody has thought of yet names its failures like the others."""
    failure = scan(THREE, text)
    assert isinstance(failure, Failure)
    assert (failure.rule, failure.offset) == (rule, offset)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("[plan]a[/plan] b", True),
        ("a[/plan] b", True),
        ("b", True),
        ("[plan]a[/plan]", False),
        ("[plan]a b", False),
        ("", False),
        ("a[plan]b[/plan] c", False),
        ("a[/plan][plan]", False),
    ],
)
def test_a_block_anyone_may_open_can_be_left_out(text: str, holds: bool):
    """The first tag tells whether the completion or the template opened it; with no tag there is no block."""
    layout = Layout(blocks=(PLAN._replace(opened_by=Opening.ANY),), after=Gap("rest"))
    assert isinstance(scan(layout, text), Failure) is not holds
