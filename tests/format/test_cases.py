"""Cases of another author, written from the rules and without knowledge of the checker."""

import json
from pathlib import Path
from typing import Any

import pytest

from guerdon.services.contract import Item, VerifierSettings
from guerdon.services.format.verifier import FormatVerifier

FILES = sorted((Path(__file__).parent / "cases").glob("*.jsonl"))
REWARDS = {reward.name: reward for reward in FormatVerifier.rewards}


def score(case: dict[str, Any]) -> float | None:
    """The score that a case gets."""
    reward = REWARDS[case.get("reward", "format")]
    item = Item(
        id=case["id"],
        reward=reward.name,
        params=reward.params.model_validate(case["params"]).model_dump(),
        completion=case["completion"],
        finish_reason=case.get("finish_reason", ""),
    )
    return FormatVerifier(VerifierSettings()).verify(item).score


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_case_is_judged_as_its_author_says(path: Path):
    """A valid layout scores 1.0, any other 0.0, unless the author names the score."""
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    labels = [case["score"] if "score" in case else float(case["valid"]) for case in cases]
    wrong = [
        f"{case['id']}: {case['why']}" for case, label in zip(cases, labels, strict=True) if score(case) != label
    ]
    assert cases
    assert wrong == []
