"""Infers the target from the prompt: the language of the user's last message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from guerdon.services.contract import Message
from guerdon.services.language.aliens import LANGUAGE_OF
from guerdon.services.language.characters import undisguise
from guerdon.services.language.detector import Detector
from guerdon.services.language.han import chinese_or_japanese
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
    r"|^[ \t]*(?:Assistant|Answer)[ \t]*:|(?<=[.!?。\s])Assistant:|</?think>",
    re.MULTILINE,
)
_MOST_CHARS = 20_000
_MAIN_SHARE = 0.6
_LEAST_CHANCE = 0.5
_LEAST_UNITS = 1.5


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
    """The language of what the user said, or None where the text does not tell; never a guess.

    Args:
        text: what the user said.
        detector: tells languages of one script apart.
    """
    stripped = strip(undisguise(text).text)
    words = [word for start, end in sentences_of(stripped) for word in words_of(stripped, start, end)[0]]
    units: Counter[str] = Counter()
    for word in words:
        if len(word.text) > 1 or word.script in ("Hani", "Kana"):
            units[_family(word)] += words_in(word.script, word.text)  # type: ignore[assignment]
    if not units or sum(units.values()) < _LEAST_UNITS:
        return None
    family, most = units.most_common(1)[0]
    if most < _MAIN_SHARE * sum(units.values()):
        return None
    code = _language([word for word in words if _family(word) == family], family, detector)
    return target_of(code) if code in NAMES else None


def _family(word: Word) -> str:
    return "Hani" if word.script == "Kana" else word.script


def _language(words: list[Word], family: str, detector: Detector) -> str | None:
    if family == "Hani":
        kana = sum(len(word.text) for word in words if word.script == "Kana")
        han = sum(len(word.text) for word in words if word.script == "Hani")
        if kana:
            return "ja" if kana >= 0.15 * (kana + han) else "zh"
        return chinese_or_japanese(words, japanese_expected=False)[0]
    lows = [word.text.lower().replace("’", "'") for word in words]
    labels = detector.labels(" ".join(lows), 2)
    if labels and labels[0][1] >= _LEAST_CHANCE:
        return labels[0][0]
    votes: Counter[str] = Counter()
    for low in lows:
        votes.update(COMMON.get(low, ()))
    ranked = votes.most_common(2)
    if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]) and (not labels or votes[labels[0][0]]):
        return ranked[0][0]
    return (
        LANGUAGE_OF[family] if family in LANGUAGE_OF and family not in ("Latn", "Cyrl", "Arab", "Deva") else None
    )
