"""The Serve application of a verifier, or of several light ones that share replicas.

``import_path: guerdon.services.runtime.ray.app:build``.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ray import serve
from ray.serve import Application

from guerdon.services.runtime.kinds import load_kinds
from guerdon.services.runtime.names import application_name
from guerdon.services.runtime.ray.replica import DRAIN_S, VerifierReplica


class VerifierArgs(BaseModel):
    """``args`` of the application; changing them replaces its replicas."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    verifier: str | None = None
    """A registered name, or ``package.module:Class``."""
    verifiers: Annotated[list[str], Field(min_length=1)] | None = None
    """Several of these, run by each replica together; ``user_config`` holds their settings by their names."""
    max_queued_items: int = Field(16_384, ge=1)
    """Items of each verifier that one replica takes before it refuses more."""
    settings_file: str | None = None
    """TOML file with settings on the replica's node; ``user_config`` goes over it."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.verifier is None) == (self.verifiers is None):
            raise ValueError("give either verifier or verifiers")
        return self

    @property
    def named(self) -> str | list[str]:
        """What runs: one, or several."""
        return self.verifier if self.verifier is not None else self.verifiers or []


def build(args: dict[str, Any]) -> Application:
    """The application; its one deployment is named like the verifier, or like all of them joined by ``+``.

    Args:
        args: a :class:`VerifierArgs`.

    Raises:
        ValidationError: the arguments are not those.
        RegistrationError: there is no such verifier, or one is named twice.
    """
    given = VerifierArgs.model_validate(args)
    kinds = load_kinds([given.named] if isinstance(given.named, str) else given.named)
    deployment = serve.deployment(
        VerifierReplica,
        name=application_name(list(kinds)),
        user_config={},
        # Work arrives over the link; Serve itself only asks for addresses and health.
        max_ongoing_requests=64,
        ray_actor_options={"num_cpus": 1},
        graceful_shutdown_timeout_s=DRAIN_S + 10,
        health_check_period_s=5,
        health_check_timeout_s=30,
    )
    return deployment.bind(given.named, given.max_queued_items, given.settings_file)
