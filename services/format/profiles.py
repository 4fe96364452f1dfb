"""The profiles: the layouts of the DeepSeek-R1 recipe (arXiv 2501.12948) and of its users, as data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from guerdon.services.contract.completion import ANSWER_CLOSE, ANSWER_OPEN, CLOSE, OPEN
from guerdon.services.format.layout import Block, Layout, Opening, Tag
from guerdon.services.format.params import ProfileName

_THINK = Block("thoughts", Tag("think_open", OPEN), Tag("think_close", CLOSE))
_ANSWER = Block("answer", Tag("answer_open", ANSWER_OPEN), Tag("answer_close", ANSWER_CLOSE))
_PREFILLED = _THINK._replace(opened_by=Opening.TEMPLATE)
_ANY_THINK = _THINK._replace(opened_by=Opening.ANY)
_ANSWER_TAGS = (_ANSWER.opening, _ANSWER.closing)
_R1_ZERO = Layout(blocks=(_THINK, _ANSWER))

_LAYOUTS: Mapping[ProfileName, Layout] = {
    "r1_zero": _R1_ZERO,
    "r1_zero_prefilled": Layout(blocks=(_PREFILLED, _ANSWER)),
    "think_summary": Layout(blocks=(_THINK,), tail="summary", reserved=_ANSWER_TAGS),
    "think_summary_prefilled": Layout(blocks=(_PREFILLED,), tail="summary", reserved=_ANSWER_TAGS),
    "boxed": Layout(blocks=(_ANY_THINK,), tail="final", tail_may_be_blank=True),
    "code_block": _R1_ZERO,
}


def layout_of(profile: ProfileName, special_token: str) -> Layout:
    """The layout of a profile.

    Args:
        profile: name of the profile.
        special_token: the token of the profile ``special_token``; the others ignore it.
    """
    return _LAYOUTS[profile] if profile in _LAYOUTS else _token_layout(special_token)


@lru_cache(maxsize=64)
def _token_layout(token: str) -> Layout:
    tag = Tag("special_token", token)
    return Layout(blocks=(Block("thoughts", tag, tag),), tail="summary")
