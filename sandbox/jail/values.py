"""Plain data as bytes, both ways, with the standard library alone.

Arguments travel into the jail and results out of it in this form, never as pickles: what comes out was written by
a hostile program, so reading it can build nothing but plain data, in linear time and bounded depth. Types are
exact: a subclass of ``int`` is not an int here, for its ``__eq__`` may lie.

Form: one tag byte, then for ``i s b`` a four-byte length and the bytes, for ``f`` eight bytes, for ``c`` sixteen,
for the containers a four-byte count and the members (keys and values in turn for ``d``).
"""

import struct
from collections.abc import Callable
from typing import Any

MAX_DEPTH = 100
_COUNT = struct.Struct("<I")
_FLOAT = struct.Struct("<d")
_COMPLEX = struct.Struct("<dd")
_SEQUENCES = {b"l": list, b"t": tuple, b"e": set, b"z": frozenset}
_TAGS = {list: b"l", tuple: b"t", set: b"e", frozenset: b"z"}


class UnplainValue(ValueError):
    """The value is not plain data, or the bytes are not an encoded value."""


def encode(value: object) -> bytes:
    """Return the value's bytes.

    Raises:
        UnplainValue: an object's exact type is none of the plain ones, or it nests deeper than ``MAX_DEPTH``.
    """
    out: list[bytes] = []
    _write(value, out, 0)
    return b"".join(out)


def _write(value: Any, out: list[bytes], depth: int) -> None:
    kind: Any = type(value)
    if value is None:
        out.append(b"N")
    elif kind in _SCALARS:
        out.append(_SCALARS[kind](value))
    elif depth >= MAX_DEPTH:
        raise UnplainValue(f"the value nests deeper than {MAX_DEPTH} levels")
    elif kind is dict:
        out.append(b"d" + _COUNT.pack(len(value)))
        for key, member in value.items():
            _write(key, out, depth + 1)
            _write(member, out, depth + 1)
    elif kind in _TAGS:
        out.append(_TAGS[kind] + _COUNT.pack(len(value)))
        for member in value:
            _write(member, out, depth + 1)
    else:
        raise UnplainValue(f"a value of type {kind.__name__} is not plain data")


def _long(tag: bytes, body: bytes) -> bytes:
    return tag + _COUNT.pack(len(body)) + body


_SCALARS: "dict[type, Callable[[Any], bytes]]" = {
    bool: lambda value: b"T" if value else b"F",
    int: lambda value: _long(b"i", value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)),
    float: lambda value: b"f" + _FLOAT.pack(value),
    complex: lambda value: b"c" + _COMPLEX.pack(value.real, value.imag),
    str: lambda value: _long(b"s", value.encode("utf-8", "surrogatepass")),
    bytes: lambda value: _long(b"b", value),
}


def decode(data: bytes) -> object:
    """Read a value back.

    Raises:
        UnplainValue: the bytes are not exactly one encoded value.
    """
    try:
        value, end = _read(data, 0, 0)
    except (struct.error, UnicodeDecodeError, TypeError, MemoryError) as error:
        raise UnplainValue(f"not an encoded value: {error}") from error
    if end != len(data):
        raise UnplainValue(f"{len(data) - end} bytes follow the encoded value")
    return value


def _read(data: bytes, at: int, depth: int) -> tuple[object, int]:
    tag = data[at : at + 1]
    at += 1
    if tag == b"N":
        return None, at
    if tag in (b"T", b"F"):
        return tag == b"T", at
    if tag == b"f":
        return _FLOAT.unpack_from(data, at)[0], at + 8
    if tag == b"c":
        return complex(*_COMPLEX.unpack_from(data, at)), at + 16
    (count,) = _COUNT.unpack_from(data, at)
    at += 4
    if count > len(data) - at:
        raise UnplainValue("an encoded length is larger than what follows it")
    if tag in (b"i", b"s", b"b"):
        return _scalar(tag, data[at : at + count]), at + count
    if depth >= MAX_DEPTH:
        raise UnplainValue(f"the value nests deeper than {MAX_DEPTH} levels")
    return _container(tag, data, at, count, depth + 1)


def _scalar(tag: bytes, body: bytes) -> object:
    if tag == b"i":
        return int.from_bytes(body, "little", signed=True)
    return body.decode("utf-8", "surrogatepass") if tag == b"s" else body


def _container(tag: bytes, data: bytes, at: int, count: int, depth: int) -> tuple[object, int]:
    if tag == b"d":
        mapping: dict[object, object] = {}
        for _ in range(count):
            key, at = _read(data, at, depth)
            mapping[key], at = _read(data, at, depth)
        return mapping, at
    if tag not in _SEQUENCES:
        raise UnplainValue(f"unknown tag {tag!r}")
    members: list[object] = []
    for _ in range(count):
        member, at = _read(data, at, depth)
        members.append(member)
    return _SEQUENCES[tag](members), at
