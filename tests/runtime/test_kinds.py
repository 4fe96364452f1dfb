"""Verifier classes by registered name or import path."""

import pytest
import toys

from guerdon.services.contract.registry import RegistrationError
from guerdon.services.format.verifier import FormatVerifier
from guerdon.services.runtime.kinds import load_kind, load_kinds


def test_registered_names_and_import_paths() -> None:
    """Either names a class."""
    assert load_kind("format") is FormatVerifier
    assert load_kind("toys:EchoVerifier") is toys.EchoVerifier


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nosuch", "nosuch"),
        ("nosuch:Verifier", "does not import"),
        ("toys:Nosuch", "does not import"),
        ("toys:QUICK", "is not a Verifier class"),
        ("toys:LengthParams", "is not a Verifier class"),
    ],
)
def test_what_is_no_verifier_is_refused(name: str, why: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(RegistrationError, match=why):
        load_kind(name)


def test_several_names():
    """They are found by what they call themselves, in the order given."""
    found = load_kinds(["guerdon.services.bench.stubs:SleepingVerifier", "format"])
    assert list(found) == ["bench_sleep", "format"]


def test_a_verifier_named_twice():
    """A registered name and an import path of the same are told."""
    with pytest.raises(RegistrationError, match="twice: format, format"):
        load_kinds(["format", "guerdon.services.format.verifier:FormatVerifier"])
