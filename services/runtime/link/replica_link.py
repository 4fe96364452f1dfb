"""The gateway's end: one replica, its latest report, and the calls that it has in hand."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence

from guerdon.services.contract import Deadline, Item
from guerdon.services.runtime.link.connection import Connection, frame
from guerdon.services.runtime.link.messages import (
    PROTOCOL,
    Address,
    Cancel,
    Hello,
    Refused,
    ReplicaReport,
    Report,
    Score,
    Scored,
    ToGateway,
)

CONNECT_TIMEOUT_S = 3.0
SILENCE_S = 10.0
"""A replica reports every second; one that is silent for so long is taken for lost."""


class LinkLost(Exception):
    """The replica went away, or cannot be reached, before it answered."""


class ReplicaLink:
    """A connection to one replica.

    Args:
        address: where it listens.
        on_change: called when a report arrives and when the link is lost.
    """

    def __init__(self, address: Address, on_change: Callable[[ReplicaLink], None]) -> None:
        self.address = address
        self.report: ReplicaReport | None = None
        self.outstanding = 0
        """Items this gateway waits for."""
        self.lost = False
        self._on_change = on_change
        self._connection = Connection(ToGateway, self._receive, self._lose)
        self._calls: dict[int, asyncio.Future[Scored | Refused]] = {}
        self._numbers = itertools.count(1)
        self._heard = asyncio.Event()
        self._silence: asyncio.TimerHandle | None = None

    async def connect(self) -> None:
        """Connect and wait for the first report.

        Raises:
            LinkLost: it cannot be reached, or hangs up.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await loop.create_connection(lambda: self._connection, self.address.host, self.address.port)
                self._connection.send(Hello(PROTOCOL, self.address.secret))
                await self._heard.wait()
        except (OSError, TimeoutError) as cause:
            self._connection.abort()
            raise LinkLost(f"the replica {self.address.id} cannot be reached: {cause}") from cause
        if self.lost:
            raise LinkLost(f"the replica {self.address.id} hung up")

    async def score(
        self,
        items: Sequence[Item],
        *,
        version: str,
        deadline: Deadline,
        rank: int,
        owner: str,
        traceparent: str = "",
    ) -> Scored | Refused:
        """Have items judged.

        Cancelling the call cancels it there.

        Raises:
            LinkLost: the replica went away before it answered.
            ValueError, TypeError, RecursionError: the items cannot be sent.
        """
        number = next(self._numbers)
        timeout_ms = deadline.remaining_ms()
        message = Score(
            number,
            version,
            None if timeout_ms == float("inf") else timeout_ms,
            rank,
            owner,
            list(items),
            traceparent,
        )
        data = frame(message)
        if self.lost:
            raise LinkLost(f"the replica {self.address.id} is gone")
        answer: asyncio.Future[Scored | Refused] = asyncio.get_running_loop().create_future()
        self._calls[number] = answer
        self.outstanding += len(items)
        try:
            self._connection.send_frame(data)
            await self._connection.writable()
            return await answer
        except asyncio.CancelledError:
            self._connection.send(Cancel(number))
            raise
        finally:
            self.outstanding -= len(items)
            del self._calls[number]
            answer.cancel()

    def close(self) -> None:
        """End the connection; calls in hand end with LinkLost."""
        self._connection.abort()

    def _receive(self, connection: Connection, message: ToGateway) -> None:
        self._listen_on()
        if isinstance(message, Report):
            self.report = message.replica
            self._heard.set()
            self._on_change(self)
            return
        answer = self._calls.get(message.call)
        # The answer to a call that was cancelled meanwhile finds nobody.
        if answer is not None and not answer.done():
            answer.set_result(message)

    def _listen_on(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
        self._silence = asyncio.get_running_loop().call_later(SILENCE_S, self._connection.abort)

    def _lose(self, connection: Connection) -> None:
        self.lost = True
        if self._silence is not None:
            self._silence.cancel()
        for answer in self._calls.values():
            if not answer.done():
                answer.set_exception(LinkLost(f"the replica {self.address.id} went away"))
        self._heard.set()
        self._on_change(self)
