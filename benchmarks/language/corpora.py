"""The texts of the card: labelled cases, mixes of MGSM, and real English that has to pass.

The corpora lie under ``GUERDON_CORPORA`` (default ``../shared/data`` beside the repository).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from words import words

from guerdon.services.contract import split_completion

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "language" / "cases"
MGSM = ("bn", "de", "en", "es", "fr", "ja", "ru", "sw", "te", "th", "zh")
MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
MIXES, PROBLEMS, OUTPUTS = 420, 4, 400
PASSES = 0.9
"""Score that English has to reach."""
THOUGHTS = (
    "Let me read the task again and think about what the function has to return for an empty list.",
    "A loop over all the elements is enough here, since nothing has to be kept between two calls.",
    "I was going to sort the input first, but then the original order would be lost.",
    "The tricky part is the last element, which must not be compared with anything after it.",
    "It is simpler to build the result step by step and to stop as soon as the condition fails.",
    "Wait, negative numbers are allowed as well, so the sign should be handled before the digits.",
    "We could do this in one line, though it would be much harder to read afterwards.",
    "Checking the first example by hand gives the expected value, and the second one works too.",
    "If both strings are equal from the beginning, there is nothing left to do and we return early.",
    "That should run in linear time, which is fast enough for inputs of any reasonable size.",
)
"""What a policy may think around its code."""


class Text(NamedTuple):
    """Thoughts, and what is known about them."""

    corpus: str
    """``cases``, ``mgsm``, ``math500``, ``gsm8k`` or ``humaneval``."""
    thoughts: str
    """What every rival gets."""
    target: str
    """Code of the language they should be in."""
    low: float
    """Least right score, in [0, 1]; in a mix, the true share."""
    high: float
    """Greatest right score."""
    category: str = ""
    """Of a labelled case."""
    held_out: bool = False
    """Whether it is a labelled case that the verifier was not developed with."""


class CorpusMissing(FileNotFoundError):
    """A corpus is not where it should be."""


def _lines(file: str) -> list[str]:
    path = Path(os.environ.get("GUERDON_CORPORA", ROOT.parent / "shared" / "data")) / file
    if not path.is_file():
        raise CorpusMissing(f"the corpus {path} is missing; set GUERDON_CORPORA to the folder of the corpora")
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        return lines.read().splitlines()


def _rows(file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _lines(file)]


def cases() -> Iterator[Text]:
    """The labelled cases with a target and thoughts; every other one, by a hash of its id, is held out."""
    files = sorted(CASES.glob("*.jsonl"))
    if not files:
        raise CorpusMissing(f"there are no labelled cases in {CASES}")
    for file in files:
        for line in file.read_text(encoding="utf-8").split("\n"):
            row = json.loads(line or "{}")
            if not row.get("target"):
                continue
            parts = split_completion(row["completion"])
            thoughts = parts.thoughts_text or parts.final_text
            if thoughts.strip():
                held_out = hashlib.sha256(row["id"].encode()).digest()[0] % 2 == 1
                yield Text("cases", thoughts, row["target"], row["low"], row["high"], row["category"], held_out)


def mgsm(chance: random.Random) -> Iterator[Text]:
    """Documents of four problems, a paragraph each, of which none to four are in one other language."""
    problems = {code: [line.split("\t")[0] for line in _lines(f"mgsm/mgsm_{code}.tsv.gz")] for code in MGSM}
    for number in range(MIXES):
        target, foreign = MGSM[number % len(MGSM)], number // len(MGSM) % (PROBLEMS + 1)
        other = chance.choice([code for code in MGSM if code != target])
        codes = [other] * foreign + [target] * (PROBLEMS - foreign)
        chance.shuffle(codes)
        chosen = [(code, chance.choice(problems[code])) for code in codes]
        own = sum(words(problem) for code, problem in chosen if code == target)
        share = own / sum(words(problem) for _, problem in chosen)
        yield Text("mgsm", "\n\n".join(problem for _, problem in chosen), target, share, share)


def math500() -> Iterator[Text]:
    """Solutions to problems of mathematics, half of them formulas."""
    for row in _rows("math/math500_test.jsonl.gz"):
        yield _english("math500", row["solution"])


def gsm8k(chance: random.Random) -> Iterator[Text]:
    """What language models wrote about short problems, drawn from four models."""
    outputs = [
        row[model]["solution"] for row in _rows("gsm8k/example_model_solutions.jsonl.gz") for model in MODELS
    ]
    for output in chance.sample(outputs, OUTPUTS):
        yield _english("gsm8k", output)


def humaneval(chance: random.Random) -> Iterator[Text]:
    """English thoughts around a draft of the solution, which has no words of its own."""
    for row in _rows("humaneval/HumanEval.jsonl.gz"):
        signature = row["prompt"][: row["prompt"].index(f"def {row['entry_point']}")]
        head = row["prompt"][len(signature) :].replace("'''", '"""').partition('"""')[0].rstrip()
        first, second, last = chance.sample(THOUGHTS, 3)
        draft = f"{head}\n{row['canonical_solution'].rstrip()}"
        yield _english("humaneval", f"{first} {second}\n\n```python\n{draft}\n```\n\n{last}")


def _english(corpus: str, thoughts: str) -> Text:
    return Text(corpus, thoughts, "en", PASSES, 1.0)


def texts(seed: int, limit: int | None) -> list[Text]:
    """All texts, or so many of each corpus, evenly spaced.

    Raises:
        CorpusMissing: one is not where it should be.
    """
    chance = random.Random(seed)  # noqa: S311 - a fixed draw, no secret
    corpora = (list(cases()), list(mgsm(chance)), list(math500()), list(gsm8k(chance)), list(humaneval(chance)))
    return [text for corpus in corpora for text in _spread(corpus, limit)]


def _spread(corpus: Sequence[Text], limit: int | None) -> Sequence[Text]:
    if limit is None or limit >= len(corpus):
        return corpus
    return [corpus[place * len(corpus) // limit] for place in range(limit)]
