"""Parameters of the reward ``language``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from guerdon.services.contract import Params
from guerdon.services.language.consistency import Mode
from guerdon.services.language.targets import target_of


def _known(name: str) -> str:
    return target_of(name).code


class LanguageParams(Params):
    """In what language what part of a completion is to be."""

    target: Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_known)] | None = None
    """The language, one of 176: an ISO 639 code (``de``), one with a region (``zh-CN``) or an English name.
    By default the item's ``language``, and where it has none the language of the user's last message."""
    mode: Mode = "hybrid"
    """``hybrid`` looks at every word and sees languages mixed inside a sentence; ``fast`` gives each sentence as
    a whole to the detector."""
    scope: Literal["thoughts", "answer"] = "thoughts"
    """What is measured: the chain of thought, which is the whole completion where it has no think tags; or what
    follows it, of which the last ``<answer>`` block where there is one."""
    binary: bool = False
    """Whether the score is 1 from ``threshold`` on and 0 below it, instead of the share itself."""
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.9
    """Share of target words that is enough where ``binary`` is set."""
