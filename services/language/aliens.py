"""Words in a script the target is not written in: foreign, or a name, a term, a variable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from guerdon.services.language.detector import Detector
from guerdon.services.language.han import chinese_or_japanese
from guerdon.services.language.lexicon import COMMON
from guerdon.services.language.readings import Foreign, Reading
from guerdon.services.language.scripts import CHARACTERS_PER_WORD, LONG_WORD, alien_letters, native_words
from guerdon.services.language.terms import ALONE, TERMS
from guerdon.services.language.tokens import MIXED, Word
from guerdon.services.language.votes import NEUTRAL, PARTICLES, UNKNOWN

LOAN = 0.35
"""Weight of a borrowed word: one or two small ones in a sentence that is otherwise in the target."""

LANGUAGE_OF = {
    "Cyrl": "ru", "Arab": "ar", "Deva": "hi", "Hang": "ko", "Kana": "ja", "Hani": "zh", "Grek": "el", "Hebr": "he",
    "Thai": "th", "Beng": "bn", "Guru": "pa", "Gujr": "gu", "Orya": "or", "Taml": "ta", "Telu": "te", "Knda": "kn",
    "Mlym": "ml", "Sinh": "si", "Laoo": "lo", "Tibt": "bo", "Mymr": "my", "Geor": "ka", "Ethi": "am", "Khmr": "km",
    "Armn": "hy", "Thaa": "dv", "Latn": "en", "Mong": "mn",
}  # fmt: skip
"""The language a few words of a script are taken for; it only names them."""
_RIVALLED = frozenset({"Cyrl", "Arab", "Deva", "Latn"})
_SHORT_MIX = 3
_NAMED_LEAST = 0.5
_SENTENCE, _SPEAKING = 4, 2
_LONGEST_ACRONYM = 6
_LONGEST_NAME = 5
_MOST_LOANS = 2
_LOAN_SHARE = 0.2


def judge_aliens(
    words: Sequence[Word], native_units: float, detector: Detector | None
) -> Iterator[tuple[Word, str, float]]:
    """Each word with its language and its weight.

    Args:
        words: the words of one sentence in scripts of other languages, in order.
        native_units: how many words the rest of the sentence is worth.
        detector: names the language of several words; None to name it by script and common words alone.
    """
    by_script: dict[str, list[Word]] = {}
    for word in words:
        script = "Hani" if word.script == "Kana" else word.script
        by_script.setdefault(script, []).append(word)
    for script, some in by_script.items():
        if script == "Hani":
            languages = chinese_or_japanese(some, japanese_expected=False)
            yield from ((word, language, 1.0) for word, language in zip(some, languages, strict=True))
        elif script == "Latn":
            yield from _judge_latin(some, native_units, detector)
        elif script == MIXED:
            yield from ((word, NEUTRAL if len(word.text) <= _SHORT_MIX else UNKNOWN, 1.0) for word in some)
        else:
            language = _named(script, [word.text.lower() for word in some], detector)
            yield from ((word, NEUTRAL if _is_variable(word) else language, 1.0) for word in some)


def judge_alien_sentence(
    text: str, start: int, end: int, script: str, detector: Detector | None
) -> Reading | None:
    """Judge a sentence that is all in one script of other languages; None where it has to be taken apart."""
    if script in CHARACTERS_PER_WORD or alien_letters((script,)).search(text, start, end) is not None:
        return None
    found = native_words(script).findall(text, start, end)
    words = list(filter(None, found))
    if len(words) < _SENTENCE or max(map(len, words)) >= LONG_WORD:
        return None
    lows = " ".join(words).lower().replace("’", "'").split(" ")
    neutral = len(found) - len(words)
    if script == "Latn":
        coined = sum(map(_is_coined, words, lows))
        if sum(map(COMMON.__contains__, lows)) < _SPEAKING or len(words) - coined < _SENTENCE:
            return None
        neutral += coined
    else:
        neutral += list(map(len, words)).count(1)
    first, last = text.index(words[0], start), text.rindex(words[-1], start, end) + len(words[-1])
    language = _named(script, lows, detector)
    return Reading(neutral=neutral, foreign=(Foreign(first, last, language, len(found) - neutral),))


def _is_variable(word: Word) -> bool:
    return len(word.text) == 1 and word.script in ("Grek", "Cyrl", "Hebr")


def _named(script: str, lows: Sequence[str], detector: Detector | None) -> str:
    """The language of words in lower case, all of one script."""
    if script == "Latn":
        return _latin_language(lows, detector)
    if script in _RIVALLED and detector is None:
        return _most_common([COMMON[low] for low in lows if low in COMMON]) or LANGUAGE_OF[script]
    if script in _RIVALLED and detector is not None and len(lows) > 2:
        labels = detector.labels(" ".join(lows), 1, _NAMED_LEAST)
        if labels:
            return labels[0][0]
    return LANGUAGE_OF.get(script, UNKNOWN)


def _judge_latin(
    words: list[Word], native_units: float, detector: Detector | None
) -> Iterator[tuple[Word, str, float]]:
    """Latin words beside another script: terms, acronyms and names are neutral, few others are borrowed."""
    foreign: list[Word] = []
    speaks = False
    for run in _runs(words):
        lows = [word.text.lower().replace("’", "'") for word in run]
        if all(low in TERMS or len(low) == 1 for low in lows) and (len(run) == 1 or not ALONE.isdisjoint(lows)):
            yield from ((word, NEUTRAL, 1.0) for word in run)
            continue
        particles = PARTICLES if _is_name(run, lows) else frozenset()
        is_speech = any(
            low in COMMON and low not in particles and not _is_coined(word.text, low)
            for word, low in zip(run, lows, strict=True)
        )
        speaks |= is_speech
        excused = not is_speech and len(run) <= _LONGEST_NAME
        for word, low in zip(run, lows, strict=True):
            if _is_coined(word.text, low) or (excused and (word.text[0].isupper() or low in particles)):
                yield word, NEUTRAL, 1.0
            else:
                foreign.append(word)
    borrowed = not speaks and len(foreign) <= _MOST_LOANS and len(foreign) <= _LOAN_SHARE * native_units
    language = _latin_language([word.text.lower().replace("’", "'") for word in foreign], detector)
    yield from ((word, language, LOAN if borrowed else 1.0) for word in foreign)


def _is_name(run: Sequence[Word], lows: Sequence[str]) -> bool:
    """Whether words have capitals, but for the small ones in names."""
    return run[-1].text[0].isupper() and all(
        word.text[0].isupper() or low in PARTICLES for word, low in zip(run, lows, strict=True)
    )


@lru_cache(maxsize=1 << 15)
def _is_coined(text: str, low: str) -> bool:
    """Whether a word is a variable, an acronym, a term or a name in mixed case."""
    if len(text) == 1:
        return True
    if text.isupper():
        return len(text) <= _LONGEST_ACRONYM and low not in COMMON
    return low in ALONE or not text[1:].islower()


def _latin_language(lows: Sequence[str], detector: Detector | None) -> str:
    common = [COMMON[low] for low in lows if low in COMMON]
    labels = detector.labels(" ".join(lows), 1, _NAMED_LEAST) if detector is not None and len(lows) > 2 else ()
    if labels:
        code = labels[0][0]
        if not common or any(code in languages for languages in common):
            return code
    return _most_common(common) or UNKNOWN


def _most_common(found: Sequence[frozenset[str]]) -> str:
    """The language that most words are common in; empty without any."""
    votes = Counter(code for languages in found for code in languages)
    return min(votes, key=lambda code: (-votes[code], code)) if votes else ""


def _runs(words: list[Word]) -> Iterator[list[Word]]:
    """Words that stand side by side."""
    run: list[Word] = []
    for word in words:
        if run and word.start - run[-1].end > _LONGEST_NAME:
            yield run
            run = []
        run.append(word)
    if run:
        yield run
