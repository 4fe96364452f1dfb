"""Infers the target from the prompt: the language of the user's last message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from guerdon.services.contract import Message
from guerdon.services.language.aliens import LANGUAGE_OF
from guerdon.services.language.characters import undisguise
from guerdon.services.language.consistency import measure
from guerdon.services.language.detector import Detector, chance_of
from guerdon.services.language.han import chinese_or_japanese
from guerdon.services.language.instructions import without_instructions, without_quotations
from guerdon.services.language.lexicon import COMMON
from guerdon.services.language.scripts import words_in
from guerdon.services.language.stripping import strip
from guerdon.services.language.targets import NAMES, Target, target_of
from guerdon.services.language.tokens import Word, sentences_of, words_of

_USER = re.compile(
    r"<\|im_start\|>user\s|<\|start_header_id\|>user<\|end_header_id\|>|<[|｜]User[|｜]>|<\|user\|>|\[INST\]|<start_of_turn>user"
    r"|^[ \t]*(?:User|Human|Question|Problem)[ \t]*:|(?<=[.!?。])[ \t]+(?:User|Human):",
    re.MULTILINE,
)
_REPLY = re.compile(
    r"<\|im_(?:end|start)\|>|<\|eot_id\|>|<[|｜]Assistant[|｜]>|<\|assistant\|>|\[/INST\]|<end_of_turn>"
    r"|^[ \t]*(?:Assistant|Answer)[ \t]*:|(?<=[.!?。\s])Assistant:|<think>\s*\Z",
    re.MULTILINE,
)
_MOST_CHARS = 20_000
_MAIN_SHARE = 0.6
_MOST_FOREIGN, _MOST_FOREIGN_IN_INSTRUCTIONS = 0.25, 0.1
_SURE, _LEAST_CHANCE, _LEAST_OF_A_WORD = 0.9, 0.5, 0.15
_LEAST_UNITS = 1.5
_FEW = 4
"""Words below which each must fit the language."""
_OF_MANY_LANGUAGES = frozenset({"Latn", "Cyrl", "Arab", "Deva"})


def user_text(prompt: str, messages: Sequence[Message]) -> str:
    """What the user said last: the last message with that role, or the last user's turn of a rendered prompt."""
    said = next((message.content for message in reversed(messages) if message.role == "user"), None)
    if said is None:
        said = prompt
        turns = [turn.end() for turn in _USER.finditer(prompt)]
        if turns:
            said = prompt[turns[-1] :]
            reply = _REPLY.search(said)
            said = said[: reply.start()] if reply else said
    return said[:_MOST_CHARS]


def infer_target(text: str, detector: Detector) -> Target | None:
    """The language of what the user asked, or None where the text does not tell; never a guess.

    Instructions on the form of the answer, quotations and texts to translate do not count, unless there is
    nothing else; a text of two languages has none.

    Args:
        text: what the user said.
        detector: tells languages of one script apart.
    """
    text = undisguise(text).text
    asked = without_instructions(text)
    question = without_quotations(asked)
    words = _words(strip(question))
    if not words:
        question, words = asked, _words(strip(asked))
    target = _told(question, words, _MOST_FOREIGN, detector)
    if target is not None:
        return target
    # With little or nothing asked in words, the instructions tell, if those few words may be of their language.
    target = _told(text, _words(strip(text)), _MOST_FOREIGN_IN_INSTRUCTIONS, detector)
    return target if target is not None and _fit(words, target, detector) else None


def _words(stripped: str) -> list[Word]:
    """The words of a text but for single letters, which may be variables."""
    words = [word for start, end in sentences_of(stripped) for word in words_of(stripped, start, end)[0]]
    return [word for word in words if len(word.text) > 1 or word.script in ("Hani", "Kana")]


def _told(text: str, words: Sequence[Word], most_foreign: float, detector: Detector) -> Target | None:
    """The language of a text, if the words in others are at most so large a share."""
    units: Counter[str] = Counter()
    for word in words:
        units[_family(word)] += words_in(word.script, word.text)  # type: ignore[assignment]
    total = units.total()
    if total < _LEAST_UNITS:
        return None
    family, most = units.most_common(1)[0]
    if most < _MAIN_SHARE * total:
        return None
    code = _language([word for word in words if _family(word) == family], family, detector)
    if code not in NAMES:
        return None
    target = target_of(code)
    if len(words) < _FEW and family in _OF_MANY_LANGUAGES and not _fit(words, target, detector):
        return None
    found = measure(text, target, detector=detector)
    judged = found.target_words + found.filler_words + found.foreign_words
    return target if found.foreign_words <= most_foreign * judged else None


def _fit(words: Sequence[Word], target: Target, detector: Detector) -> bool:
    """Whether no single word speaks against a language; a later one with a capital may be a name."""
    return all(
        word.script in target.scripts
        and (
            word.script not in _OF_MANY_LANGUAGES
            or (at and word.text[0].isupper())
            or _may_be(word, target, detector)
        )
        for at, word in enumerate(words)
    )


def _may_be(word: Word, target: Target, detector: Detector) -> bool:
    low = _lowered(word)
    common = COMMON.get(low)
    if common is not None:
        return not common.isdisjoint(target.accepted)
    return chance_of(detector.labels_of_word(low), target.accepted) >= _LEAST_OF_A_WORD


def _lowered(word: Word) -> str:
    return word.text.lower().replace("’", "'")


def _family(word: Word) -> str:
    return "Hani" if word.script == "Kana" else word.script


def _language(words: list[Word], family: str, detector: Detector) -> str | None:
    if family == "Hani":
        kana = sum(len(word.text) for word in words if word.script == "Kana")
        han = sum(len(word.text) for word in words if word.script == "Hani")
        if kana:
            return "ja" if kana >= 0.15 * (kana + han) else "zh"
        return chinese_or_japanese(words, japanese_expected=False)[0]
    lows = list(map(_lowered, words))
    labels = detector.labels(" ".join(lows), 2)
    votes: Counter[str] = Counter()
    for low in lows:
        votes.update(COMMON.get(low, ()))
    ranked = votes.most_common(2)
    code, chance = labels[0] if labels else ("", 0.0)
    if chance >= _LEAST_CHANCE:
        spoken = max((votes[accepted] for accepted in target_of(code).accepted), default=0)
        return code if chance >= _SURE or not ranked or ranked[0][1] <= spoken else None
    if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]) and (not labels or votes[code]):
        return ranked[0][0]
    return None if family in _OF_MANY_LANGUAGES else LANGUAGE_OF.get(family)
