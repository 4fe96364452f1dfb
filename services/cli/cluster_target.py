"""Which cluster a command talks to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from cyclopts import Group, Parameter

from guerdon.services.cli.errors import CliError, ExitCode
from guerdon.services.cluster.errors import ClusterError, ConfigError, NotYet
from guerdon.services.cluster.local import LocalCluster, local_clusters, read_token
from guerdon.services.cluster.rest import RestClient
from guerdon.services.cluster.state import ClusterState

_EVERY_HOST = frozenset({"0.0.0.0", "::", "127.0.0.1", "localhost"})  # noqa: S104 - recognised, not bound


@Parameter(name="*", group=Group("Which cluster", sort_key=9))
@dataclass(frozen=True)
class ClusterOptions:
    """A cluster elsewhere, or the one that guerdon up started here."""

    address: str = ""
    """REST API of the cluster, as http://host:8265; by default the private one that guerdon up started here."""
    token_file: Annotated[Path | None, Parameter(env_var="RAY_AUTH_TOKEN_PATH", show_env_var=True)] = None
    """File with the cluster's token."""

    @contextmanager
    def connect(self) -> Iterator[RestClient]:
        """A client of the cluster; its faults become errors of the command.

        Raises:
            CliError: there is no such cluster, or what is done with it fails.
        """
        with cluster_faults():
            address, token = self._found()
            with RestClient(address, token) as client:
                yield client

    def _found(self) -> tuple[str, str]:
        if not self.address:
            cluster = _only(local_clusters())
            return cluster.address, cluster.token()
        parts = urlsplit(self.address)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise CliError(f"--address {self.address!r}: write it as http://host:8265")
        if self.token_file is not None:
            return self.address, read_token(self.token_file)
        here = [cluster for cluster in local_clusters() if cluster.address == self.address.rstrip("/")]
        return self.address, here[0].token() if here else ""


@contextmanager
def cluster_faults() -> Iterator[None]:
    """Report what goes wrong with a cluster as a message."""
    try:
        yield
    except ConfigError as error:
        raise CliError("\n  ".join(["this configuration cannot be used:", *error.problems])) from None
    except NotYet as error:
        raise CliError(str(error), ExitCode.INCOMPLETE) from None
    except ClusterError as error:
        raise CliError(str(error), ExitCode.SERVICE) from None


def gateway_url(client: RestClient, state: ClusterState) -> str:
    """Where the gateway of a cluster answers, seen from here; empty before Serve has started."""
    if state.http is None:
        return ""
    host, port = state.http
    if host in _EVERY_HOST:
        host = urlsplit(client.address).hostname or host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _only(clusters: list[LocalCluster]) -> LocalCluster:
    if not clusters:
        raise CliError(
            "no cluster of yours runs on this machine: start one with guerdon up --backend ray, or give --address",
            ExitCode.SERVICE,
        )
    if len(clusters) > 1:
        known = "\n  ".join(f"--address {cluster.address} (gateway at {cluster.http})" for cluster in clusters)
        raise CliError(f"several clusters of yours run on this machine; choose one:\n  {known}")
    return clusters[0]
