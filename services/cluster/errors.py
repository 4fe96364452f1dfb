"""What can go wrong with a cluster; every message says what happened, with which value, what to do."""

from __future__ import annotations

from collections.abc import Iterable


class ClusterError(Exception):
    """A cluster cannot be started, reached or changed as asked."""


class ConfigError(ClusterError):
    """A Serve configuration that cannot be used; one line per fault, each with the place it is at."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> tuple[type[ConfigError], tuple[tuple[str, ...]]]:
        return type(self), (self.problems,)


class Unreachable(ClusterError):
    """Nobody answers at the address of the cluster."""


class Refused(ClusterError):
    """The cluster answered and did not do what was asked."""

    def __init__(self, message: str, status: int) -> None:
        self.status = status
        super().__init__(message)

    def __reduce__(self) -> tuple[type[Refused], tuple[str, int]]:
        return type(self), (str(self), self.status)


class NotYet(ClusterError):
    """Time is over, and the cluster is not yet as it was asked to be; it may still become so."""
