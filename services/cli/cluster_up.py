"""``guerdon up --backend ray``: the service on a private Ray, or on a cluster that is there."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from guerdon.services.cli.announce import local_address, show_addresses
from guerdon.services.cli.api_key import read_or_create_key
from guerdon.services.cli.cluster_deploy import deploy_and_wait
from guerdon.services.cli.cluster_target import ClusterOptions, cluster_faults
from guerdon.services.cli.comparison import run_demo
from guerdon.services.cli.errors import CliError, ExitCode
from guerdon.services.cli.replicas import ReplicaAnnouncer
from guerdon.services.cli.terminal import say, visible
from guerdon.services.cluster import private
from guerdon.services.cluster.check import check_config
from guerdon.services.cluster.config import GATEWAY, read_config
from guerdon.services.cluster.flags import Ingress
from guerdon.services.cluster.gateway import wait_ready
from guerdon.services.cluster.rollout import START_TIMEOUT_S
from guerdon.services.cluster.selection import keep_verifiers, verifiers_in
from guerdon.services.gateway.service import Addresses, ServiceError, check_bind
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.settings import DEFAULT, load_settings

log = logging.getLogger(__name__)

DEFAULT_CONFIG = Path(private.__file__).with_name("dev.yaml")
"""What runs without ``--serve-config``: deploy/serve/dev.yaml."""

_READY_TIMEOUT_S = 120.0
_LOOK_S = 0.5


@dataclass(frozen=True)
class RayOptions:
    """What ``guerdon up --backend ray`` was asked for."""

    serve_config: Path | None
    ingress: Ingress
    only: tuple[str, ...]
    settings: Path | None
    api_key_file: Path | None
    overrides: dict[str, Any]
    """Host and ports of the command line, None where not given."""
    quiet: bool
    """Whether machines read the output."""
    demo: bool
    once: bool


def up_on_ray(options: RayOptions) -> int:
    """Start a private Ray with the service and stay until Ctrl-C.

    Raises:
        CliError: it cannot be started as asked.
        KeyboardInterrupt: it was stopped while it started.
    """
    with cluster_faults():
        content = select(read_config(options.serve_config or DEFAULT_CONFIG), options)
        settings, content = _settle(content, options)
        for warning in check_config(content).warnings:
            if not warning.startswith("http_options.host"):
                say(f"warning: {visible(warning)}")
        announcer = ReplicaAnnouncer(quiet=options.quiet)
        with _stopped_by_signals(), _ray(content, settings, options) as ray:
            return _serve(ray, content, settings, options, announcer)


def join_cluster(options: RayOptions, address: str, token_file: Path | None) -> int:
    """Run the service on a cluster that is there; it stays when the command ends.

    Raises:
        CliError: the configuration or the cluster cannot be used.
    """
    given = [f"--{name.replace('_', '-')}" for name, value in options.overrides.items() if value is not None]
    given += ["--settings"] if options.settings else []
    if given:
        raise CliError(f"{', '.join(given)} cannot be used with --address: write it into the Serve configuration")
    with cluster_faults():
        content = select(read_config(options.serve_config or DEFAULT_CONFIG), options)
        settings, content = _settle(content, options)
        check_config(content)
    with ClusterOptions(address=address, token_file=token_file).connect() as client:
        state, url = deploy_and_wait(client, content, prune=False, timeout_s=START_TIMEOUT_S, quiet=options.quiet)
    host = url.removeprefix("http://").rpartition(":")[0]
    addresses = Addresses(http=url, grpc=f"{host}:{state.grpc_port}")
    if not options.quiet:
        show_addresses(addresses, "Guerdon runs on the cluster; this command ends, and it stays.")
    return _demo(settings, addresses) if options.demo else ExitCode.OK


def select(content: dict[str, Any], options: RayOptions) -> dict[str, Any]:
    """The configuration with only the verifiers asked for, and with the settings file.

    Raises:
        CliError: a verifier is not in it.
    """
    apps = content.get("applications")
    if not isinstance(apps, list) or not all(isinstance(app, dict) for app in apps):
        return content
    there = verifiers_in(apps)
    if unknown := [name for name in options.only if name not in there]:
        raise CliError(f"--only {', '.join(unknown)}: the configuration has the verifiers {', '.join(there)}")
    chosen = keep_verifiers(apps, options.only) if options.only else apps
    if options.settings is not None:
        file = str(options.settings.resolve())
        chosen = [{**app, "args": {**(app.get("args") or {}), "settings_file": file}} for app in chosen]
    return {**content, "applications": chosen}


def _settle(content: dict[str, Any], options: RayOptions) -> tuple[GatewaySettings, dict[str, Any]]:
    """The gateway's settings, and the configuration with those that only this command knows.

    Hosts and ports: the command line, then the environment and the settings file, then the configuration.
    """
    user_config = dict(_gateway_deployment(content).get("user_config") or {})
    http, grpc = content.get("http_options") or {}, content.get("grpc_options") or {}
    loaded = load_settings(GatewaySettings, GATEWAY, file=options.settings)
    given = {name for name, origin in loaded.origins.items() if origin != DEFAULT}
    placed = {
        name: value
        for name, value in (
            ("host", http.get("host")),
            ("port", http.get("port")),
            ("grpc_port", grpc.get("port")),
        )
        if value is not None and name not in given
    }
    placed.update({name: value for name, value in options.overrides.items() if value is not None})
    if options.api_key_file is not None:
        keys = user_config.get("api_keys", [_revealed(key) for key in loaded.value.api_keys])
        secret = read_or_create_key(options.api_key_file)
        user_config["api_keys"] = [*keys, {"name": options.api_key_file.name[:64], "secret": secret}]
        _gateway_deployment(content)["user_config"] = user_config
    settings = load_settings(
        GatewaySettings, GATEWAY, file=options.settings, overrides={**user_config, **placed}
    ).value
    try:
        check_bind(settings)
    except ServiceError as error:
        raise CliError(str(error)) from None
    return settings, content


def _gateway_deployment(content: dict[str, Any]) -> dict[str, Any]:
    """The gateway's deployment, to read and to change; an empty one where there is none."""
    for app in content.get("applications") or []:
        if isinstance(app, dict) and app.get("name") == GATEWAY:
            deployments = app.get("deployments")
            if isinstance(deployments, list) and deployments and isinstance(deployments[0], dict):
                return deployments[0]
    return {}


