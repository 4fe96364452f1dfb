"""``--reward`` and ``--param``."""

from __future__ import annotations

import pytest

from guerdon.services.cli.errors import CliError
from guerdon.services.cli.rewards import parse_rewards


def test_names_and_weights():
    """A reward has weight 1 unless it says otherwise."""
    assert parse_rewards(["math", "format:0.2"], []) == [
        {"name": "math", "weight": 1.0},
        {"name": "format", "weight": 0.2},
    ]


@pytest.mark.parametrize(
    ("value", "read"),
    [("true", True), ("2", 2), ('"2"', "2"), ("r1_zero", "r1_zero"), ("[1, 2]", [1, 2]), ("a=b", "a=b"), ("", "")],
)
def test_parameters_are_json_or_text(value, read):
    """A value that is JSON is read as JSON, any other as text."""
    assert parse_rewards(["format"], [f"format.profile={value}"])[0]["params"] == {"profile": read}


@pytest.mark.parametrize(
    ("rewards", "params", "message"),
    [
        (["math", "math:2"], [], "--reward 'math:2': is given twice"),
        ([":2"], [], "--reward ':2': has no name"),
        (
            ["math:much"],
            [],
            "--reward 'math:much': the weight 'much' is not a finite number; write it as name:0.2",
        ),
        (["math:nan"], [], "--reward 'math:nan': the weight 'nan' is not a finite number; write it as name:0.2"),
        (["math:"], [], "--reward 'math:': the weight '' is not a finite number; write it as name:0.2"),
        (
            ["math"],
            ["require_box=true"],
            "--param 'require_box=true': write it as reward.parameter=value, such as math.require_box=true",
        ),
        (
            ["math"],
            ["format.profile=boxed"],
            "--param 'format.profile=boxed': the reward 'format' is not asked for with --reward (asked for: math)",
        ),
    ],
)
def test_faults(rewards, params, message):
    """What cannot be meant is refused with its value and the right form."""
    with pytest.raises(CliError) as caught:
        parse_rewards(rewards, params)
    assert caught.value.message == message
