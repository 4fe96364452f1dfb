"""The one place that splits a completion into thoughts, final part and answer.

Policy (R1, arXiv 2501.12948, section 2.2): the answer is what follows the thoughts. Text in a think block, or
after an opening tag that is never closed, is never part of the answer; a completion that the token limit cut
off inside its thoughts has no final part at all. A closing tag without an opening one ends thoughts that the
prompt template opened. Later think blocks are cut out of the final part as well, so what stands between and
after them is all seen: an answer cannot be hidden from the check for several different answers.
"""

from __future__ import annotations

import msgspec

from guerdon.services.contract.items import Message

OPEN, CLOSE = "<think>", "</think>"
ANSWER_OPEN, ANSWER_CLOSE = "<answer>", "</answer>"

Span = tuple[int, int]
"""Half-open range of character offsets into the completion."""


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """A completion and where its parts stand."""

    text: str
    """The whole completion."""
    thoughts: tuple[Span, ...]
    """The contents of the think blocks, tags excluded."""
    final: tuple[Span, ...]
    """What follows the thoughts, in order; empty where the thoughts never end."""
    unclosed_thoughts: bool
    """Whether the last think block is never closed."""
    truncated: bool
    """Whether generation stopped at the token limit."""

    @property
    def thoughts_text(self) -> str:
        """The thoughts as one text."""
        return "\n".join(self.text[start:end] for start, end in self.thoughts)

    @property
    def final_text(self) -> str:
        """The final part as one text."""
        return "\n".join(self.text[start:end] for start, end in self.final)

    def answer_block(self) -> Span | None:
        """Span of the content of the last closed ``<answer>`` block in the final part, or None."""
        for start, end in reversed(self.final):
            close = self.text.rfind(ANSWER_CLOSE, start, end)
            opening = self.text.rfind(ANSWER_OPEN, start, close) if close >= 0 else -1
            if opening >= 0:
                return opening + len(ANSWER_OPEN), close
        return None


def split_completion(text: str, *, prefilled: bool = False, finish_reason: str = "") -> Completion:
    """Split a completion into thoughts and final part, in linear time.

    Args:
        text: the completion; any length.
        prefilled: the prompt template has already written the opening tag, so that a completion without a
            closing tag is all thoughts.
        finish_reason: ``length`` marks a completion that the token limit cut off.
    """
    thoughts: list[Span] = []
    final: list[Span] = []
    opening, closing = text.find(OPEN), text.find(CLOSE)
    in_thoughts = prefilled or (closing >= 0 and (opening < 0 or closing < opening))
    position = 0
    seen_thoughts = in_thoughts or opening >= 0
    while position <= len(text):
        if in_thoughts:
            end = text.find(CLOSE, position)
            thoughts.append((position, end if end >= 0 else len(text)))
            if end < 0:
                break
            position, in_thoughts = end + len(CLOSE), False
        else:
            end = text.find(OPEN, position)
            before_first_block = seen_thoughts and not thoughts
            if not before_first_block:
                final.append((position, end if end >= 0 else len(text)))
            if end < 0:
                break
            position, in_thoughts = end + len(OPEN), True
    return Completion(
        text=text,
        thoughts=tuple(thoughts),
        final=tuple(final),
        unclosed_thoughts=in_thoughts,
        truncated=finish_reason == "length",
    )


def completion_of_messages(messages: tuple[Message, ...]) -> str:
    """The text of the last assistant message, its split-off thoughts put back in a think block.

    Raises:
        ValueError: no message has the role ``assistant``.
    """
    for message in reversed(messages):
        if message.role == "assistant":
            if message.reasoning_content:
                return f"{OPEN}{message.reasoning_content}{CLOSE}{message.content}"
            return message.content
    raise ValueError("a completion given as messages needs one with the role 'assistant'")
