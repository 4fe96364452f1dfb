"""``guerdon doctor``: checks this machine and says how to fix what is missing."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

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
from guerdon.services.cli.errors import ExitCode
from guerdon.services.cli.terminal import cell, console, visible

app = App(name="doctor", help_epilogue="Exit codes: 0 the service can run here; 1 some check failed.")

_STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}


@app.default
def doctor(*, settings: Path | None = None, json: bool = False) -> int:
    """Check Python, packages, ports, processes, namespaces, memory and data.

    Args:
        settings: TOML file with settings to check.
        json: Write one JSON object to standard output.
    """
    checks = list(run_checks(settings))
    failed = sum(check.state == "fail" for check in checks)
    if json:
        print(json_module.dumps({"ok": not failed, "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        _show(checks, failed)
    return ExitCode.INCOMPLETE if failed else ExitCode.OK


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
