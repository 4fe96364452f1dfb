"""``guerdon scale``: changes how many replicas verifiers have."""

from __future__ import annotations

import json as json_module

from cyclopts import App

from guerdon.services.cli.cluster_target import ClusterOptions
from guerdon.services.cli.errors import CliError, ExitCode
from guerdon.services.cli.replicas import ReplicaAnnouncer
from guerdon.services.cli.terminal import say, visible
from guerdon.services.cluster.config import MAX_REPLICAS
from guerdon.services.cluster.rest import RestClient
from guerdon.services.cluster.rollout import wait_running
from guerdon.services.cluster.state import ClusterState

app = App(
    name="scale",
    help_epilogue=(
        "Exit codes: 0 all replicas are ready; 1 not within --timeout; 2 usage; 3 the cluster cannot be reached, "
        "or refuses. What is set here holds until the next guerdon deploy."
    ),
)


@app.default
def scale(
    *targets: str,
    timeout: float = 180.0,
    json: bool = False,
    cluster: ClusterOptions = ClusterOptions(),  # noqa: B008 - frozen
) -> int:
    """Set numbers of replicas and wait until they are there.

    Args:
        targets: Verifier and replicas, as math=4; may be repeated. Those that share replicas are scaled together.
        timeout: Seconds to wait.
        json: Write the outcome as JSON to standard output.
        cluster: Which cluster.
    """
    wanted = parse_targets(targets)
    with cluster.connect() as client:
        before = client.state()
        wanted = _applications(client, before, wanted)
        for name, replicas in wanted.items():
            client.scale(name, name, replicas)
        state = wait_running(
            client,
            wanted,
            progress=None if json else ReplicaAnnouncer(known=before),
            timeout_s=timeout,
            targets=wanted,
        )
    ready = {app.name: app.deployments[0].ready for app in state.applications if app.name in wanted}
    if json:
        print(json_module.dumps({"replicas": ready}))
    else:
        say(", ".join(f"{visible(name)} has {replicas}" for name, replicas in ready.items()))
    return ExitCode.OK


def parse_targets(words: tuple[str, ...]) -> dict[str, int]:
    """The replicas of each verifier, from words such as ``math=4``.

    Raises:
        CliError: a word has another form, or names a verifier for the second time.
    """
    if not words:
        raise CliError("say what to scale, as in: guerdon scale math=4 format=2")
    wanted: dict[str, int] = {}
    for word in words:
        name, equals, number = word.partition("=")
        if not name or not equals or not number.isascii() or not number.isdigit():
            raise CliError(f"{word!r}: write it as name=replicas, such as math=4")
        if not 1 <= int(number) <= MAX_REPLICAS:
            raise CliError(f"{word!r}: the number of replicas has to lie between 1 and {MAX_REPLICAS}")
        if name in wanted:
            raise CliError(f"{word!r}: {name!r} is given twice")
        wanted[name] = int(number)
    return wanted


def _applications(client: RestClient, before: ClusterState, wanted: dict[str, int]) -> dict[str, int]:
    """The replicas of each application, from those of verifiers or applications.

    Raises:
        CliError: one is unknown, or two that share replicas shall have different numbers.
    """
    # Before anything is changed: half of a command would be hard to explain.
    found = {name: app for name in wanted if (app := before.find(name) or before.host_of(name)) is not None}
    if unknown := [name for name in wanted if name not in found]:
        there = [app.name for app in before.applications]
        raise CliError(
            f"the cluster at {client.address} runs no application {', '.join(map(repr, unknown))}; "
            f"it runs: {', '.join(there) or 'nothing'}",
            ExitCode.SERVICE,
        )
    applications: dict[str, int] = {}
    for name, app in found.items():
        if applications.setdefault(app.name, wanted[name]) != wanted[name]:
            raise CliError(f"the verifiers of {app.name} share their replicas: give one number for all of them")
    for name, app in found.items():
        if app.name != name:
            say(f"{visible(name)} shares its replicas: {visible(app.name)} is scaled as a whole")
    return applications
