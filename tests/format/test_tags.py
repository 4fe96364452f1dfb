"""Counting the four tags."""

import pytest

from guerdon.services.format.params import PrefilledParams
from guerdon.services.format.tags import count_tags, first_fault


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("", (0, 0, 0, 0)),
        ("<think>a</think><answer>b</answer>", (1, 1, 1, 1)),
        ("</answer></think>\n<answer><think>", (1, 1, 1, 1)),
        ("<think><think></think>", (2, 1, 0, 0)),
        ("<Think><think ></think\n>", (0, 0, 0, 0)),
        ("`<think>`", (1, 0, 0, 0)),
    ],
)
def test_literal_tags_are_counted(text: str, counts: tuple[int, ...]):
    """In any order, newlines or not."""
    assert tuple(count_tags(text, PrefilledParams()).values()) == counts


def test_the_tag_of_the_template_counts():
    """So writing it again makes two."""
    assert count_tags("a</think>", PrefilledParams(prefilled=True))["think_open"] == 1
    assert count_tags("<think>a</think>", PrefilledParams(prefilled=True))["think_open"] == 2


def test_tags_in_code_can_be_passed_over():
    """As in the layouts."""
    assert count_tags("`<think>`", PrefilledParams(mask_code=True))["think_open"] == 0


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("<think>a</think><answer>b</answer>", ""),
        ("<think>a</think>", "missing_answer_open"),
        ("<think>a</think></think>", "duplicate_think_close"),
        ("", "missing_think_open"),
    ],
)
def test_the_first_tag_that_does_not_stand_once_is_named(text: str, rule: str):
    """In the order of the layout."""
    assert first_fault(count_tags(text, PrefilledParams())) == rule
