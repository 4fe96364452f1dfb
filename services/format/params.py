"""Parameters of the rewards for layout."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, StringConstraints, model_validator

from guerdon.services.contract import Params
from guerdon.services.format.custom import LayoutSpec, Marker
from guerdon.services.format.languages import canonical_language, language_of_info

ProfileName = Literal[
    "r1_zero",
    "r1_zero_prefilled",
    "think_summary",
    "think_summary_prefilled",
    "special_token",
    "boxed",
    "code_block",
    "custom",
]


def _nameable(language: str) -> str:
    # No block could ever have the language then, and every completion would be to blame for it.
    if language_of_info(language) != canonical_language(language):
        raise ValueError("is not one word, as the name of a language after a code fence is")
    return language


_Language = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_nameable)]

_READ_BY = {"special_token": "special_token", "language": "code_block"}
"""Parameters of ``format`` that one profile alone reads."""


class MaskedParams(Params):
    """What all rewards for layout take."""

    mask_code: bool = False
    """Whether tags and boxes inside Markdown code (closed fences, code spans) are passed over. By default they
    count, because the parser that a trainer runs over the same text counts them too."""


class FormatParams(MaskedParams):
    """What layout a completion was asked for."""

    profile: ProfileName = "r1_zero"
    """The layout: ``r1_zero`` one think block, then one answer block; ``think_summary`` one think block, then a
    summary; both also ``_prefilled``, where the prompt template wrote ``<think>``; ``special_token`` the token,
    thoughts, the token, a summary; ``boxed`` exactly one box after the thoughts; ``code_block`` as ``r1_zero``
    with exactly one fenced block of ``language`` in the answer; ``custom`` what ``layout`` says, and may be left
    out where that is given."""
    layout: LayoutSpec | None = None
    """A layout of the caller's own, for the profile ``custom`` alone."""
    special_token: Marker = "<|reasoning|>"  # noqa: S105 - a token of text, not a secret
    """The token before and after the thoughts in the profile ``special_token``."""
    language: _Language = "python"
    """Language of the fenced block in the profile ``code_block``; aliases and case do not matter."""

    @model_validator(mode="before")
    @classmethod
    def _name_the_profile(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("layout") is not None and "profile" not in given:
            return {**given, "profile": "custom"}
        return given

    @model_validator(mode="after")
    def _one_layout(self) -> Self:
        if self.layout is not None and self.profile != "custom":
            raise ValueError(f"a 'layout' is given beside the profile {self.profile!r}; give one of them")
        if self.layout is None and self.profile == "custom":
            raise ValueError("the profile 'custom' needs a 'layout'")
        return self

    @model_validator(mode="after")
    def _nothing_idle(self) -> Self:
        # Whoever gives one has forgotten the profile; another layout than the one meant would be judged.
        for name, profile in _READ_BY.items():
            if self.profile != profile and getattr(self, name) != FormatParams.model_fields[name].default:
                raise ValueError(
                    f"{name!r} is for the profile {profile!r} alone, and the profile is {self.profile!r}"
                )
        return self


class PrefilledParams(MaskedParams):
    """Whether the prompt template has begun the layout."""

    prefilled: bool = False
    """Whether the prompt template wrote ``<think>``, so that the completion begins inside the thoughts."""


class CodeFormatParams(PrefilledParams):
    """What code a completion was asked for."""

    language: _Language = "python"
    """Language of the fenced block; aliases and case do not matter."""
