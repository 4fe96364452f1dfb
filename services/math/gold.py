"""Reads ground truths, which are often whole solutions: ``… #### 18``, ``… A: 18``, a box.

A ground truth is trusted, so its last box or closing line is the answer; text without either is the answer
itself. Being read once per batch, it costs the same however many responses share it.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from guerdon.services.math.boxes import scan_boxes
from guerdon.services.math.guard import CostLimits, too_costly
from guerdon.services.math.hedging import last_offer
from guerdon.services.math.normalize import normalize
from guerdon.services.math.phrases import announced_answer
from guerdon.services.math.values import word_count

MAX_GOLD_CHARS = 200_000
"""Longest ground truth that is read, in characters."""
_CLOSING_MARK = re.compile(r"(?:^|\n)\s*(?:####|A[ \t]*:)[ \t]*([^\n]*\S)\s*$|####[ \t]*([^\n]*\S)\s*$")
_UNCLOSED_BOX = re.compile(r"\\\\?(?:boxed|fbox)\s*\{")
_MIN_PROSE_WORDS = 4


class Gold(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted answer."""

    parts: tuple[str, ...]
    """Normalised; several where several boxes belong together; empty where nothing is left."""
    shown: str
    """The answer as the ground truth writes it."""
    cost: str
    """Why evaluating it is too costly, or empty."""


@lru_cache(maxsize=1024)
def read_gold(text: str, limits: CostLimits) -> Gold:
    """Find and normalise the answer in a ground truth."""
    if len(text) > MAX_GOLD_CHARS:
        return Gold(parts=(text.strip(),), shown=text, cost=f"is {len(text)} characters long")
    written = _answer_texts(text)
    parts = tuple(part for part in map(normalize, written) if part)
    cost = next((cost for part in parts if (cost := too_costly(part, limits))), "")
    return Gold(parts=parts, shown=", ".join(written), cost=cost)


def _answer_texts(text: str) -> tuple[str, ...]:
    text = text.strip()
    if marked := _CLOSING_MARK.search(text[-2000:]):
        return (marked[1] or marked[2],)
    boxes = scan_boxes(text).closed
    if boxes:
        group = boxes[last_offer([(box.start, box.end) for box in boxes], text) :]
        return tuple(dict.fromkeys(box.content for box in group))
    if unclosed := _UNCLOSED_BOX.search(text):
        return (text[unclosed.end() :],)
    if word_count(text) >= _MIN_PROSE_WORDS and (announced := announced_answer(text, 0)):
        return tuple(text[atom.start : atom.end] for atom in announced.answers)
    return (text,)
