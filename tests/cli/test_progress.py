"""The bar: how far a source has been worked through."""

from __future__ import annotations

import io

import pytest
from rich.progress import Progress

from guerdon.services.cli.progress import progress
from guerdon.services.cli.source import Source


@pytest.fixture
def told(monkeypatch) -> list[tuple[int, int]]:
    """What the bar is told: bytes and rows."""
    seen: list[tuple[int, int]] = []
    monkeypatch.setattr(Progress, "update", lambda _, __, completed, rows: seen.append((completed, rows)))
    return seen


def test_the_bar_stands_where_the_source_was_read_to(told):
    """Without a position of its own a row stands where the source stands now."""
    raw = io.BytesIO(b"one\ntwo\n")
    with progress(Source(raw, 8), "rows", shown=True) as advance:
        raw.readline()
        advance()
        raw.readline()
        advance()
    assert told == [(4, 1), (8, 2)]


def test_the_bar_stands_where_the_row_stood(told):
    """Where the source has been read ahead, as the groups of rows are brought together, the rows count."""
    raw = io.BytesIO(b"one\ntwo\n")
    with progress(Source(raw, 8), "rows", shown=True) as advance:
        raw.read()
        advance(4)
        advance(8)
    assert told == [(4, 1), (8, 2)]
