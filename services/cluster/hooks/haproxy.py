"""Stands in for the HAProxy binary of a private Ray: it chooses where HAProxy listens, and ends with its manager.

Run as ``python -IS haproxy.py BINARY HOST PORTS ARGUMENTS…``. Ray Serve's template binds the statistics and
metrics ports on every interface, and the ports of the gateway's replicas follow the public host. So Serve is told
to listen on loopback, and this opens the two public ports beyond it, and no others. Standard library only.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import re
import signal
import sys

_PR_SET_PDEATHSIG = 1
_LOOPBACK = "127.0.0.1"
_EVERY = frozenset({"0.0.0.0", "*", "::"})  # noqa: S104 - recognised, not bound
_BIND = re.compile(r"^(\s*bind\s+)([^\s:]*|\[[^\s\]]*\]):(\d+)(?=\s|$)", re.MULTILINE)


def placed(config: str, host: str, ports: frozenset[str]) -> str:
    """The configuration with the public ports bound to a host, and every other port to loopback."""

    def bind(found: re.Match[str]) -> str:
        prefix, _, port = found.groups()
        if port not in ports or host == _LOOPBACK:
            return f"{prefix}{_LOOPBACK}:{port}"
        # Its manager looks for it on loopback.
        every = {"::": f"[::]:{port} v4v6"}.get(host, f"*:{port}")
        return f"{prefix}{every}" if host in _EVERY else f"{prefix}{_LOOPBACK}:{port},{host}:{port}"

    return _BIND.sub(bind, config)


def main(binary: str, host: str, ports: str, *arguments: str) -> None:
    """Replace this process by HAProxy."""
    for option, value in itertools.pairwise(arguments):
        if option == "-f":
            _rewrite(value, host, frozenset(ports.split(",")))
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execv(binary, [binary, *arguments])  # noqa: S606 - no shell is wanted


def _rewrite(path: str, host: str, ports: frozenset[str]) -> None:
    """Change a file in its place: the manager knows its processes by the path on their command line."""
    with open(path, encoding="utf-8") as source:  # noqa: PTH123 - pathlib costs more than the rest
        config = placed(source.read(), host, ports)
    changed = f"{path}.placed"
    with open(changed, "w", encoding="utf-8") as target:  # noqa: PTH123
        target.write(config)
    os.replace(changed, path)  # noqa: PTH105


if __name__ == "__main__":
    main(*sys.argv[1:])
