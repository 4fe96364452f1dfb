"""Control groups over trees of ordinary files: where a process stands, and the files of version 2."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from guerdon.sandbox.slot.cgroups import Opened, open_group, places, prepare, sweep
from guerdon.sandbox.slot.cgroups.find import hierarchies
from guerdon.sandbox.slot.cgroups.v2 import CgroupV2, open_v2

MIB = 1 << 20


def procfs(root: Path, cgroup: str, mountinfo: str) -> Path:
    """A /proc that tells this about the process."""
    (root / "self").mkdir(parents=True)
    (root / "self/cgroup").write_text(cgroup)
    (root / "self/mountinfo").write_text(mountinfo)
    return root


class TestFinding:
    """Where the process stands, whatever namespaces and mounts it sees."""

    @pytest.mark.parametrize(
        ("cgroup", "mountinfo", "own"),
        [
            ("0::/a/b\n", "31 23 0:28 / /m rw - cgroup2 cgroup2 rw,nsdelegate\n", ["/m/a/b"]),
            ("0::/\n", "31 23 0:28 / /m rw shared:4 - cgroup2 cgroup2 rw\n", ["/m"]),
            ("4:memory:/docker/x\n", "31 23 0:28 /docker/x /m rw - cgroup cgroup rw,memory\n", ["/m"]),
            ("2:cpu,cpuacct:/s\n", "31 23 0:28 / /m\\040m rw - cgroup cgroup rw,cpu,cpuacct\n", ["/m m/s"]),
            ("0::/a\n", "1 2 0:3 / /r ro - cgroup2 c rw\n1 2 0:3 / /w rw - cgroup2 c rw\n", ["/w/a"]),
            ("1:name=systemd:/x\n", "1 2 0:3 / /s rw - cgroup cgroup rw,name=systemd\n", []),
        ],
        ids=["plain", "namespace", "bind mount", "joined and escaped", "one of two writable", "no controller"],
    )
    def test_own_folder(self, tmp_path: Path, cgroup: str, mountinfo: str, own: list[str]) -> None:
        """The own group's folder follows from the group, the mount's root and its place."""
        found, reasons = hierarchies(procfs(tmp_path, cgroup, mountinfo))
        assert [str(tree.own) for tree in found] == own
        assert reasons == []

    @pytest.mark.parametrize(
        ("cgroup", "mountinfo", "reason"),
        [
            ("4:memory:/\n", "1 2 0:3 / /m ro,nosuid - cgroup cgroup rw,memory\n", "v1 memory: mounted read-only"),
            ("0::/\n", "1 2 0:3 / /m rw - cgroup2 cgroup2 ro\n", "v2: mounted read-only"),
            ("0::/a\n", "1 2 0:3 /b /m rw - cgroup2 cgroup2 rw\n", "v2: not visible here"),
            ("0::/../a\n", "1 2 0:3 / /m rw - cgroup2 cgroup2 rw\n", "v2: not visible here"),
            ("0::/a\n", "1 2 0:3 / /m rw - tmpfs tmpfs rw\n", "v2: not visible here"),
            ("", "", "no control groups are mounted"),
        ],
        ids=["read-only mount", "read-only tree", "other part", "outside the namespace", "not mounted", "nothing"],
    )
    def test_why_there_is_none(self, tmp_path: Path, cgroup: str, mountinfo: str, reason: str) -> None:
        """Without a writable hierarchy there is no group, and the reason is told."""
        assert open_group("g", procfs(tmp_path, cgroup, mountinfo)) == Opened(None, reason)

    def test_without_proc_there_is_none(self, tmp_path: Path) -> None:
        """A missing /proc is a reason like others."""
        assert open_group("g", tmp_path).group is None

    def test_a_folder_that_cannot_be_made_is_a_reason(self, tmp_path: Path) -> None:
        """A group below a folder that is not there fails with the kernel's words."""
        proc = procfs(tmp_path, "4:memory:/\n0::/\n", "1 2 0:3 / /nowhere rw - cgroup cgroup rw,memory\n")
        assert "v1 memory: No such file or directory" in open_group("g", proc).reason

    def test_files_that_are_not_a_control_group_s_are_a_reason(self, tmp_path: Path) -> None:
        """A folder without the controller's files is no group, of either version."""
        (tmp_path / "t").mkdir()
        mounts = f"1 2 0:3 / {tmp_path}/t rw - cgroup cgroup rw,memory\n1 2 0:4 / {tmp_path}/t rw - cgroup2 c rw\n"
        proc = procfs(tmp_path, "4:memory:/\n0::/\n", mounts)
        group, reason = open_group("g", proc)
        assert group is None
        assert "memory.usage_in_bytes" in reason
        assert "cgroup.controllers" in reason


