"""Real texts: solutions in English score as English, problems in eleven languages as what they are in."""

import gzip
import json
import os
import random
from pathlib import Path

import pytest

from guerdon.services.language.consistency import measure
from guerdon.services.language.scripts import words_in
from guerdon.services.language.stripping import strip
from guerdon.services.language.targets import target_of
from guerdon.services.language.tokens import sentences_of, words_of

CORPORA = Path(os.environ.get("GUERDON_CORPORA", Path(__file__).resolve().parents[3] / "shared" / "data"))
LANGUAGES = ("bn", "de", "en", "es", "fr", "ja", "ru", "sw", "te", "th", "zh")
MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")


def lines(name: str) -> list[str]:
    """The lines of a file of a corpus; skips where it is not there."""
    path = CORPORA / name
    if not path.exists():
        pytest.skip(f"the corpus {path} is missing; set GUERDON_CORPORA")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return file.read().splitlines()


def problems(code: str) -> list[str]:
    """The problems of MGSM in a language."""
    return [line.partition("\t")[0] for line in lines(f"mgsm/mgsm_{code}.tsv.gz")]


def english(texts: list[str]) -> float:
    """Share of texts that score at least 0.9 as English."""
    return sum(measure(text, target_of("en")).score >= 0.9 for text in texts) / len(texts)


def count(text: str) -> float:
    """Words of a text in any language."""
    stripped = strip(text)
    spans = sentences_of(stripped)
    return sum(words_in(word.script, word.text) for span in spans for word in words_of(stripped, *span)[0])


def test_solutions_of_math_500_are_english():
    """All but those that have no words."""
    assert english([json.loads(line)["solution"] for line in lines("math/math500_test.jsonl.gz")]) >= 0.98


def test_solutions_of_models_to_gsm8k_are_english():
    """Every fifth of them."""
    rows = [json.loads(line) for line in lines("gsm8k/example_model_solutions.jsonl.gz")]
    assert english([row[model]["solution"] for row in rows for model in MODELS][::5]) >= 0.99


def test_a_program_between_two_sentences_is_neutral():
    """The solutions of HumanEval, docstrings and all."""
    rows = [json.loads(line) for line in lines("humaneval/HumanEval.jsonl.gz")]
    frame = "I write the function step by step.\n```python\n{}\n```\nThis passes all of the tests."
    assert english([frame.format(row["prompt"] + row["canonical_solution"]) for row in rows]) == 1.0


@pytest.mark.parametrize("code", LANGUAGES)
def test_problems_score_in_their_own_language(code: str):
    """On the mean of 250."""
    scores = [measure(text, target_of(code)).score for text in problems(code)]
    assert sum(scores) / len(scores) >= 0.98


def test_the_share_of_a_mixed_document_is_that_of_its_words():
    """Four problems, none to four of them in another language: the mean error is at most a hundredth."""
    rng = random.Random(20)
    corpus = {code: problems(code) for code in LANGUAGES}
    errors = []
    for _ in range(150):
        code, other = rng.sample(LANGUAGES, 2)
        foreign = rng.randrange(5)
        codes = [other] * foreign + [code] * (4 - foreign)
        rng.shuffle(codes)
        parts = [rng.choice(corpus[part]) for part in codes]
        words = [count(part) for part in parts]
        true = sum(size for size, part in zip(words, codes, strict=True) if part == code) / sum(words)
        errors.append(abs(measure("\n".join(parts), target_of(code)).score - true))
    assert sum(errors) / len(errors) <= 0.01
