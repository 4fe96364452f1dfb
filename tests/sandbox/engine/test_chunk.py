"""How cases are cut into chunks."""

import pytest

from guerdon.sandbox.engine.chunk import LARGEST, SMALLEST, cut


@pytest.mark.parametrize("slots", [1, 2, 8, 64])
@pytest.mark.parametrize("count", [1, 3, 7, 8, 9, 31, 100, 1000, 4097])
def test_chunks_cover_all_cases_evenly(count: int, slots: int) -> None:
    """Every case is in exactly one chunk, in order, and no chunk is much larger than another."""
    parts = cut(count, slots)
    assert [index for part in parts for index in part] == list(range(count))
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) <= max(LARGEST, 2 * SMALLEST - 1)
    assert len(parts) == 1 or min(sizes) >= SMALLEST


def test_all_slots_get_a_share() -> None:
    """Cases that are plenty keep every slot busy, twice over."""
    assert len(cut(100, 4)) == 8
