"""The stand-in for HAProxy: which ports are opened where."""

from __future__ import annotations

import subprocess
import sys

import pytest

from guerdon.services.cluster.hooks import haproxy
from guerdon.services.cluster.hooks.haproxy import placed

CONFIG = """\
frontend prometheus
    bind :9101
frontend http_frontend
    bind {host}:8000
frontend grpc_frontend
    # bind lines in comments stay
    bind {host}:9000 proto h2
backend gateway
    server one 127.0.0.1:30000 check
listen stats
  bind *:8404
"""
PORTS = frozenset({"8000", "9000"})


def binds(config: str) -> list[str]:
    """The bind lines."""
    return [line.strip() for line in config.splitlines() if line.strip().startswith("bind")]


@pytest.mark.parametrize(
    ("host", "http", "grpc"),
    [
        ("127.0.0.1", "127.0.0.1:8000", "127.0.0.1:9000 proto h2"),
        ("0.0.0.0", "*:8000", "*:9000 proto h2"),
        ("::", "[::]:8000 v4v6", "[::]:9000 v4v6 proto h2"),
        ("10.1.2.3", "127.0.0.1:8000,10.1.2.3:8000", "127.0.0.1:9000,10.1.2.3:9000 proto h2"),
    ],
)
def test_only_the_public_ports_follow_the_host(host, http, grpc):
    """HTTP and gRPC are bound to the host, and to loopback, where Serve looks for them; all else to loopback."""
    config = placed(CONFIG.format(host="127.0.0.1"), host, PORTS)
    assert binds(config) == ["bind 127.0.0.1:9101", f"bind {http}", f"bind {grpc}", "bind 127.0.0.1:8404"]
    assert "server one 127.0.0.1:30000 check" in config


@pytest.mark.parametrize("host", ["*", "0.0.0.0", "", "[::]"])
def test_wildcards_do_not_pass(host):
    """However Serve writes a wildcard, on loopback nothing else is bound."""
    config = placed(CONFIG.format(host=host), "127.0.0.1", PORTS)
    assert all(line.startswith("bind 127.0.0.1:") for line in binds(config))


def test_it_becomes_haproxy(tmp_path):
    """The file is changed in its place and the binary gets the arguments unchanged."""
    config = tmp_path / "haproxy.cfg"
    config.write_text(CONFIG.format(host="*"), encoding="utf-8")
    command = [sys.executable, "-IS", haproxy.__file__, "/bin/echo", "127.0.0.1", "8000,9000", "-db", "-f", config]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["-db", "-f", str(config)]
    assert "bind *" not in config.read_text(encoding="utf-8")
