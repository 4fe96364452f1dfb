"""Outputs read from real pipes: kept up to a limit, counted beyond it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from guerdon.sandbox.program import Limits
from guerdon.sandbox.slot.streams import STDERR_KEPT_BYTES, Outputs, Stream


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe whose reading end does not block."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    yield reading, writing
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize(("written", "flooded"), [(0, False), (9, False), (10, False), (11, True), (5000, True)])
def test_exactly_the_allowed_bytes_are_kept(pipe: tuple[int, int], written: int, flooded: bool) -> None:
    """The limit itself is allowed, one byte more is a flood, and what is kept never exceeds it."""
    stream = Stream(pipe[0], limit=10, kept=10)
    os.write(pipe[1], bytes(written))

    stream.read()

    assert stream.flooded is flooded
    assert stream.content == bytes(min(written, 10))
    assert stream.count == written


def test_pieces_are_joined(pipe: tuple[int, int]) -> None:
    """Bytes keep their order however they arrive."""
    stream = Stream(pipe[0], limit=100, kept=7)
    for piece in (b"abc", b"def", b"ghi"):
        os.write(pipe[1], piece)
        stream.read()

    assert (stream.content, stream.count, stream.flooded) == (b"abcdefg", 9, False)


def test_nothing_there_is_no_end(pipe: tuple[int, int]) -> None:
    """Reading an empty pipe comes back at once; only a closed one ends."""
    stream = Stream(pipe[0], limit=10, kept=10)
    assert stream.read()

    writing = os.dup(pipe[1])
    os.write(writing, b"last")
    os.close(writing)
    assert stream.read()


def test_draining_takes_what_is_left_as_far_as_the_limit_goes(pipe: tuple[int, int]) -> None:
    """What lies in the pipe of a dead program is taken; a flood is not followed to its end."""
    os.write(pipe[1], b"x" * 60_000)
    whole = Stream(pipe[0], limit=60_000, kept=60_000)
    whole.drain()
    assert whole.content == b"x" * 60_000
    assert not whole.flooded

    flooded = Stream(pipe[0], limit=10, kept=10)
    os.write(pipe[1], b"x" * 60_000)
    flooded.drain()
    assert flooded.flooded
    assert len(flooded.content) == 10


@pytest.mark.parametrize("call", [False, True])
def test_a_case_has_the_streams_it_needs_and_leaves_none(call: bool) -> None:
    """Two streams, three for a call; all are closed at the end, handed over or not."""
    limits = Limits(output_bytes=100_000)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Outputs(limits, call=call) as outputs:
        assert len(outputs.theirs) == len(outputs.streams) == (3 if call else 2)
        assert (outputs.value is not None) is call
        os.write(outputs.theirs[1], b"e" * 65_000)
        outputs.err.read()
        outputs.hand_over()
        assert not outputs.out.read()
    with Outputs(limits, call=call):
        pass

    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert STDERR_KEPT_BYTES == 65_536
