"""How far the math verifier agrees with labelled corpora, and how fast it is.

    python benchmarks/math_agreement.py gsm8k|math|math_verify [--workers N] [--json]

The corpora lie under ``GUERDON_CORPORA`` (default ``../shared/data`` beside the repository):

* ``gsm8k``: 1,319 problems, four model solutions each; the label is ``is_correct``.
* ``math``: 5,000 problems; the solution is the completion, the content of its last box the ground truth, so that
  all should be accepted but those whose solution boxes more than the last answer.
* ``math_verify``: labelled pairs; some labels accept a rounding, which the verifier's policy does not.

Throughput is items per second of CPU time, of this process and of the workers together.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from guerdon.services.contract import Deadline, GroundTruth, Item, Verdict
from guerdon.services.math.settings import MathSettings
from guerdon.services.math.verifier import MathVerifier

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
BATCH = 512


class Labelled(NamedTuple):
    """A response, what it is compared with, and whether it is right."""

    prompt: str
    completion: str
    ground_truth: str
    right: bool


def rows(path: str) -> Iterator[dict[str, Any]]:
    """The rows of a gzipped JSONL file under the corpora.

    Raises:
        FileNotFoundError: the corpora are not there.
    """
    root = Path(os.environ.get("GUERDON_CORPORA", SHARED))
    with gzip.open(root / path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def gsm8k() -> Iterator[Labelled]:
    """Real model solutions with their labels."""
    for row in rows("gsm8k/example_model_solutions.jsonl.gz"):
        for model in MODELS:
            yield Labelled(row["question"], row[model]["solution"], row["ground_truth"], row[model]["is_correct"])


def math() -> Iterator[Labelled]:
    """Solutions against their own last box."""
    for row in rows("math/math_test.jsonl.gz"):
        yield Labelled(row["problem"], row["solution"], last_box(row["solution"]), right=True)


def math_verify() -> Iterator[Labelled]:
    """Labelled pairs."""
    for row in rows("math_verify/dev.jsonl.gz"):
        yield Labelled("", row["pred"], row["gold"], row["expected"])


CORPORA = {"gsm8k": gsm8k, "math": math, "math_verify": math_verify}


def last_box(solution: str) -> str:
    """Content of the last box, found independently of the verifier."""
    start = solution.index("{", max(solution.rfind("\\boxed"), solution.rfind("\\fbox")))
    depth = 0
    for offset, sign in enumerate(solution[start:], start):
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return solution[start + 1 : offset]
    raise ValueError("the last box is never closed")


async def judge(cases: list[Labelled], workers: int) -> tuple[list[Verdict], float]:
    """Verdicts on all cases, and the CPU seconds they took."""
    verifier = MathVerifier(MathSettings(workers=workers))
    await verifier.start()
    try:
        begun = time.process_time()
        verdicts: list[Verdict] = []
        for first in range(0, len(cases), BATCH):
            batch = [to_item(case) for case in cases[first : first + BATCH]]
            verdicts += await verifier.score_batch(batch, Deadline.never())
        cpu = time.process_time() - begun + sum(verdict.latency_ms for verdict in verdicts) / 1000
    finally:
        await verifier.close()
    return verdicts, cpu


def to_item(case: Labelled) -> Item:
    """The case as the verifier reads it."""
    truth = GroundTruth(form="text", texts=(case.ground_truth,))
    return Item(id="", reward="math", prompt=case.prompt, completion=case.completion, ground_truth=truth)


def summarise(cases: list[Labelled], verdicts: list[Verdict], cpu: float) -> dict[str, Any]:
    """Agreement, false positives and negatives, and every disagreement."""
    accepted = [verdict.score == 1.0 for verdict in verdicts]
    differing = [
        {
            "right": case.right,
            "ground_truth": case.ground_truth[-120:],
            "completion": case.completion[-120:],
            "reason": verdict.reason,
            "explanation": verdict.explanation,
        }
        for case, verdict, accept in zip(cases, verdicts, accepted, strict=True)
        if accept != case.right
    ]
    return {
        "items": len(cases),
        "agreement": 1 - len(differing) / len(cases),
        "false_positives": sum(not entry["right"] for entry in differing),
        "false_negatives": sum(entry["right"] for entry in differing),
        "without_verdict": sum(verdict.score is None for verdict in verdicts),
        "parsed": sum(verdict.latency_ms > 0 for verdict in verdicts),
        "items_per_cpu_second": round(len(cases) / cpu),
        "differing": differing,
    }


def main() -> None:
    """Run one corpus and print what came out."""
    parser = argparse.ArgumentParser(description="Agreement of the math verifier with a labelled corpus.")
    parser.add_argument("corpus", choices=sorted(CORPORA))
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    cases = list(CORPORA[options.corpus]())
    summary = summarise(cases, *asyncio.run(judge(cases, options.workers)))
    if options.json:
        sys.stdout.write(json.dumps(summary) + "\n")
        return
    for entry in summary.pop("differing"):
        sys.stdout.write(f"{'refused' if entry['right'] else 'paid'}: {entry['explanation']}\n")
    sys.stdout.write("\n".join(f"{name}: {value}" for name, value in summary.items()) + "\n")


if __name__ == "__main__":
    main()
