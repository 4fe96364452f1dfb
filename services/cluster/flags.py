"""The variables of Ray and Ray Serve that Guerdon sets, each with its reason.

They are read when a process starts, so every node needs them before ``ray start``: the private Ray gets them from
here, containers and Kubernetes from ``guerdon deploy --print-env``. What Ray bundles is set one by one, because
bundles have gained members on upgrades (ray-project/ray#62982).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Ingress = Literal["haproxy", "proxy"]
"""Who accepts calls: HAProxy, or Ray Serve's own proxy in Python."""

MESSAGE_BYTES = 64 << 20
"""Largest message between replicas in bytes; the gateway's ``max_body_bytes`` is not larger."""
SERVER_BYTES = MESSAGE_BYTES + (16 << 20)
"""What servers take, so that it is the gateway that refuses longer ones, and says what to do."""
LONGEST_CALL_S = 630
"""The gateway's longest call (``max_timeout_ms``, 600 s) and the time to answer it."""


class Flag(NamedTuple):
    """One environment variable."""

    name: str
    value: str
    why: str


def serve_flags(
    ingress: Ingress = "haproxy", *, threads: int = 4, drain_s: int = 30, cut_s: int = LONGEST_CALL_S
) -> tuple[Flag, ...]:
    """The variables of every node.

    Args:
        ingress: who accepts calls.
        threads: threads of HAProxy.
        drain_s: how long a gateway replica that is replaced goes on answering, in seconds.
        cut_s: how long a call in progress outlives a change of HAProxy's configuration, in seconds. Ports of
            replicas are not used again as long, so many changes need many ports.
    """
    return (
        *_THROUGHPUT,
        *_LIMITS,
        *_QUIET,
        *(_haproxy(threads, drain_s, cut_s) if ingress == "haproxy" else _NO_HAPROXY),
    )


_THROUGHPUT = (
    Flag("RAY_SERVE_THROUGHPUT_OPTIMIZED", "1", "a hop between replicas costs half; its members follow, pinned"),
    Flag("RAY_SERVE_RUN_USER_CODE_IN_SEPARATE_THREAD", "0", "our handlers never compute, so one loop is enough"),
    Flag("RAY_SERVE_RUN_ROUTER_IN_SEPARATE_LOOP", "0", "no change of thread for each call"),
    Flag("RAY_SERVE_USE_GRPC_BY_DEFAULT", "1", "calls between replicas bypass the object store"),
    Flag("RAY_SERVE_PROXY_USE_GRPC", "1", "the same between proxy and gateway"),
    Flag(
        "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH",
        "guerdon.services.gateway.serve.straight:middlewares",
        "calls go straight to the gateway, which saves a third of the CPU of a small one",
    ),
    Flag("RAY_SERVE_FREEZE_GC_ON_STARTUP", "1", "the garbage collector need not look at imported modules again"),
    Flag("RAY_SERVE_REQUEST_PATH_LOG_BUFFER_SIZE", "1000", "one write for many log lines"),
    Flag("RAY_SERVE_LOG_TO_STDERR", "0", "Serve logs to files; our own log goes to standard error"),
)
_LIMITS = (
    Flag(
        "RAY_SERVE_REPLICA_GRPC_MAX_MESSAGE_LENGTH", str(SERVER_BYTES), "the default of 4 MiB aborts large calls"
    ),
    Flag("RAY_SERVE_GRPC_MAX_MESSAGE_SIZE", str(SERVER_BYTES), "the default is 2 GiB a message"),
)
_QUIET = (
    Flag("RAY_USAGE_STATS_ENABLED", "0", "nothing is told to anybody outside"),
    Flag("RAY_SERVE_CONTROL_LOOP_INTERVAL_S", "0.25", "the default of 0.1 s costs 4 % of a core when idle"),
)
_NO_HAPROXY = (
    Flag("RAY_SERVE_ENABLE_HA_PROXY", "0", "Serve's own proxy accepts calls"),
    Flag("RAY_SERVE_ENABLE_DIRECT_INGRESS", "0", "only HAProxy makes use of it; it opens two ports a replica"),
)


def _haproxy(threads: int, drain_s: int, cut_s: int) -> tuple[Flag, ...]:
    return (
        Flag(
            "RAY_SERVE_ENABLE_HA_PROXY",
            "1",
            "an eighth of the CPU of Serve's own proxy over HTTP, a third over gRPC",
        ),
        Flag("RAY_SERVE_ENABLE_DIRECT_INGRESS", "1", "HAProxy talks to the gateway's replicas itself"),
        Flag("RAY_SERVE_HAPROXY_NBTHREAD", str(threads), "threads beyond the cores only wait"),
        Flag("RAY_SERVE_HAPROXY_TIMEOUT_SERVER_S", str(LONGEST_CALL_S), "the default waits for ever"),
        Flag("RAY_SERVE_HAPROXY_TIMEOUT_CLIENT_S", str(LONGEST_CALL_S), "the default is an hour"),
        Flag(
            "RAY_SERVE_HAPROXY_HARD_STOP_AFTER_S",
            str(cut_s),
            "by default a reload cuts calls after 120 s",
        ),
        Flag("RAY_SERVE_PORT_QUARANTINE_S", str(cut_s + 10), "an old HAProxy may still use the port of a replica"),
        Flag(
            "RAY_SERVE_HAPROXY_METRICS_ENABLED",
            "0",
            "reads a log line for every call; the gateway counts them anyhow",
        ),
        Flag("RAY_SERVE_HAPROXY_RETRY_ON", "conn-failure", "a call that was begun is ours to try again"),
        Flag("RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S", str(drain_s), "time for HAProxy to look elsewhere"),
    )
