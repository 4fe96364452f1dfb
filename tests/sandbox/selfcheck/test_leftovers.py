"""What is found on a host that was not there before."""

import os
import subprocess
from pathlib import Path

from guerdon.sandbox.selfcheck.finding import State
from guerdon.sandbox.selfcheck.leftovers import Inventory, check_leftovers, orphans_adopted
from guerdon.sandbox.selfcheck.surroundings import Surroundings

HERE = Surroundings(mark="no-such-mark-anywhere")


def states(
    before: Inventory, folders: frozenset[str] = frozenset(), here: Surroundings = HERE
) -> dict[str, State]:
    """What is left of each kind."""
    return {finding.name: finding.state for finding in check_leftovers(before, here, folders)}


def test_nothing_is_left_where_nothing_was_made() -> None:
    """Four kinds of things are looked for."""
    found = states(Inventory.take(HERE))

    assert found == dict.fromkeys(("processes", "mounts", "control groups", "files"), State.HOLDS)


def test_an_orphan_is_found() -> None:
    """A process whose parent has ended still counts as ours."""
    with orphans_adopted():
        before = Inventory.take(HERE)
        made = subprocess.run(["sh", "-c", "sleep 60 >&- 2>&- & echo $!"], capture_output=True, text=True)
        found = states(before)
        os.kill(int(made.stdout), 9)
        os.waitpid(int(made.stdout), 0)

    assert found["processes"] is State.FAILS


def test_a_process_that_only_waits_to_be_reaped_is_none() -> None:
    """What has ended is not left."""
    before = Inventory.take(HERE)
    ended = subprocess.Popen(["true"])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    found = states(before)
    ended.wait()

    assert found["processes"] is State.HOLDS


def test_a_run_folder_is_found(tmp_path: Path) -> None:
    """A folder that runs worked in must be gone."""
    before = Inventory.take(HERE)

    assert states(before, frozenset({str(tmp_path)}))["files"] is State.FAILS


def test_a_file_with_the_mark_is_found(tmp_path: Path) -> None:
    """So must whatever bears the mark beside what was planted."""
    planted = tmp_path / "planted"
    planted.touch()
    here = Surroundings(mark="mark-of-this-test", files={planted: b""})
    before = Inventory.take(here)
    (tmp_path / "mark-of-this-test").touch()

    assert states(before, here=here)["files"] is State.FAILS
