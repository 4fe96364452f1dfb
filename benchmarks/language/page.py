"""Writes the card as Markdown."""

from __future__ import annotations

from typing import Any

from measures import COLUMNS

_RATES = {
    "texts_per_s": "texts/s/core",
    "mchar_per_s": "Mchar/s/core",
    "mchar_per_s_again": "Mchar/s/core, again",
}
_HOW = """
**Columns.** Cases: the score lies in the interval that the author of the case set by counting; label: the score
is on the right side of 0.75. The half whose id's SHA-256 begins with an odd byte was held out from development.
Cases without thoughts and those whose target follows from a prompt are not here. Code-switching caught: cases
that switch languages inside sentences and score below 0.75, as they should. MGSM mix: four problems, none to
four of them in one other of the 11 languages; the score against the true share of words. The counter of the
truth (words between spaces with a letter in them; a Han character or kana 1/1.7 word, a Thai character 1/4.5)
is also the one of the rivals' shares and not Guerdon's own, so part of their small error is built in. MATH-500,
GSM8K, HumanEval: English that scores 0.9 or more. Rates: CPU time of the process with all its threads; mean
length {mean:.0f} characters; again: the same texts a second time, when a way that keeps what it learned of
words knows them all.

**Rows.** argmax 0/1: 1 if the detector's first language of the whole text is the target. P(target): the
detector's probability for it. sentences: share of words in sentences of the target, after code, formulas and
addresses are stripped. its segments, its spans: the same from where the detector itself cuts the text. All
accept the same varieties of a target (such as Cantonese for Chinese). lingua and py3langid choose among the
{languages} target languages of the card only, which helps them; fastText and CLD2 choose among all that they
know.
"""


def render(card: dict[str, Any]) -> str:
    """The card as a page of Markdown."""
    around = card["circumstances"]
    loads = " → ".join(f"{around[key][0]:.2f}" for key in ("load_before", "load_after"))
    counts = ", ".join(f"{name} {number}" for name, number in card["texts"].items())
    total = sum(card["texts"].values())
    versions = [f"{rival['name']} {rival['version']}" for rival in card["rivals"] if rival["version"]]
    lines = [
        "# Accuracy card: language consistency",
        "",
        f"Measured {around['at']}, Python {around['python']}, {around['cores']} cores, load average {loads},"
        f" seed {around['seed']}. {total} texts ({counts}), {card['characters']:,} characters.",
        "",
        *_main_table(card),
        _HOW.format(mean=card["characters"] / total, languages=len(card["languages"])),
        "Texts/s/core by corpus:",
        "",
        *_rate_table(card),
        "",
        f"**Versions.** {'; '.join(versions)}.",
    ]
    return "\n".join(lines) + "\n"


def _main_table(card: dict[str, Any]) -> list[str]:
    heads = [f"{column.title} ({card['columns'][column.key]})" for column in COLUMNS] + list(_RATES.values())
    rows = []
    for row in card["rows"]:
        values = row["figures"]
        cells = [_shown(values[column.key], ".3f" if column.is_error else ".1%") for column in COLUMNS]
        cells += [_shown(values[key], ",.0f" if key == "texts_per_s" else ".2f") for key in _RATES]
        rows.append([_name(row), *cells])
    missing = [rival for rival in card["rivals"] if rival["version"] is None]
    rows += [
        [rival["name"], f"not installed: `{rival['install']}`", *[""] * (len(heads) - 1)] for rival in missing
    ]
    return _table(heads, rows)


def _rate_table(card: dict[str, Any]) -> list[str]:
    corpora = list(card["texts"])
    rows = [
        [_name(row), *(_shown(row["texts_per_s_by_corpus"][corpus], ",.0f") for corpus in corpora)]
        for row in card["rows"]
    ]
    return _table(corpora, rows)


def _table(heads: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (["", *heads], ["---", *["---:"] * len(heads)], *rows)]


def _name(row: dict[str, Any]) -> str:
    return f"**{row['way']}**" if row["ours"] else str(row["way"])


def _shown(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
