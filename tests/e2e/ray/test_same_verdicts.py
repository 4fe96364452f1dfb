"""The same verdicts wherever the verifiers run and however the call comes in."""

import json
from pathlib import Path

import pytest
from ray_cluster import client_of

from guerdon.services.contract.hostile import hostile_completions

pytestmark = pytest.mark.ray

TESTS = Path(__file__).parents[2]
CASES = TESTS.parent / "services" / "format" / "cases.jsonl"
REWARDS = [
    {"name": "math"},
    {"name": "format"},
    {"name": "language", "params": {"target": "en"}},
    {"name": "repetition"},
    {"name": "cosine", "params": {"of": "math", "max_length": 1000, "unit": "characters"}},
]
DECIDED = ("name", "status", "score", "reason", "explanation", "answer", "details", "error", "verifier_version")


def lines(path):
    """The objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def batch():
    """Several hundred items: what the verifiers' own tests judge, and completions that try to break them."""
    math = [
        {"completion": row["completion"], "ground_truth": row["ground_truth"]}
        for row in lines(TESTS / "math" / "responses.jsonl")
    ]
    pairs = [
        {
            "completion": f"<think>t</think><answer>\\boxed{{{row['answer']}}}</answer>",
            "ground_truth": row["ground_truth"],
        }
        for row in lines(TESTS / "math" / "pairs.jsonl")[::3]
    ]
    form = [case["item"] for case in lines(CASES) if "rewards" not in case["item"]]
    hostile = [{"completion": text, "ground_truth": "42"} for text in hostile_completions().values()]
    items = [*math, *pairs, *form, *hostile]
    return [{**item, "id": str(number)} for number, item in enumerate(items)]


def verdicts(service, transport):
    """All that decides, of every component."""
    request = {"rewards": REWARDS, "items": batch(), "timeout_ms": 120_000}
    with client_of(service, transport) as client:
        answer = client.score(request)
    return [
        (
            result["id"],
            result["status"],
            result["total"],
            [[part[name] for name in DECIDED] for part in result["components"]],
        )
        for result in answer["results"]
    ]


def test_component_for_component(cluster, in_process):
    """Status, score, reason, answer, details and version agree between backends and transports."""
    ways = [(service, transport) for service in (in_process, cluster) for transport in ("HTTP", "gRPC")]
    first, *others = [verdicts(*way) for way in ways]
    assert len(first) > 400
    for other in others:
        assert [pair for pair in zip(first, other, strict=True) if pair[0] != pair[1]] == []
