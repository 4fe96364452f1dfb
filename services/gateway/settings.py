"""Settings of the gateway: ``GUERDON_<FIELD>`` in the environment, ``[gateway]`` in the TOML file."""

from __future__ import annotations

import re
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from guerdon.services.contract.requests import MAX_ITEMS, Aggregation, RewardSpec

MIB = 1 << 20
TruthForm = Literal["none", "text", "any_of", "all_of", "tests", "value"]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class ApiKey(_Settings):
    """One client of the service."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    """Names the client in logs and metrics."""
    secret: SecretStr
    """What the client sends; at least 16 characters."""
    rewards: list[str] | None = None
    """Rewards the client may ask for; null for all."""
    max_inflight_items: Annotated[int, Field(ge=1)] | None = None
    """Items the client may have in flight at once; null for the service's limit."""

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value()) < 16:
            raise ValueError("an API key needs at least 16 characters")
        return secret


class ProfileReward(RewardSpec):
    """One reward of a profile."""

    when: Annotated[list[TruthForm], Field(min_length=1)] | None = None
    """Forms of ground truth for which the reward is asked; null for every item."""


class Profile(_Settings):
    """A named set of rewards."""

    description: str = ""
    """One sentence for people."""
    rewards: Annotated[list[ProfileReward], Field(min_length=1)]
    """Its rewards, in order."""
    aggregation: Aggregation = Aggregation.WEIGHTED_SUM
    """How their scores become the total."""

    @model_validator(mode="after")
    def _adds_up(self) -> Profile:
        forms: dict[str, set[str]] = {}
        for reward in self.rewards:
            asked = set(reward.when or get_args(TruthForm))
            if asked & forms.setdefault(reward.name, set()):
                raise ValueError(f"the reward {reward.name!r} is asked for twice for one form of ground truth")
            forms[reward.name] |= asked
            if self.aggregation is Aggregation.WEIGHTED_MEAN and reward.weight <= 0:
                raise ValueError(f"weighted_mean needs positive weights, and {reward.name!r} has {reward.weight}")
            if reward.gate and (self.aggregation is not Aggregation.GATED_SUM or not reward.required):
                raise ValueError(f"the gate {reward.name!r} needs the aggregation gated_sum and must be required")
        return self


R1_ZERO = Profile(
    description=(
        "Accuracy and format with equal weights (DeepSeek-R1, arXiv 2501.12948, section 2.2); "
        "accuracy is math or code by the form of the ground truth."
    ),
    rewards=[
        ProfileReward(name="math", when=["none", "text", "any_of", "all_of", "value"]),
        ProfileReward(name="code", when=["tests"]),
        ProfileReward(name="format", params={"profile": "r1_zero"}),
    ],
)
R1_REASONING = Profile(
    description=(
        "As r1_zero, with language consistency added directly (arXiv 2501.12948, section 2.3.2); "
        "the language is that of the prompt."
    ),
    rewards=[*R1_ZERO.rewards, ProfileReward(name="language")],
)


class GatewaySettings(_Settings):
    """Everything about the gateway that an operator may set.

    On Ray Serve, where settings change while the gateway runs, all hold for new calls at once; ``host`` and the
    ports alone are read at the start only.
    """

    host: str = "127.0.0.1"
    """Address both servers bind; anything beyond loopback needs ``api_keys``."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """HTTP port; 0 picks a free one."""
    grpc_port: Annotated[int, Field(ge=0, le=65535)] = 9000
    """gRPC port; 0 picks a free one."""
    api_keys: list[ApiKey] = []
    """Clients that may call; empty lets everybody on this machine in."""
    profiles: dict[str, Profile] = {}
    """Profiles by name, beside the shipped ``r1_zero`` and ``r1_reasoning``, which may be replaced."""
    max_items: Annotated[int, Field(ge=1, le=MAX_ITEMS)] = 4096
    """Items in one call."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 64 * MIB
    """Size of one call in bytes, on both transports."""
    max_completion_chars: Annotated[int, Field(ge=1)] = 2 * MIB
    """Length of one completion in characters."""
    default_timeout_ms: Annotated[int, Field(ge=1)] = 60_000
    """Time for a call that states none, in milliseconds."""
    max_timeout_ms: Annotated[int, Field(ge=1)] = 600_000
    """Longest time a call may ask for, in milliseconds; more is cut to it."""
    verifier_timeout_ms: dict[str, Annotated[int, Field(ge=1)]] = {}
    """Longest time of single verifiers, by name, in milliseconds: what one has not judged by then is ``timeout``,
    and the call goes on with the others."""
    max_inflight_items: Annotated[int, Field(ge=1)] = 32_768
    """Items of all calls in flight; a call beyond it is refused with 429."""
    max_inflight_chars: Annotated[int, Field(ge=1)] = 512 * MIB
    """Characters of the prompts and completions of all calls in flight; a call beyond it is refused with 429."""
    cache_verdicts: Annotated[int, Field(ge=0)] = 50_000
    """Verdicts the cache holds; 0 turns it off. Less room lets the longest unused go."""
    idempotency_ttl_s: Annotated[float, Field(gt=0)] = 600.0
    """How long a request_id is remembered, in seconds."""
    idempotency_items: Annotated[int, Field(ge=0)] = 50_000
    """Items of answered calls that are remembered; the oldest calls go first."""
    ground_truth_bytes: Annotated[int, Field(ge=0)] = 256 * MIB
    """Size of the store of uploaded ground truths in bytes; the longest unused go first."""
    run_labels: list[str] = []
    """Values of ``metadata.run`` that become the metrics label ``run``; others are counted as ``other``."""

    @field_validator("profiles")
    @classmethod
    def _plain_names(cls, profiles: dict[str, Profile]) -> dict[str, Profile]:
        for name in profiles:
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name):
                raise ValueError(f"the profile name {name!r} is not lower case letters, digits and underscores")
        return profiles

    @model_validator(mode="after")
    def _distinct_keys(self) -> GatewaySettings:
        for field in ("name", "secret"):
            values = [getattr(key, field) for key in self.api_keys]
            if len(set(values)) < len(values):
                raise ValueError(f"two api_keys have the same {field}")
        return self

    def all_profiles(self) -> dict[str, Profile]:
        """The shipped profiles and the configured ones."""
        return {"r1_zero": R1_ZERO, "r1_reasoning": R1_REASONING, **self.profiles}
