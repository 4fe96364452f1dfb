"""The verdicts of the verifier ``language``, and what they say."""

from __future__ import annotations

from typing import Any

from guerdon.services.contract import Verdict
from guerdon.services.language.consistency import LEAST_EVIDENCE, Consistency
from guerdon.services.language.params import LanguageParams
from guerdon.services.language.targets import NAMES, Target

_MOST_SPANS = 200
"""Spans that a verdict lists; the counts are of all."""
_MOST_LANGUAGES = 12
_MOST_NAMED = 3


def measured(found: Consistency, target: Target, params: LanguageParams, *, inferred: bool) -> Verdict:
    """The verdict on a completion that was measured."""
    details: dict[str, Any] = {
        "target": target.code,
        "inferred": inferred,
        "mode": params.mode,
        "scope": params.scope,
        "share": round(found.score, 6),
        "target_words": round(found.target_words, 2),
        "foreign_words": round(found.foreign_words, 2),
        "neutral_words": round(found.neutral_words, 2),
        "filler_words": round(found.filler_words, 2),
        "languages": {code: round(words, 2) for code, words in found.languages[:_MOST_LANGUAGES]},
        "foreign_spans": [list(span) for span in found.foreign[:_MOST_SPANS]],
    }
    if len(found.foreign) > _MOST_SPANS:
        details["more_foreign_spans"] = len(found.foreign) - _MOST_SPANS
    score = found.score
    explanation = _EXPLAIN[found.reason](found, target, params)
    if params.binary:
        score = float(score >= params.threshold)
        explanation += f"; {params.threshold:.0%} are asked for"
    return Verdict.ok(score, found.reason, explanation, f"{found.score:.3f}", **details)


def no_target() -> Verdict:
    """Nothing says in what language the completion is to be."""
    return Verdict.invalid(
        "no_target",
        "nothing says which language is asked for: give params.target, the item's language or a prompt",
    )


def unknown_language(cause: ValueError) -> Verdict:
    """The item's ``language`` is none that is known."""
    return Verdict.invalid("unknown_language", f"the item's language: {cause}")


def prompt_tells_nothing() -> Verdict:
    """The prompt is in no language that could be the target, such as a bare formula."""
    return Verdict.not_applicable(
        "prompt_without_language", "the user's message does not tell one language, so none can be asked for"
    )


def too_long(chars: int, most: int) -> Verdict:
    """The completion is longer than what is read."""
    return Verdict.ok(0.0, "too_long", f"the completion has {chars} characters, of which at most {most} are read")


def unsendable(cause: Exception) -> Verdict:
    """The item cannot be sent to a worker."""
    return Verdict.invalid(
        "unsendable_item",
        f"the item cannot be sent to a worker ({type(cause).__name__}): it is too large or no text",
    )


def _share(found: Consistency, target: Target, params: LanguageParams) -> str:
    words = found.target_words + found.foreign_words
    share = f"{found.score:.1%} of {words:.0f} words are {target.name}"
    others = ", ".join(
        f"{count:.0f} {NAMES.get(code, 'of an unknown language')}"
        for code, count in [entry for entry in found.languages if entry[0] != target.code][:_MOST_NAMED]
    )
    return f"{share}; {others}" if others else share


def _no_thoughts(found: Consistency, target: Target, params: LanguageParams) -> str:
    return f"the {params.scope} are empty" if params.scope == "thoughts" else "there is no answer"


def _no_evidence(found: Consistency, target: Target, params: LanguageParams) -> str:
    return (
        f"the {params.scope} show no language: apart from code, formulas, numbers, names and repetitions they have"
        f" fewer than {LEAST_EVIDENCE:.0f} words"
    )


def _repeated(found: Consistency, target: Target, params: LanguageParams) -> str:
    words = found.target_words + found.filler_words
    return (
        f"the {params.scope} repeat themselves: of {words:.0f} {target.name} words {found.target_words:.0f} count"
    )


def _wrong_script(found: Consistency, target: Target, params: LanguageParams) -> str:
    return f"none of the {found.foreign_words:.0f} words is written in a script of {target.name}"


_EXPLAIN = {
    "consistent": _share,
    "mixed": _share,
    "foreign": _share,
    "wrong_script": _wrong_script,
    "repeated": _repeated,
    "no_evidence": _no_evidence,
    "no_thoughts": _no_thoughts,
}
