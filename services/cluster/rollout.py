"""Waits until a cluster is as it was asked to be, and tells what happens meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping

from guerdon.services.cluster.errors import ClusterError, NotYet
from guerdon.services.cluster.rest import RestClient
from guerdon.services.cluster.state import ApplicationState, ClusterState

Progress = Callable[[ClusterState], None]
"""Called with every state that was seen."""

START_TIMEOUT_S = 180.0
_POLL_S = 0.2
_DETAIL_LINES = 12


def wait_running(
    client: RestClient,
    names: Collection[str],
    *,
    targets: Mapping[str, int] | None = None,
    progress: Progress | None = None,
    timeout_s: float = START_TIMEOUT_S,
    check: Callable[[], None] | None = None,
) -> ClusterState:
    """Wait until applications run with all the replicas they shall have, and no replica more.

    Args:
        client: the cluster.
        names: the applications.
        targets: replicas that a deployment of the name of its application shall have, where that is known.
        progress: told of every state.
        timeout_s: how long to wait, in seconds.
        check: called with every look; raises to end the waiting.

    Raises:
        ClusterError: an application has failed, or the cluster cannot be reached.
        NotYet: time is over.
    """
    until = time.monotonic() + timeout_s
    while True:
        if check is not None:
            check()
        state = client.state()
        if progress is not None:
            progress(state)
        found = {name: state.find(name) for name in names}
        if failed := [app for app in found.values() if app is not None and app.phase == "failed"]:
            raise ClusterError("\n".join(_failure(app) for app in failed))
        if all(app is not None and _as_asked(app, (targets or {}).get(app.name)) for app in found.values()):
            return state
        if time.monotonic() > until:
            raise NotYet(_late(found, timeout_s))
        time.sleep(_POLL_S)


def _as_asked(app: ApplicationState, target: int | None) -> bool:
    # The controller takes a moment to make a request its target.
    known = target is None or all(part.target == target for part in app.deployments)
    return known and app.phase == "running"


def _failure(app: ApplicationState) -> str:
    # The application only says which deployment it was; that one says why.
    messages = [*(deployment.message for deployment in app.deployments), app.message]
    said = next((message for message in messages if message), "it does not say why")
    return f"the application {app.name!r} is {app.status}: {_last_lines(said)}"


def _late(found: dict[str, ApplicationState | None], timeout_s: float) -> str:
    waiting = []
    for name, app in found.items():
        if app is None:
            waiting.append(f"{name}: not there")
        elif app.phase != "running":
            counts = ", ".join(f"{part.ready} of {part.target} replicas" for part in app.deployments)
            detail = next((f": {part.message}" for part in app.deployments if part.message), "")
            waiting.append(f"{name}: {app.status}, {counts or 'no replica'} ready{_last_lines(detail)}")
    return "\n".join([f"after {timeout_s:.0f} s not everything runs as asked:", *waiting])


def _last_lines(text: str) -> str:
    """The end of a message, where a trace says what happened."""
    return "\n".join(text.strip().splitlines()[-_DETAIL_LINES:])
