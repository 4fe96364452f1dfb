"""Scores the bundled batch over both transports and shows that they say the same, and what was expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from guerdon.clients.python import GrpcClient, HttpClient, ScoreError
from guerdon.services.cli.demo import DemoItem, load_demo
from guerdon.services.cli.errors import CliError, ExitCode
from guerdon.services.cli.results import number
from guerdon.services.cli.terminal import cell, console, shortened, visible

REWARDS = ("math", "format")
COMPARED = ("status", "score", "reason", "answer")
"""What has to be the same over both transports, besides an item's status and total."""
TIMEOUT_MS = 120_000

_NOTE_CHARS, _REASON_CHARS, _WHY_CHARS = 42, 22, 130
_TABLE_WIDTH = 130
"""Columns from which a table can be read; below it items take two lines."""

Answer = dict[str, Any]


def run_demo(http: str, grpc: str, api_key: str) -> ExitCode:
    """Score the batch over both transports, print every verdict and whether all is as it should be.

    Args:
        http: URL of the HTTP server.
        grpc: ``host:port`` of the gRPC server.
        api_key: the service's API key, or empty.

    Raises:
        CliError: the service cannot be reached or refuses the call.
    """
    batch = load_demo()
    request = {
        "rewards": [{"name": name} for name in REWARDS],
        "items": [entry.item for entry in batch],
        "timeout_ms": TIMEOUT_MS,
    }
    with HttpClient(http, api_key or None) as http_client, GrpcClient(grpc, api_key or None) as grpc_client:
        over_http = _score(http_client, request, f"HTTP at {http}")
        over_grpc = _score(grpc_client, request, f"gRPC at {grpc}")
    different = differences(over_http, over_grpc)
    surprising = surprises(batch, over_http) | surprises(batch, over_grpc)
    out = console()
    marked = different.keys() | surprising.keys()
    out.print(_table(batch, over_http, marked) if out.width >= _TABLE_WIDTH else _lines(batch, over_http, marked))
    out.print()
    for name, answer in (("HTTP", over_http), ("gRPC", over_grpc)):
        out.print(_summary(name, answer))
    out.print(_conclusion("Both transports gave the same verdicts", different, len(batch)))
    out.print(_conclusion("Every verdict is the expected one", surprising, len(batch)))
    out.file.flush()
    return ExitCode.INCOMPLETE if different or surprising else ExitCode.OK


def differences(over_http: Answer, over_grpc: Answer) -> dict[str, str]:
    """Items whose verdicts are not the same over both transports, with what differs."""
    found = {}
    for one, other in zip(over_http["results"], over_grpc["results"], strict=True):
        if (seen := _verdicts(one)) != (other_seen := _verdicts(other)):
            found[one["id"]] = f"{seen} over HTTP, {other_seen} over gRPC"
    return found


def surprises(batch: Sequence[DemoItem], answer: Answer) -> dict[str, str]:
    """Items whose verdicts are not the expected ones, with what was expected."""
    found = {}
    for entry, result in zip(batch, answer["results"], strict=True):
        for component in result["components"]:
            expected = entry.expect[component["name"]]
            wanted = (str(expected.status), expected.score, expected.reason or component["reason"])
            if (component["status"], component["score"], component["reason"]) != wanted:
                got = _said(component["status"], component["score"], component["reason"])
                right = _said(expected.status, expected.score, expected.reason or "any reason")
                found[result["id"]] = f"{component['name']} is {got}, expected {right}: {component['explanation']}"
    return found


def _said(status: str, score: float | None, reason: str) -> str:
    return f"{status} {'null' if score is None else number(score)} ({reason})"


def _score(client: HttpClient | GrpcClient, request: Answer, where: str) -> Answer:
    try:
        return client.score(request)
    except ScoreError as error:
        raise CliError(f"{where}: {error.message} ({error.code})", ExitCode.SERVICE) from None


def _verdicts(result: Answer) -> Answer:
    components = [{key: component[key] for key in ("name", *COMPARED)} for component in result["components"]]
    return {"id": result["id"], "status": result["status"], "total": result["total"], "components": components}


def _table(batch: Sequence[DemoItem], answer: Answer, marked: set[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "id", "what it tests", *REWARDS):
        table.add_column(column, no_wrap=True)
    table.add_column("total", justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for entry, result in zip(batch, answer["results"], strict=True):
        by_name = {component["name"]: component for component in result["components"]}
        table.add_row(
            _mark(result["id"], marked),
            cell(visible(result["id"])),
            cell(shortened(entry.note, _NOTE_CHARS)),
            *(_verdict(by_name[name]) for name in REWARDS),
            cell(number(result["total"])),
            cell(_why(by_name), "dim"),
        )
    return table


def _lines(batch: Sequence[DemoItem], answer: Answer, marked: set[str]) -> Text:
    """The table for a narrow terminal: two lines for each item."""
    text = Text()
    for entry, result in zip(batch, answer["results"], strict=True):
        by_name = {component["name"]: component for component in result["components"]}
        text.append_text(_mark(result["id"], marked))
        text.append(f" {visible(result['id'])}: {visible(entry.note)}\n   ")
        for name in REWARDS:
            text.append(f"{name} ").append_text(_verdict(by_name[name])).append(" · ")
        text.append(f"total {number(result['total'])} · ")
        text.append(f"{_why(by_name)}\n", style="dim")
    return text


def _mark(name: str, marked: set[str]) -> Text:
    return cell("✗", "red") if name in marked else cell("✓", "green")


def _verdict(component: Answer) -> Text:
    reason = shortened(component["reason"], _REASON_CHARS)
    if component["score"] is None:
        return cell(f"null {reason}", "yellow")
    return cell(f"{number(component['score'])} {reason}")


def _why(by_name: Mapping[str, Answer]) -> str:
    return shortened(by_name["math"]["explanation"], _WHY_CHARS)


def _summary(name: str, answer: Answer) -> str:
    summary = answer["summary"]
    statuses = ", ".join(f"{count} {status}" for status, count in sorted(summary["by_status"].items()))
    components = [component for result in answer["results"] for component in result["components"]]
    cached = sum(component["cached"] for component in components)
    return (
        f"{name}: {summary['items']} items in {summary['latency_ms']:.0f} ms: {statuses}; "
        f"{cached} of {len(components)} verdicts from the cache"
    )


def _conclusion(claim: str, exceptions: dict[str, str], items: int) -> Text:
    if not exceptions:
        return cell(f"{claim}: yes, for all {items} items.", "bold green")
    text = cell(f"{claim}: NO, not for {len(exceptions)} of {items} items:", "bold red")
    for name, what in exceptions.items():
        text.append(f"\n  {visible(name)}: {visible(what)}", style="default")
    return text
