"""The worker's task: judges several items at a time.

Payload: items as plain values. Result: their verdicts as plain values, same length and order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from guerdon.services.contract import Item
from guerdon.services.language.detector import load_detector
from guerdon.services.language.judge import judge
from guerdon.services.language.lexicon import COMMON
from guerdon.services.language.settings import LanguageSettings


def make_judge(settings: dict[str, Any]) -> Callable[[Any], Any]:
    """Load and test the detector, and return the task.

    Raises:
        ModelError: the detector cannot be used.
    """
    detector = load_detector()
    for word in COMMON:
        # Known before the workers are forked, so that none has to learn it.
        detector.words[word]
    validated = LanguageSettings.model_validate(settings)

    def task(payload: Any) -> Any:
        items = msgspec.convert(payload, list[Item])
        return msgspec.to_builtins([judge(item, validated, detector) for item in items])

    return task
