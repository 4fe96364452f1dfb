"""The slot's connection to the engine: what is asked, what is cancelled, what is answered."""

import os
import time
from collections import deque

from guerdon.sandbox.wire import TO_SLOT, Artifact, Build, Cancel, Frames, FromSlot, Job, JobDone, frame

_READ_BYTES = 1 << 20
# Answers of short cases go together: each write wakes the engine.
_GATHER_S = 0.005


class Mailbox:
    """Frames in and out.

    Args:
        inbox: descriptor to read from.
        outbox: descriptor to write to.
    """

    def __init__(self, inbox: int, outbox: int) -> None:
        self.inbox = inbox
        self._outbox = outbox
        self._frames = Frames()
        self._asked: deque[Job | Build | Artifact] = deque()
        self._current = 0
        self.cancelled = False
        """Whether the engine wants no more of the current job."""
        self._answers: list[bytes] = []
        self._written = 0.0

    def read(self) -> None:
        """Take in what the engine says, waiting for it.

        Raises:
            EOFError: it hung up.
        """
        data = os.read(self.inbox, _READ_BYTES)
        if not data:
            raise EOFError
        for body in self._frames.feed(data):
            message = TO_SLOT.decode(body)
            if isinstance(message, Cancel):
                self._cancel(message.id)
            else:
                self._asked.append(message)

    def next(self) -> Job | Build | Artifact:
        """Wait for something to do.

        Raises:
            EOFError: the engine hung up.
        """
        while not self._asked:
            self.read()
        asked = self._asked.popleft()
        self._current = asked.id if not isinstance(asked, Artifact) else 0
        self.cancelled = False
        return asked

    def _cancel(self, task: int) -> None:
        """Mark the current job, or answer for one that waits; one that is over needs nothing."""
        if task == self._current:
            self.cancelled = True
        for asked in self._asked:
            if isinstance(asked, Job) and asked.id == task:
                self._asked.remove(asked)
                self.answer(JobDone(job=task, cancelled=True), last=True)
                return

    def answer(self, message: FromSlot, *, last: bool = False) -> None:
        """Send a message, together with others of the next few milliseconds unless it is the last."""
        self._answers.append(frame(message))
        if last or time.monotonic() - self._written >= _GATHER_S:
            self.flush()

    def flush(self) -> None:
        """Send what is gathered."""
        data = memoryview(b"".join(self._answers))
        self._answers.clear()
        while data:
            data = data[os.write(self._outbox, data) :]
        self._written = time.monotonic()
