"""``guerdon status``: what runs on a cluster, and how it is doing."""

from __future__ import annotations

import json as json_module
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.live import Live
from rich.table import Table
from rich.text import Text

from guerdon.services.cli.cluster_target import ClusterOptions, gateway_url
from guerdon.services.cli.errors import ExitCode
from guerdon.services.cli.terminal import cell, console, say, visible
from guerdon.services.cluster.config import GATEWAY
from guerdon.services.cluster.gateway import READY, figures
from guerdon.services.cluster.rest import RestClient
from guerdon.services.cluster.state import ApplicationState
from guerdon.services.gateway.describe import VerifierStatus
from guerdon.services.runtime.names import verifiers_of
from guerdon.services.runtime.report import ReplicaReport

app = App(
    name="status",
    help_epilogue=(
        "Exit codes: 0 everything runs; 1 something does not, or not yet; 2 usage; 3 no cluster can be reached."
    ),
)

_PERIOD_S = 1.0
_VERSION_CHARS = 12
_STYLES = {"running": "green", "changing": "yellow", "failed": "red"}
_FIGURES = {
    "queued": "{:d}",
    "items": "{:d}",
    "p50_ms": "{:.1f}",
    "p99_ms": "{:.1f}",
    "cpu_seconds": "{:.1f}",
}
"""What the gateway tells of a replica, and how it is shown."""


@app.default
def status(
    *,
    watch: bool = False,
    json: bool = False,
    url: str = "",
    api_key: Annotated[str, Parameter(env_var="GUERDON_API_KEY", show_env_var=True, show_default=False)] = "",
    cluster: ClusterOptions = ClusterOptions(),  # noqa: B008 - frozen
) -> int:
    """Show applications, replicas, versions, queues and times.

    Args:
        watch: Show it again every second until Ctrl-C.
        json: Write it as JSON to standard output, with --watch one line every second.
        url: Gateway to ask, as http://host:port; by default that of the cluster.
        api_key: API key of the gateway.
        cluster: Which cluster.
    """
    with cluster.connect() as client:
        if not watch:
            seen = _look(client, url, api_key)
            _print_json(seen) if json else _print(seen)
            return ExitCode.OK if seen["running"] else ExitCode.INCOMPLETE
        with _screen(json=json) as show:
            while True:
                show(_look(client, url, api_key))
                time.sleep(_PERIOD_S)


