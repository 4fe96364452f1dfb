"""Counters."""

from guerdon.sandbox.engine.health import OTHERS, Tally
from guerdon.sandbox.result import CaseResult, Verdict


def test_counters_do_not_grow_with_what_is_counted() -> None:
    """Names beyond a bound are counted together, and none is lost."""
    tally = Tally()
    for number in range(10_000):
        name = f"syscall:{number}"
        tally.count("python", CaseResult(verdict=Verdict.SECURITY, filter=name, denied={name: 2}))
    assert len(tally.filters) < 1000
    assert sum(tally.filters.values()) == 10_000
    assert sum(tally.denied.values()) == 20_000
    assert OTHERS in tally.filters
    assert tally.runs == {"python": {"security": 10_000}}
