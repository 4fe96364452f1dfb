"""A stream is cut into messages wherever it is broken."""

import asyncio
import os
import random

import msgspec
import pytest

from guerdon.services.runtime.link.connection import Connection
from guerdon.services.runtime.link.messages import Cancel, Hello, ToReplica


class Pipe(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.aborted = False
        self.reading = True

    def write(self, data: bytes) -> None:
        """Keep it."""
        self.written += data

    def abort(self) -> None:
        """Note it."""
        self.aborted = True

    def is_closing(self) -> bool:
        """Whether it was aborted."""
        return self.aborted

    def pause_reading(self) -> None:
        """Note it."""
        self.reading = False

    def resume_reading(self) -> None:
        """Note it."""
        self.reading = True


def connected(*, paced: bool = False, max_frame_bytes: int = 10_000) -> tuple[Connection, Pipe, list[object]]:
    """A connection over a pipe, and what it has heard."""
    heard: list[object] = []
    connection = Connection(
        ToReplica,
        lambda _, message: heard.append(message),
        lambda _: heard.append("lost"),
        max_frame_bytes=max_frame_bytes,
        paced=paced,
    )
    pipe = Pipe()
    connection.connection_made(pipe)
    return connection, pipe, heard


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 10_000])
async def test_messages_arrive_whole_however_the_stream_is_cut(piece: int) -> None:
    """Every message once, in order."""
    sender, pipe, _ = connected()
    sent = [Hello(1, "secret"), *(Cancel(number) for number in range(20))]
    for message in sent:
        sender.send(message)
    receiver, _, heard = connected()
    for begin in range(0, len(pipe.written), piece):
        receiver.data_received(bytes(pipe.written[begin : begin + piece]))
    assert heard == sent


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\xff\xff",
        (2 << 30).to_bytes(4, "big"),
        b"\x00\x00\x00\x00",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\x00\x00\x01\xc1",
        b"\x00\x00\x00\x03\x91\x91\x91",
        (9000).to_bytes(4, "big") + b"\x91" * 9000,
        b"\x00\x00\x00\x05\x81\xa4type",
    ],
)
async def test_what_is_no_message_ends_the_connection(data: bytes) -> None:
    """Lengths beyond the bound, other protocols, broken and bottomless encodings."""
    connection, pipe, heard = connected()
    connection.data_received(data)
    assert pipe.aborted
    assert not heard


async def test_random_bytes_never_raise() -> None:
    """Nothing that arrives gets past the connection but messages."""
    chance = random.Random(1)
    for _ in range(2000):
        connection, _, heard = connected()
        body = chance.randbytes(chance.randrange(40))
        connection.data_received(len(body).to_bytes(4, "big") + body)
        assert not heard


async def test_nothing_is_heard_after_the_end() -> None:
    """Messages behind a broken one are not taken in."""
    sender, pipe, _ = connected()
    sender.send(Cancel(1))
    connection, _, heard = connected()
    connection.data_received(b"\x00\x00\x00\x01\xc1" + bytes(pipe.written))
    assert not heard


async def test_sending_on_an_ended_connection_does_nothing() -> None:
    """The end may come at any time; who is told of it need not look before it sends."""
    connection, pipe, _ = connected()
    connection.abort()
    connection.send(Cancel(1))
    assert not pipe.written


async def test_a_connection_aborted_before_it_is_made_is_never_open() -> None:
    """The transport is ended as soon as there is one."""
    connection = Connection(ToReplica, lambda *_: None, lambda _: None)
    connection.abort()
    pipe = Pipe()
    connection.connection_made(pipe)
    assert pipe.aborted


async def test_a_message_longer_than_a_frame_is_not_sent() -> None:
    """Its sender learns it; the connection goes on."""
    connection, pipe, _ = connected()
    with pytest.raises(ValueError, match="over the"):
        connection.send(Hello(1, "x" * (65 << 20)))
    assert not pipe.written
    assert not pipe.aborted


async def test_who_waits_to_send_goes_on_when_the_way_is_free_or_gone() -> None:
    """Each of those who wait looks again whether another has filled the buffer before."""
    connection, _, _ = connected()
    connection.pause_writing()
    passed: list[int] = []

    async def wait(number: int) -> None:
        await connection.writable()
        passed.append(number)
        if number == 0:
            connection.pause_writing()

    tasks = [asyncio.create_task(wait(number)) for number in range(3)]
    await asyncio.sleep(0.01)
    assert not passed
    connection.resume_writing()
    await asyncio.sleep(0.01)
    assert passed == [0]
    connection.connection_lost(None)
    await asyncio.gather(*tasks)
    assert passed == [0, 1, 2]


@pytest.mark.parametrize("paced", [True, False])
async def test_only_a_paced_end_stops_reading_while_it_cannot_write(paced: bool) -> None:
    """So that a peer that never reads cannot make answers pile up."""
    connection, pipe, _ = connected(paced=paced)
    connection.pause_writing()
    assert connection.congested
    assert pipe.reading is not paced
    connection.resume_writing()
    assert pipe.reading


def test_messages_never_hold_objects() -> None:
    """Nothing that arrives is unpickled: an extension of msgpack is no message."""
    extension = msgspec.msgpack.encode(msgspec.msgpack.Ext(1, os.urandom(8)))
    with pytest.raises(msgspec.DecodeError):
        msgspec.msgpack.decode(extension, type=ToReplica)
