"""Ground truths: plain answers, and the answer inside a whole solution."""

import pytest

from guerdon.services.math.gold import MAX_GOLD_CHARS, read_gold
from guerdon.services.math.guard import CostLimits

GOLDS = [
    ("42", ("42",)),
    ("$\\frac{1}{2}$", ("\\frac{1}{2}",)),
    ("She makes 9 * 2 = $<<9*2=18>>18 a day.\n#### 18", ("18",)),
    ("She makes 18 a day.\nA: 18", ("18",)),
    ("#### 1,234", ("1,234",)),
    ("So the result is $\\boxed{14{,}916}$, as was to be shown.", ("14,916",)),
    ("x \\in \\boxed{\\{-1\\} \\cup [0,7)}.", ("\\{-1\\} \\cup [0,7)",)),
    ("\\boxed{1} and \\boxed{2}", ("1", "2")),
    ("The solution goes like this. Final Answer: The final answer is $28 \\%$. I hope it is correct.", ("28 %",)),
    ("\\boxed{x = 3", ("x = 3",)),
    ("Tuesday", ("Tuesday",)),
    ("The midpoints form a regular hexagon", ("The midpoints form a regular hexagon",)),
    (" $ $ ", ()),
    ("", ()),
]


@pytest.mark.parametrize(("text", "parts"), GOLDS)
def test_answer_is_read_from_the_ground_truth(text, parts):
    """Marks, boxes and announcing phrases lead to the answer; other text is the answer."""
    assert read_gold(text, CostLimits()).parts == parts


def test_cost_of_a_ground_truth_is_told():
    """A ground truth nobody can evaluate says why; it may still be matched literally."""
    assert "astronomically" in read_gold("9^{9^{9^9}}", CostLimits()).cost
    assert read_gold("42", CostLimits()).cost == ""
    assert "characters" in read_gold("x" * (MAX_GOLD_CHARS + 1), CostLimits()).cost
