"""Sentences of a chain of thought in many languages, and a short way to measure."""

from collections.abc import Callable

import pytest

from guerdon.services.language.consistency import Consistency, Mode, measure
from guerdon.services.language.targets import target_of


@pytest.fixture
def share() -> Callable[..., float]:
    """The share of target words in a text."""

    def of(text: str, target: str, mode: Mode = "hybrid") -> float:
        return measure(text, target_of(target), mode).score

    return of


@pytest.fixture
def found() -> Callable[..., Consistency]:
    """What is found in a text."""

    def of(text: str, target: str, mode: Mode = "hybrid") -> Consistency:
        return measure(text, target_of(target), mode)

    return of
