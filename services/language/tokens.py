"""Cuts a stripped text into sentences, and a sentence into words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from guerdon.services.language.scripts import CASED_NEIGHBOURS, CLAUSE, END, QUOTE, SKIP, TOKEN

MIXED = "mixed"
"""Stands for the script of a word in letters of several look-alike scripts."""
_LONGEST, _SHORTEST = 480, 240
"""Characters after which a sentence is cut, and before which it is not."""
_BLOCK = 400
"""Characters that a block has at least, but for the last."""


class Word(NamedTuple):
    """A word, or a run of a script without spaces."""

    script: str
    """Its script, or ``mixed``."""
    text: str
    """As written."""
    start: int
    """Offset of its first character."""
    end: int
    """Offset after its last character."""
    clause: int
    """Number of its clause in the sentence; quotation marks separate clauses too."""
    quote: int
    """Number of the quotation it stands in; 0 outside."""


def blocks_of(text: str) -> Iterator[tuple[int, int]]:
    """Where blocks of whole sentences stand that together are the text; linear time."""
    start = 0
    while start < len(text):
        border = END.search(text, start + _BLOCK)
        end = border.end() if border else len(text)
        yield start, end
        start = end


def sentences_of(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text stand; a very long one is cut between words; linear time."""
    end = len(text) if end is None else end
    for border in END.finditer(text, start, end):
        stop = border.start()
        if stop - start > _LONGEST:
            yield from _cut(text, start, stop)
        elif start < stop:
            yield start, stop
        start = stop + 1
    yield from _cut(text, start, end)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _LONGEST:
        space = text.rfind(" ", start + _SHORTEST, start + _LONGEST)
        middle = space if space >= 0 else start + _LONGEST
        yield start, middle
        start = middle
    if start < end:
        yield start, end


def words_of(text: str, start: int, end: int) -> tuple[list[Word], int]:
    """The words of a sentence, and how many of its tokens are numbers or identifiers."""
    words: list[Word] = []
    skipped = clause = quote = 0
    quoted = False
    done = -1
    for token in TOKEN.finditer(text, start, end):
        kind = token.lastgroup
        if kind == SKIP:
            skipped += 1
        elif kind == CLAUSE:
            clause += 1
        elif kind == QUOTE:
            clause += 1
            quoted = _opens(token[0], quoted)
            quote += quoted
        else:
            start, stop = token.span()
            word = Word(str(kind), token[0], start, stop, clause, quote * quoted)
            if start == done:
                _add(words, word)
            else:
                words.append(word)
            done = stop
    return words, skipped


def _opens(mark: str, quoted: bool) -> bool:
    """Whether a quotation is open after a mark; German opens with the mark that English closes with."""
    return not quoted if mark in '"“”' else mark in "「『„«《〈"


def _add(words: list[Word], word: Word) -> None:
    """Add a word; one that touches the last in a look-alike script is the rest of a disguised word."""
    last = words[-1] if words else None
    touches = last is not None and last.end == word.start and word.script in CASED_NEIGHBOURS
    if last is not None and touches and (last.script in CASED_NEIGHBOURS or last.script == MIXED):
        words[-1] = last._replace(script=MIXED, text=last.text + word.text, end=word.end)
    else:
        words.append(word)
