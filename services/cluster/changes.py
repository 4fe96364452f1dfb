"""What deploying a configuration would do to a cluster that already runs one."""

from __future__ import annotations

from typing import Any, NamedTuple

from guerdon.services.cluster.state import ClusterState


class Plan(NamedTuple):
    """A configuration as it can be carried out on a cluster."""

    config: dict[str, Any]
    """What to put."""
    removed: tuple[str, ...]
    """Applications of the cluster that the configuration does not list."""
    fixed: tuple[str, ...]
    """What the configuration asks for and only a new start of Serve can change."""


def plan(config: dict[str, Any], state: ClusterState) -> Plan:
    """Fit a configuration to what runs: hosts and ports stay as they were when Serve started."""
    names = {app["name"] for app in config["applications"]}
    removed = tuple(app.name for app in state.applications if app.name not in names and app.status != "DELETING")
    if state.http is None:
        return Plan(config, removed, ())
    fitted, fixed = dict(config), []
    running: dict[str, dict[str, Any]] = {
        "http_options": {"host": state.http[0], "port": state.http[1]},
        "grpc_options": {} if state.grpc_port is None else {"port": state.grpc_port},
    }
    for part, options in running.items():
        asked = config.get(part) or {}
        fixed += [
            f"{part}.{name} stays {value!r}"
            for name, value in options.items()
            if name in asked and asked[name] != value
        ]
        fitted[part] = {**asked, **options}
    return Plan(fitted, removed, tuple(fixed))
