"""Which language the words of a sentence are in, where several languages share the script.

Three witnesses: lists of common words, fastText on each word, fastText on the sentence. Where they agree the
sentence is of one language; where words speak against it, each word is looked at (``course``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from guerdon.services.language.course import course_of, rivalry_of, rivals_in
from guerdon.services.language.detector import Labels, chance_of
from guerdon.services.language.kinship import are_kin
from guerdon.services.language.lexicon import COMMON, RICH
from guerdon.services.language.targets import Target
from guerdon.services.language.vietnamese import is_unaccented
from guerdon.services.language.voting import FOREIGN, NATIVE, ODD, OWN, SHARED, Votes, is_plain

NEUTRAL, UNKNOWN, UNDECIDED = "", "und", "?"
"""In place of a language: none is owed; none that is known; the sentence alone does not tell."""

_LINE = 6
"""Words below which a sentence may be a line that begins with a name."""
_LONG = 8
"""Words from which on a sentence without the target's common words is not in the target."""
_FEW = 4
"""Words below which the detector alone decides nothing."""
_WHOLE_LEAST = 0.3
_OWN_PART = 4
"""One word in so many that is the target's alone makes a sentence the target's."""
_SURE, _LIKELY, _POSSIBLE, _UNLIKELY = 0.9, 0.5, 0.15, 0.05
PARTICLES = frozenset(
    {
        "von",
        "van",
        "der",
        "den",
        "de",
        "la",
        "le",
        "da",
        "do",
        "dos",
        "du",
        "del",
        "di",
        "el",
        "al",
        "ibn",
        "bin",
        "ben",
        "ter",
        "ten",
        "af",
        "zu",
        "y",
        "e",
    }
)
"""Small words inside names."""
_LONGEST_NAME = 6
_LONGEST_COMMON_NAME = 4

Tell = Callable[[Sequence[str], "Votes", Sequence[str] | None], str | list[str]]
"""Tells the languages of a sentence."""


def languages_of(texts: Sequence[str], votes: Votes, words: Sequence[str] | None = None) -> str | list[str]:
    """The language of each word of a sentence, or one for all of them.

    Args:
        texts: the words as written, at least one.
        votes: the votes of words for the target.
        words: the same in lower case with straight apostrophes, where the caller has them.
    """
    if words is None:
        words = [text.lower().replace("’", "'") for text in texts]
    cast = list(map(votes.__getitem__, words))
    count, target = len(words), votes.target
    own = cast.count(OWN) + cast.count(SHARED)
    if is_plain(cast):
        return target.code
    if target.code == "vi" and is_unaccented(words):
        return target.code
    if FOREIGN not in cast and not _is_odd(cast) and len(votes.sole.intersection(words)) * _OWN_PART >= count:
        # Whatever the detector says, the verdict is the target.
        return target.code
    labels = votes.detector.labels(" ".join(words))
    if (
        count >= _LONG
        and own * 10 < count
        and target.code in RICH
        and chance_of(labels, target.accepted) < _LIKELY
    ):
        return labels[0][0] if labels and labels[0][1] >= _LIKELY else _nowhere(texts)
    if not _is_doubtful(texts, cast, labels, target):
        if count < _LINE:
            labels = _without_names(texts, words, cast, labels, votes)
        return _verdict(texts, words, cast, labels, target)
    if labels and _is_all(labels[0], words, cast, target):
        return labels[0][0]
    rivals = rivals_in(words, cast, labels, target)
    if not rivals:
        return target.code
    named = _names(texts, words)
    found = course_of(words, named, cast, labels, rivalry_of(target, rivals, votes.detector))
    _join_strays(words, found, target)
    _excuse_names(words, cast, named, found, target)
    return found


def language_of(texts: Sequence[str], votes: Votes, words: Sequence[str] | None = None) -> str:
    """The language of a sentence as a whole, by one call of the detector at most.

    Args:
        texts: the words as written, at least one.
        votes: the votes of words for the target.
        words: the same in lower case with straight apostrophes, where the caller has them.
    """
    if words is None:
        words = [text.lower().replace("’", "'") for text in texts]
    sole = len(votes.sole.intersection(words))
    if sole > 1 and sole * _OWN_PART >= len(words):
        return votes.target.code
    labels = votes.detector.labels(" ".join(words), 1)
    code, chance = labels[0] if labels else (UNDECIDED, 0.0)
    return code if chance >= _WHOLE_LEAST or len(words) >= _FEW else UNDECIDED


