"""A private Ray on this machine: started for one configuration, stopped with everything that belongs to it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from guerdon.services.cluster.errors import ClusterError, ConfigError, Unreachable
from guerdon.services.cluster.flags import Ingress
from guerdon.services.cluster.guard import LOG
from guerdon.services.cluster.local import forget_cluster, remember_cluster
from guerdon.services.cluster.placement import ray_command, ray_environment
from guerdon.services.cluster.ports import LOOPBACK, Ports, choose_ports
from guerdon.services.cluster.processes import pids_of, sweep
from guerdon.services.cluster.rest import RestClient
from guerdon.services.cluster.rollout import START_TIMEOUT_S, Progress, wait_running
from guerdon.services.cluster.rundir import RunFolder, make_run_folder
from guerdon.services.cluster.state import ClusterState

T = TypeVar("T")

_STARTED_S = 120.0
_STOPPED_S = 10.0
_POLL_S = 0.1
_LOG_LINES = 15


class PrivateRay:
    """A private Ray with the applications of one configuration.

    Every one of its processes is a child of a guard, which ends them when this process ends, however it ends.

    Args:
        config: a Serve configuration; ports and hosts in it are replaced.
        host: address of the HTTP and gRPC ports; nothing else listens beyond loopback.
        http_port: HTTP port; 0 for a free one.
        grpc_port: gRPC port; 0 for a free one.
        ingress: who accepts calls.
        cpus: CPUs that replicas may ask for, all together; those of the machine by default.
        extra_path: folders from which replicas import, before the installed packages.
        environ: variables for all its processes.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        *,
        host: str = LOOPBACK,
        http_port: int = 0,
        grpc_port: int = 0,
        ingress: Ingress = "haproxy",
        cpus: int | None = None,
        extra_path: Sequence[Path | str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._config = config
        self._host = host
        self._wanted_ports = http_port, grpc_port
        self._ingress = ingress
        self._cpus = cpus or os.cpu_count() or 1
        self._extra_path = extra_path
        self._environ = environ or {}
        self._folder: RunFolder | None = None
        self._ports: Ports | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._client: RestClient | None = None
        self.run = uuid.uuid4().hex
        """Names this run; every process of it carries the name in its environment."""

    @property
    def ports(self) -> Ports:
        """Its ports."""
        return _started(self._ports)

    @property
    def folder(self) -> RunFolder:
        """Its folder."""
        return _started(self._folder)

    @property
    def client(self) -> RestClient:
        """Its REST API."""
        return _started(self._client)

    @property
    def http(self) -> str:
        """URL of its HTTP port."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.ports.http}"

    @property
    def grpc(self) -> str:
        """``host:port`` of its gRPC port."""
        return f"{self._host}:{self.ports.grpc}"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def pids(self) -> list[int]:
        """All its processes except the guard."""
        return pids_of(self.run)

    def start(self) -> None:
        """Start Ray and wait until its REST API answers; the applications are not there yet.

        Raises:
            ClusterError: a port is not free, or Ray does not start.
        """
        self._ports = choose_ports(self._host, *self._wanted_ports)
        self._folder = make_run_folder()
        token = self._folder.token_file.read_text(encoding="ascii")
        command = ray_command(self._folder, self._ports, cpus=self._cpus)
        environment = ray_environment(
            self._folder, self._ports, ingress=self._ingress, host=self._host, extra_path=self._extra_path
        )
        guard = [sys.executable, "-m", "guerdon.services.cluster.guard", self.run, str(self._folder.path)]
        self._guard = subprocess.Popen(
            [*guard, *command],
            stdin=subprocess.PIPE,
            env={**environment, **self._environ},
            # Ctrl-C in a terminal reaches its whole group; only this process shall act on it.
            start_new_session=True,
        )
        self._client = RestClient(f"http://{LOOPBACK}:{self._ports.rest}", token)
        self._wait_answering()
        remember_cluster(
            self.run, address=self._client.address, token_file=self._folder.token_file, http=self.http
        )

    def deploy(
        self,
        config: Mapping[str, Any] | None = None,
        *,
        progress: Progress | None = None,
        timeout_s: float = START_TIMEOUT_S,
    ) -> ClusterState:
        """Make it run a configuration, its own by default, and wait until every replica is ready.

        Args:
            config: what to run.
            progress: told of every state on the way.
            timeout_s: how long to wait, in seconds.

        Raises:
            ClusterError: the configuration is refused, an application fails, or time is over.
        """
        placed = self.place(self._config if config is None else config)
        self.client.put(placed)
        names = [app["name"] for app in placed["applications"]]
        return wait_running(self.client, names, progress=progress, timeout_s=timeout_s, check=self.check_alive)

    def place(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """A configuration with the hosts and ports of this Ray."""
        if not isinstance(config.get("applications"), list):
            raise ConfigError(["applications: has to be a list"])
        # HAProxy's stand-in opens the public ports; Serve itself would open those of the replicas too.
        host = self._host if self._ingress == "proxy" else LOOPBACK
        return {
            **config,
            "proxy_location": "HeadOnly",
            "http_options": {**(config.get("http_options") or {}), "host": host, "port": self.ports.http},
            "grpc_options": {**(config.get("grpc_options") or {}), "port": self.ports.grpc},
        }

    def check_alive(self) -> None:
        """Raise if Ray has ended.

        Raises:
            ClusterError: it has, with what it said.
        """
        if self._guard is not None and self._guard.poll() is not None:
            raise ClusterError(f"Ray has ended by itself. It said:\n{self._last_words()}")

    def stop(self) -> None:
        """Stop all its processes and remove its folder; nothing else is touched."""
        forget_cluster(self.run)
        if self._client is not None:
            self._client.close()
        if self._guard is not None:
            _end(self._guard)
            # Where the guard itself was killed, nobody else has done it.
            sweep(self.run)
        if self._folder is not None:
            self._folder.remove()

    def _wait_answering(self) -> None:
        until = time.monotonic() + _STARTED_S
        while True:
            self.check_alive()
            with contextlib.suppress(Unreachable):
                self.client.version()
                return
            if time.monotonic() > until:
                raise ClusterError(f"Ray did not start in {_STARTED_S:.0f} s. It said:\n{self._last_words()}")
            time.sleep(_POLL_S)

    def _last_words(self) -> str:
        try:
            text = (self.folder.path / LOG).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "nothing"
        return "\n".join(text.strip().splitlines()[-_LOG_LINES:])


@contextlib.contextmanager
def private_ray(config: Mapping[str, Any], **options: Any) -> Iterator[PrivateRay]:
    """A private Ray that runs a configuration inside the ``with`` block; options are those of the class.

    Raises:
        ClusterError: it does not start, or an application fails.
    """
    with PrivateRay(config, **options) as ray:
        ray.deploy()
        yield ray


def _end(guard: subprocess.Popen[bytes]) -> None:
    if guard.stdin is not None:
        guard.stdin.close()
    try:
        guard.wait(_STOPPED_S)
    except subprocess.TimeoutExpired:
        guard.kill()
        guard.wait()


def _started(value: T | None) -> T:
    if value is None:
        raise ClusterError("this Ray has not been started")
    return value
