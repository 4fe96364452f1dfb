"""Deadlines."""

import math
import time

from guerdon.services.contract import Deadline


def test_time_runs_out():
    """What is left shrinks to nothing, and not below."""
    past = Deadline(time.monotonic() - 1)
    assert past.remaining_ms() == 0.0
    assert past.expired


def test_time_is_left_before():
    """Milliseconds in, milliseconds out."""
    deadline = Deadline.after_ms(60_000)
    assert 0 < deadline.remaining_ms() <= 60_000
    assert not deadline.expired


def test_a_deadline_of_nothing_has_passed():
    """Zero milliseconds from now is now."""
    assert Deadline.after_ms(0).expired


def test_never_does_not_come():
    """There is always time left."""
    assert Deadline.never().remaining_ms() == math.inf
    assert not Deadline.never().expired
