"""The accuracy card of the language verifier, made as people make it, from too few texts to measure anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CARD = ROOT / "benchmarks" / "language" / "card.py"
CORPORA = Path(os.environ.get("GUERDON_CORPORA", ROOT.parent / "shared" / "data"))
FOLDERS = ("mgsm", "math", "gsm8k", "humaneval")
RIVALS = {"lingua": "lingua", "py3langid": "py3langid", "pycld2": "CLD2"}
"""Names on the card by what is imported."""
PNG = b"\x89PNG"
WITHOUT = """import runpy, sys
sys.argv.pop(0)
sys.modules.update(dict.fromkeys({hidden!r}))
runpy.run_path(sys.argv[0], None, "__main__")"""
"""Runs a file as if modules were not installed."""

pytestmark = pytest.mark.skipif(find_spec("fasttext") is None, reason="no fastText: install 'guerdon[language]'")


@pytest.fixture
def corpora() -> None:
    """Skip where the corpora are not."""
    missing = [folder for folder in FOLDERS if not (CORPORA / folder).is_dir()]
    if missing:
        pytest.skip(f"the corpora {', '.join(missing)} are missing in {CORPORA}; set GUERDON_CORPORA")


def run(*words: str, corpora: Path = CORPORA, rival: str = "") -> subprocess.CompletedProcess[str]:
    """What the command does where at most one rival besides fastText is installed."""
    code = WITHOUT.format(hidden=[module for module in RIVALS if module != rival])
    return subprocess.run(
        [sys.executable, "-c", code, str(CARD), *words],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "GUERDON_CORPORA": str(corpora), "PYTHONPATH": str(CARD.parent)},
    )


def rows(card: dict[str, Any]) -> dict[str, dict[str, float]]:
    """The figures of the card by row."""
    return {row["way"]: row["figures"] for row in card["rows"]}


@pytest.mark.usefixtures("corpora")
def test_figures_are_shares_and_rates() -> None:
    """Every share and error is in [0, 1], and every rate above 0."""
    done = run("--json", "--limit", "5")
    assert done.returncode == 0, done.stderr
    card = json.loads(done.stdout)
    assert card["texts"] == dict.fromkeys(("cases", "mgsm", "math500", "gsm8k", "humaneval"), 5)
    figures = rows(card)
    assert {"Guerdon, hybrid", "Guerdon, fast", "fastText, argmax 0/1", "fastText, P(target)"} <= set(figures)
    for name, row in figures.items():
        for key, value in row.items():
            assert value is None or (value > 0 if "_per_s" in key else 0 <= value <= 1), (name, key, value)
    assert figures["Guerdon, hybrid"]["humaneval_pass"] == 1.0
    assert figures["fastText, argmax 0/1"]["mgsm_mae"] > figures["Guerdon, hybrid"]["mgsm_mae"]


@pytest.mark.usefixtures("corpora")
def test_rival_that_is_not_installed_is_named() -> None:
    """A rival that is missing has a row that says what installs it."""
    done = run("--limit", "2")
    assert done.returncode == 0, done.stderr
    for distribution in ("lingua-language-detector", "py3langid", "pycld2"):
        assert f"not installed: `pip install {distribution}`" in done.stdout


@pytest.mark.usefixtures("corpora")
def test_card_and_picture_are_written(tmp_path: Path) -> None:
    """The page on standard output is also in the file, and the picture is drawn."""
    pytest.importorskip("matplotlib", reason="no matplotlib: install 'guerdon[bench]'")
    page, picture = tmp_path / "card.md", tmp_path / "card.png"
    done = run("--limit", "2", "--out", str(page), "--plot", str(picture))
    assert done.returncode == 0, done.stderr
    assert page.read_text(encoding="utf-8") == done.stdout
    assert "| **Guerdon, hybrid** |" in done.stdout
    assert picture.read_bytes().startswith(PNG)


@pytest.mark.usefixtures("corpora")
def test_same_seed_draws_the_same_texts() -> None:
    """Two runs with one seed score alike, whatever they measure."""
    scores = []
    for _ in range(2):
        figures = rows(json.loads(run("--json", "--limit", "4", "--seed", "7").stdout))
        scores.append({name: {k: v for k, v in row.items() if "_per_s" not in k} for name, row in figures.items()})
    assert scores[0] == scores[1]


def test_missing_corpus_is_named(tmp_path: Path) -> None:
    """Without its corpora the command says which one it needs and how to give it."""
    done = run("--limit", "2", corpora=tmp_path)
    assert done.returncode == 1
    assert f"the corpus {tmp_path / 'mgsm'}" in done.stderr
    assert "GUERDON_CORPORA" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("corpora")
@pytest.mark.parametrize("module", RIVALS)
def test_installed_rival_has_its_rows(module: str) -> None:
    """A rival that is installed is scored as a whole and by sentences."""
    if find_spec(module) is None:
        pytest.skip(f"no {module}: the rivals of the card are installed by hand, its rows say how")
    done = run("--json", "--limit", "2", rival=module)
    assert done.returncode == 0, done.stderr
    figures = rows(json.loads(done.stdout))
    assert figures[f"{RIVALS[module]}, argmax 0/1"]["humaneval_pass"] is not None
    assert figures[f"{RIVALS[module]}, sentences"]["texts_per_s"] > 0
