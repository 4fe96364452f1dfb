"""Docker's labelled pieces become one byte stream again."""

import asyncio
import socket

import pytest

from guerdon.sandbox.container.attach import Collector, Demultiplexer, adopt


def piece(stream: int, data: bytes) -> bytes:
    """One piece as Docker sends it."""
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


SENT = (
    piece(1, b"first ")
    + piece(2, b"a complaint\n")
    + piece(1, b"")
    + piece(1, b"second " * 100)
    + piece(1, b"end")
)
WRITTEN = b"first " + b"second " * 100 + b"end"


@pytest.mark.parametrize("size", [1, 3, 7, 8, 9, 100, len(SENT)])
def test_pieces_may_be_cut_anywhere(size):
    """However the connection delivers the bytes, standard output comes out as it was written."""
    answer = Collector()
    pieces = Demultiplexer(answer)
    for at in range(0, len(SENT), size):
        pieces.data_received(SENT[at : at + size])
    assert (bytes(answer.data), pieces.stderr) == (WRITTEN, "a complaint")


def test_only_the_end_of_standard_error_is_kept():
    """A slot that writes without end to standard error fills no memory."""
    pieces = Demultiplexer(Collector())
    for number in range(10_000):
        pieces.data_received(piece(2, f"line {number}\n".encode() * 100))
    assert pieces.stderr.endswith("line 9999")
    assert len(pieces.stderr) < 100_000


async def test_an_adopted_connection_reads_and_writes():
    """A socket that Docker has upgraded serves as an asyncio transport until the other side ends."""

    class Inner(Collector):
        def connection_made(self, transport):
            self.transport = transport

        def connection_lost(self, exc):
            ended.set()

    ended = asyncio.Event()
    ours, docker = socket.socketpair()
    inner = Inner()
    await adopt(ours, inner)
    inner.transport.write(b"a job")
    assert docker.recv(100) == b"a job"
    docker.sendall(SENT)
    docker.close()
    await asyncio.wait_for(ended.wait(), 10)
    assert bytes(inner.data) == WRITTEN