@contextmanager
def _screen(*, json: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Shows a look in the place of the last one, or below it where the output is no terminal."""
    out = console()
    if json or not out.is_terminal:
        yield _print_json if json else _print
        return
    with Live(console=out, auto_refresh=False) as live:
        yield lambda seen: live.update(_table(seen), refresh=True)


def _look(client: RestClient, url: str, api_key: str) -> dict[str, Any]:
    """Everything there is to show, as ``--json`` writes it."""
    state = client.state()
    url = url.rstrip("/") or gateway_url(client, state)
    told = figures(url, api_key) if url else "no gateway has been started"
    known = told if isinstance(told, dict) else {}
    applications = [_application(part, known) for part in state.applications]
    return {
        "address": client.address,
        "gateway": url,
        "running": bool(applications) and all(map(_runs, applications)),
        "note": "" if isinstance(told, dict) else told,
        "applications": applications,
    }


def _runs(part: dict[str, Any]) -> bool:
    """Whether an application is as it shall be, and the gateway can use all that it runs as far as it is known."""
    return part["phase"] == "running" and part["state"] in {"", READY}


def _application(part: ApplicationState, known: Mapping[str, VerifierStatus]) -> dict[str, Any]:
    verifiers = [_verifier(known[name]) for name in verifiers_of(part.name) if name in known]
    replicas = [
        {"id": replica.id, "state": replica.state, "node": replica.node, **_one_of(verifiers, replica.id)}
        for deployment in part.deployments
        for replica in deployment.replicas
    ]
    message = next((entry.message for entry in part.deployments if entry.message), part.message)
    return {
        "name": part.name,
        "status": part.status,
        "phase": part.phase,
        "message": message,
        "target": sum(entry.target for entry in part.deployments),
        "ready": sum(entry.ready for entry in part.deployments),
        "state": next((told["state"] for told in verifiers if told["state"] != READY), READY if verifiers else ""),
        "version": _common([told["version"] for told in verifiers]),
        **_together(verifiers),
        "verifiers": verifiers,
        "replicas": replicas,
    }


def _verifier(told: VerifierStatus) -> dict[str, Any]:
    """What the gateway tells of a verifier and its replicas."""
    replicas = [{"id": replica.id, "version": replica.version, **_figures(replica)} for replica in told.replicas]
    return {
        "name": told.name,
        "state": told.state,
        "version": told.version,
        **_together(replicas),
        "replicas": replicas,
    }


def _one_of(verifiers: list[dict[str, Any]], replica_id: str) -> dict[str, Any]:
    """What the gateway tells of one replica, all its verifiers together."""
    told = [replica for verifier in verifiers for replica in verifier["replicas"] if replica["id"] == replica_id]
    return {"version": _common([replica["version"] for replica in told]), **_together(told)}


def _common(versions: list[str]) -> str:
    """The version of a single verifier; several have none in common."""
    return versions[0] if len(versions) == 1 else ""


def _figures(replica: ReplicaReport) -> dict[str, Any]:
    return {**{field: getattr(replica, field) for field in _FIGURES}, "queued": sum(replica.queued)}


def _together(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts add up, times are those of the slowest; all unknown where nobody tells."""
    known = [part for part in parts if part["queued"] is not None]
    if not known:
        return dict.fromkeys(_FIGURES)
    return {field: (max if field.endswith("_ms") else sum)(part[field] for part in known) for field in _FIGURES}


def _print_json(seen: dict[str, Any]) -> None:
    print(json_module.dumps(seen), flush=True)


def _print(seen: dict[str, Any]) -> None:
    out = console()
    out.print(_table(seen))
    out.file.flush()
    for part in seen["applications"]:
        if part["message"] and part["phase"] != "running":
            say(f"{visible(part['name'])}: {part['message'].strip()}")
    if seen["note"]:
        say(visible(seen["note"]))


def _table(seen: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, align in (
        ("application", "left"),
        ("status", "left"),
        ("ready", "right"),
        ("target", "right"),
        ("version", "left"),
        ("queued", "right"),
        ("items", "right"),
        ("p50 ms", "right"),
        ("p99 ms", "right"),
        ("CPU s", "right"),
    ):
        table.add_column(column, justify="right" if align == "right" else "left", no_wrap=True)
    for part in seen["applications"]:
        table.add_row(
            cell(visible(part["name"]), "bold" if part["name"] == GATEWAY else ""),
            cell(_status(part), _STYLES[part["phase"]]),
            cell(str(part["ready"])),
            cell(str(part["target"])),
            cell(_version(part)),
            *(_number(part[field], form) for field, form in _FIGURES.items()),
        )
        for told in part["verifiers"] if len(part["verifiers"]) > 1 else ():
            table.add_row(
                cell(f"  {visible(told['name'])}"),
                cell(visible(told["state"]), "" if told["state"] == READY else "yellow"),
                cell(""),
                cell(""),
                cell(_version(told)),
                *(_number(told[field], form) for field, form in _FIGURES.items()),
            )
    if not seen["applications"]:
        table.add_row(cell("nothing runs", "yellow"))
    return table


def _status(part: dict[str, Any]) -> str:
    """Serve's word, and the gateway's where it differs in meaning."""
    told = part["state"]
    return str(part["status"]).lower() + (f", {visible(told)}" if told not in {"", "ready"} else "")


def _version(part: dict[str, Any]) -> str:
    """The verifier's version; that several are served is seen at once."""
    versions = sorted({replica["version"] for replica in part["replicas"] if replica["version"]})
    if len(versions) > 1:
        return f"{len(versions)} versions"
    return visible(str(part["version"]))[-_VERSION_CHARS:]


def _number(value: float | None, form: str) -> Text:
    return cell("" if value is None else form.format(value))
