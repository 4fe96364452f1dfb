"""Parameters of the shaped rewards."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from guerdon.services.contract import Params

Unit = Literal["tokens", "characters", "words"]

MAX_LENGTH = 1 << 31
LIMIT = 10.0

_Length = Annotated[int, Field(ge=1, lt=MAX_LENGTH)]
_Score = Annotated[float, Field(ge=-LIMIT, le=LIMIT, allow_inf_nan=False)]


class MeasuredParams(Params):
    """How long a completion is."""

    unit: Unit = "tokens"
    """What is counted: ``tokens`` the ids in ``completion_ids``, and the reward is null where none came;
    ``characters`` the code points of the text; ``words`` what whitespace parts, and every character of a script
    that is written without spaces."""


class JudgedParams(MeasuredParams):
    """Which verdict tells right completions from wrong ones."""

    of: Annotated[str, Field(min_length=1, max_length=256)]
    """The reward whose verdict tells whether a completion is right, such as ``math``."""
    right_from: Annotated[float, Field(allow_inf_nan=False)] = 1.0
    """The score of ``of`` from which on a completion is right."""


class LengthParams(JudgedParams):
    """Parameters of ``length``."""


class CosineParams(JudgedParams):
    """Parameters of ``cosine``."""

    max_length: _Length
    """Length at which the schedule ends; what is longer counts as this long."""
    right_short: _Score = 1.0
    """Score of a right completion of length 0."""
    right_long: _Score = 0.5
    """Score of a right completion of ``max_length``."""
    wrong_short: _Score = -1.0
    """Score of a wrong completion of length 0."""
    wrong_long: _Score = -0.5
    """Score of a wrong completion of ``max_length``."""
    exceeded: _Score | None = None
    """Score of a completion of ``max_length`` or more, right or wrong; null for that of its schedule."""


class SoftOverlongParams(MeasuredParams):
    """Parameters of ``soft_overlong``."""

    max_length: _Length
    """Length beyond which the punishment is whole."""
    cache: _Length
    """Length before ``max_length`` over which the punishment grows from 0 to 1."""

    @model_validator(mode="after")
    def _cache_within_length(self) -> Self:
        if self.cache > self.max_length:
            raise ValueError(f"'cache' is {self.cache}, more than 'max_length', which is {self.max_length}")
        return self


class RepetitionParams(Params):
    """Parameters of ``repetition``."""

    unit: Unit = "words"
    """What an n-gram is made of: ``tokens`` the ids in ``completion_ids``, and the reward is null where none
    came; ``characters`` the code points of the text; ``words`` what whitespace parts, in lower case, and every
    character of a script that is written without spaces."""
    ngram_size: Annotated[int, Field(ge=1, le=64)] = 3
    """Number of units in an n-gram."""
    max_penalty: Annotated[float, Field(ge=-1, lt=0, allow_inf_nan=False)] = -1.0
    """What a completion of nothing but repetition approaches; a weight makes it larger."""


class ReasoningStepsParams(Params):
    """Parameters of ``reasoning_steps``."""

    enough: Annotated[int, Field(ge=1, le=1000)] = 3
    """Number of markers that earns the full score."""
