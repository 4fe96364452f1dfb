"""The Serve application of one verifier: ``import_path: guerdon.services.runtime.ray.app:build``."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from ray import serve
from ray.serve import Application

from guerdon.services.runtime.kinds import load_kind
from guerdon.services.runtime.ray.replica import DRAIN_S, VerifierReplica


class VerifierArgs(BaseModel):
    """``args`` of the application; changing them replaces its replicas."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    verifier: str
    """A registered name, or ``package.module:Class``."""
    max_queued_items: int = Field(16_384, ge=1)
    """Items one replica takes before it refuses more."""
    settings_file: str | None = None
    """TOML file with settings on the replica's node; ``user_config`` goes over it."""


def build(args: dict[str, Any]) -> Application:
    """The application; its one deployment is named like the verifier.

    Args:
        args: a :class:`VerifierArgs`.

    Raises:
        ValidationError: the arguments are not those.
        RegistrationError: there is no such verifier.
    """
    given = VerifierArgs.model_validate(args)
    deployment = serve.deployment(
        VerifierReplica,
        name=load_kind(given.verifier).name,
        user_config={},
        # Work arrives over the link; Serve itself only asks for addresses and health.
        max_ongoing_requests=64,
        ray_actor_options={"num_cpus": 1},
        graceful_shutdown_timeout_s=DRAIN_S + 10,
        health_check_period_s=5,
        health_check_timeout_s=30,
    )
    return deployment.bind(given.verifier, given.max_queued_items, given.settings_file)
