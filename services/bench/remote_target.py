"""A target that runs already."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from guerdon.services.bench.cpu import alive
from guerdon.services.bench.errors import BenchError, Unsupported


class RemoteTarget:
    """A service that runs already.

    Args:
        urls: ``http://host:port`` and ``grpc://host:port``, one of each at most.
        counted: its processes on this machine, for their CPU time.
        name: its name in reports.

    Raises:
        BenchError: a URL has another form, or a process does not exist.
    """

    floor = False

    def __init__(self, urls: Sequence[str], counted: Sequence[int] = (), name: str = "url") -> None:
        self.name = name
        self._addresses = {"http": "", "grpc": ""}
        for url in urls:
            parts = urlsplit(url)
            if parts.scheme not in self._addresses or not _has_address(parts) or parts.path.strip("/"):
                raise BenchError(f"--url {url!r}: write it as http://host:port or grpc://host:port")
            if self._addresses[parts.scheme]:
                raise BenchError(f"--url {url!r}: a second address for {parts.scheme}; one of each is measured")
            self._addresses[parts.scheme] = f"http://{parts.netloc}" if parts.scheme == "http" else parts.netloc
        if gone := [pid for pid in counted if not alive(pid)]:
            raise BenchError(f"--pid {gone[0]}: there is no such process on this machine")
        self._counted = list(counted)

    @property
    def http(self) -> str:
        """Its URL, or empty."""
        return self._addresses["http"]

    @property
    def grpc(self) -> str:
        """Its ``host:port``, or empty."""
        return self._addresses["grpc"]

    def start(self) -> None:
        """Nothing: it runs."""

    def stop(self) -> None:
        """Nothing: it is not ours."""

    def pids(self) -> Sequence[int]:
        """The processes that were named."""
        return self._counted

    def scale(self, verifier: str, replicas: int) -> None:
        """Refuse.

        Raises:
            Unsupported: always.
        """
        raise Unsupported("a service that runs already is not scaled by a bench")


def _has_address(parts: SplitResult) -> bool:
    try:
        return bool(parts.hostname) and (parts.port is not None or parts.scheme == "http")
    except ValueError:
        return False
