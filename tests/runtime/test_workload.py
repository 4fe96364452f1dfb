"""What a verifier has in hand, and how fast it has been of late."""

import pytest

from guerdon.services.runtime.workload import WINDOW, WORK_WINDOW, Workload, wait_ms


def test_nothing_yet() -> None:
    """Before the first call all is zero."""
    workload = Workload()
    assert (workload.items, workload.item_ms, workload.quantile_ms(0.99)) == (0, 0.0, 0.0)
    assert workload.queued == (0, 0, 0)


@pytest.mark.parametrize(
    ("times", "item_ms"),
    [
        ({"call_ms": 90.0, "work_ms": 40.0, "cpu_ms": 8.0}, 10.0),
        ({"call_ms": 90.0, "work_ms": 0.0, "cpu_ms": 8.0}, 2.0),
        ({"call_ms": 90.0, "work_ms": 0.0, "cpu_ms": 0.0}, 22.5),
    ],
)
def test_time_per_item_is_work_where_it_is_known(times: dict[str, float], item_ms: float) -> None:
    """The verifier's own measure, or the CPU time, or the whole call."""
    workload = Workload()
    workload.note(items=4, **times)
    assert workload.item_ms == item_ms


def test_time_per_item_is_that_of_recent_calls() -> None:
    """A verifier that has become slow is known as slow soon."""
    workload = Workload()
    workload.note(items=1000, call_ms=1.0, work_ms=1.0, cpu_ms=0.0)
    for _ in range(WORK_WINDOW):
        workload.note(items=1, call_ms=100.0, work_ms=100.0, cpu_ms=0.0)
    assert workload.item_ms == 100.0


def test_quantiles_are_of_recent_calls() -> None:
    """The oldest calls are forgotten."""
    workload = Workload()
    for _ in range(WINDOW):
        workload.note(items=1, call_ms=1000.0, work_ms=0.0, cpu_ms=0.0)
    for number in range(WINDOW):
        workload.note(items=1, call_ms=float(number), work_ms=0.0, cpu_ms=0.0)
    assert workload.quantile_ms(0.5) == WINDOW // 2
    assert workload.quantile_ms(1.0) == WINDOW - 1


def test_items_and_cpu_time_add_up() -> None:
    """Over all calls, CPU time in seconds."""
    workload = Workload()
    for _ in range(4):
        workload.note(items=2, call_ms=1.0, work_ms=1.0, cpu_ms=250.0)
    assert (workload.items, workload.cpu_seconds) == (8, 1.0)


def test_what_is_in_hand_is_counted_by_class() -> None:
    """A class beyond the known ones counts as the nearest."""
    workload = Workload()
    for rank, items in ((0, 1), (1, 10), (2, 100), (9, 1000), (-1, 5)):
        workload.take(rank, items)
    workload.put_down(1, 4)
    assert workload.queued == (6, 6, 1100)


@pytest.mark.parametrize(("rank", "wait"), [(0, 5.0), (1, 15.0), (2, 35.0), (7, 35.0)])
def test_new_work_waits_for_what_is_no_less_urgent(rank: int, wait: float) -> None:
    """Spread over all that is worked on at a time."""
    assert wait_ms((1, 2, 4), rank, 10.0, 2) == wait
