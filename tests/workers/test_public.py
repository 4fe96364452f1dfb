"""What the package offers, and what importing it costs."""

import subprocess
import sys

import pytest

from guerdon.services import workers


def test_everything_offered_exists() -> None:
    """Each public name can be had from the package."""
    assert all(getattr(workers, name) is not None for name in workers.__all__)


def test_other_names_do_not_exist() -> None:
    """A misspelled name is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="WorkerPol"):
        _ = workers.WorkerPol  # type: ignore[attr-defined]


def test_tasks_pay_for_nothing_they_do_not_use() -> None:
    """What a zygote and a task import pulls in neither asyncio nor pydantic."""
    script = (
        "import sys, guerdon.services.workers.zygote; from guerdon.services.workers import mark_stage;"
        "sys.exit(', '.join({'asyncio', 'pydantic', 'logging'} & set(sys.modules)) or 0)"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")
