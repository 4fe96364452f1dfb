"""The forms of a ground truth."""

from typing import Any

import pytest

from guerdon.services.contract import GroundTruth, parse_ground_truth

TESTS = {"kind": "stdio", "cases": [{"input": "3", "expected_output": "6"}]}


@pytest.mark.parametrize(
    ("value", "truth"),
    [
        ("42", GroundTruth(form="text", texts=("42",))),
        ("", GroundTruth(form="text", texts=("",))),
        (["1/2", "0.5"], GroundTruth(form="any_of", texts=("1/2", "0.5"))),
        ({"text": "42"}, GroundTruth(form="text", texts=("42",))),
        ({"any_of": ["a"]}, GroundTruth(form="any_of", texts=("a",))),
        ({"all_of": ["a", "b"]}, GroundTruth(form="all_of", texts=("a", "b"))),
        ({"value": [1, None]}, GroundTruth(form="value", data=[1, None])),
        (TESTS, GroundTruth(form="tests", data=TESTS)),
        ({"colour": "red"}, GroundTruth(form="value", data={"colour": "red"})),
        ({"text": "42", "unit": "m"}, GroundTruth(form="value", data={"text": "42", "unit": "m"})),
        ({"text": 42}, GroundTruth(form="value", data={"text": 42})),
    ],
)
def test_every_form_has_one_meaning(value: Any, truth: GroundTruth):
    """Short forms become normal forms; any other object is a value for verifiers that know it."""
    assert parse_ground_truth(value) == truth


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (42, "int"),
        (1.5, "float"),
        (None, "NoneType"),
        (True, "bool"),
        ({}, "an empty object"),
        ([], "a list must hold"),
        (["a", 1], "a list must hold"),
        ({"any_of": []}, "any_of must hold"),
        ({"all_of": [1]}, "all_of must hold"),
    ],
)
def test_what_has_no_form_is_refused(value: Any, said: str):
    """Numbers too, since JSON would drop their digits; the message says what to write."""
    with pytest.raises(ValueError, match=said):
        parse_ground_truth(value)
