"""What the tests of the math verifier share: judging without worker processes, and tables of labelled answers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guerdon.services.contract import Item, Verdict, parse_ground_truth
from guerdon.services.math.grader import grade
from guerdon.services.math.guard import CostLimits
from guerdon.services.math.judge import Open, judge
from guerdon.services.math.settings import MathSettings
from guerdon.services.math.verifier import settle
from guerdon.services.workers import Outcome

HERE = Path(__file__).parent
SETTINGS = MathSettings(workers=1)


def table(name: str, **wanted: str) -> list[dict[str, Any]]:
    """Rows of a JSONL table beside the tests that have the wanted fields."""
    rows = [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if all(row[field] == value for field, value in wanted.items())]


@pytest.fixture
def labelled() -> Callable[..., list[dict[str, Any]]]:
    """Rows of a table of labelled answers."""
    return table


@pytest.fixture
def judged() -> Callable[..., Verdict]:
    """Judge a completion as the verifier does, the worker's part in this process and without limits."""

    def verdict(completion: str, ground_truth: Any, **fields: Any) -> Verdict:
        truth = None if ground_truth is None else parse_ground_truth(ground_truth)
        item = Item(id="it", reward="math", completion=completion, ground_truth=truth, **fields)
        entry = judge(item, SETTINGS, CostLimits())
        if isinstance(entry, Open):
            return settle(entry, Outcome(kind="done", value=grade({"pairs": entry.pairs}), attempts=1))
        return entry

    return verdict
