"""Takes a completion apart into what is counted: tokens, characters or words."""

from __future__ import annotations

import re

from guerdon.services.contract import Item, Verdict
from guerdon.services.shaping.params import Unit

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u2e80-\u2fff\u3001-\u30ff\u31f0-\u9fff\uf900-\ufaff\uff66-\uff9f"  # Han, kana
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
"""Scripts that are written without spaces between words."""
_WORD = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]++")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # controls that are no whitespace
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]++"
)
"""Controls, and what Unicode calls default ignorable: zero-width and direction characters, selectors, fillers."""
_UNSEEN_ASCII = {code: None for code in range(128) if _UNSEEN.match(chr(code))}
_UNSPACED_CHAR = re.compile(f"[{_UNSPACED}]")

Units = str | tuple[str, ...] | tuple[int, ...]
"""What a completion consists of: characters, words or token ids."""


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text: what whitespace parts, and each character of a script written without spaces.

    Characters that show nothing are left out, so that they cannot make one word look like two.
    """
    if text.isascii():
        return tuple(text.translate(_UNSEEN_ASCII).split())
    text = _UNSEEN.sub("", text)
    return tuple(_WORD.findall(text) if _UNSPACED_CHAR.search(text) else text.split())


def units_of(item: Item, unit: Unit) -> Units | None:
    """What a completion consists of, or None where it has text and no token ids came.

    An empty completion has no tokens, whether ids came or not.
    """
    match unit:
        case "tokens":
            return item.completion_ids if item.completion_ids or not item.completion else None
        case "characters":
            return item.completion
        case "words":
            return words_of(item.completion)


def length_of(item: Item, unit: Unit) -> int | None:
    """Length of a completion in units, or None where it has text and no token ids came."""
    units = units_of(item, unit)
    return None if units is None else len(units)


def no_token_ids() -> Verdict:
    """The verdict where tokens are to be counted and none came."""
    return Verdict.invalid(
        "no_token_ids",
        "tokens are to be counted and the item has no completion_ids; send them, or choose another unit",
    )
