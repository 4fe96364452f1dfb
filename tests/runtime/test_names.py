"""What an application's name says."""

import pytest

from guerdon.services.runtime.names import application_name, verifiers_of


@pytest.mark.parametrize(
    ("verifiers", "name"), [(("math",), "math"), (("format", "bench_sleep"), "format+bench_sleep")]
)
def test_a_name_says_what_runs(verifiers, name):
    """One verifier gives its own, several theirs in order, and the name tells them again."""
    assert application_name(verifiers) == name
    assert verifiers_of(name) == verifiers
