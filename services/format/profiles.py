"""The profiles: the layouts of the DeepSeek-R1 recipe (arXiv 2501.12948) and of its users, as data."""

from __future__ import annotations

from collections.abc import Mapping

from guerdon.services.contract.completion import ANSWER_CLOSE, ANSWER_OPEN, CLOSE, OPEN
from guerdon.services.format.layout import Block, Gap, Layout, Opening, Tag

THINK_OPEN, THINK_CLOSE = Tag("think_open", OPEN), Tag("think_close", CLOSE)
ANSWER_TAGS = Tag("answer_open", ANSWER_OPEN), Tag("answer_close", ANSWER_CLOSE)

_THINK = Block("thoughts", THINK_OPEN, THINK_CLOSE)
_PREFILLED = _THINK._replace(opened_by=Opening.TEMPLATE)
_ANY_THINK = _THINK._replace(opened_by=Opening.ANY)
_ANSWER = Block("answer", *ANSWER_TAGS)
_SUMMARY = Gap("summary")
_FINAL = Gap("final", may_be_blank=True)

R1_ZERO = Layout((_THINK, _ANSWER))
R1_ZERO_PREFILLED = Layout((_PREFILLED, _ANSWER))
THINK = Layout((_THINK,), after=_SUMMARY)
THINK_PREFILLED = Layout((_PREFILLED,), after=_SUMMARY)
BOXED = Layout((_ANY_THINK,), after=_FINAL)
BOXED_PREFILLED = Layout((_PREFILLED,), after=_FINAL)

PROFILES: Mapping[str, Layout] = {
    "r1_zero": R1_ZERO,
    "r1_zero_prefilled": R1_ZERO_PREFILLED,
    "think_summary": Layout((_THINK,), after=_SUMMARY, reserved=ANSWER_TAGS),
    "think_summary_prefilled": Layout((_PREFILLED,), after=_SUMMARY, reserved=ANSWER_TAGS),
    "boxed": BOXED,
    "code_block": R1_ZERO,
}
"""The layouts of the profiles that have no literals of the caller's."""


def token_layout(token: str) -> Layout:
    """The layout of R1's cold start: the token, thoughts, the token again, a summary."""
    tag = Tag("special_token", token)
    return Layout((Block("thoughts", tag, tag),), after=_SUMMARY)