def fill(folder: Path, **files: str) -> Path:
    """Write control files, ``memory_max`` for ``memory.max``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(text)
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A version 2 mount: the real root, with controllers, over a group ``own``."""
    both = "cpu memory pids\n"
    fill(tmp_path / "root", cgroup_controllers=both, cgroup_subtree_control=both)
    fill(tmp_path / "root/own", cgroup_controllers=both, cgroup_subtree_control="", cgroup_type="domain\n")
    (tmp_path / "root/own/cgroup.procs").write_text(f"{os.getpid()}\n1\n")
    return tmp_path / "root"


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host whose groups systemd arranges, with none delegated to this user."""
    monkeypatch.setattr(places, "_SYSTEMD", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.fixture
def fake(tree: Path) -> tuple[CgroupV2, Path]:
    """A version 2 group with all controllers, made of ordinary files."""
    folder = fill(
        tree / "slot",
        cgroup_controllers="cpu memory pids\n",
        cgroup_procs="",
        cpu_stat="usage_usec 5000\nuser_usec 1\n",
        memory_current=str(30 * MIB),
        memory_max="max\n",
        memory_events="low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\noom_group_kill 0\n",
        memory_peak=str(90 * MIB),
        pids_current="2\n",
        pids_max="max\n",
    )
    for name, text in (("memory.swap.max", "max\n"), ("memory.oom.group", "1\n")):
        (folder / name).write_text(text)
    group, reason = open_v2("slot", tree, tree)
    assert group is not None
    assert reason == ""
    return group, folder


class TestVersion2Files:
    """Which files of version 2 are written and read, over ordinary files."""

    def test_swap_is_off_and_kills_are_one_process_at_a_time(self, fake: tuple[CgroupV2, Path]) -> None:
        """Opening sets what the limits mean."""
        group, folder = fake
        assert group.controllers == {"memory", "pids", "cpu"}
        assert (folder / "memory.swap.max").read_text() == "0"
        assert (folder / "memory.oom.group").read_text() == "0"

    def test_limits_are_beyond_the_baseline(self, fake: tuple[CgroupV2, Path]) -> None:
        """What the warm processes hold is added to both limits."""
        group, folder = fake
        assert group.baseline() == 30 * MIB
        group.limit(10 * MIB, 5)
        assert (folder / "memory.max").read_text() == str(40 * MIB)
        assert (folder / "pids.max").read_text() == "7"

    def test_a_limit_below_what_is_in_use_is_refused(self, fake: tuple[CgroupV2, Path]) -> None:
        """Version 2 would kill; nothing is written."""
        group, folder = fake
        with pytest.raises(OSError, match="in use"):
            group.limit(10 * MIB, 5)
        assert (folder / "memory.max").read_text() == "max\n"

    @pytest.mark.parametrize(
        ("events", "own", "above"),
        [
            ("max 3\noom_kill 1\n", False, False),
            ("max 9\noom_kill 1\n", False, False),
            ("max 4\noom_kill 2\n", True, False),
            ("max 3\noom_kill 2\n", False, True),
        ],
        ids=["nothing", "reclaimed", "own limit", "the host's"],
    )
    def test_kills_are_told_apart(self, fake: tuple[CgroupV2, Path], events: str, own: bool, above: bool) -> None:
        """Only a kill at the group's own limit is the program's."""
        group, folder = fake
        group.begin()
        (folder / "memory.events").write_text(events)
        assert group.memory_killed() is own
        assert group.killed_from_above() is above

    def test_cpu_time_counts_from_begin(self, fake: tuple[CgroupV2, Path]) -> None:
        """Microseconds of cpu.stat become nanoseconds since ``begin``."""
        group, folder = fake
        group.begin()
        (folder / "cpu.stat").write_text("usage_usec 7500\n")
        assert group.cpu_ns() == 2_500_000

    def test_a_peak_that_resets_is_read(self, fake: tuple[CgroupV2, Path]) -> None:
        """``begin`` writes to the open file, which then tells this run's peak."""
        group, folder = fake
        group.baseline()
        group.begin()
        assert (folder / "memory.peak").read_bytes().startswith(b"reset")
        (folder / "memory.peak").write_text(str(50 * MIB))
        assert group.peak_bytes() == 20 * MIB

    @pytest.mark.parametrize(
        ("peak_mib", "current_mib", "told_mib"),
        [(90, 35, 35), (120, 35, 120), (None, 35, 35), (None, 10, 30)],
        ids=["lower than before", "higher than before", "no such file", "less than at begin"],
    )
    def test_a_peak_that_does_not_reset_is_a_lower_bound(
        self, fake: tuple[CgroupV2, Path], peak_mib: int | None, current_mib: int, told_mib: int
    ) -> None:
        """Before kernel 6.12 the lifetime peak counts where it grew, else the readings made."""
        group, folder = fake
        group._peak_resets = False
        (folder / "memory.peak").write_text(str(90 * MIB))
        if peak_mib is None:
            os.close(group._handles.pop("peak"))
        group.begin()
        if peak_mib is not None:
            (folder / "memory.peak").write_text(str(peak_mib * MIB))
        (folder / "memory.current").write_text(str(current_mib * MIB))
        assert group.peak_bytes() == told_mib * MIB

    def test_a_read_only_peak_is_found_not_to_reset(self, tree: Path) -> None:
        """Opening works without a peak file at all."""
        fill(
            tree / "s",
            cgroup_controllers="memory",
            cpu_stat="usage_usec 1\n",
            memory_current="1",
            memory_events="",
        )
        group, reason = open_v2("s", tree, tree)
        assert group is not None
        assert group.controllers == {"memory", "cpu"}
        assert "no pids controller" in reason
        group.begin()
        assert group.peak_bytes() == 1

    def test_kill_is_the_group_s_switch_where_there_is_one(self, fake: tuple[CgroupV2, Path]) -> None:
        """With cgroup.kill one write kills; without it each process is signalled."""
        group, folder = fake
        (folder / "cgroup.kill").write_text("")
        group.kill()
        assert (folder / "cgroup.kill").read_text() == "1"
        (folder / "cgroup.kill").unlink()
        with subprocess.Popen(["sleep", "60"]) as process:
            (folder / "cgroup.procs").write_text(f"0\n{process.pid}\n")
            group.kill()
            assert process.wait(10) == -signal.SIGKILL


