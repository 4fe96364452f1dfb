"""The bound of the queue."""

import pytest

from guerdon.sandbox.engine.admission import Admission
from guerdon.sandbox.errors import InvalidProgram


@pytest.mark.parametrize(("cases", "size"), [(4, 10), (1, 91)])
def test_what_does_not_fit_now_is_refused(cases: int, size: int) -> None:
    """Cases and bytes are bounded each."""
    admission = Admission(10, 100)
    admission.enter(7, 10)
    refusal = admission.refusal(cases, size)
    assert refusal is not None
    assert refusal.retryable
    assert "7 cases" in str(refusal)


def test_what_fits_is_not_refused() -> None:
    """The bound itself can be reached."""
    admission = Admission(10, 100)
    admission.enter(7, 10)
    assert admission.refusal(3, 90) is None


def test_what_never_fits_is_the_callers_fault() -> None:
    """Waiting would not help a request larger than the queue."""
    with pytest.raises(InvalidProgram, match="in parts"):
        Admission(10, 100).refusal(11, 1)


def test_retry_after_follows_the_measured_drain_rate() -> None:
    """Room for 5 of 10 open cases at 10 cases a second is there in half a second."""
    admission = Admission(10, 100)
    admission.measure(0.0)
    admission.enter(20, 0)
    admission.leave(10, 0)
    admission.measure(1.0)
    refusal = admission.refusal(5, 0)
    assert refusal is not None
    assert refusal.retry_after_ms == pytest.approx(500)


def test_retry_after_is_a_second_before_anything_was_measured() -> None:
    """Without a drain rate a plain value is given."""
    admission = Admission(1, 100)
    admission.enter(1, 0)
    refusal = admission.refusal(1, 0)
    assert refusal is not None
    assert refusal.retry_after_ms == 1000


def test_an_idle_spell_does_not_forget_the_drain_rate() -> None:
    """Nobody working is not the same as working slowly."""
    admission = Admission(10, 100)
    admission.measure(0.0)
    admission.enter(10, 0)
    admission.leave(10, 0)
    admission.measure(1.0)
    admission.measure(100.0)
    assert admission.cases_per_s == pytest.approx(10)
