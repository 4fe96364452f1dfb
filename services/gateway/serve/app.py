"""The Serve application of the gateway: ``import_path: guerdon.services.gateway.serve.app:build``."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from ray import serve
from ray.serve import Application

from guerdon.services.gateway.serve.ingress import GatewayIngress
from guerdon.services.runtime.kinds import load_kind


class GatewayArgs(BaseModel):
    """``args`` of the application; changing them replaces its replicas."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    verifiers: Annotated[list[str], Field(min_length=1)]
    """Registered names, or ``package.module:Class``, of the verifiers of the deployment."""
    settings_file: str | None = None
    """TOML file with settings on the replica's node; ``user_config`` goes over it."""


def build(args: dict[str, Any]) -> Application:
    """The application.

    Args:
        args: a :class:`GatewayArgs`.

    Raises:
        ValidationError: the arguments are not those.
        RegistrationError: there is no such verifier.
    """
    given = GatewayArgs.model_validate(args)
    for name in given.verifiers:
        load_kind(name)
    deployment = serve.deployment(
        serve.ingress()(GatewayIngress),
        name="gateway",
        user_config={},
        # What may be in flight is decided by the gateway itself, in items; this only bounds connections.
        max_ongoing_requests=1024,
        max_queued_requests=1024,
        ray_actor_options={"num_cpus": 1},
        health_check_period_s=5,
    )
    return deployment.bind(given.verifiers, given.settings_file)
