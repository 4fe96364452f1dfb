"""``guerdon doctor``: checks this machine and says how to fix what is missing."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from cyclopts import App
from rich.table import Table

from guerdon.services.cli.checks.check import Check
from guerdon.services.cli.checks.machine import (
    check_cgroups,
    check_cpus,
    check_memory,
    check_namespaces,
    check_processes,
)
from guerdon.services.cli.checks.packages import check_gmpy2, check_packages, check_python
from guerdon.services.cli.checks.service import check_corpora, check_models, check_service
from guerdon.services.cli.errors import CliError, ExitCode
from guerdon.services.cli.terminal import cell, console, visible

app = App(
    name="doctor",
    help_epilogue=(
        "Exit codes: 0 the service can run here, or with --sandbox: the isolation holds; 1 some check failed; "
        "2 the command is wrong."
    ),
)

TierName = Literal["auto", "full", "container", "restricted", "none"]
MinTier = Literal["full", "container", "restricted", "none"]

_STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}


@app.default
def doctor(
    *,
    settings: Path | None = None,
    sandbox: bool = False,
    tier: TierName = "auto",
    min_tier: MinTier = "restricted",
    json: bool = False,
) -> int:
    """Check Python, packages, ports, processes, namespaces, memory and data; or whether the code sandbox holds.

    Args:
        settings: TOML file with settings to check.
        sandbox: Try from inside what programs must not be able to do on this host, instead.
        tier: Isolation to try; auto is the strongest this host allows.
        min_tier: Weakest isolation that is good enough.
        json: Write one JSON object to standard output.
    """
    if sandbox:
        return _check_sandbox(tier, min_tier, as_json=json)
    if (tier, min_tier) != ("auto", "restricted"):
        raise CliError("--tier and --min-tier are for --sandbox")
    checks = list(run_checks(settings))
    failed = sum(check.state == "fail" for check in checks)
    if json:
        print(json_module.dumps({"ok": not failed, "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        _show(checks, failed)
    return ExitCode.INCOMPLETE if failed else ExitCode.OK


def _check_sandbox(tier: str, min_tier: str, *, as_json: bool) -> int:
    from guerdon.sandbox.tier import Tier
    from guerdon.services.cli.sandbox_report import check_sandbox

    return check_sandbox(tier, Tier(min_tier), as_json=as_json)


def run_checks(settings_file: Path | None) -> Iterator[Check]:
    """All checks, in the order in which they build on each other."""
    yield check_python()
    packages = list(check_packages())
    yield from packages
    yield check_gmpy2()
    if any(check.state == "fail" for check in packages):
        yield Check(
            "service", "fail", "not checked while packages are missing", "install them, then run this again"
        )
    else:
        yield from check_service(settings_file)
    yield check_processes()
    yield check_cpus()
    yield check_memory()
    yield check_namespaces()
    yield check_cgroups()
    yield check_models()
    yield check_corpora()


def _show(checks: list[Check], failed: int) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        detail = cell(visible(check.detail))
        if check.fix:
            detail.append(f"\nfix: {visible(check.fix)}", style="bold")
        table.add_row(cell(check.state, _STYLES[check.state]), cell(check.name), detail)
    out = console()
    out.print(table)
    warned = sum(check.state == "warn" for check in checks)
    verdict = "the service cannot run here" if failed else "the service can run here"
    out.print(f"\n{verdict}: {failed} failed, {warned} warnings, {len(checks) - failed - warned} ok")
