"""Messages between the engine and a slot: length-prefixed msgpack frames over a byte stream.

A stream, not datagrams with descriptors, so that the slot may as well live in a container behind Docker's attach.
A slot runs one job at a time and holds at most one more, so it is never idle while its next job travels.
"""

import secrets
from collections.abc import Iterator

from msgspec import Raw, Struct, msgpack, structs

from guerdon.sandbox.program import Case, Limits, Program
from guerdon.sandbox.result import CaseResult

LENGTH_BYTES = 4
MAX_FRAME_BYTES = 1 << 30
_LONG_BYTES = 1 << 16
"""Inputs from this length on are written from where they are."""
_MARK_BYTES = 16
_SHORT, _LONG = bytes((0xC4, _MARK_BYTES)), b"\xc6"
"""How msgpack introduces bytes: of a mark's length, and with a length in the next four bytes."""


class Job(Struct, frozen=True, kw_only=True, tag="job"):
    """Run ``cases`` of one program; answered by one :class:`CaseDone` each, in order, then :class:`JobDone`."""

    id: int
    program: Program
    cases: list[Case]
    limits: Limits
    artifact_key: str = ""
    """Name of the compiled program; the slot answers :class:`ArtifactNeeded` when it does not hold it."""
    interactor: Program | None = None
    """Tests that ask the program from another jail: then the one case is the interactor's call, and its result is
    the program's with the interactor's inside."""
    interactor_limits: Limits = Limits()
    stop_early: bool = False
    """Leave out what follows the first case that is not ``ok``."""


class Build(Struct, frozen=True, kw_only=True, tag="build"):
    """Compile a program; answered by :class:`Built`."""

    id: int
    program: Program
    limits: Limits
    artifact_key: str


class Artifact(Struct, frozen=True, kw_only=True, tag="artifact"):
    """A compiled program for the slot to keep under its key."""

    key: str
    content: bytes


class Cancel(Struct, frozen=True, kw_only=True, tag="cancel"):
    """Kill the job, or forget it if it has not begun; its :class:`JobDone` still comes."""

    id: int


class Ready(Struct, frozen=True, kw_only=True, tag="ready"):
    """The slot's first message: what it found it can do."""

    tier: str
    pid: int
    facts: dict[str, str]
    """What of the tier holds here: ``cgroups: v1``, ``listener: yes``, …"""
    warm: list[str]
    """Runtimes whose zygote is up."""


class CaseDone(Struct, frozen=True, kw_only=True, tag="case"):
    """One case's result."""

    job: int
    index: int
    result: CaseResult


class JobDone(Struct, frozen=True, kw_only=True, tag="done"):
    """The job is over; the slot is clean again."""

    job: int
    cancelled: bool = False


class ArtifactNeeded(Struct, frozen=True, kw_only=True, tag="needed"):
    """The job names an artifact the slot does not hold; nothing was run. Send it and the job again."""

    job: int
    key: str


class Built(Struct, frozen=True, kw_only=True, tag="built"):
    """A compile step's end; ``content`` is there exactly when it is ``ok``. The compiler's text is stdout."""

    job: int
    result: CaseResult
    content: bytes = b""


ToSlot = Job | Build | Artifact | Cancel
FromSlot = Ready | CaseDone | JobDone | ArtifactNeeded | Built

_ENCODER = msgpack.Encoder()
TO_SLOT = msgpack.Decoder(ToSlot)
FROM_SLOT = msgpack.Decoder(FromSlot)


def frame(message: ToSlot | FromSlot) -> bytes:
    """Encode one message with its length in front.

    Raises:
        ValueError: the message is larger than ``MAX_FRAME_BYTES``.
    """
    body = _ENCODER.encode(message)
    return _length(len(body)) + body


def pieces(message: ToSlot) -> list[bytes]:
    """Encode one message as :func:`frame` does, in pieces of which long inputs are the very objects, not copies.

    Raises:
        ValueError: the message is larger than ``MAX_FRAME_BYTES``.
    """
    mark = secrets.token_bytes(_MARK_BYTES)
    long: list[bytes] = []
    light = _lightened(message, mark, long)
    if not long:
        return [frame(message)]
    first, *rest = _ENCODER.encode(light).split(_SHORT + mark)
    body = [first]
    for content, between in zip(long, rest, strict=True):
        body += [_LONG + len(content).to_bytes(4, "big"), content, between]
    return [_length(sum(map(len, body))), *body]


def _lightened(message: ToSlot, mark: bytes, long: list[bytes]) -> ToSlot:
    """Put a mark in the place of each long input, in the order in which they are encoded."""

    def light(content: bytes) -> bytes:
        if len(content) < _LONG_BYTES:
            return content
        long.append(content)
        return mark

    if isinstance(message, Artifact):
        return structs.replace(message, content=light(message.content))
    if not isinstance(message, Job) or all(
        len(case.stdin) + len(case.call) < _LONG_BYTES for case in message.cases
    ):
        return message
    cases = [structs.replace(case, stdin=light(case.stdin), call=light(case.call)) for case in message.cases]
    return structs.replace(message, cases=cases)


def _length(size: int) -> bytes:
    if size > MAX_FRAME_BYTES:
        raise ValueError(f"a frame of {size} bytes is over the limit of {MAX_FRAME_BYTES}")
    return size.to_bytes(LENGTH_BYTES, "little")


class Frames:
    """Cuts a byte stream into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Raw]:
        """Take bytes as they come and yield the bodies that are whole.

        Raises:
            ValueError: a length is over ``MAX_FRAME_BYTES``; what came before it was yielded.
        """
        self._buffer += data
        start = 0
        try:
            while len(self._buffer) - start >= LENGTH_BYTES:
                size = int.from_bytes(self._buffer[start : start + LENGTH_BYTES], "little")
                if size > MAX_FRAME_BYTES:
                    raise ValueError(f"a frame of {size} bytes is over the limit of {MAX_FRAME_BYTES}")
                end = start + LENGTH_BYTES + size
                if len(self._buffer) < end:
                    break
                body = Raw(bytes(self._buffer[start + LENGTH_BYTES : end]))
                start = end
                yield body
        finally:
            del self._buffer[:start]
