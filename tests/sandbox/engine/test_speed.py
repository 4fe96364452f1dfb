"""The node's speed factor."""

import math

import pytest

from guerdon.sandbox.engine import speed


def test_this_node_is_measured_within_the_bounds() -> None:
    """A measurement states what it found and against what, and its factor keeps the bounds."""
    found = speed.node_speed()
    assert found.measured_ms > 0
    assert found.reference_ms == speed.REFERENCE_MS
    assert speed.MIN_FACTOR <= found.factor <= speed.MAX_FACTOR


@pytest.mark.parametrize(
    ("of_reference", "factor"),
    [(0.25, 1.0), (1.0, 1.0), (1.504, 1.5), (4.0, 4.0), (20.0, speed.MAX_FACTOR)],
    ids=["fast", "reference", "slower", "slow", "broken"],
)
def test_slow_nodes_stretch_limits_and_fast_ones_do_not_shrink_them(of_reference: float, factor: float) -> None:
    """The factor is the ratio to the reference, never below 1 and never above the cap."""
    assert speed.factor_of(of_reference * speed.REFERENCE_MS) == factor


@pytest.mark.parametrize("factor", [0.5, 1.0, 30.0])
def test_an_operator_s_factor_is_taken_as_it_is(factor: float) -> None:
    """A given factor is neither measured against nor clamped."""
    assert speed.node_speed(factor) == speed.NodeSpeed(factor=factor, measured_ms=0.0)


@pytest.mark.parametrize("factor", [0.0, -1.0, math.inf, math.nan])
def test_a_senseless_factor_is_refused(factor: float) -> None:
    """Zero, negative, infinite and undefined factors are errors, not limits."""
    with pytest.raises(ValueError, match="positive finite"):
        speed.node_speed(factor)
