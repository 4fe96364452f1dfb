"""Where a task stands, told to the service without a message.

The name of the stage lies in a few bytes of memory shared with the service, which reads them when the work
ends, above all when it had to be killed. Writing them costs less than a microsecond and wakes nobody.
"""

from __future__ import annotations

import mmap

from guerdon.services.workers.wire import STAGE_BYTES

_cell: mmap.mmap | None = None


def mark_stage(stage: str) -> None:
    """Say which stage of the task begins now, so that a kill can be attributed to it.

    Outside a worker this does nothing, so tasks can be called directly.

    Args:
        stage: short name chosen by the task, never user text; cut off after 64 bytes of UTF-8.
    """
    if _cell is not None:
        write_stage(_cell, stage)


def use_cell(cell: mmap.mmap | None) -> None:
    """Let :func:`mark_stage` of this process write to ``cell``; None switches it off."""
    global _cell
    _cell = cell


def write_stage(cell: mmap.mmap, stage: str) -> None:
    """Write the name of a stage into a shared cell; an empty one clears it."""
    cell[:STAGE_BYTES] = stage.encode()[:STAGE_BYTES].ljust(STAGE_BYTES, b"\0")


def read_stage(cell: mmap.mmap) -> str:
    """Read the name of the stage from a shared cell; whatever bytes it holds, this is text."""
    return cell[:STAGE_BYTES].rstrip(b"\0").decode(errors="ignore")
