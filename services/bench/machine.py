"""Facts about the machine that a figure is worth nothing without."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from guerdon.services.bench.results import Machine

_BARE = ("fastapi", "uvicorn", "httptools", "uvloop", "pydantic")


def describe_machine() -> Machine:
    """The machine as it is now."""
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        load_before=load_average(),
        python=platform.python_version(),
        guerdon=_version("guerdon"),
        bare=", ".join(f"{name} {_version(name)}" for name in _BARE),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def load_average() -> tuple[float, float, float]:
    """Load average over 1, 5 and 15 minutes."""
    one, five, fifteen = os.getloadavg()
    return round(one, 2), round(five, 2), round(fifteen, 2)


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "absent"