def _is_doubtful(texts: Sequence[str], cast: Sequence[int], labels: Labels, target: Target) -> bool:
    """Whether words speak against the target, so that each is to be looked at."""
    if FOREIGN in cast:
        return len(texts) >= _LINE or any(
            vote == FOREIGN and not _may_be_name(text) for text, vote in zip(texts, cast, strict=True)
        )
    if not _is_odd(cast) or target.code not in RICH:
        return False
    return not labels or not are_kin(target.code, labels[0][0])


def _is_odd(cast: Sequence[int]) -> bool:
    """Whether many words look foreign."""
    odd = cast.count(ODD)
    return odd > 1 and odd * 8 >= len(cast)


def _may_be_name(text: str, vote: int = FOREIGN) -> bool:
    """Whether a word may be a name: Dan and Kim are words elsewhere, but no name is a long one."""
    return text[0].isupper() and (vote != FOREIGN or len(text) <= _LONGEST_COMMON_NAME)


def _is_all(label: tuple[str, float], words: Sequence[str], cast: Sequence[int], target: Target) -> bool:
    """Whether a sentence is all in another language: likely so, and no word belongs to the target alone."""
    code, chance = label
    if code in target.accepted or chance < (_LIKELY if are_kin(target.code, code) else _SURE):
        return False
    return all(vote not in NATIVE or code in COMMON[word] for word, vote in zip(words, cast, strict=True))


def _without_names(
    texts: Sequence[str], words: Sequence[str], cast: Sequence[int], labels: Labels, votes: Votes
) -> Labels:
    """The languages of a line without its odd words that have a capital, which may be names."""
    kept = [
        word
        for text, word, vote in zip(texts, words, cast, strict=True)
        if vote not in (FOREIGN, ODD) or not _may_be_name(text, vote)
    ]
    return labels if len(kept) in (0, 1, len(words)) else votes.detector.labels(" ".join(kept))


def _verdict(
    texts: Sequence[str], words: Sequence[str], cast: Sequence[int], labels: Labels, target: Target
) -> str:
    """The language of a sentence whose common words speak for the target or not at all."""
    count = len(texts)
    mine = chance_of(labels, target.accepted)
    code, chance = labels[0] if labels else (UNKNOWN, 0.0)
    own = len(
        {word for word, vote in zip(words, cast, strict=True) if vote in NATIVE and code not in COMMON[word]}
    )
    if mine >= _LIKELY or (own and (mine >= _POSSIBLE or own * _OWN_PART >= count)):
        return target.code
    if chance < _LIKELY and not NATIVE.isdisjoint(cast) and (own > 1 or count < _LINE or mine >= _UNLIKELY):
        return target.code
    if count < _FEW or code in target.accepted:
        return UNDECIDED
    if chance >= (_SURE if are_kin(target.code, code) else _LIKELY):
        return code
    if count < _LINE or mine >= 0.1 or target.code not in RICH:
        return UNDECIDED
    return _nowhere(texts)


def _nowhere(texts: Sequence[str]) -> str:
    """What a sentence is in that is in no language: a list of names, or words."""
    return NEUTRAL if sum(text[0].isupper() for text in texts) * 2 > len(texts) else UNKNOWN


def _names(texts: Sequence[str], words: Sequence[str]) -> list[bool]:
    """Which words may be names: those with a capital, not the first; where most have one, no common word."""
    capitals = [text[0].isupper() for text in texts]
    if sum(capitals) * 2 > len(texts) + 1:
        capitals = [
            len(texts) >= _LINE and capital and word not in COMMON and not text.isupper()
            for capital, word, text in zip(capitals, words, texts, strict=True)
        ]
    return [False, *capitals[1:]]


def _join_strays(words: Sequence[str], found: list[str], target: Target) -> None:
    """Give a stray word the language around it: a single letter, or the one word of the target in a sentence."""
    stray = len(found) >= _LINE and found.count(target.code) == 1
    for at in range(1, len(found) - 1):
        between = found[at - 1] == found[at + 1]
        if between and (len(words[at]) == 1 or (stray and found[at] == target.code)):
            found[at] = found[at - 1]


def _excuse_names(
    words: Sequence[str], cast: Sequence[int], named: Sequence[bool], found: list[str], target: Target
) -> None:
    """Make short runs of names neutral: they keep their spelling in every language."""
    start = 0
    while start < len(found):
        end = start + 1
        while end < len(found) and found[end] == found[start]:
            end += 1
        run = range(start, end)
        names = named[start : end + 1] if words[start] in PARTICLES else named[start:end]
        if found[start] != target.code and len(run) <= _LONGEST_NAME and (start == 0 or True in names):
            plain = [at for at in run if not (named[at] or at == 0)]
            common = sum(cast[at] == FOREIGN for at in run if at not in plain)
            if common < 2 and all(words[at] in PARTICLES for at in plain):
                found[start:end] = [NEUTRAL] * len(run)
        start = end
