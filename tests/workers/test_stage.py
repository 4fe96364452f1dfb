"""Stages in shared memory."""

import mmap
from collections.abc import Iterator

import pytest

from guerdon.services.workers import mark_stage
from guerdon.services.workers.stage import read_stage, use_cell
from guerdon.services.workers.wire import STAGE_BYTES


@pytest.fixture
def cell() -> Iterator[mmap.mmap]:
    """A cell that this process marks its stages in."""
    with mmap.mmap(-1, STAGE_BYTES) as cell:
        use_cell(cell)
        yield cell
        use_cell(None)


@pytest.mark.parametrize(
    ("stage", "read"),
    [("parse", "parse"), ("", ""), ("Prüfung", "Prüfung"), ("x" * 100, "x" * 64), ("x" * 63 + "ü", "x" * 63)],
)
def test_stage_is_read_back(cell: mmap.mmap, stage: str, read: str) -> None:
    """A stage is read back as marked, cut at 64 bytes of whole characters."""
    mark_stage("something longer that was marked before it")
    mark_stage(stage)
    assert read_stage(cell) == read


def test_any_bytes_are_text(cell: mmap.mmap) -> None:
    """Whatever a broken worker writes there, reading it does not fail."""
    cell[:] = bytes(range(192, 256))
    assert isinstance(read_stage(cell), str)


def test_marking_outside_a_worker_does_nothing() -> None:
    """Tasks that mark stages can be called directly."""
    mark_stage("anything")
