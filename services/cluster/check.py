"""Rules that a Serve configuration of Guerdon keeps, beyond the form that Ray Serve asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from guerdon.services.cluster.config import (
    GATEWAY,
    Application,
    ServeConfig,
    parse_config,
    pointer,
)
from guerdon.services.cluster.errors import ConfigError
from guerdon.services.cluster.hosted import find_kind, settings_problems, verifier_problems
from guerdon.services.gateway.service import ServiceError, check_bind
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.names import verifiers_of

ROUTE = "/"
SERVICER = "guerdon.services.gateway.serve.grpc:add_reward_service"
_FROM_SERVE = frozenset({"host", "port", "grpc_port"})


class Checked(NamedTuple):
    """A configuration that can be deployed."""

    config: ServeConfig
    warnings: tuple[str, ...]
    """What is allowed and probably not meant."""


def check_config(content: dict[str, Any]) -> Checked:
    """Check a whole configuration.

    Raises:
        ConfigError: it cannot be used; all faults at once, each with its place.
    """
    config = parse_config(content)
    problems = [
        *_applications(content, config),
        *(
            problem
            for place, app in enumerate(config.applications)
            for problem in _application(content, place, app)
        ),
    ]
    if problems:
        raise ConfigError(problems)
    return Checked(config, tuple(_warnings(config)))


def _applications(content: dict[str, Any], config: ServeConfig) -> Iterator[str]:
    names = [app.name for app in config.applications]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"applications: {name!r} stands there {names.count(name)} times"
    gateway = next((place for place, name in enumerate(names) if name == GATEWAY), None)
    if gateway is None:
        yield f"applications: there is no {GATEWAY!r}, which accepts the calls"
        return
    args = config.applications[gateway].args
    listed = args.get("verifiers")
    place = pointer(content, "applications", gateway, "args", "verifiers")
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed) or not listed:
        yield f"{place}: has to list the verifiers"
        return
    asked = {_name_of(name) for name in listed}
    hosts = [(verifier, name) for name in names if name != GATEWAY for verifier in verifiers_of(name)]
    there = {verifier for verifier, _ in hosts}
    for verifier in sorted(there):
        if len(where := {name for hosted, name in hosts if hosted == verifier}) > 1:
            yield f"applications: {verifier!r} is in several of them: {', '.join(sorted(where))}"
    for name in sorted(asked - there):
        yield f"{place}: {name!r} has no application, so its rewards would always be unavailable"
    for name in sorted(there - asked):
        yield f"{place}: {name!r} is missing, so nothing would use its application"


def _application(content: dict[str, Any], place: int, app: Application) -> Iterator[str]:
    def at(*places: str | int) -> str:
        return pointer(content, "applications", place, *places)

    if len(app.deployments) != 1 or app.deployments[0].name != app.name:
        yield f"{at('deployments')}: has to hold the one deployment {app.name!r}"
        return
    deployment = app.deployments[0]
    if app.external_scaler_enabled and (deployment.autoscaling_config or app.autoscaling_policy):
        yield f"{at('external_scaler_enabled')}: excludes autoscaling_config; keep one of the two"
    if deployment.num_replicas is not None and deployment.autoscaling_config is not None:
        yield f"{at('deployments', 0, 'num_replicas')}: excludes autoscaling_config; keep one of the two"
    if app.name == GATEWAY:
        if app.route_prefix != ROUTE:
            yield f"{at('route_prefix')} = {app.route_prefix!r}: the gateway has to be at {ROUTE!r}"
        yield from settings_problems(at("deployments", 0, "user_config"), GatewaySettings, deployment.user_config)
        for name in sorted(_FROM_SERVE & (deployment.user_config or {}).keys()):
            yield f"{at('deployments', 0, 'user_config', name)}: belongs into http_options or grpc_options"
        return
    if app.route_prefix is not None:
        yield (
            f"{at('route_prefix')} = {app.route_prefix!r}: has to be null, or everybody could call the verifier "
            "past the gateway, and gRPC calls would have to name an application"
        )
    yield from verifier_problems(at, app)


def _name_of(name: str) -> str:
    kind = find_kind(name)
    return name if isinstance(kind, str) else kind.name


def _warnings(config: ServeConfig) -> Iterator[str]:
    gateway = next(app for app in config.applications if app.name == GATEWAY)
    settings = GatewaySettings.model_validate(
        {**(gateway.deployments[0].user_config or {}), "host": config.http_options.host}
    )
    try:
        check_bind(settings)
    except ServiceError:
        yield (
            f"http_options.host = {config.http_options.host!r} can be reached from other machines, and no API key "
            "is set in this file: set GUERDON_API_KEYS on the nodes of the gateway, or api_keys here"
        )
    if SERVICER not in config.grpc_options.grpc_servicer_functions:
        yield f"grpc_options.grpc_servicer_functions: without {SERVICER!r} there is no gRPC"
