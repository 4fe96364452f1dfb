"""Makes a cluster run a configuration, and waits until it does."""

from __future__ import annotations

from typing import Any

from guerdon.services.cli.cluster_target import gateway_url
from guerdon.services.cli.errors import CliError
from guerdon.services.cli.replicas import ReplicaAnnouncer
from guerdon.services.cli.terminal import say, visible
from guerdon.services.cluster.changes import plan
from guerdon.services.cluster.config import GATEWAY
from guerdon.services.cluster.gateway import wait_ready
from guerdon.services.cluster.rest import RestClient
from guerdon.services.cluster.rollout import wait_running
from guerdon.services.cluster.state import ClusterState


def deploy_and_wait(
    client: RestClient, content: dict[str, Any], *, prune: bool, timeout_s: float, quiet: bool
) -> tuple[ClusterState, str]:
    """Deploy, and wait until every replica is ready and the gateway can use every verifier.

    Args:
        client: the cluster.
        content: a checked configuration.
        prune: whether applications that it does not list may be removed.
        timeout_s: how long to wait, in seconds.
        quiet: whether to keep progress to the log.

    Returns:
        What runs then, and the URL of the gateway.

    Raises:
        CliError: it would remove applications.
        ClusterError: the cluster refuses, an application fails, or time is over.
    """
    before = client.state()
    planned = plan(content, before)
    if planned.removed and not prune:
        raise CliError(
            f"the cluster at {client.address} also runs {', '.join(map(repr, planned.removed))}, which this "
            "configuration does not list and deploying it would remove: add --prune if that is meant"
        )
    for fixed in planned.fixed:
        say(f"warning: {visible(fixed)}: only a new start of the cluster can change it")
    client.put(planned.config)
    names = [app["name"] for app in planned.config["applications"]]
    state = wait_running(client, names, progress=ReplicaAnnouncer(quiet=quiet, known=before), timeout_s=timeout_s)
    url = gateway_url(client, state)
    wait_ready(url, [name for name in names if name != GATEWAY], timeout_s=timeout_s)
    return state, url
