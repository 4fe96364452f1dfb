"""Ground truths that are other verifiers'."""

import pytest

from guerdon.services.code.truth import NoTests, TruthError

ANSWERS = [
    "42",
    "Paris",
    "x = 3",
    r"\frac{1}{2}",
    r"f'(x) = 2x",
    "[0, 1)",
    "{1, 2}",
    "[[1, 2], [3, 4]]",
    "I am of a class of my own",
    ["42", "forty-two"],
    {"all_of": ["x = 1", "y = 2"]},
    {"value": 4.5},
    {"value": "42"},
]
BROKEN = [
    "",
    " \n",
    "{}",
    "[]",
    '{"kind": "stdio", "cases": [',
    "{'kind': 'stdio'}",
    "assert f(1) == 2",
    "def check(candidate):\n    return candidate(1) == 2",
    "from solution import f\nprint(f(1))",
    "```python\nf(1)\n```",
    "4" * 30_000,
    ["assert f(1)", "42"],
    {"all_of": ["assert f(1)"]},
    {"value": [1, 2]},
    {"answer": "42"},
]


@pytest.mark.parametrize("written", ANSWERS, ids=str)
def test_an_answer_is_no_broken_test(suite_of, written):
    """Numbers and texts without code and without JSON are for others to judge."""
    with pytest.raises(NoTests):
        suite_of(written)


@pytest.mark.parametrize("written", BROKEN, ids=lambda written: str(written)[:40])
def test_broken_tests_are_no_answer(suite_of, written):
    """What may be meant as tests stays the caller's fault."""
    with pytest.raises(TruthError) as refused:
        suite_of(written)
    assert type(refused.value) is TruthError
