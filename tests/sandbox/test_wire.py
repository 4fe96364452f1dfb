"""Frames between engine and slot."""

import msgspec
import pytest

from guerdon.sandbox import Case, Limits, Program, wire
from guerdon.sandbox.result import CaseResult, Verdict
from guerdon.sandbox.wire import FROM_SLOT, TO_SLOT, Artifact, CaseDone, Frames, Job, JobDone, frame, pieces

MESSAGES = [JobDone(job=number) for number in range(3)]


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_frames_are_found_however_the_bytes_are_cut(step: int) -> None:
    """Nothing depends on how much arrives at a time."""
    stream = b"".join(map(frame, MESSAGES))
    frames = Frames()
    seen = [
        FROM_SLOT.decode(body)
        for start in range(0, len(stream), step)
        for body in frames.feed(stream[start : start + step])
    ]
    assert seen == MESSAGES


def test_what_came_before_nonsense_is_not_lost() -> None:
    """Whole frames are handed out before the impossible length after them is refused."""
    bodies = Frames().feed(frame(MESSAGES[0]) + b"\xff\xff\xff\xff")
    assert FROM_SLOT.decode(next(bodies)) == MESSAGES[0]
    with pytest.raises(ValueError, match="over the limit"):
        next(bodies)


def test_an_unfinished_frame_is_waited_for() -> None:
    """Half a message is no message, and nothing of it is lost."""
    frames, data = Frames(), frame(MESSAGES[1])
    assert list(frames.feed(data[:-1])) == []
    assert [FROM_SLOT.decode(body) for body in frames.feed(data[-1:])] == [MESSAGES[1]]


def test_results_are_whole_after_the_way() -> None:
    """All a result holds comes through, bytes that are no text and values that are absent included."""
    result = CaseResult(
        verdict=Verdict.SECURITY, stdout=b"\xff\x00", signal=9, filter="syscall:x", denied={"a": 2}, cpu_ms=1.5
    )
    message = CaseDone(job=7, index=2, result=result)
    (body,) = Frames().feed(frame(message))
    assert FROM_SLOT.decode(body) == message


def test_a_message_of_the_other_side_is_refused() -> None:
    """What only a slot says is nothing an engine may say, and the other way round."""
    (body,) = Frames().feed(frame(JobDone(job=1)))
    with pytest.raises(msgspec.ValidationError):
        TO_SLOT.decode(body)


LONG = [b"", b"x" * 100, b"y" * 65_535, b"z" * 65_536, bytes(range(256)) * 4_000]


@pytest.mark.parametrize(
    "message",
    [
        Job(
            id=1,
            program=Program(language="python", source="é"),
            cases=[Case(stdin=stdin, call=call) for stdin in LONG for call in LONG],
            limits=Limits(),
        ),
        Artifact(key="k", content=LONG[-1]),
        Artifact(key="k", content=b"a"),
    ],
    ids=["job", "artifact", "short"],
)
def test_pieces_are_the_frame(message: Job | Artifact) -> None:
    """Put together they are what the slot reads, and long inputs are in them without a copy."""
    made = pieces(message)
    (body,) = Frames().feed(b"".join(made))
    assert TO_SLOT.decode(body) == message
    assert any(piece is LONG[-1] for piece in made) == (len(made) > 1)


def test_pieces_have_the_frames_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too long for a frame is too long in pieces."""
    monkeypatch.setattr(wire, "MAX_FRAME_BYTES", 200_000)
    with pytest.raises(ValueError, match="over the limit"):
        pieces(Artifact(key="k", content=LONG[-1]))
