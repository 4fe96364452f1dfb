"""Tells which replicas of a cluster have become ready."""

from __future__ import annotations

import logging
import time

from guerdon.services.cli.terminal import cell, console, visible
from guerdon.services.cluster.state import ApplicationState, ClusterState, DeploymentState

log = logging.getLogger(__name__)


class ReplicaAnnouncer:
    """Prints each replica once, when it is ready; to be called with every state that is seen.

    Args:
        quiet: whether to write to the log instead.
        known: what ran before; it is not told again.
    """

    def __init__(self, *, quiet: bool = False, known: ClusterState | None = None) -> None:
        self._quiet = quiet
        self._started = time.monotonic()
        self._told = {
            replica.id
            for app in (known.applications if known else ())
            for deployment in app.deployments
            for replica in deployment.replicas
            if replica.state == "RUNNING"
        }
        self._messages: set[str] = set()

    def __call__(self, state: ClusterState) -> None:
        """Tell what is new."""
        for app in state.applications:
            for deployment in app.deployments:
                self._replicas(deployment)
                self._message(app, deployment)

    def say(self, name: str, state: str, detail: str = "") -> None:
        """Tell that something has reached a state."""
        seconds = time.monotonic() - self._started
        if self._quiet:
            log.info("part_ready", extra={"part": name, "detail": detail, "seconds": round(seconds, 1)})
            return
        out = console()
        line = cell(f"{name:<12} ")
        line.append(state, style="green")
        line.append(f" after {seconds:.1f} s")
        if detail:
            line.append(f"  {visible(detail)}", style="dim")
        out.print(line)
        out.file.flush()

    def _replicas(self, deployment: DeploymentState) -> None:
        for replica in deployment.replicas:
            if replica.state == "RUNNING" and replica.id not in self._told:
                self._told.add(replica.id)
                self.say(deployment.name, "ready", f"replica {replica.id} on {replica.node}")

    def _message(self, app: ApplicationState, deployment: DeploymentState) -> None:
        """What keeps a deployment from its replicas, such as a lack of CPUs, is told once."""
        lines = deployment.message.strip().splitlines()
        if not lines or app.phase != "changing" or lines[0] in self._messages:
            return
        self._messages.add(lines[0])
        # Between them there is the trace of an exception.
        message = " ".join(dict.fromkeys((lines[0], lines[-1])))
        if self._quiet:
            log.warning("part_waiting", extra={"part": deployment.name, "detail": message})
        else:
            out = console()
            out.print(cell(f"{deployment.name:<12} {visible(message)}", "yellow"))
            out.file.flush()
