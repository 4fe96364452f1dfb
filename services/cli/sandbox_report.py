"""The self-check of the sandbox, followed and shown."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from dataclasses import asdict

import msgspec
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

from guerdon.sandbox.selfcheck import Finding, Report, State, selfcheck
from guerdon.sandbox.selfcheck.check import STEPS
from guerdon.sandbox.tier import Tier
from guerdon.services.cli.checks.check import Check
from guerdon.services.cli.checks.sandbox import check_host
from guerdon.services.cli.errors import ExitCode
from guerdon.services.cli.terminal import cell, console, visible

_STYLES = {
    "ok": "green",
    "warn": "yellow",
    "fail": "red",
    State.HOLDS: "green",
    State.FAILS: "bold red",
    State.GAP: "yellow",
    State.UNTRIED: "yellow",
}
_WORDS = {
    State.HOLDS: "holds",
    State.FAILS: "fails",
    State.GAP: "not promised",
    State.UNTRIED: "not tried",
}
_COUNTED = _WORDS | {State.HOLDS: "hold", State.FAILS: "fail"}


def check_sandbox(tier: str, min_tier: Tier, *, as_json: bool) -> ExitCode:
    """Try the isolation at a tier and show what holds.

    Args:
        tier: ``auto`` or a named one.
        min_tier: the weakest that is good enough.
        as_json: write one JSON object instead of tables.
    """
    # What slots log on the way is for services; here every finding says it.
    logging.getLogger("guerdon.sandbox").addHandler(logging.NullHandler())
    host = list(check_host())
    report = _followed(tier, min_tier)
    if as_json:
        print(json.dumps(_as_data(host, report), indent=2))
    else:
        _show(host, report)
    return ExitCode.OK if report.ok else ExitCode.INCOMPLETE


def _followed(tier: str, min_tier: Tier) -> Report:
    """The report, with a bar on standard error meanwhile where that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    bar = Progress(
        *columns,
        console=console(sys.stderr),
        transient=True,
        redirect_stdout=False,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task("starting", total=STEPS)

        def advance(finding: Finding) -> None:
            bar.update(task, advance=1, description=f"{finding.group}: {finding.name}")

        return asyncio.run(selfcheck(tier, min_tier, advance))


def _as_data(host: list[Check], report: Report) -> dict[str, object]:
    return {
        "ok": report.ok,
        "tier": report.tier,
        "min_tier": report.min_tier,
        "fault": report.fault,
        "facts": report.facts,
        "host": [asdict(check) for check in host],
        "checks": [msgspec.to_builtins(finding) for finding in report.findings],
    }


def _show(host: list[Check], report: Report) -> None:
    out = console()
    table = _table()
    for check in host:
        detail = cell(visible(check.detail))
        if check.fix:
            detail.append(f"\nfix: {visible(check.fix)}", style="bold")
        table.add_row(cell(check.state, _STYLES[check.state]), cell(check.name), detail)
    out.print("What this host offers", style="bold")
    out.print(table)
    for group in dict.fromkeys(finding.group for finding in report.findings):
        out.print(f"\n{group}", style="bold")
        out.print(_group([finding for finding in report.findings if finding.group == group]))
    out.print()
    for line in _verdict(report):
        out.print(visible(line), style="" if report.ok else "bold red")


def _group(findings: list[Finding]) -> Table:
    table = _table()
    for finding in findings:
        held = finding.state is State.HOLDS
        words = Text(visible(finding.detail), style="" if held else "bold")
        words.append(f" ({'' if held else 'holding it would mean: '}{finding.means})", style="dim")
        table.add_row(cell(_WORDS[finding.state], _STYLES[finding.state]), cell(visible(finding.name)), words)
    return table


def _table() -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _verdict(report: Report) -> tuple[str, ...]:
    if not report.tier:
        return (f"programs cannot be run here: {report.fault}",)
    facts = "; ".join(f"{name}: {value}" for name, value in report.facts.items())
    counts = ", ".join(f"{report.count(state)} {_COUNTED[state]}" for state in State)
    if report.ok:
        verdict = f"the tier {report.tier} holds here"
    elif report.strong_enough:
        verdict = f"the tier {report.tier} does NOT hold here"
    else:
        verdict = f"the tier {report.tier} is below the minimum, {report.min_tier}"
    return f"{verdict}: {counts}", facts
