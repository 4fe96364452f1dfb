"""Answers without any announcement: a final part that is nothing but one, or the value it closes with.

The last number of a text is often no answer: a number quoted from the question, a step of a derivation that
breaks off, a refusal. So a closing value counts only where the sentence it stands in ends and concludes.
"""

from __future__ import annotations

import re

from guerdon.services.math.patterns import any_of, words
from guerdon.services.math.sentences import addresses_verifier, sentences
from guerdon.services.math.values import Atom, formulas, value_groups, word_count

_MAX_BARE_CHARS = 400
_MAX_BARE_WORDS = 3
_LOOK_BACK = 3
_NEAR_CHARS = 150
"""A value further from the beginning of its sentence is not governed by it: the text lacks full stops."""
_STARTS_LIKE_A_VALUE = re.compile(
    r"[-+$€£¥₹₩₺\\(\[{<|\d√∞π½¼¾⅓⅔−]|\.\d|[A-Za-z](?![A-Za-z])|\w{1,12}(?:\([\w,\s]{1,12}\))?\s*[=≈:∈<>≤≥]"
)
_LABEL = re.compile(r"[^\W\d_][^\n\d=$\\:：]{0,40}[:：]\s*(?=[-+$€£\\(\[{\d])")
_CONCLUDES = any_of(
    words(
        "so", "thus", "therefore", "hence", "in total", "total", "altogether", "overall", "in all",
        "finally", "answer",
        "result", "final", "we get", "we have", "gives", "equals?", "is left", "are left",
        r"remain\w*", "leaves", "makes",
        "will", "must be", "also", "daher", "somit", "folglich", "insgesamt", "toplam", "sonuç",
    ),
    r"[=＝∴]|\\therefore",
    "所以|因此|一共|总共|共有|따라서|그러므로|총",
)  # fmt: skip
_FAREWELL = any_of(
    r"(?:i )?hope|let me know|feel free|thank|good luck|is there anything|happy to",
    r"this (?:is|matches|confirms|completes|makes sense|answer)",
    r"(?:q\.?e\.?d|done|∎|□)\W*$|\W*$",
)
_REFUSES = any_of(
    words(
        "don'?t", "do not", "can ?not", "can'?t", "couldn'?t", "could not", "unable", "not able",
        "not sure", "unsure",
        "no idea", "unclear", "impossible to", "not possible", "not enough", "insufficient", "didn'?t",
        "haven'?t",
        "gave up", "give up", "guess",
    ),
    "不知道|无法|不能确定|weiß (?:es )?nicht|모르",
)  # fmt: skip
_QUOTES = any_of(
    words("question", "problem", "prompt", "task", "puzzle", "exercise")
    + r".{0,60}\b(?:say|state|mention|ask|give|is about|talk|tell|involve|contain)s?\b",
    r"\byou (?:said|asked|mentioned|gave|told)\b|\b(?:we are|i am|i was|was) (?:given|told|asked)\b",
    r"\b(?:the )?given (?:number|value|information)\b",
)
_BEGINS = any_of(r"\W*(?:step \d|first(?:ly)?\b|to start|we start|erstens|首先)")
_SUPPOSES = any_of(
    r"\W*(?:suppose|assum(?:e|ing)|imagine|let|consider|if)\b(?!.*\b(?:then|so|we get)\b)|假设|设|angenommen"
)
_NEGATES = any_of(r"(?:\bnot|n't|\bnever|\bnicht|不是|değil)\W{0,8}(?:equal to |be )?$")
_CONTINUES = any_of(
    r"(?:next|then|now|first|second|let'?s|let us|after that|step \d)\b",
    r"(?:we (?:need|must|have to|should|can)|i (?:need|must|will|should))\b|接下来|然后|首先|现在",
)
_COMPLETE = re.compile(r"[.!?。！？)\]}$\"'”*_`|%°~✓✅:]$")
_DANGLING = any_of(
    words(
        "and", "or", "the", "a", "an", "of", "to", "then", "we", "is", "are", "so", "which", "that",
        "by", "with", "for",
        "from", "in", "because", "when", "if", "plus", "minus", "times", "get", "need", "now", "it", "this",
    )
    + "$"
)  # fmt: skip


def bare_answer(text: str) -> Atom | None:
    """The whole text where it is nothing but a short answer, or None."""
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    body = text[start:end]
    if not 0 < len(body) <= _MAX_BARE_CHARS or body.endswith(("?", "？")):
        return None
    if label := _LABEL.match(body):
        start, body = start + label.end(), body[label.end() :]
    lines = [line for line in body.splitlines() if line.strip()]
    is_formula = len(found := formulas(body)) == 1 and found[0][0] == (0, len(body))
    if len(lines) > 1 and not is_formula:
        return None
    if word_count(body) > _MAX_BARE_WORDS or _REFUSES.search(body) or _DANGLING.search(body):
        return None
    has_value = any(sign.isdigit() or sign == "\\" for sign in body)
    return Atom(start, end) if not has_value or _STARTS_LIKE_A_VALUE.match(body) else None


def closing_value(text: str, start: int, prompt: str) -> tuple[Atom, ...]:
    """The last value of the closing sentence, or nothing.

    Args:
        text: the final part of a completion.
        start: offset to begin at.
        prompt: the question; a sentence copied from it holds no answer.
    """
    passed_over = 0
    for sentence in reversed(sentences(text, start, len(text))):
        body = text[sentence.start : sentence.end]
        if addresses_verifier(body):
            continue
        groups = value_groups(body)
        if groups:
            last = groups[-1]
            if not _is_answer(
                body, last, prompt, is_last=passed_over == 0, ends_text=sentence.end == len(text.rstrip())
            ):
                return ()
            return (Atom(sentence.start + last[0].start, sentence.start + last[-1].end),)
        if not _FAREWELL.match(body):
            if passed_over == _LOOK_BACK or _REFUSES.search(body) or _CONTINUES.match(body) or not _ends(body):
                return ()
            passed_over += 1
    return ()


def _is_answer(sentence: str, value: list[Atom], prompt: str, *, is_last: bool, ends_text: bool) -> bool:
    if _REFUSES.search(sentence) or _QUOTES.search(sentence) or sentence.rstrip("\"'*_ ").endswith(("?", "？")):
        return False
    if _is_copied(sentence, prompt):
        return False
    is_near = value[0].start <= _NEAR_CHARS
    if _NEGATES.search(sentence[: value[0].start]) or (is_near and _SUPPOSES.match(sentence)):
        return False
    rest = sentence[value[-1].end :]
    if ends_text and rest.strip(" \t*_`$.,;") and not _ends(sentence):
        return False
    concludes = _CONCLUDES.search(sentence) and not (is_near and _CONTINUES.match(sentence))
    is_quoted = _stands_in(sentence[value[-1].start : value[-1].end], prompt)
    return bool(concludes) or (is_last and not is_quoted and not (is_near and _BEGINS.match(sentence)))


def _ends(sentence: str) -> bool:
    """Whether a sentence is complete rather than broken off."""
    return _COMPLETE.search(sentence) is not None or (word_count(sentence) <= 4 and not _DANGLING.search(sentence))


def _is_copied(sentence: str, prompt: str) -> bool:
    return len(sentence) > 20 and " ".join(sentence.split()) in " ".join(prompt.split())


def _stands_in(value: str, prompt: str) -> bool:
    return bool(prompt) and re.search(rf"(?<![\w.]){re.escape(value.strip(' $.'))}(?![\w])", prompt) is not None
