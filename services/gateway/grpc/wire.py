"""Reads protobuf bytes that strangers send, and names the faulty place where they cannot be read.

gRPC's own deserialisation answers UNKNOWN and names nothing; here one item with broken UTF-8 is found by walking
the wire format beside the descriptor. The walk happens only after decoding has failed; it takes linear time and
ends after a fixed number of fields, so that no bytes can make it long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import NamedTuple, TypeVar, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message

from guerdon.services.contract.errors import Pointer
from guerdon.services.gateway.parse import MAX_POINTERS, invalid_at, json_pointer

M = TypeVar("M", bound=Message)

Path = tuple[object, ...]
"""Keys and indices from the root of the request, as JSON has them."""

MAX_DEPTH = 100
"""Messages inside messages that protobuf's own decoder takes."""
MAX_FIELDS = 300_000
"""Fields looked at before the search for faults is given up; a few tenths of a second."""

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES = {_FIXED64: 8, _FIXED32: 4}
_MAX_VARINT_BYTES = 10

_ABSENT_IN_JSON = frozenset(
    {
        "guerdon.v1.MessageList.messages",
        "guerdon.v1.Answers.values",
        "guerdon.v1.GroundTruth.text",
        "guerdon.v1.GroundTruth.tests",
        "google.protobuf.Struct.fields",
        "google.protobuf.ListValue.values",
        "google.protobuf.Value.string_value",
        "google.protobuf.Value.struct_value",
        "google.protobuf.Value.list_value",
    }
)
"""Fields whose content stands directly in their parent in JSON, so that they add no name to a pointer."""


class _Field(NamedTuple):
    number: int
    payload: memoryview
    """Content of a length-delimited field."""


class _Malformed(Exception):
    """The bytes are not the wire format from here on."""


def decode(kind: type[M], raw: bytes) -> M:
    """Decode a message.

    Raises:
        InvalidRequest: the bytes are no such message; with a JSON Pointer to each place that is at fault.
    """
    try:
        return kind.FromString(raw)
    except DecodeError:
        descriptor = cast(Descriptor, kind.DESCRIPTOR)
        faults = list(islice(_Search().message(descriptor, memoryview(raw), (), 0), MAX_POINTERS))
    if not faults:
        faults = [Pointer("", f"the bytes are not a message of type {kind.DESCRIPTOR.full_name}")]
    raise invalid_at(faults)


def request_id_of(raw: bytes) -> str:
    """The request_id of a ScoreRequest that may be undecodable elsewhere; empty where none can be read."""
    found = ""
    with suppress(_Malformed, UnicodeDecodeError):
        for field in _Search().fields(memoryview(raw)):
            if field.number == 1:
                found = str(field.payload, "utf-8")
    return found


class _Search:
    """One walk through the bytes of a message."""

    def __init__(self) -> None:
        self._fields_left = MAX_FIELDS

    def message(self, kind: Descriptor, raw: memoryview, path: Path, depth: int) -> Iterator[Pointer]:
        """Places in a message that are not UTF-8 or not the wire format, in order."""
        if depth > MAX_DEPTH:
            yield Pointer(json_pointer(*path), f"messages are nested more than {MAX_DEPTH} levels deep")
            return
        counts: Counter[int] = Counter()
        try:
            for number, payload in self.fields(raw):
                field = kind.fields_by_number.get(number)
                if field is None:
                    continue
                inner = path if field.full_name in _ABSENT_IN_JSON else (*path, field.name)
                if field.message_type is not None and field.message_type.GetOptions().map_entry:
                    yield from self._entry(field.message_type, payload, inner, depth + 1)
                    continue
                if field.is_repeated:
                    inner = (*inner, counts[number])
                    counts[number] += 1
                yield from self._value(field, payload, inner, depth + 1)
        except _Malformed as cause:
            yield Pointer(json_pointer(*path), str(cause))

    def fields(self, raw: memoryview) -> Iterator[_Field]:
        """The length-delimited fields of a message, in order; others are passed over."""
        position = 0
        while position < len(raw):
            self._fields_left -= 1
            if self._fields_left < 0:
                raise _Malformed(f"the message is faulty after its first {MAX_FIELDS} fields")
            tag, position = _varint(raw, position)
            wire_type = tag & 7
            if wire_type == _VARINT:
                _, position = _varint(raw, position)
                continue
            if wire_type == _LENGTH:
                length, position = _varint(raw, position)
            elif wire_type in _FIXED_BYTES:
                length = _FIXED_BYTES[wire_type]
            else:
                raise _Malformed(f"the bytes are not a protobuf message: wire type {wire_type}")
            if position + length > len(raw):
                raise _Malformed("the bytes end in the middle of a field")
            if wire_type == _LENGTH:
                yield _Field(tag >> 3, raw[position : position + length])
            position += length

    def _value(self, field: FieldDescriptor, payload: memoryview, path: Path, depth: int) -> Iterator[Pointer]:
        if field.message_type is not None:
            yield from self.message(field.message_type, payload, path, depth)
        elif field.type == FieldDescriptor.TYPE_STRING and (fault := _text_fault(payload)) is not None:
            yield Pointer(json_pointer(*path), fault)

    def _entry(self, entry: Descriptor, payload: memoryview, path: Path, depth: int) -> Iterator[Pointer]:
        """Faults of one entry of a map, whose key is the next part of the pointer."""
        key = ""
        try:
            for field in self.fields(payload):
                if field.number == 2:
                    yield from self._value(entry.fields_by_number[2], field.payload, (*path, key), depth)
                elif field.number == 1 and (fault := _text_fault(field.payload)) is not None:
                    yield Pointer(json_pointer(*path), f"a key here: {fault}")
                elif field.number == 1:
                    key = str(field.payload, "utf-8")
        except _Malformed as cause:
            yield Pointer(json_pointer(*path, key), str(cause))


def _text_fault(payload: memoryview) -> str | None:
    try:
        str(payload, "utf-8")
    except UnicodeDecodeError as cause:
        return f"the text is not UTF-8: {cause.reason} at byte {cause.start}"
    return None


def _varint(raw: memoryview, position: int) -> tuple[int, int]:
    """The number at a position, and the position after it."""
    value = 0
    for count, byte in enumerate(raw[position : position + _MAX_VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, position + count + 1
    raise _Malformed("the bytes end in the middle of a number, or the number has no end")
