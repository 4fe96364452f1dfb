"""Marks by which containers of dead engines are told from those of living ones."""

import subprocess
import sys

from guerdon.sandbox.container.owner import is_gone, owner

SAY = "from guerdon.sandbox.container.owner import owner; print(owner(), flush=True); input()"


def test_a_running_process_is_not_gone():
    """The mark of this very process counts as alive."""
    assert not is_gone(owner())


def test_a_process_is_gone_once_it_has_ended():
    """A mark outlives its process, and tells."""
    with subprocess.Popen(
        [sys.executable, "-c", SAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        mark = process.stdout.readline().strip()
        alive = is_gone(mark)
    assert (alive, is_gone(mark)) == (False, True)


def test_a_later_process_with_the_same_number_is_another_one():
    """The start time keeps a reused process number from passing for the owner."""
    place, _, _ = owner().rpartition("/")
    assert is_gone(f"{place}/1")


def test_who_cannot_be_seen_from_here_counts_as_alive():
    """Another host, an earlier boot or another process namespace is left alone."""
    assert not is_gone("11111111-2222-3333-4444-555555555555/pid:[4026531836]/4242/99")


def test_what_is_no_mark_of_ours_is_left_alone():
    """A label that somebody else wrote makes nobody's container ours to remove."""
    assert not is_gone("somebody")
