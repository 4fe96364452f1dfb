"""Checks: what the parameters of a reward come to, made once and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import msgspec

from guerdon.services.format.content import check_box, check_code_block
from guerdon.services.format.fences import blot_code
from guerdon.services.format.layout import Layout
from guerdon.services.format.params import CodeFormatParams, FormatParams, PrefilledParams
from guerdon.services.format.profiles import (
    BOXED,
    BOXED_PREFILLED,
    PROFILES,
    R1_ZERO,
    R1_ZERO_PREFILLED,
    THINK,
    THINK_PREFILLED,
    token_layout,
)
from guerdon.services.format.scanner import Failure, Parts, scan

Content = Callable[[str, str, Parts], Failure | None]
"""Looks at the parts of a text whose tags are in order: the text, the text searched, and the parts."""


@dataclass(frozen=True)
class Check:
    """A layout, and what its parts must hold."""

    name: str
    """What is asked for, such as ``the layout r1_zero``."""
    layout: Layout
    """The layout."""
    mask_code: bool
    """Whether Markdown code is passed over in the search."""
    content: Content | None = None
    """What looks at the parts, if anything does."""

    def failure(self, text: str) -> Failure | None:
        """The first place where a text breaks what is asked for, or None; linear time."""
        searched = blot_code(text) if self.mask_code else text
        parts = scan(self.layout, text, searched)
        if isinstance(parts, Failure):
            return parts
        return self.content(text, searched, parts) if self.content else None


@lru_cache(maxsize=1024)
def check_of(reward: str, params_json: bytes) -> Check:
    """The check that a reward makes.

    Args:
        reward: ``format``, ``think_format``, ``code_format`` or ``boxed``.
        params_json: its parameters as JSON.

    Raises:
        ValidationError: the parameters are not those of the reward.
    """
    given = msgspec.json.decode(params_json)
    match reward:
        case "think_format":
            params = PrefilledParams.model_validate(given)
            return Check("the think block", THINK_PREFILLED if params.prefilled else THINK, params.mask_code)
        case "code_format":
            asked = CodeFormatParams.model_validate(given)
            layout = R1_ZERO_PREFILLED if asked.prefilled else R1_ZERO
            return Check("the layout with code", layout, asked.mask_code, _code(asked.language))
        case "boxed":
            params = PrefilledParams.model_validate(given)
            layout = BOXED_PREFILLED if params.prefilled else BOXED
            return Check("the box", layout, params.mask_code, partial(_box, copies=True))
        case _:
            return _format_check(FormatParams.model_validate(given))


def _format_check(params: FormatParams) -> Check:
    name = f"the layout {params.profile}"
    if params.layout is not None:
        return Check(name, params.layout.to_layout(), params.mask_code)
    if params.profile == "special_token":
        return Check(name, token_layout(params.special_token), params.mask_code)
    contents: dict[str, Content] = {"boxed": partial(_box, copies=False), "code_block": _code(params.language)}
    return Check(name, PROFILES[params.profile], params.mask_code, contents.get(params.profile))


def _box(text: str, searched: str, parts: Parts, *, copies: bool) -> Failure | None:
    return check_box(text, searched, parts["final"], copies=copies)


def _code(language: str) -> Content:
    def check(text: str, searched: str, parts: Parts) -> Failure | None:
        return check_code_block(text, parts["answer"], language)

    return check
