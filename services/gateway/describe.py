"""What the service tells about itself: verifiers, profiles, limits."""

from __future__ import annotations

from typing import Any

import msgspec

from guerdon.services.contract.requests import RewardSpec
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.backend import Backend
from guerdon.services.runtime.report import ReplicaReport


class RewardDescription(msgspec.Struct, frozen=True, kw_only=True):
    """One reward."""

    name: str
    """Name of the reward."""
    verifier: str
    """Name of the verifier that computes it."""
    version: str
    """Version of that verifier."""
    description: str
    """One sentence for people."""
    min_score: float
    """Lowest possible score."""
    max_score: float
    """Highest possible score."""
    best: float | None
    """Score of a faultless completion, or null."""
    worst: float | None
    """Score of a completion that fails, or null."""
    reads: list[str]
    """Fields of the item it reads."""
    params_schema: dict[str, Any]
    """JSON Schema of its parameters."""
    group_wise: bool
    """Whether it compares the completions of a group."""
    dependent: bool
    """Whether it builds on another reward's verdict."""
    state: str
    """``ready``, ``starting`` or ``unavailable``."""


class ProfileDescription(msgspec.Struct, frozen=True, kw_only=True):
    """One profile."""

    name: str
    """Name of the profile."""
    description: str
    """One sentence for people."""
    aggregation: str
    """How scores become totals."""
    rewards: list[dict[str, Any]]
    """Its rewards: name, weight, params, required, gate, and ``when`` for the forms of ground truth."""


class LimitsDescription(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of a call."""

    max_items: int
    """Items in one call."""
    max_body_bytes: int
    """Size of one call in bytes."""
    max_completion_chars: int
    """Length of one completion in characters."""
    default_timeout_ms: int
    """Time of a call that states none, in milliseconds."""
    max_timeout_ms: int
    """Longest time of a call, in milliseconds."""
    max_inflight_items: int
    """Items of all calls in flight."""


class ServiceDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What the service offers."""

    digest: str
    """Hash over everything that decides verdicts in this deployment."""
    server_version: str
    """Version of Guerdon."""
    verifiers: list[RewardDescription]
    """Every reward."""
    profiles: list[ProfileDescription]
    """Every profile."""
    limits: LimitsDescription
    """Limits of a call."""


class VerifierStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One verifier as it runs now, for operators."""

    name: str
    """Name of the verifier."""
    state: str
    """``ready``, ``starting`` or ``unavailable``."""
    detail: str
    """Why it is not ready."""
    version: str
    """Version that new calls are judged by."""
    replicas: list[ReplicaReport]
    """What each of its replicas tells of itself."""


class ServiceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What runs now, as this gateway sees it."""

    digest: str
    """Hash over everything that decides verdicts of new calls."""
    inflight_items: int
    """Items of all calls in flight in this gateway."""
    verifiers: list[VerifierStatus]
    """Every verifier."""


def describe_verifiers(backend: Backend) -> list[VerifierStatus]:
    """Every verifier of a deployment with its replicas."""
    states, replicas = backend.states(), backend.replicas()
    return [
        VerifierStatus(
            name=name,
            state=states[name].state,
            detail=states[name].detail,
            version=verifier.version,
            replicas=list(replicas[name]),
        )
        for name, verifier in backend.offered().items()
    ]


def describe_rewards(backend: Backend) -> list[RewardDescription]:
    """Every reward of a deployment, in order of verifiers."""
    states = backend.states()
    return [
        RewardDescription(
            name=info.name,
            verifier=verifier.name,
            version=verifier.version,
            description=info.description,
            min_score=info.min_score,
            max_score=info.max_score,
            best=info.best,
            worst=info.worst,
            reads=sorted(info.reads),
            params_schema=info.params_schema(),
            group_wise=info.grouping == "group",
            dependent=info.dependent,
            state=states[verifier.name].state,
        )
        for verifier in backend.offered().values()
        for info in verifier.rewards
    ]


def describe_profiles(settings: GatewaySettings) -> list[ProfileDescription]:
    """Every profile, by name."""
    return [
        ProfileDescription(
            name=name,
            description=profile.description,
            aggregation=str(profile.aggregation),
            rewards=[_reward(reward) for reward in profile.rewards],
        )
        for name, profile in sorted(settings.all_profiles().items())
    ]


def describe_limits(settings: GatewaySettings) -> LimitsDescription:
    """The limits of a call."""
    return LimitsDescription(**{name: getattr(settings, name) for name in LimitsDescription.__struct_fields__})


def _reward(reward: RewardSpec) -> dict[str, Any]:
    return reward.model_dump(mode="json")
