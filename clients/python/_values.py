"""JSON values and ``google.protobuf.Value``, in both directions.

A Value holds numbers as doubles. So that an answer reads the same over both transports, a whole number within
the doubles' exact integers is an int here, over HTTP as well; a larger integer is refused instead of rounded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct, Value

EXACT_INTEGERS = 2**53


def whole_numbers(value: Any) -> Any:
    """The value with whole floats as integers, deeply."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= EXACT_INTEGERS else value
    if isinstance(value, dict):
        return {key: whole_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [whole_numbers(inner) for inner in value]
    return value


def to_struct(values: Mapping[str, Any]) -> Struct:
    """The message of a JSON object; ValueError or TypeError where it is none."""
    return Struct(fields={key: to_value(value) for key, value in dict(values).items()})


def to_value(value: Any) -> Value:
    """The message of a JSON value; ValueError or TypeError where it is none."""
    match value:
        case None:
            return Value(null_value=NULL_VALUE)
        case bool():
            return Value(bool_value=value)
        case int() if abs(value) > EXACT_INTEGERS:
            raise ValueError(f"the integer {value:.3g} is beyond 2^53 and would be rounded: write it as a string")
        case int() | float():
            if not math.isfinite(value):
                raise ValueError(f"{value} is not a number JSON knows")
            return Value(number_value=value)
        case str():
            return Value(string_value=value)
        case Mapping():
            return Value(struct_value=to_struct(value))
        case list() | tuple():
            return Value(list_value=ListValue(values=[to_value(inner) for inner in value]))
    raise TypeError(f"{type(value).__name__} is no JSON value")


def from_struct(struct: Struct) -> dict[str, Any]:
    """The JSON object of a message."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return from_struct(value.struct_value)
    if kind == "list_value":
        return [_from_value(inner) for inner in value.list_value.values]
    return None if kind is None or kind == "null_value" else whole_numbers(getattr(value, kind))
