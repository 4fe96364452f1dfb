"""Cases of another author, worked out by hand from the published formulas."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from guerdon.services.contract import Deadline, Item, Verdict, VerifierSettings
from guerdon.services.shaping.params import JudgedParams, MeasuredParams
from guerdon.services.shaping.verifier import ShapingVerifier

FILES = sorted((Path(__file__).parent / "cases").glob("*.jsonl"))
REWARDS = {reward.name: reward for reward in ShapingVerifier.rewards}
NAMES = {
    "max_len": "max_length",
    "max_value_correct": "right_short",
    "min_value_correct": "right_long",
    "min_value_wrong": "wrong_short",
    "max_value_wrong": "wrong_long",
}
"""Parameters that have other names in open-r1."""
DIFFERENT = {
    "length.one_item": "lone_member",
    "repetition.double_penalty": "bad_params",
    "repetition.no_penalty": "bad_params",
}
"""What the service refuses and a source pays a number for: a group of one, and penalties that a weight is for."""


def verdicts(case: dict[str, Any]) -> list[Verdict]:
    """The verdicts on the completions of a case."""
    reward = REWARDS[case["reward"]]
    given = {NAMES.get(name, name): value for name, value in case["params"].items()}
    if issubclass(reward.params, JudgedParams):
        given["of"] = "math"
    if issubclass(reward.params, MeasuredParams):
        given.setdefault("unit", "characters")
    params = reward.params.model_validate(given).model_dump()
    items = [
        Item(
            id=str(index),
            reward=reward.name,
            group_id="g",
            params=params,
            completion=item["completion"],
            completion_ids=tuple(item.get("token_ids", ())),
            of=base(item["of"]) if "of" in item else None,
        )
        for index, item in enumerate(case["items"])
    ]
    return list(ShapingVerifier(VerifierSettings()).score_batch(items, Deadline.never()))


def base(score: float | None) -> Verdict:
    """The verdict that a reward builds on."""
    return (
        Verdict.timeout("deadline", "too late") if score is None else Verdict.ok(score, "judged", "it was judged")
    )


def outcomes(case: dict[str, Any]) -> list[float | str | None]:
    """Scores as the author writes them, or the reason why there is none at all."""
    try:
        found = verdicts(case)
    except ValidationError:
        return ["bad_params"]
    return [found[0].reason] if case["id"] in DIFFERENT else [verdict.score for verdict in found]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_case_is_scored_as_its_author_says(path: Path):
    """To nine digits, and null where nothing can be computed."""
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    wrong = []
    for case in cases:
        expected = [DIFFERENT[case["id"]]] if case["id"] in DIFFERENT else case["scores"]
        if outcomes(case) != pytest.approx(expected, abs=1e-9):
            wrong.append(f"{case['id']}: {case['why']}")
    assert cases
    assert wrong == []


def test_every_difference_is_of_a_case():
    """A list of exceptions does not outlive them."""
    known = {json.loads(line)["id"] for path in FILES for line in path.read_text(encoding="utf-8").splitlines()}
    assert set(DIFFERENT) <= known