class TestVersion2Places:
    """Where groups go under the rule that a group with processes hands no controllers down."""

    def test_the_real_root_hands_its_controllers_down(self, tree: Path) -> None:
        """At the real root processes and children go together; what is missing is enabled."""
        (tree / "cgroup.subtree_control").write_text("")
        assert places.place(tree, tree) == (tree, "")
        assert (tree / "cgroup.subtree_control").read_text() == "+pids"

    def test_without_controllers_the_own_group_still_counts_and_kills(self, tree: Path) -> None:
        """CPU time and killing need no controller."""
        (tree / "own/cgroup.controllers").write_text("")
        base, reason = places.place(tree / "own", tree)
        assert base == tree / "own"
        assert "no memory or pids controller" in reason

    def test_a_process_alone_moves_aside(self, tree: Path) -> None:
        """The only process of its own group goes into a child, so the group is free."""
        own = tree / "own"
        (own / "cgroup.procs").write_text(f"{os.getpid()}\n")
        fill(own / places.MAIN, cgroup_procs="")
        assert places.place(own, tree) == (own, "")
        assert (own / places.MAIN / "cgroup.procs").read_text() == str(os.getpid())

    def test_a_process_started_by_one_that_moved_aside_finds_the_group_above(self, tree: Path) -> None:
        """Slots make their groups beside the engine's."""
        assert places.place(tree / "own" / places.MAIN, tree) == (tree / "own", "")

    def test_beside_other_processes_a_sibling_is_taken_where_that_is_ours(self, tree: Path) -> None:
        """Without systemd the group above may be used; nothing is moved."""
        assert places.place(tree / "own", tree) == (tree, "")
        assert not (tree / "own" / places.MAIN).exists()

    @pytest.mark.usefixtures("systemd")
    @pytest.mark.parametrize("members", ["alone", "with others"])
    def test_what_systemd_did_not_delegate_is_left_alone(self, tree: Path, members: str) -> None:
        """Neither moving aside nor a sibling happens in systemd's own groups."""
        (tree / "own/cgroup.procs").write_text(f"{os.getpid()}\n" + ("1\n" if members == "with others" else ""))
        base, reason = places.place(tree / "own", tree)
        assert base is None
        assert "not delegated" in reason

    @pytest.mark.usefixtures("systemd")
    def test_a_group_marked_as_delegated_is_ours(self, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The mark of systemd on the group above allows a sibling."""
        monkeypatch.setattr(os, "getxattr", lambda path, name: b"1" if path == tree else b"")
        assert places.place(tree / "own", tree) == (tree, "")

    def test_in_a_namespace_there_is_nothing_above(self, tree: Path) -> None:
        """A container's top group that holds others has no place for groups."""
        base, _ = places.place(tree / "own", tree / "own")
        assert base is None

    def test_a_controller_that_is_refused_is_told(self, tree: Path) -> None:
        """The kernel's refusal to enable becomes the reason."""
        (tree / "cgroup.subtree_control").unlink()
        (tree / "cgroup.subtree_control").mkdir()
        base, reason = places.place(tree, tree)
        assert base is None
        assert reason.startswith("v2: ")

    def test_preparing_reports_for_the_process(self, tree: Path, tmp_path: Path) -> None:
        """The engine's call finds the tree by itself; without a tree nothing is wrong."""
        proc = procfs(tmp_path / "proc", "0::/own\n", f"1 2 0:3 / {tree} rw - cgroup2 c rw\n")
        assert prepare(proc) == ""
        assert prepare(tmp_path / "none") == ""
        assert sweep(proc=proc) == 0