def _revealed(key: Any) -> dict[str, Any]:
    return {**key.model_dump(), "secret": key.secret.get_secret_value()}


@contextmanager
def _ray(content: dict[str, Any], settings: GatewaySettings, options: RayOptions) -> Iterator[private.PrivateRay]:
    if not options.quiet:
        print(f"Starting Ray {_version()}…", flush=True)
    with private.PrivateRay(
        content,
        host=settings.host,
        http_port=settings.port,
        grpc_port=settings.grpc_port,
        ingress=options.ingress,
    ) as ray:
        try:
            yield ray
        finally:
            # From here on a second Ctrl-C must not leave half of it behind.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _serve(
    ray: private.PrivateRay,
    content: dict[str, Any],
    settings: GatewaySettings,
    options: RayOptions,
    announcer: ReplicaAnnouncer,
) -> int:
    announcer.say("ray", "ready", f"folder {ray.folder.path}, REST API {ray.client.address}")
    ray.deploy(progress=announcer)
    names = [app["name"] for app in content["applications"] if app["name"] != GATEWAY]
    wait_ready(local_address(ray.http), names, timeout_s=_READY_TIMEOUT_S, check=ray.check_alive)
    addresses = Addresses(http=ray.http, grpc=ray.grpc)
    log.info("service_ready", extra={"http": addresses.http, "grpc": addresses.grpc})
    if not options.quiet:
        show_addresses(addresses)
    code = _demo(settings, addresses) if options.demo else ExitCode.OK
    if options.once:
        return code
    if options.demo:
        print("\nThe service stays up; stop it with Ctrl-C.", flush=True)
    try:
        while True:
            ray.check_alive()
            time.sleep(_LOOK_S)
    except KeyboardInterrupt:
        return ExitCode.OK


def _demo(settings: GatewaySettings, addresses: Addresses) -> int:
    key = settings.api_keys[0].secret.get_secret_value() if settings.api_keys else ""
    try:
        return run_demo(local_address(addresses.http), local_address(addresses.grpc), key)
    except CliError as error:
        say(f"guerdon: {error.message}")
        return error.exit_code


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the command as Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {kind: signal.signal(kind, stop) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("ray")
    except PackageNotFoundError:
        raise CliError("Ray is not installed: pip install 'guerdon[ray]'") from None
