"""Marks of steps."""

import pytest

from guerdon.services.shaping.steps import count_steps


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", 0),
        ("The answer is 42.", 0),
        ("Step 1: add. Step 2: divide.", 2),
        ("1. Add.\n2. Divide.\n10. Done.", 3),
        ("<think>\n1. Add.\n  2. Divide.\n</think>", 2),
        ("- one\n* two\n\t- three", 3),
        ("First, add. Second, divide. Next, round. Finally, answer.", 4),
        ("1. First, add.", 2),
        ("3.14 is pi\n-5 is less\n*bold*", 0),
        ("x = 1. Then", 0),
        ("first, second, step 1:", 0),
        ("Thirst, Step1:, Step 1", 0),
        ("1.\n2.\n3.\n-\n*\nFirst,\nStep 1:", 0),
    ],
)
def test_marks_are_counted_where_something_follows(text: str, steps: int):
    """Numbered lines and bullets at the start of a line, words anywhere; a bare mark is none."""
    assert count_steps(text) == steps


@pytest.mark.parametrize("piece", ["1. ", "\n- x", "First, ", "Step 1", "\t", " \n", "-", "9"])
def test_a_megabyte_of_one_piece_is_read_to_the_end(piece: str):
    """Hostile repetition costs one pass."""
    times = 1_000_000 // len(piece)
    assert count_steps(piece * times) <= times
