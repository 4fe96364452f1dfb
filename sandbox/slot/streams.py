"""What a case writes: pipes, read in bounded pieces, kept up to a limit, counted beyond it."""

import os

from guerdon.sandbox.program import Limits

STDERR_KEPT_BYTES = 1 << 16
_CHUNK_BYTES = 1 << 18


class Stream:
    """One output of the program: the first bytes kept, all of them counted.

    Args:
        descriptor: to read from, without blocking.
        limit: bytes the program may write.
        kept: bytes of them to keep.
    """

    def __init__(self, descriptor: int, limit: int, kept: int) -> None:
        self.descriptor = descriptor
        self.count = 0
        self._limit = limit
        self._kept = kept
        self._pieces: list[bytes] = []

    def read(self) -> bool:
        """Take what is there; False at its end."""
        try:
            data = os.read(self.descriptor, _CHUNK_BYTES)
        except BlockingIOError:
            return True
        room = self._kept - min(self.count, self._kept)
        if room:
            self._pieces.append(data[:room])
        self.count += len(data)
        return bool(data)

    def drain(self) -> None:
        """Take what is left once the program is dead, as far as the limit goes."""
        before = -1
        while before < self.count and not self.flooded:
            before = self.count
            self.read()

    @property
    def content(self) -> bytes:
        """What was kept."""
        return b"".join(self._pieces)

    @property
    def flooded(self) -> bool:
        """Whether more came than is allowed."""
        return self.count > self._limit


class Outputs:
    """The pipes of one case: standard output, standard error, and the value of a call; closed on leaving."""

    def __init__(self, limits: Limits, *, call: bool) -> None:
        self._open: set[int] = set()
        self.theirs: list[int] = []
        """The writing ends, until they are handed over."""
        self.streams: list[Stream] = []
        for kept in (limits.output_bytes, STDERR_KEPT_BYTES, *([limits.output_bytes] if call else [])):
            ours, theirs = os.pipe2(os.O_CLOEXEC)
            self._open |= {ours, theirs}
            os.set_blocking(ours, False)
            self.theirs.append(theirs)
            self.streams.append(Stream(ours, limits.output_bytes, kept))
        self.out, self.err = self.streams[:2]
        self.value = self.streams[2] if call else None

    def hand_over(self) -> None:
        """Close the writing ends here once they have been sent, so that their end can be seen."""
        for descriptor in self.theirs:
            os.close(descriptor)
        self._open.difference_update(self.theirs)

    def __enter__(self) -> "Outputs":
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open:
            os.close(descriptor)
