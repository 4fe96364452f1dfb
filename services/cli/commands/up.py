"""``guerdon up``: starts the service in this process, or on a private Ray, and serves until Ctrl-C."""

from __future__ import annotations

import asyncio
import logging
import signal
from pathlib import Path
from typing import Any, Literal

from cyclopts import App

from guerdon.services.cli.announce import Announcer, local_address, show_addresses
from guerdon.services.cli.api_key import read_or_create_key
from guerdon.services.cli.comparison import run_demo
from guerdon.services.cli.errors import CliError, ExitCode
from guerdon.services.cli.faults import check_settings, user_faults
from guerdon.services.cli.terminal import say
from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.service import Addresses, ServiceError, run_service
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.build import build_backend
from guerdon.services.runtime.logs import configure_logs
from guerdon.services.runtime.settings import GATEWAY, load_settings
from guerdon.services.runtime.tracing import configure_tracing

log = logging.getLogger(__name__)

app = App(
    name="up",
    help_epilogue=(
        "Exit codes: 0 stopped by Ctrl-C or SIGTERM; 1 with --backend ray, not everything was ready in time; "
        "2 address, settings or verifiers cannot be used; 3 with --backend ray, Ray or an application failed."
    ),
)


@app.default
def up(
    *,
    host: str | None = None,
    port: int | None = None,
    grpc_port: int | None = None,
    only: str = "",
    settings: Path | None = None,
    api_key_file: Path | None = None,
    json_logs: bool = False,
    demo: bool = False,
    once: bool = False,
    backend: Literal["inprocess", "ray"] = "inprocess",
    serve_config: Path | None = None,
    ingress: Literal["haproxy", "proxy"] = "haproxy",
    address: str = "",
    token_file: Path | None = None,
) -> int:
    """Start the service and serve until Ctrl-C.

    Args:
        host: Address to bind, 127.0.0.1 by default; one beyond loopback needs an API key.
        port: HTTP port, 8000 by default; 0 for a free one.
        grpc_port: gRPC port, 9000 by default; 0 for a free one.
        only: Verifiers to run, separated by commas; all by default.
        settings: TOML file with settings.
        api_key_file: File with the API key clients have to send; made with a new key if it does not exist.
        json_logs: Write logs as JSON lines.
        demo: Score the bundled batch over both transports when the service is ready.
        once: With --demo, stop after it; the exit code is then that of guerdon demo.
        backend: Run the verifiers in this process, or each as an application of Ray Serve on a private Ray.
        serve_config: With --backend ray, the applications; by default one replica of each verifier.
        ingress: With --backend ray, who accepts calls: HAProxy, or Ray Serve's own proxy.
        address: With --backend ray, deploy to the cluster with this REST API instead, as guerdon deploy does.
        token_file: With --address, the file with the token of that cluster.
    """
    if once and not demo:
        raise CliError("--once needs --demo")
    if backend == "inprocess" and (serve_config or address):
        raise CliError("--serve-config and --address need --backend ray")
    # People are told what happens on standard output; machines read it all from the log.
    configure_logs(json=json_logs, level=logging.INFO if json_logs else logging.WARNING)
    overrides = {"host": host, "port": port, "grpc_port": grpc_port}
    names = tuple(name for part in only.split(",") if (name := part.strip()))
    if backend == "ray":
        # Only here: who runs the verifiers in this process need not load any of it.
        from guerdon.services.cli.cluster_up import RayOptions, join_cluster, up_on_ray

        options = RayOptions(
            serve_config=serve_config,
            ingress=ingress,
            only=names,
            settings=settings,
            api_key_file=api_key_file,
            overrides=overrides,
            quiet=json_logs,
            demo=demo,
            once=once,
        )
        with user_faults():
            check_settings(settings)
            return join_cluster(options, address, token_file) if address else up_on_ray(options)
    with user_faults():
        check_settings(settings)
        configure_tracing("guerdon")
        gateway_settings = gateway_settings_of(settings, overrides, api_key_file)
        gateway = Gateway(build_backend(names, settings), gateway_settings)
    try:
        return asyncio.run(_serve(gateway, quiet=json_logs, demo=demo, once=once))
    except ServiceError as error:
        raise CliError(str(error)) from None


def gateway_settings_of(
    file: Path | None, overrides: dict[str, Any], api_key_file: Path | None
) -> GatewaySettings:
    """The gateway's settings, with the key of a key file beside those configured elsewhere.

    Raises:
        SettingsError: a setting cannot be read.
        CliError: the key file cannot be read or made.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    loaded = load_settings(GatewaySettings, GATEWAY, file=file, overrides=given).value
    if api_key_file is None:
        return loaded
    keys = [*loaded.api_keys, {"name": api_key_file.name[:64], "secret": read_or_create_key(api_key_file)}]
    return load_settings(GatewaySettings, GATEWAY, file=file, overrides={**given, "api_keys": keys}).value


async def _serve(gateway: Gateway, *, quiet: bool, demo: bool, once: bool) -> int:
    """Serve until a signal, or until the demo is over; returns the demo's exit code."""
    stop = asyncio.Event()
    tasks: list[asyncio.Task[int]] = []
    announcer = Announcer(gateway)

    def on_ready(addresses: Addresses) -> None:
        log.info("service_ready", extra={"http": addresses.http, "grpc": addresses.grpc})
        if not quiet:
            announcer.look()
            show_addresses(addresses)
        for kind in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(kind, stop.set)
        if demo:
            tasks.append(asyncio.create_task(_demo(gateway.settings, addresses, stop if once else None)))

    watchers = [] if quiet else [asyncio.create_task(announcer.watch())]
    try:
        await run_service(gateway, on_ready, stop)
    finally:
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)
    return await tasks[0] if tasks and once else ExitCode.OK


async def _demo(settings: GatewaySettings, addresses: Addresses, stop: asyncio.Event | None) -> int:
    key = settings.api_keys[0].secret.get_secret_value() if settings.api_keys else ""
    try:
        return await asyncio.to_thread(run_demo, local_address(addresses.http), local_address(addresses.grpc), key)
    except CliError as error:
        say(f"guerdon: {error.message}")
        return error.exit_code
    finally:
        if stop is None:
            print("\nThe service stays up; stop it with Ctrl-C.", flush=True)
        else:
            stop.set()
