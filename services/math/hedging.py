"""Tells apart what stands between two answers: a correction, a step on the way, or one more guess.

A model that offers several answers at once has not answered; one that corrects itself has, with the last.
"""

from __future__ import annotations

from guerdon.services.math.patterns import any_of, words

_NEAR_CHARS = 90
"""Two answers further apart than this are steps of one text unless the words between say otherwise."""

_CORRECTION = any_of(
    words(
        "wait", "hold on", "oops", "scratch that", "correction", "corrected", "mistakes?", "mistaken",
        "errors?", "wrong",
        "incorrect", "misread", "miscalculated", r"recalculat\w*", r"re-?check\w*", r"re-?evaluat\w*",
        r"reconsider\w*",
        "actually", "apologi[sz]e", "apologies", "sorry", "instead", "rather",
        "should (?:actually )?(?:be|have been)",
        r"let me (?:re|fix|correct|try|double)\w*", "on second thought", "not right", r"revis\w*",
        "updated?",
    ),
    r"\bno,",
    "等等|不对|更正|错了|应该是|重新|Moment|Korrektur|falsch|Fehler|stattdessen",
    "아니|잠깐|틀렸|정정|hayır|yanlış|düzeltme",
)  # fmt: skip
_GUESS = any_of(
    words(
        "or", "alternatively", "maybe", "perhaps", "possibly", "might", "may", "could", "either", "also",
        "another (?:possible )?(?:answer|option|possibility)", "oder", "vielleicht", "alternativ",
        "veya", "ya da", "belki",
    ),
    "或|也许|可能|또는|혹은|아마",
)  # fmt: skip
_CONCLUSION = any_of(
    words(
        "so", "thus", "therefore", "hence", "finally", "final", "total", "altogether", "overall",
        "in all", "then", "next",
        "which (?:gives|means)", "answer", r"step \d+", "now", r"simplif\w+", "equals?", "becomes",
        "because", "since",
        "also folgt", "daher", "somit", "dolayısıyla", "sonuç",
    ),
    r"^[\s$]*=|\\implies|\\Rightarrow|→|⇒",
    "所以|因此|最终|故|따라서|그러므로|최종",
)  # fmt: skip


def replaces(between: str) -> bool:
    """Whether the later of two answers replaces the earlier, judged by the text between them."""
    if _CORRECTION.search(between[-400:]):
        return True
    if len(between) <= _NEAR_CHARS and _GUESS.search(between):
        return False
    return len(between) > _NEAR_CHARS or _CONCLUSION.search(between) is not None


def last_offer(starts_and_ends: list[tuple[int, int]], text: str) -> int:
    """Index of the first answer of the last group that is offered together.

    Args:
        starts_and_ends: offsets of the answers in ``text``, in order, at least one.
        text: what they stand in.
    """
    first = len(starts_and_ends) - 1
    while first > 0 and not replaces(text[starts_and_ends[first - 1][1] : starts_and_ends[first][0]]):
        first -= 1
    return first
