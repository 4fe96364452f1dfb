"""The phrases that announce an answer, in English, Chinese, German, Korean, Turkish and some more languages.

The quantifiers over running text are bounded, so that looking for a phrase is linear in the length of a text.
"""

from __future__ import annotations

from guerdon.services.math.patterns import any_of, words

_LINE = r"(?:^|(?<=\n))[ \t>*#_\-]*"
"""The beginning of a line, with the marks of lists, quotes and headings."""
_COLON = r"[*_`\"']*\s*[:：]\s*[*_`\"']*"
_TOPIC = r"(?:\s+(?:to|for|of|choice|option|in)\b[^.\n:]{0,100}?)?[*_`\"']*"
"""What may stand between "answer" and "is": "to the question"."""
_IS = r"(?:\b(?:is|are|was|would be|should be|must be|will be|equals)\b[*_`]*\s*[:：]?|[:：=])\s*"
_LABELS = (
    "(?:the )?final answer", "answer", "ans", "antwort", "endergebnis", "ergebnis", "cevap", "yanıt",
    "sonuç",
    "respuesta(?: final)?", "réponse(?: finale)?", "risposta", "resposta", "ответ",
)  # fmt: skip
_VALUE_AHEAD = r"(?=[-+$€£¥₹(\[{\\.*]*[ \t]*[\d\\]|[A-Za-z][ \t]*(?:[\n=]|$))"

FINAL = any_of(
    rf"####[ \t]*(?!\d+[.)][ \t]+\S){_VALUE_AHEAD}",
    rf"{_LINE}A[ \t]*:[ \t]*(?![^\n]*\n\s*B[ \t]*[:.)])",
    rf"{_LINE}(?:{'|'.join(_LABELS)}){_COLON}",
    rf"\bfinal answer{_TOPIC}(?:\s+(?:is|would be|should be)\b[*_`]*\s*[:：]?|\s*[:：=]|\s*[*_`]*\n)\s*",
    r"(?:最终)?答案?\s*[:：]\s*",
    r"최종\s*답(?:안)?(?:은|는|\s*[:：])\s*",
    r"정?답\s*[:：]\s*",
)
"""Phrases that settle the answer."""

PLAIN = any_of(
    rf"\banswers?{_TOPIC}\s*{_IS}",
    rf"{_LINE}answer\s+(?=[$\\\d])",
    r"\bI (?:choose|pick|select|would choose|go with)\s+(?=[*(]*[A-J][*).]*(?:\s|$))",
    r"\b(?:correct|right) (?:option|choice|answer|value)\s*(?:is\b|[:：])\s*",
    r"\b(?:option|choice)\s+is\s+",
    r"\b(?:solutions?|roots?|result) (?:is|are)\s+(?=[-$\\\d(x{])",
    r"\b(?:(?:die|unsere) )?(?:(?:richtige|korrekte|endgültige|gesuchte) )?"
    r"(?:antwort|lösung)\s*(?:ist|lautet|beträgt)\s*:?\s*",
    r"\bdas (?:end)?ergebnis\s*(?:ist|lautet|beträgt|:)\s*",
    r"(?:正确)?答案(?:就?是|为|应该是)\s*",
    r"(?:故|所以|因此|应)选\s*",
    r"结果(?:是|为|[:：])\s*",
    r"(?:정답|답|답안|결과)(?:은|는|이|가)\s*",
    r"\b(?:doğru )?(?:cevap|cevabı|cevabımız|yanıt|yanıtı)\s*[:：,]?\s*",
    r"\bsonuç\s*[:：=]?\s*(?=[-$\\\d])",
    r"\bla respuesta(?: final| correcta)? es\s*:?\s*",
    r"\bla réponse(?: finale)? est\s*:?\s*",
    r"\bla risposta(?: finale)? è\s*:?\s*",
    r"\ba resposta(?: final)? é\s*:?\s*",
    r"答えは\s*",
    r"ответ\s*[—-]\s*",
)
"""Phrases whose answer a later one may correct or multiply."""

SUPPOSED = any_of(
    r"\b(?:if|suppose|assume|assuming|whether|unless|imagine|says?|claims?)\s+(?:that\s+)?"
    r"(?:the|my|our|its|your)?\s*(?:\w+\s+)?$",
    r"\b(?:reference|gold(?:en)?|official|ground[- ]truth)\s+$",
)
"""Ends the text before a phrase that considers or attributes an answer instead of giving it."""

NEGATION = any_of(r"\W*(?:not|nicht|isn't|不是|değil)\b")
CONTRAST = any_of(r"\b(?:but|sondern|rather)\b\s*(?:rather\b)?\s*")
FILLER = any_of(
    r"(?:[\s*_`:：,]|"
    + words(
        "therefore", "thus", "hence", "then", "simply", "just", "indeed", "clearly", "now", "that",
        "is", "be",
        "option", "choice", "also", "equal to", "given by", "approximately", "about", "exactly", "actually",
        "likely", "probably", "definitely", "either", "the number", "the value", "somit", "also", "daher",
    )
    + ")+"
)  # fmt: skip
"""Words between the phrase and the value."""
AFTERTHOUGHT = any_of(
    r",?\s+"
    + words(
        "because", "since", "which", "as", "so", "where", "when", "for", "after", "if", "due",
        "considering",
        "based", "and thus", "and therefore", "and so", "and hence", "and it", "weil", "denn", "da",
    ),
    r"\s+[(（](?!\w?[)）])",
    r"\s+[-—–]\s",
    r"[，,]\s*因为",
    r"입니다|이다|예요|이에요",
    r"'?[dt][ıiuü]r\b|\s+ol(?:ur|arak)\b",
)  # fmt: skip
"""Where the value ends and a reason begins."""
OPTION = any_of(r"[*_(（]*[A-J](?:[)）][.:]?|[.:])(?=[\s*_]|$)")
OR_ELSE = any_of(
    r"\W*(?:or|alternatively|otherwise|maybe|perhaps|another possib\w*|oder)\b",
    r"\W*it (?:could|might|may)(?: also)? be\b",
    r"\W*(?:或者|也可能|또는)",
)
"""Begins a sentence that offers one more answer."""
