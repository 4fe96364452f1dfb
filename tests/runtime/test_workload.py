"""What a verifier has in hand, and how fast it has been of late."""

import msgspec
import pytest

from guerdon.services.contract import Verdict
from guerdon.services.runtime.backend import LATE
from guerdon.services.runtime.workload import WINDOW, WORK_WINDOW, Workload, ahead, wait_ms

OK = Verdict.ok(1.0, "fine", "fine")


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """The time in seconds."""
        return self.now_s


def taking(ms: float, count: int = 1) -> list[Verdict]:
    """Verdicts that took so long each."""
    return [msgspec.structs.replace(OK, latency_ms=ms)] * count


def note(workload: Workload, clock: Clock, verdicts: list[Verdict], call_ms: float, cpu_ms: float = 0.0) -> None:
    """Let a call pass that had the verifier for itself."""
    workload.take(0, len(verdicts))
    clock.now_s += call_ms / 1000
    workload.put_down(0, len(verdicts))
    workload.note(verdicts, call_ms=call_ms, cpu_ms=cpu_ms)


@pytest.fixture
def clock() -> Clock:
    """The time."""
    return Clock()


def test_nothing_yet() -> None:
    """Before the first call all is zero."""
    workload = Workload()
    assert (workload.items, workload.item_ms, workload.quantile_ms(0.99)) == (0, 0.0, 0.0)
    assert workload.queued == (0, 0, 0)


@pytest.mark.parametrize(
    ("latency_ms", "cpu_ms", "item_ms"), [(10.0, 8.0, 10.0), (0.0, 8.0, 2.0), (0.0, 0.0, 22.5)]
)
def test_time_per_item_is_work_where_it_is_known(
    clock: Clock, latency_ms: float, cpu_ms: float, item_ms: float
) -> None:
    """The verifier's own measure, or the CPU time, or the whole call."""
    workload = Workload(1, clock)
    note(workload, clock, taking(latency_ms, 4), call_ms=90.0, cpu_ms=cpu_ms)
    assert workload.item_ms == pytest.approx(item_ms)


def test_time_per_item_is_that_of_recent_calls(clock: Clock) -> None:
    """A verifier that has become slow is known as slow soon."""
    workload = Workload(1, clock)
    note(workload, clock, taking(0.01, 1000), call_ms=10.0)
    for _ in range(WORK_WINDOW):
        note(workload, clock, taking(100.0), call_ms=100.0)
    assert workload.item_ms == pytest.approx(100.0)


@pytest.mark.parametrize(("slots", "drain_ms"), [(1, 10.0), (4, 10.0), (20, 5.0)])
def test_items_drain_as_fast_as_they_were_seen_to_or_as_the_slots_allow(
    clock: Clock, slots: int, drain_ms: float
) -> None:
    """Ten items that took 100 ms each and ended after 100 ms were judged side by side."""
    workload = Workload(slots, clock)
    note(workload, clock, taking(100.0, 10), call_ms=100.0)
    assert workload.drain_ms == pytest.approx(drain_ms)


def test_items_one_after_the_other_do_not_hide_idle_slots(clock: Clock) -> None:
    """While there is little to do, the ends of items do not show how many could be worked on."""
    workload = Workload(4, clock)
    for _ in range(3):
        note(workload, clock, taking(100.0), call_ms=100.0)
    assert workload.drain_ms == pytest.approx(25.0)


def test_many_calls_that_end_together_do_not_push_each_other_out(clock: Clock) -> None:
    """Chunks of a large batch that were judged side by side are remembered with the time of all."""
    workload = Workload(1, clock)
    chunks = 3 * WORK_WINDOW
    workload.take(0, chunks)
    clock.now_s += 1.0
    for _ in range(chunks):
        workload.put_down(0, 1)
    assert workload.drain_ms == pytest.approx(1000.0 / chunks)


def test_time_in_which_nothing_was_in_hand_is_no_work(clock: Clock) -> None:
    """A verifier that nobody asked for an hour has not become slow."""
    workload = Workload(1, clock)
    clock.now_s += 3600.0
    note(workload, clock, taking(0.0), call_ms=5.0)
    assert workload.drain_ms == pytest.approx(5.0)


def test_what_waited_until_its_time_was_over_does_not_make_work_look_slow(clock: Clock) -> None:
    """Otherwise one moment of overload would be taken for slowness, and calls refused long after it."""
    workload = Workload(1, clock)
    note(workload, clock, taking(2.0), call_ms=2.0)
    note(workload, clock, [LATE] * 50, call_ms=60_000.0)
    assert (workload.item_ms, workload.drain_ms) == pytest.approx((2.0, 2.0))


def test_an_item_that_was_cut_off_at_work_counts(clock: Clock) -> None:
    """It held its slot for as long as it says."""
    workload = Workload(1, clock)
    note(workload, clock, [msgspec.structs.replace(LATE, latency_ms=500.0)], call_ms=500.0)
    assert workload.item_ms == pytest.approx(500.0)


def test_quantiles_are_of_recent_calls(clock: Clock) -> None:
    """The oldest calls are forgotten."""
    workload = Workload(1, clock)
    for _ in range(WINDOW):
        note(workload, clock, [OK], call_ms=1000.0)
    for number in range(WINDOW):
        note(workload, clock, [OK], call_ms=float(number))
    assert workload.quantile_ms(0.5) == WINDOW // 2
    assert workload.quantile_ms(1.0) == WINDOW - 1


def test_items_and_cpu_time_add_up(clock: Clock) -> None:
    """Over all calls, CPU time in seconds; those that came too late count too."""
    workload = Workload(1, clock)
    for _ in range(4):
        note(workload, clock, [OK, LATE], call_ms=1.0, cpu_ms=250.0)
    assert (workload.items, workload.cpu_seconds) == (8, 1.0)


def test_what_is_in_hand_is_counted_by_class() -> None:
    """A class beyond the known ones counts as the nearest."""
    workload = Workload()
    for rank, items in ((0, 1), (1, 10), (2, 100), (9, 1000), (-1, 5)):
        workload.take(rank, items)
    workload.put_down(1, 4)
    assert workload.queued == (6, 6, 1100)


@pytest.mark.parametrize(("rank", "items"), [(0, 1), (1, 3), (2, 7), (7, 7)])
def test_new_work_waits_for_what_is_no_less_urgent(rank: int, items: int) -> None:
    """Work of a lower class does not go before it."""
    assert ahead((1, 2, 4), rank) == items


@pytest.mark.parametrize(
    ("queued", "slots", "wait"), [(0, 1, 0.0), (1, 1, 10.0), (3, 4, 0.0), (4, 4, 10.0), (9, 4, 60.0)]
)
def test_work_waits_only_where_no_slot_is_free(queued: int, slots: int, wait: float) -> None:
    """An item that hangs holds one slot and no other; with all taken, the first to end makes room."""
    assert wait_ms(queued, 10.0, slots) == wait
