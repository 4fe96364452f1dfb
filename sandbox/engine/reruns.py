"""How much of everybody's time may go into second runs."""

_SAVED_AT_MOST_S = 10.0
"""What a quiet spell can save up; it bounds how long one burst of reruns may hold the others back."""


class RerunBudget:
    """Wall time for reruns alone on the node: it grows with time, and reruns spend it.

    Args:
        share: of the wall time, 0 to 1; 0 allows none.
        now: seconds.
    """

    def __init__(self, share: float, now: float) -> None:
        self._share = share
        self._left_s = _SAVED_AT_MOST_S * min(1.0, 10 * share)
        self._promised_s = 0.0
        self._at = now

    def grant(self, expected_s: float, now: float) -> bool:
        """Whether one more rerun may be queued; if so, its expected time is set aside until it is settled."""
        self._left_s = min(self._left_s + self._share * (now - self._at), _SAVED_AT_MOST_S)
        self._at = now
        if self._left_s <= self._promised_s:
            return False
        self._promised_s += expected_s
        return True

    def settle(self, expected_s: float) -> None:
        """A granted rerun has ended, or will not be."""
        self._promised_s = max(0.0, self._promised_s - expected_s)

    def spend(self, seconds: float) -> None:
        """Book time in which the others were held back."""
        self._left_s -= seconds
