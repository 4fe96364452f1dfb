"""Scores the bundled batch over both transports and shows that they say the same, and what was expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.text import Text

from guerdon.clients.python import GrpcClient, HttpClient, ScoreError
from guerdon.services.cli.demo import FORMAT, DemoItem, load_demo
from guerdon.services.cli.demo_offer import judgeable, left_out
from guerdon.services.cli.errors import CliError, ExitCode
from guerdon.services.cli.results import number
from guerdon.services.cli.terminal import cell, console, visible
from guerdon.services.cli.verdict_table import verdicts

REWARDS = ("math", FORMAT)
"""What the items are judged by that name no rewards themselves."""
COMPARED = ("status", "score", "reason", "answer")
"""What has to be the same over both transports, besides an item's status and total."""
TIMEOUT_MS = 120_000

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
    whole = load_demo()
    with HttpClient(http, api_key or None) as http_client, GrpcClient(grpc, api_key or None) as grpc_client:
        with _told(f"HTTP at {http}"):
            offered = [http_client.describe()]
        with _told(f"gRPC at {grpc}"):
            offered.append(grpc_client.describe())
        batch, lacking = judgeable(whole, offered)
        request = {
            "rewards": [{"name": name} for name in REWARDS],
            "items": [entry.item for entry in batch],
            "timeout_ms": TIMEOUT_MS,
        }
        with _told(f"HTTP at {http}"):
            over_http = http_client.score(request)
        with _told(f"gRPC at {grpc}"):
            over_grpc = grpc_client.score(request)
    different = differences(over_http, over_grpc)
    surprising = surprises(batch, over_http) | surprises(batch, over_grpc)
    out = console()
    marked = different.keys() | surprising.keys()
    out.print(verdicts(batch, over_http, marked, out.width))
    out.print()
    for name, answer in (("HTTP", over_http), ("gRPC", over_grpc)):
        out.print(_summary(name, answer))
    for reward, state in lacking.items():
        count = sum(entry.judged == reward for entry in whole)
        out.print(cell(left_out(reward, count, state, http, api_key), "yellow"))
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


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Ends the command where a call is refused or nobody answers."""
    try:
        yield
    except ScoreError as error:
        raise CliError(f"{where}: {error.message} ({error.code})", ExitCode.SERVICE) from None


def _verdicts(result: Answer) -> Answer:
    components = [{key: component[key] for key in ("name", *COMPARED)} for component in result["components"]]
    return {"id": result["id"], "status": result["status"], "total": result["total"], "components": components}


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
