"""How far verdicts agree with labels that came with the data."""

from __future__ import annotations

from collections import Counter


class Agreement:
    """Counts labels against verdicts; rows without a verdict are kept apart and count as neither.

    Args:
        threshold: a score of at least this says that the completion is right.
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.unlabelled = 0
        """Rows whose label is null."""
        self._counts: Counter[tuple[bool, bool | None]] = Counter()

    def add(self, label: bool | None, score: float | None) -> bool:
        """Count one row; returns whether it differs from its label, a missing verdict included."""
        if label is None:
            self.unlabelled += 1
            return False
        verdict = None if score is None else score >= self.threshold
        self._counts[label, verdict] += 1
        return verdict is not label

    def count(self, label: bool, verdict: bool | None) -> int:
        """Rows with this label and this verdict; None stands for no verdict."""
        return self._counts[label, verdict]

    @property
    def labelled(self) -> int:
        """Rows with a label."""
        return self._counts.total()

    @property
    def judged(self) -> int:
        """Rows with a label and a verdict."""
        return self.labelled - self.count(True, None) - self.count(False, None)

    @property
    def agreed(self) -> int:
        """Rows whose verdict says what the label says."""
        return self.count(True, True) + self.count(False, False)

    @property
    def share(self) -> float | None:
        """Share of the judged rows that agree, in [0, 1]; None where nothing was judged."""
        return self.agreed / self.judged if self.judged else None
