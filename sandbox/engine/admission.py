"""The bound of the queue, and what a caller it turns away is told."""

from guerdon.sandbox.errors import InvalidProgram, Overloaded

_WEIGHT_OF_LATEST = 0.3
_SHORTEST_RETRY_MS, _LONGEST_RETRY_MS = 10.0, 60_000.0
_UNMEASURED_RETRY_MS = 1_000.0


class Admission:
    """Counts what is open, in cases and bytes, and measures how fast it drains.

    Args:
        max_cases: open cases at a time.
        max_bytes: bytes of their sources and inputs.
    """

    def __init__(self, max_cases: int, max_bytes: int) -> None:
        self.cases = 0
        self.bytes = 0
        self.cases_per_s = 0.0
        self._max_cases = max_cases
        self._max_bytes = max_bytes
        self._finished = 0
        self._measured_at: float | None = None

    def refusal(self, cases: int, size_bytes: int) -> Overloaded | None:
        """Return why there is no room for so much more now, or None.

        Raises:
            InvalidProgram: there never is.
        """
        if cases > self._max_cases or size_bytes > self._max_bytes:
            raise InvalidProgram(
                f"{cases} cases and {size_bytes} bytes in one request are more than the queue can ever hold "
                f"({self._max_cases} cases, {self._max_bytes} bytes); send them in parts"
            )
        excess_cases = self.cases + cases - self._max_cases
        excess_bytes = self.bytes + size_bytes - self._max_bytes
        if excess_cases <= 0 and excess_bytes <= 0:
            return None
        share = max(excess_cases / max(self.cases, 1), excess_bytes / max(self.bytes, 1))
        message = f"the queue is full: {self.cases} cases and {self.bytes} bytes are open"
        return Overloaded(message, self._drain_ms(min(share, 1.0) * self.cases))

    def enter(self, cases: int, size_bytes: int) -> None:
        """Count a request in."""
        self.cases += cases
        self.bytes += size_bytes

    def leave(self, cases: int, size_bytes: int) -> None:
        """Count it out, or a part of it."""
        self.cases -= cases
        self.bytes -= size_bytes
        self._finished += cases

    def measure(self, now: float) -> None:
        """Renew the drain rate; called every now and then, ``now`` in seconds."""
        if self._measured_at is not None and now > self._measured_at and (self._finished or self.cases):
            latest = self._finished / (now - self._measured_at)
            weight = _WEIGHT_OF_LATEST if self.cases_per_s else 1.0
            self.cases_per_s += weight * (latest - self.cases_per_s)
        self._measured_at, self._finished = now, 0

    def _drain_ms(self, cases: float) -> float:
        if not self.cases_per_s:
            return _UNMEASURED_RETRY_MS
        return min(max(cases / self.cases_per_s * 1000, _SHORTEST_RETRY_MS), _LONGEST_RETRY_MS)
