"""Reads JSONL, plain or gzip, one line at a time and never more than one in memory."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from guerdon.services.cli.errors import CliError
from guerdon.services.cli.fields import RowFault

MAX_LINE_BYTES = 64 << 20
"""Longest line that is read; more would not fit into a call either."""

_GZIP_MAGIC = b"\x1f\x8b"


class Source:
    """An open JSONL source; its position serves a progress bar."""

    def __init__(self, raw: IO[bytes], size: int | None) -> None:
        self._raw = raw
        self.size_bytes = size
        """Size of what lies on disk; None for a pipe or standard input."""

    @property
    def position_bytes(self) -> int:
        """How much of it has been read; 0 for a pipe or standard input."""
        return 0 if self.size_bytes is None else self._raw.tell()

    def lines(self) -> Iterator[bytes | RowFault]:
        """The lines without their ends; a fault stands for a line that is too long, or for damaged gzip."""
        magic = self._raw.peek(2)[:2] if hasattr(self._raw, "peek") else b""
        stream = gzip.GzipFile(fileobj=self._raw) if magic == _GZIP_MAGIC else self._raw
        try:
            while line := stream.readline(MAX_LINE_BYTES + 1):
                if len(line) > MAX_LINE_BYTES:
                    _skip_line(stream)
                    yield RowFault(f"longer than {MAX_LINE_BYTES:,} bytes")
                else:
                    yield line.rstrip(b"\r\n")
        except (EOFError, OSError, zlib.error) as cause:
            yield RowFault(f"the input ends here: {cause}")


@contextmanager
def open_source(path: str) -> Iterator[Source]:
    """Open a file, or standard input for ``-``.

    Raises:
        CliError: it cannot be opened.
    """
    if path == "-":
        yield Source(sys.stdin.buffer, None)
        return
    file = Path(path)
    try:
        raw = file.open("rb")
    except OSError as cause:
        hint = "give a JSONL file, or - for standard input"
        raise CliError(f"cannot open {path}: {cause.strerror}; {hint}") from None
    with raw:
        # A named pipe has neither a size nor a position.
        yield Source(raw, file.stat().st_size if is_file(path) else None)


def is_file(path: str) -> bool:
    """Whether it can be read twice: neither standard input nor a pipe."""
    return path != "-" and Path(path).is_file()


def _skip_line(stream: IO[bytes] | gzip.GzipFile) -> None:
    while chunk := stream.readline(MAX_LINE_BYTES):
        if chunk.endswith(b"\n"):
            return
