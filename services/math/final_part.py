"""The final part of a completion as one text whose offsets lead back to the completion."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from guerdon.services.contract import Completion
from guerdon.services.contract.completion import Span
from guerdon.services.math.sentences import end_of_response

MAX_FINAL_CHARS = 1 << 18
"""An answer is looked for in this many characters at the end of the final part."""


class FinalPart(msgspec.Struct, frozen=True):
    """A text put together from pieces of a completion, in order, with a line break between them."""

    text: str
    """The text."""
    starts: tuple[int, ...]
    """Offset in ``text`` where each piece begins."""
    origins: tuple[int, ...]
    """Offset in the completion where each piece begins."""

    @classmethod
    def of(cls, completion: Completion) -> FinalPart:
        """What follows the thoughts, up to the end of the model's turn."""
        return cls._of_spans(completion.text, completion.final)

    @classmethod
    def of_span(cls, text: str, span: Span) -> FinalPart:
        """One range of a completion."""
        return cls._of_spans(text, (span,))

    @classmethod
    def _of_spans(cls, text: str, spans: Sequence[Span]) -> FinalPart:
        pieces: list[str] = []
        starts: list[int] = []
        origins: list[int] = []
        position = 0
        for start, end in _last_chars(spans):
            pieces.append(text[start:end])
            starts.append(position)
            origins.append(start)
            position += end - start + 1
        joined = "\n".join(pieces)
        return cls(joined[: end_of_response(joined)], tuple(starts), tuple(origins))

    def span(self, start: int, end: int) -> Span:
        """The same range as offsets into the completion."""
        return self._origin(start), self._origin(max(start, end - 1)) + (end > start)

    def _origin(self, offset: int) -> int:
        piece = bisect_right(self.starts, offset) - 1
        return self.origins[piece] + offset - self.starts[piece]


def _last_chars(spans: Sequence[Span]) -> list[Span]:
    kept: list[Span] = []
    left = MAX_FINAL_CHARS
    for start, end in reversed(spans):
        if left <= 0:
            break
        kept.append((max(start, end - left), end))
        left -= end - start + 1
    return kept[::-1]
