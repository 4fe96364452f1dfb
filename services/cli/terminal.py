"""What reaches the terminal: text made harmless, and consoles that never interpret it as markup.

Completions are hostile. Written as they are, they could move the cursor, rename the window or reorder what a
person reads, so every character that is not plainly visible is shown as its escape.
"""

from __future__ import annotations

import sys
import unicodedata
from typing import TextIO

from rich.console import Console
from rich.text import Text

PLAIN_WIDTH = 160
"""Columns of output that goes to a file or a pipe."""

_SHORT_FORMS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """The text with every control, formatting and unassigned character replaced by its escape."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or unicodedata.category(char) == "Zs" else _escape(char) for char in text
    )


def shortened(text: str, chars: int) -> str:
    """The visible text cut in its middle to at most ``chars`` characters, so that its end is seen too."""
    # Cut first: a megabyte need not be escaped to show a line of it.
    whole = len(text) <= chars
    shown = visible(text if whole else text[:chars] + text[-chars:])
    if whole and len(shown) <= chars:
        return shown
    head = (chars - 1) * 2 // 3
    return f"{shown[:head]}…{shown[len(shown) - (chars - 1 - head) :]}"


def cell(text: str, style: str = "") -> Text:
    """Text for a table, taken literally."""
    return Text(text, style=style)


def console(stream: TextIO | None = None) -> Console:
    """A console on a stream (standard output by default) that prints text literally."""
    file = sys.stdout if stream is None else stream
    width = None if file.isatty() else PLAIN_WIDTH
    return Console(file=file, width=width, markup=False, highlight=False, emoji=False)


def say(message: str) -> None:
    """Write one message for people to standard error, each line made harmless."""
    print("\n".join(visible(line) for line in message.split("\n")), file=sys.stderr, flush=True)


def _escape(char: str) -> str:
    if char in _SHORT_FORMS:
        return _SHORT_FORMS[char]
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
