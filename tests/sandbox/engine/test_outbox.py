"""What waits to be written to a slot."""

import asyncio
from collections.abc import Callable

from guerdon.sandbox.engine.outbox import Outbox

LONG = bytes(range(256)) * 20_000


class Transport(asyncio.WriteTransport):
    """Keeps what is written, and says after each part whether it has enough."""

    def __init__(self, wrote: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.parts: list[bytes] = []
        self.closing = False
        self._wrote = wrote

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep a part."""
        self.parts.append(bytes(data))
        self._wrote()

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closing

    @property
    def data(self) -> bytes:
        """All parts."""
        return b"".join(self.parts)


def connected(transport: Transport) -> Outbox:
    """An outbox of a transport's."""
    outbox = Outbox()
    outbox.connect(transport)
    return outbox


async def test_a_short_message_is_written_at_once() -> None:
    """Nothing has to wait for the next turn of the loop."""
    transport = Transport()
    connected(transport).send(b"job")
    assert transport.parts == [b"job"]


async def test_a_long_message_is_written_in_slices_and_turns() -> None:
    """Others of the loop come in between, and all arrives in order."""
    transport = Transport()
    outbox = connected(transport)
    outbox.send(LONG)
    outbox.send(b"next")
    begun = len(transport.data)
    turns = 0
    while len(transport.data) < len(LONG) + 4:
        turns += 1
        await asyncio.sleep(0)
    assert transport.data == LONG + b"next"
    assert begun < len(LONG) / 2
    assert turns > 2
    assert max(map(len, transport.parts)) <= 1 << 17


async def test_a_transport_that_has_enough_is_waited_for() -> None:
    """No more than one slice goes to it before it says so, then the next."""
    outbox = Outbox()
    transport = Transport(outbox.pause)
    outbox.connect(transport)
    outbox.send(LONG)
    for count in range(1, 4):
        await asyncio.sleep(0)
        assert len(transport.parts) == count
        outbox.resume()


async def test_after_the_end_nothing_is_written() -> None:
    """What was left is dropped, and what comes then goes nowhere."""
    outbox = Outbox()
    outbox.send(b"too early")
    transport = Transport(outbox.pause)
    outbox.connect(transport)
    outbox.send(LONG)
    transport.closing = True
    outbox.resume()
    outbox.close()
    outbox.send(b"late")
    assert len(transport.parts) == 1
