"""Programs, cases and limits as callers write them."""

import msgspec
import pytest

from guerdon.sandbox.jail.values import UnplainValue, decode
from guerdon.sandbox.program import Case, CompileLimits, Limits, Program


def test_a_call_holds_its_arguments() -> None:
    """Positional and named arguments are kept apart, with their types."""
    assert decode(Case.of_call(1, "a", [2.5], key=(None,)).call) == ([1, "a", [2.5]], {"key": (None,)})


def test_a_call_takes_plain_data_alone() -> None:
    """What is no plain data is refused where the case is made."""
    with pytest.raises(UnplainValue, match="type object"):
        Case.of_call(object())


@pytest.mark.parametrize(
    "field", ["cpu_ms", "idle_ms", "memory_bytes", "output_bytes", "disk_bytes", "inodes", "open_files"]
)
@pytest.mark.parametrize("value", [0, -1, 1.5, "1"])
def test_limits_are_positive_numbers(field: str, value: object) -> None:
    """No limit may be nothing at all, a fraction or a text."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({field: value}, Limits)


@pytest.mark.parametrize("kind", [Program, Case, Limits, CompileLimits])
def test_unknown_fields_are_refused(kind: type) -> None:
    """A misspelt field is an error, never a default."""
    known = {"language": "python", "source": ""} if kind is Program else {}
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert(known | {"cpu_mss": 1}, kind)


def test_compilers_may_use_more() -> None:
    """Limits of a compile step are the wider ones where it matters."""
    run, build = Limits(), CompileLimits()

    assert build.cpu_ms > run.cpu_ms
    assert build.memory_bytes > run.memory_bytes
    assert build.disk_bytes > run.disk_bytes
