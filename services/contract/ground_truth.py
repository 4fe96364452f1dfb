"""Ground truth: what the verifier compares a completion with.

JSON callers may write it the short way (a string, a list of accepted strings, an object); this is the
one place that turns those forms into :class:`GroundTruth`.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Form = Literal["text", "any_of", "all_of", "tests", "value"]


class GroundTruth(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Ground truth of one item in its normal form."""

    form: Form
    """``text``: one accepted string; ``any_of``: each is accepted; ``all_of``: all are required;
    ``tests``: unit tests of a program; ``value``: any JSON value a third-party verifier defines."""
    texts: tuple[str, ...] = ()
    """The strings of the forms ``text`` (exactly one), ``any_of`` and ``all_of`` (one or more)."""
    data: Any = None
    """The object of the form ``tests``, or the value of the form ``value``."""


def parse_ground_truth(value: Any) -> GroundTruth:
    """Turn a JSON ground truth into its normal form.

    Args:
        value: a string, a non-empty list of strings, or an object: ``{"text": …}``, ``{"any_of": […]}``,
            ``{"all_of": […]}``, ``{"value": …}``, unit tests (an object with ``kind``), or any other
            object, which is taken as the value itself.

    Raises:
        ValueError: the value has none of these forms; the message says which one to use.
    """
    match value:
        case str():
            return GroundTruth(form="text", texts=(value,))
        case list():
            return GroundTruth(form="any_of", texts=_strings(value, "a list"))
        case {"text": str(text), **rest} if not rest:
            return GroundTruth(form="text", texts=(text,))
        case {"any_of": list(texts), **rest} if not rest:
            return GroundTruth(form="any_of", texts=_strings(texts, "any_of"))
        case {"all_of": list(texts), **rest} if not rest:
            return GroundTruth(form="all_of", texts=_strings(texts, "all_of"))
        case {"value": data, **rest} if not rest:
            return GroundTruth(form="value", data=data)
        case {"kind": str(), **_rest}:
            return GroundTruth(form="tests", data=value)
        case dict() if value:
            return GroundTruth(form="value", data=value)
    shown = "an empty object" if value == {} else type(value).__name__
    raise ValueError(
        f"ground_truth is {shown}; write a string (numbers too, so that no digit is lost), a list of accepted "
        "strings, or an object such as {'any_of': [...]}, {'all_of': [...]} or unit tests with 'kind'"
    )


def _strings(values: list[Any], where: str) -> tuple[str, ...]:
    if not values or not all(isinstance(value, str) for value in values):
        raise ValueError(f"ground_truth as {where} must hold at least one string and only strings")
    return tuple(values)
