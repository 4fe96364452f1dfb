"""Parameters of the reward ``format``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from guerdon.services.contract import Params
from guerdon.services.format.blank import is_blank

ProfileName = Literal[
    "r1_zero",
    "r1_zero_prefilled",
    "think_summary",
    "think_summary_prefilled",
    "special_token",
    "boxed",
    "code_block",
]


def _visible(text: str) -> str:
    if is_blank(text):
        raise ValueError("has no visible character")
    return text


_Literal = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_visible)]


class FormatParams(Params):
    """What layout a completion was asked for."""

    profile: ProfileName = "r1_zero"
    """The layout: ``r1_zero`` one think block, then one answer block; ``think_summary`` one think block, then a
    summary; both also ``_prefilled``, where the prompt template wrote ``<think>``; ``special_token`` the token,
    thoughts, the token, a summary; ``boxed`` exactly one box after the thoughts; ``code_block`` as ``r1_zero``
    with exactly one fenced block of ``language`` in the answer."""
    special_token: _Literal = "<|reasoning|>"  # noqa: S105 - a token of text, not a secret
    """The token before and after the thoughts in the profile ``special_token``."""
    language: _Literal = "python"
    """Language of the fenced block in the profile ``code_block``; aliases and case do not matter."""
    mask_code: bool = False
    """Whether tags and boxes inside Markdown code (closed fences, code spans) are passed over. By default they
    count, because the parser that a trainer runs over the same text counts them too."""
