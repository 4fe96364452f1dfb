"""Frames between engine and slot."""

import pytest

from guerdon.sandbox.wire import FROM_SLOT, Frames, JobDone, frame

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
