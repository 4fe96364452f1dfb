"""What kind of thing an answer is: a quantity, a list, an interval, a choice, words, or some expression.

``understand`` looks at a normalised text and never fails: what fits no other kind is an :class:`Expression`.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal, NamedTuple

from guerdon.services.math.brackets import enclosing_pair, split_top_level
from guerdon.services.math.equations import is_name, strip_assignment
from guerdon.services.math.numerals import plain_number
from guerdon.services.math.quantities import Quantity, parse_quantity


class Ratio(NamedTuple):
    """``3:4:5``, at least two numbers."""

    terms: tuple[Fraction, ...]


class Clock(NamedTuple):
    """A time of day."""

    minutes: int
    """Minutes since midnight."""
    meridian: Literal["am", "pm", ""]
    """Empty where the text does not say; the hour may then be either."""
    terms: tuple[Fraction, ...]
    """Hour and minute as written: without a meridian the text may be a ratio."""


class Choice(NamedTuple):
    """A letter that may stand for one of several given choices."""

    letter: str
    marked: bool
    """Whether brackets or punctuation show that the letter is no variable."""
    rest: str
    """The text of the choice, such as ``12`` in ``(B) 12``, or empty."""


class Congruence(NamedTuple):
    """``x ≡ residue (mod modulus)``."""

    residue: int
    modulus: int


class Collection(NamedTuple):
    """Several values."""

    kind: Literal["list", "set", "bracketed", "union", "matrix"]
    """``bracketed`` are tuples and intervals: order and brackets matter."""
    items: tuple[str, ...]
    opening: str = ""
    """``(`` or ``[`` of the bracketed kind."""
    closing: str = ""
    alternatives: bool = False
    """Joined by "or": guesses, unless the ground truth is that list."""
    width: int = 0
    """Columns of a matrix; its items are row after row."""
    variable: str = ""
    """The variable of an inequality that was read as an interval."""


class Words(NamedTuple):
    """Plain language."""

    key: str
    """The words in lower case, without those that carry no meaning."""


class Expression(NamedTuple):
    """Anything that needs a parser."""

    text: str


Shape = Quantity | Ratio | Clock | Choice | Congruence | Collection | Words | Expression

_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)\s*(a\.?m\.?|p\.?m\.?)?|(\d{1,2})\s*(a\.?m\.?|p\.?m\.?)", re.IGNORECASE)
_COLON = re.compile(r"\s*:\s*|\s+to\s+")
_CHOICE = re.compile(
    r"(?:(?:option|choice|answer)\s+)?\(([A-Ja-j])\)\s*[.:]?(.*)|([A-J])[.):](?=\s|$)(.*)|(?:option|choice)\s+([A-J])",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[A-Za-z]")
_CONGRUENCE = re.compile(
    r"(?:[a-z]\s*(?:\\equiv|=)\s*)?(-?\d{1,18})\s*(?:\\pmod|\(\\bmod|\\bmod|\(mod|mod)\s*\{?\s*(\d{1,18})\s*\}?\)?"
)
_SEMICOLON = re.compile(";")
_COMMA = re.compile(r"[,;]")
_AND_OR = re.compile(
    r"\s*[,;]?\s+(?:and|or|und|oder|ve|veya)\s+(?:maybe |perhaps |possibly )?"
    r"|\\(?:land|lor|wedge|vee)(?![A-Za-z])|\s*[和或与]\s*"
)
_OR = re.compile(r"\s(?:or|oder|veya)\s|\\(?:lor|vee)(?![A-Za-z])|或")
_CUP = re.compile(r"\\cup(?![A-Za-z])|(?<=[)\]])\s*U\s*(?=[(\[])")
_DESCENDING = {">": "<", r"\geq": r"\leq"}
_RELATION = re.compile(r"\\leq|\\geq|<|>")
_MATRIX = re.compile(
    r"\\begin\s*\{([pb]?matrix|array|cases|smallmatrix)\}(?:\{[clr|\s]*\})?(.*)\\end\s*\{\1\}", re.DOTALL
)
_ROW = re.compile(r"\\\\")
_COLUMN = re.compile(r"&")
_SUCH_THAT = re.compile(r"\(?\s*[a-z]\s*(?:\\in\s*\\mathbb\s*\{?[A-Z]\}?\s*)?\)?\s*(?:\\mid(?![A-Za-z])|\||:)")
_POINT = re.compile(r"^[A-Z]'? ?(?=\([^()]*,)")
_PLUS_MINUS = re.compile(r"\\(pm|mp)(?![A-Za-z])")
_COMMAND = re.compile(r"\\(?:begin|end|mathbb|mathcal)\s*\{[^{}]*\}|\\[A-Za-z]+")
_WORD = re.compile(r"[^\W\d_]+")
_EMPTY_WORDS = frozenset(["the", "a", "an", "is", "are", "it", "its", "there", "that", "this", "of", "be"])
_SAME_WORDS = {
    "no solution": r"\emptyset", "no solutions": r"\emptyset", "no real solution": r"\emptyset",
    "no real solutions": r"\emptyset", "none": r"\emptyset", "empty set": r"\emptyset",
    "no such": r"\emptyset",
    "infinitely many solutions": "infinitely many", "infinite": "infinitely many",
    "infinite solutions": "infinitely many",
    "does not exist": "dne", "undefined": "dne", "all real numbers": r"\mathbb{R}",
    "all reals": r"\mathbb{R}",
    "real numbers": r"\mathbb{R}", "reals": r"\mathbb{R}",
}  # fmt: skip
_REALS = Collection("bracketed", (r"-\infty", r"\infty"), "(", ")")
_NOON, _LAST_HOUR = 12, 24
_MIN_WORD = 4
_MAX_ITEM_WORDS = 3


def understand(text: str) -> Shape:
    """The kind of a normalised text."""
    if (time := _time_of_day(text)) is not None:
        return time
    if (quantity := parse_quantity(text)) is not None:
        return quantity
    return _small(text) or _several(text) or _language(text) or Expression(text)


def _small(text: str) -> Shape | None:
    if found := _CONGRUENCE.fullmatch(text):
        modulus = int(found[2])
        return Congruence(int(found[1]) % modulus, modulus) if modulus else None
    if found := _CHOICE.fullmatch(text):
        letter = found[1] or found[3] or found[5]
        rest = (found[2] or found[4] or "").strip()
        return Choice(letter, marked=True, rest=rest)
    if _LETTER.fullmatch(text):
        return Choice(text, marked=False, rest="")
    if ":" in text or " to " in text:
        terms = [plain_number(term) for term in _COLON.split(text)]
        numbers = tuple(term for term in terms if isinstance(term, Fraction))
        if 2 <= len(terms) == len(numbers):
            return Ratio(numbers)
    return None


def _several(text: str) -> Shape | None:
    if (matrix := _MATRIX.fullmatch(text)) is not None and "\\begin" not in matrix[2]:
        return _matrix(matrix[1], matrix[2])
    text = _POINT.sub("", text)
    if (pair := enclosing_pair(text)) is not None and (enclosed := _enclosed(*pair)) is not None:
        return enclosed
    if len(parts := split_top_level(text, _CUP)) > 1:
        return Collection("union", tuple(parts))
    if (interval := _interval(text)) is not None:
        return interval
    return _listed(text) or _plus_minus(text)


def _enclosed(opening: str, content: str, closing: str) -> Shape | None:
    items = tuple(split_top_level(content, _COMMA))
    if opening == r"\{":
        if described := _SUCH_THAT.match(content):
            return _interval(content[described.end() :].strip())
        return Collection("set", items) if len(items) > 1 else understand(content)
    if opening == "{":
        return understand(content)
    opening, closing = opening.replace(r"\langle", "("), closing.replace(r"\rangle", ")")
    if len(items) == 1:
        return understand(content) if (opening, closing) == ("(", ")") else None
    if not all(items):
        return None
    first = "(" if "infty" in items[0] else opening
    last = ")" if "infty" in items[-1] else closing
    return Collection("bracketed", items, first, last)


def _listed(text: str) -> Shape | None:
    groups = split_top_level(text, _SEMICOLON)
    if len(groups) > 1 and any(len(split_top_level(group, _COMMA)) > 1 for group in groups):
        return Collection("list", tuple(f"({group})" for group in groups if group))
    parts = [part for piece in split_top_level(text, _AND_OR) for part in split_top_level(piece, _COMMA)]
    items = tuple(part for part in parts if part)
    if len(parts) < 2 or not items:
        return None
    either = len(split_top_level(text, _OR)) > 1
    if either and len(items) > 1 and all(_interval(item) for item in items):
        return Collection("union", items)
    if any(
        isinstance(shape, Words) and len(shape.key.split()) > _MAX_ITEM_WORDS for shape in map(_language, items)
    ):
        return None
    return Collection("list", items, alternatives=either) if len(items) > 1 else understand(items[0])


def _plus_minus(text: str) -> Shape | None:
    if len(_PLUS_MINUS.findall(text)) != 1:
        return None
    plus, minus = _PLUS_MINUS.sub("+", text).removeprefix("+").strip(), _PLUS_MINUS.sub("-", text)
    return Collection("list", (plus, minus))


def _interval(text: str) -> Collection | None:
    """An inequality in one variable as an interval, or None."""
    signs = _RELATION.findall(text)
    if not 1 <= len(signs) <= 2 or "=" in text:
        return None
    terms = split_top_level(text, _RELATION)
    if len(terms) != len(signs) + 1 or not all(terms):
        return None
    if all(sign in _DESCENDING for sign in signs):
        terms, signs = terms[::-1], [_DESCENDING[sign] for sign in signs[::-1]]
    elif any(sign in _DESCENDING for sign in signs):
        return None
    if len(terms) == 2:
        if is_name(terms[0]) == is_name(terms[1]):
            return None
        terms = [r"-\infty", *terms] if is_name(terms[0]) else [*terms, r"\infty"]
        signs = ["<", *signs] if terms[0] == r"-\infty" else [*signs, "<"]
    if not is_name(terms[1]):
        return None
    opening, closing = "[" if signs[0] != "<" else "(", "]" if signs[1] != "<" else ")"
    return Collection("bracketed", (terms[0], terms[2]), opening, closing, variable=terms[1])


def _matrix(environment: str, body: str) -> Shape | None:
    rows = [split_top_level(row, _COLUMN) for row in split_top_level(body, _ROW) if row.strip()]
    if not rows or len({len(row) for row in rows}) > 1:
        return None
    items = tuple(strip_assignment(item)[1] if environment == "cases" else item for row in rows for item in row)
    if environment == "cases":
        return Collection("list", items) if len(rows[0]) == 1 and len(items) > 1 else None
    if len(items) > 1 and 1 in (len(rows), len(rows[0])):
        return Collection("bracketed", items, "(", ")")
    return Collection("matrix", items, width=len(rows[0]))


def _time_of_day(text: str) -> Clock | None:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour, minute = int(found[1] or found[4]), int(found[2] or 0)
    written = (Fraction(hour), Fraction(minute))
    mark = (found[3] or found[5] or "").lower()
    if not mark:
        return Clock(hour * 60 + minute, "", written) if hour <= _LAST_HOUR else None
    if not 1 <= hour <= _NOON:
        return None
    afternoon = mark[0] == "p"
    return Clock((hour % _NOON + _NOON * afternoon) * 60 + minute, "pm" if afternoon else "am", written)


def _language(text: str) -> Shape | None:
    plain = _COMMAND.sub(" ", text)
    words = [word.lower() for word in _WORD.findall(plain) if word.lower() not in _EMPTY_WORDS]
    key = " ".join(words)
    same = _SAME_WORDS.get(key, key) if "\\" not in text else text
    if same == r"\mathbb{R}":
        return _REALS
    if same == r"\emptyset":
        return Words(same)
    if (
        text.isascii()
        and not any(len(word) >= _MIN_WORD for word in words)
        and key not in ("yes", "no", "odd", "dne")
    ):
        return None
    if not words or any(word in text for word in ("=", "^", "\\frac", "\\sqrt")):
        return None
    return Words(
        same if not any(sign.isdigit() for sign in text) else f"{same} {''.join(filter(str.isdigit, text))}"
    )
