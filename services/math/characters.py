"""Turns the characters people and models write into the LaTeX a parser reads.

Unicode digits of every script become ASCII, full-width forms become ordinary ones, and signs such as ``½``,
``x²``, ``√2``, ``∞`` or ``≤`` become commands. Linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SIGNS = {
    "∞": r"\infty ",
    "π": r"\pi ",
    "θ": r"\theta ",
    "α": r"\alpha ",
    "β": r"\beta ",
    "γ": r"\gamma ",
    "λ": r"\lambda ",
    "μ": r"\mu ",
    "φ": r"\phi ",
    "ω": r"\omega ",
    "√": r"\sqrt ",
    "×": r"\times ",
    "⋅": r"\cdot ",
    "·": r"\cdot ",
    "∗": "*",
    "÷": r"\div ",
    "∕": "/",
    "⁄": "/",
    "−": "-",
    "–": "-",
    "—": "-",
    "‐": "-",
    "‑": "-",
    "±": r"\pm ",
    "∓": r"\mp ",
    "≤": r"\leq ",
    "⩽": r"\leq ",
    "≦": r"\leq ",
    "≥": r"\geq ",
    "⩾": r"\geq ",
    "≧": r"\geq ",
    "≠": r"\neq ",
    "≈": r"\approx ",
    "≡": r"\equiv ",
    "∈": r"\in ",
    "∉": r"\notin ",
    "∪": r"\cup ",
    "∩": r"\cap ",
    "∅": r"\emptyset ",
    "∖": r"\setminus ",
    "ℝ": r"\mathbb{R}",
    "ℤ": r"\mathbb{Z}",
    "ℕ": r"\mathbb{N}",
    "ℚ": r"\mathbb{Q}",
    "ℂ": r"\mathbb{C}",
    "°": r"^\circ ",
    "º": r"^\circ ",
    "℃": r"^\circ C",
    "℉": r"^\circ F",
    "∘": r"\circ ",
    "⟨": r"\langle ",
    "⟩": r"\rangle ",
    "〈": r"\langle ",
    "〉": r"\rangle ",
    "∠": r"\angle ",
    "△": r"\triangle ",
    "…": "...",
    "⋯": "...",
    "’": "'",
    "‘": "'",
    "′": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "、": ",",
    "；": ";",
    "：": ":",
    "「": " ",
    "」": " ",
    "《": " ",
    "》": " ",
}
_SIGN_RUN = re.compile("[" + "".join(_SIGNS) + "]")
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+-=()ni", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙ", "0123456789+-=()n", strict=True))
_RAISED_RUN = re.compile("[" + "".join(_RAISED) + "]+")
_LOWERED_RUN = re.compile("[" + "".join(_LOWERED) + "]+")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_VULGAR = re.compile(r"(\d?)([¼-¾⅐-⅞↉])")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2060-\u2064\ufeff\u00ad]")
_SPACES = re.compile(r"\s+")


def to_ascii_math(text: str) -> str:
    """Rewrite unicode mathematics as LaTeX; what has no such form is left alone."""
    text = _INVISIBLE.sub("", text)
    if text.isascii():
        return text
    text = _VULGAR.sub(_vulgar_fraction, text)
    text = _RAISED_RUN.sub(lambda run: "^{" + "".join(_RAISED[sign] for sign in run[0]) + "}", text)
    text = _LOWERED_RUN.sub(lambda run: "_{" + "".join(_LOWERED[sign] for sign in run[0]) + "}", text)
    text = _SIGN_RUN.sub(lambda sign: _SIGNS[sign[0]], text)
    return _NON_ASCII.sub(lambda sign: _compatible(sign[0]), text)


def collapse_spaces(text: str) -> str:
    """Make every run of white space one blank, and none at the ends."""
    return _SPACES.sub(" ", text).strip()


def _vulgar_fraction(found: re.Match[str]) -> str:
    numerator, _, denominator = unicodedata.normalize("NFKC", found[2]).partition("\u2044")
    return f"{found[1]}{' ' if found[1] else ''}\\frac{{{numerator}}}{{{denominator}}}"


@lru_cache(maxsize=4096)
def _compatible(sign: str) -> str:
    if unicodedata.category(sign) == "Nd":
        return str(unicodedata.decimal(sign))
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) <= 4 else sign
