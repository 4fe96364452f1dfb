"""Agreement with labelled corpora, measured by the benchmark script."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORPORA = Path(os.environ.get("GUERDON_CORPORA", ROOT.parent / "shared" / "data"))


def agreement(corpus, file):
    """Summary of the benchmark on one corpus; skips where the corpus is not there."""
    if not (CORPORA / file).exists():
        pytest.skip(f"the corpus {CORPORA / file} is missing; set GUERDON_CORPORA")
    command = [sys.executable, "benchmarks/math_agreement.py", corpus, "--json"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "GUERDON_CORPORA": str(CORPORA)},
    )
    return json.loads(done.stdout)


def test_gsm8k_solutions_are_judged_as_labelled():
    """At least 99.9 % of 5,276 real model solutions are judged as labelled, and none is paid wrongly."""
    summary = agreement("gsm8k", "gsm8k/example_model_solutions.jsonl.gz")
    assert (summary["agreement"] >= 0.999, summary["false_positives"], summary["without_verdict"]) == (
        True,
        0,
        0,
    ), summary


def test_math_solutions_are_accepted():
    """At least 99 % of 5,000 solutions equal their own last box."""
    summary = agreement("math", "math/math_test.jsonl.gz")
    assert (summary["agreement"] >= 0.99, summary["without_verdict"]) == (True, 0), summary


def test_labelled_pairs_are_judged_as_labelled():
    """At least 97 % of the labelled pairs agree, and no wrong answer is paid."""
    summary = agreement("math_verify", "math_verify/dev.jsonl.gz")
    assert (summary["agreement"] >= 0.97, summary["false_positives"], summary["without_verdict"]) == (
        True,
        0,
        0,
    ), summary
