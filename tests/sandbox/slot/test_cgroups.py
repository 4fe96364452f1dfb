"""Control groups of slots: the real ones of this host, and version 2's files over a tree of ordinary files."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from guerdon.sandbox.slot.cgroups import Opened, SlotCgroup, group_name, open_group, prepare, sweep, v2
from guerdon.sandbox.slot.cgroups import sweep as sweep_function
from guerdon.sandbox.slot.cgroups.find import hierarchies
from guerdon.sandbox.slot.cgroups.opening import v1_folders
from guerdon.sandbox.slot.cgroups.v1 import open_v1
from guerdon.sandbox.slot.cgroups.v2 import CgroupV2, open_v2

MIB = 1 << 20
HOLD = (
    "import sys; held = bytearray(b'x' * (int(sys.argv[1]) << 20)); print('ready', flush=True); sys.stdin.read()"
)


def unused_name() -> str:
    """A group name of this engine that no other test uses."""
    return group_name(uuid4().int % 10**9)


def real(version: str) -> SlotCgroup:
    """A group of one version on this host, or a skip that names what is missing."""
    found, reasons = hierarchies()
    if version == "v1":
        group, reason = open_v1(unused_name(), v1_folders(found))
    else:
        trees = [tree for tree in found if tree.version == "v2"]
        # Enabling controllers here could move the test runner or rearrange the host: only what is there is used.
        if not trees or not os.access(trees[0].own, os.W_OK):
            pytest.skip(f"no writable version 2 tree: {reasons}")
        folder = trees[0].own / unused_name()
        folder.mkdir()
        group, reason = CgroupV2(folder), ""
    if group is None:
        pytest.skip(f"no group of version {version} can be made: {reason or reasons}")
    return group


@pytest.fixture
def v1() -> Iterator[SlotCgroup]:
    """A version 1 group with memory, pids and cpuacct."""
    group = real("v1")
    try:
        if missing := {"memory", "pids", "cpu"} - group.controllers:
            pytest.skip(f"version 1 lacks {sorted(missing)} here")
        yield group
    finally:
        clear(group)


@pytest.fixture(params=["v1", "v2"])
def any_version(request: pytest.FixtureRequest) -> Iterator[SlotCgroup]:
    """A real group of either version, with whatever controllers it has."""
    group = real(request.param)
    try:
        yield group
    finally:
        clear(group)


def clear(group: SlotCgroup) -> None:
    """Kill and remove a group; nothing may be left."""
    with contextlib.suppress(FileNotFoundError):
        group.kill()
    assert group.remove()


@contextlib.contextmanager
def inside(group: SlotCgroup, source: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a Python program whose every page and processor tick is the group's."""
    waiter = "import sys; sys.stdin.buffer.raw.read(1); source = sys.argv.pop(1); exec(source)"
    command = [sys.executable, "-S", "-c", waiter, source, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        group.add(process.pid)
        process.stdin.write(b"x")
        process.stdin.flush()
        try:
            yield process
        finally:
            process.kill()


def ready(process: "subprocess.Popen[bytes]") -> None:
    """Wait for the program's word."""
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"


class TestRealGroups:
    """What holds on this host, with the kernel's own files."""

    def test_members_are_listed_killed_and_the_group_removed(self, any_version: SlotCgroup) -> None:
        """A process and what it forked are inside, die together, and leave a group that can go."""
        with inside(any_version, "import os; os.fork(); print('ready', flush=True); sys.stdin.read()") as process:
            ready(process)
            ready(process)
            assert len(any_version.processes()) == 2
            any_version.kill()
            assert process.wait(10) == -signal.SIGKILL
        assert any_version.remove()
        assert any_version.processes() == []
        assert not any(folder.exists() for folder in any_version.folders)

    def test_removing_twice_is_harmless(self, any_version: SlotCgroup) -> None:
        """A group already gone counts as removed."""
        assert any_version.remove()
        assert any_version.remove()

    def test_a_group_in_use_is_not_removed_and_says_so(
        self, any_version: SlotCgroup, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With a live process inside, removal gives up after its time and answers that it is still there."""
        monkeypatch.setattr("guerdon.sandbox.slot.cgroups.group.REMOVE_SECONDS", 0.05)
        with inside(any_version, HOLD, "0") as process:
            ready(process)
            assert not any_version.remove()
            assert any_version.folders[0].exists()

    def test_cpu_time_counts_from_begin_and_with_children(self, any_version: SlotCgroup) -> None:
        """What was burnt before ``begin`` is not this run's; what a child burns after it is."""
        burn = "import os, time\ndef burn(s):\n  end = time.process_time() + s\n  while time.process_time() < end: pass\n"
        go = "burn(0.2); print('ready', flush=True); sys.stdin.buffer.raw.read(1)\n"
        child = "os.fork() or (burn(0.1), os._exit(0)); os.wait(); print('ready', flush=True); sys.stdin.read()"
        with inside(any_version, burn + go + child) as process:
            ready(process)
            any_version.begin()
            before = any_version.cpu_ns()
            assert process.stdin is not None
            process.stdin.write(b"x")
            process.stdin.flush()
            ready(process)
            assert before < 100_000_000 <= any_version.cpu_ns() < 200_000_000

    def test_memory_beyond_the_limit_kills_and_is_told(self, v1: SlotCgroup) -> None:
        """A program that needs more than baseline and limit is killed, for this group's own limit."""
        v1.baseline()
        v1.limit(40 * MIB, 64)
        v1.begin()
        with inside(v1, HOLD, "100") as process:
            assert process.wait(20) == -signal.SIGKILL
        assert v1.memory_killed()
        assert not v1.killed_from_above()
        v1.begin()
        assert not v1.memory_killed()

    def test_another_kill_is_not_taken_for_a_memory_kill(self, v1: SlotCgroup) -> None:
        """SIGKILL by a person or the slot is no memory limit."""
        v1.begin()
        with inside(v1, HOLD, "1") as process:
            ready(process)
            v1.kill()
            process.wait(10)
        assert not v1.memory_killed()
        assert not v1.killed_from_above()

    def test_the_peak_is_of_this_run_and_beyond_the_baseline(self, v1: SlotCgroup) -> None:
        """Each run has its own peak, less what the warm process holds."""
        with inside(v1, HOLD, "40") as warm:
            ready(warm)
            assert v1.baseline() > 40 * MIB
            v1.limit(200 * MIB, 64)
            v1.begin()
            with inside(v1, HOLD, "60") as process:
                ready(process)
                process.kill()
                process.wait()
            assert 60 * MIB <= v1.peak_bytes() < 100 * MIB
            v1.begin()
            assert v1.peak_bytes() < 40 * MIB

    def test_the_limit_is_beyond_the_baseline(self, v1: SlotCgroup) -> None:
        """A warm process larger than the limit does not eat it up, and raising and lowering both work."""
        with inside(v1, HOLD, "80") as warm:
            ready(warm)
            v1.baseline()
            for memory_mib in (60, 200, 60):
                v1.limit(memory_mib * MIB, 64)
            with inside(v1, HOLD, "20") as process:
                ready(process)
        assert not v1.memory_killed()

    def test_a_limit_below_what_is_in_use_is_refused_and_kills_nothing(self, v1: SlotCgroup) -> None:
        """The kernel's EBUSY reaches the caller, and the process lives."""
        with inside(v1, HOLD, "60") as process:
            ready(process)
            with pytest.raises(OSError, match="busy"):
                v1.limit(10 * MIB, 64)
            assert process.poll() is None

    def test_a_fork_bomb_ends_at_the_limit_of_processes(self, v1: SlotCgroup) -> None:
        """No more than the baseline and the limit are alive, and ``kill`` ends them all."""
        bomb = "import os\nwhile True:\n  try: os.fork()\n  except OSError: break\nprint('ready', flush=True)\nsys.stdin.read()"
        v1.baseline()
        v1.limit(400 * MIB, 20)
        with inside(v1, bomb) as process:
            ready(process)
            assert len(v1.processes()) <= 20
            v1.kill()
            process.wait(10)
        assert v1.remove()

    def test_killing_leaves_the_limit_of_processes_as_it_was(self, v1: SlotCgroup) -> None:
        """A group that was emptied takes the next zygote, which can fork."""
        v1.limit(400 * MIB, 20)
        v1.kill()
        assert (v1._pids_folder / "pids.max").read_text() == "20\n"
        v1.unlimit()
        assert (v1._pids_folder / "pids.max").read_text() == "max\n"

    def test_only_changes_are_written(self, v1: SlotCgroup) -> None:
        """A limit set again costs no write: another's value stays."""
        v1.limit(100 * MIB, 20)
        (v1._pids_folder / "pids.max").write_text("7")
        v1.limit(100 * MIB, 20)
        assert (v1._pids_folder / "pids.max").read_text() == "7\n"


class TestOpening:
    """The group a slot gets, and the reason it gets none."""

    def opened(self, name: str) -> SlotCgroup:
        """A group as slots open it, unless this host would have to be rearranged for it."""
        if os.geteuid() != 0:
            pytest.skip("making control groups needs root or a delegated group")
        found, _ = hierarchies()
        if any(tree.version == "v2" and (tree.own / "cgroup.controllers").read_text().strip() for tree in found):
            pytest.skip("version 2 controllers are live here; enabling them would rearrange the host's tree")
        group, reason = open_group(name)
        if group is None:
            pytest.skip(f"no control group can be made: {reason}")
        return group

    def test_the_version_with_more_controllers_is_kept(self) -> None:
        """Only one group is left after opening, and what it lacks is said."""
        name = unused_name()
        group = self.opened(name)
        try:
            found, _ = hierarchies()
            left = {tree.version for tree in found if (tree.own / name).exists()}
            assert left == {group.version}
        finally:
            clear(group)

    def test_what_a_killed_slot_left_is_taken_over_empty_and_without_limits(self) -> None:
        """The next slot of that name finds no process and no limit of its predecessor."""
        name = unused_name()
        first = self.opened(name)
        first.limit(100 * MIB, 20)
        with inside(first, HOLD, "0") as process:
            ready(process)
            second = self.opened(name)
            try:
                assert process.wait(10) == -signal.SIGKILL
                assert second.processes() == []
                if "pids" in second.controllers:
                    assert (second._pids_folder / "pids.max").read_text() == "max\n"
            finally:
                clear(second)
                clear(first)

    def test_groups_of_dead_engines_are_swept_and_those_of_live_ones_stay(self) -> None:
        """A dead engine's groups go with what is in them; a reused pid does not keep them."""
        engine = subprocess.Popen(["sleep", "60"])
        left = self.opened(group_name(1, engine.pid))
        pid, start = left.folders[0].name.split("-")[1::2]
        reused = self.opened(
            left.folders[0].name.replace(f"-{start}-", f"-{int(start) + 1}-").replace(pid, str(os.getpid()))
        )
        elsewhere = self.opened(left.folders[0].name.rpartition("-")[0] + "-1")
        mine = self.opened(group_name(2))
        groups = (left, reused, elsewhere, mine)
        try:
            with inside(left, HOLD, "0") as orphan:
                ready(orphan)
                assert sweep() >= 1
                assert [group.folders[0].exists() for group in groups] == [True, False, True, True]
                engine.kill()
                engine.wait()
                assert sweep() >= 1
                assert orphan.wait(10) == -signal.SIGKILL
            assert sweep_function(own=True) >= 1
            assert [group.folders[0].exists() for group in groups] == [False, False, True, False]
        finally:
            engine.kill()
            for group in groups:
                clear(group)

    def test_a_name_needs_a_live_engine(self) -> None:
        """There is no name for an engine that does not run."""
        process = subprocess.Popen(["true"])
        process.wait()
        with pytest.raises(ProcessLookupError):
            group_name(0, process.pid)


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
    monkeypatch.setattr(v2, "_SYSTEMD", tmp_path)
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
        assert v2.prepare(tree, tree) == (tree, "")
        assert (tree / "cgroup.subtree_control").read_text() == "+pids"

    def test_without_controllers_the_own_group_still_counts_and_kills(self, tree: Path) -> None:
        """CPU time and killing need no controller."""
        (tree / "own/cgroup.controllers").write_text("")
        base, reason = v2.prepare(tree / "own", tree)
        assert base == tree / "own"
        assert "no memory or pids controller" in reason

    def test_a_process_alone_moves_aside(self, tree: Path) -> None:
        """The only process of its own group goes into a child, so the group is free."""
        own = tree / "own"
        (own / "cgroup.procs").write_text(f"{os.getpid()}\n")
        fill(own / v2.MAIN, cgroup_procs="")
        assert v2.prepare(own, tree) == (own, "")
        assert (own / v2.MAIN / "cgroup.procs").read_text() == str(os.getpid())

    def test_a_process_started_by_one_that_moved_aside_finds_the_group_above(self, tree: Path) -> None:
        """Slots make their groups beside the engine's."""
        assert v2.prepare(tree / "own" / v2.MAIN, tree) == (tree / "own", "")

    def test_beside_other_processes_a_sibling_is_taken_where_that_is_ours(self, tree: Path) -> None:
        """Without systemd the group above may be used; nothing is moved."""
        assert v2.prepare(tree / "own", tree) == (tree, "")
        assert not (tree / "own" / v2.MAIN).exists()

    @pytest.mark.usefixtures("systemd")
    @pytest.mark.parametrize("members", ["alone", "with others"])
    def test_what_systemd_did_not_delegate_is_left_alone(self, tree: Path, members: str) -> None:
        """Neither moving aside nor a sibling happens in systemd's own groups."""
        (tree / "own/cgroup.procs").write_text(f"{os.getpid()}\n" + ("1\n" if members == "with others" else ""))
        base, reason = v2.prepare(tree / "own", tree)
        assert base is None
        assert "not delegated" in reason

    @pytest.mark.usefixtures("systemd")
    def test_a_group_marked_as_delegated_is_ours(self, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """systemd's mark on the group above allows a sibling."""
        monkeypatch.setattr(os, "getxattr", lambda path, name: b"1" if path == tree else b"")
        assert v2.prepare(tree / "own", tree) == (tree, "")

    def test_in_a_namespace_there_is_nothing_above(self, tree: Path) -> None:
        """A container's top group that holds others has no place for groups."""
        base, _ = v2.prepare(tree / "own", tree / "own")
        assert base is None

    def test_a_controller_that_is_refused_is_told(self, tree: Path) -> None:
        """The kernel's refusal to enable becomes the reason."""
        (tree / "cgroup.subtree_control").unlink()
        (tree / "cgroup.subtree_control").mkdir()
        base, reason = v2.prepare(tree, tree)
        assert base is None
        assert reason.startswith("v2: ")

    def test_preparing_reports_for_the_process(self, tree: Path, tmp_path: Path) -> None:
        """The engine's call finds the tree by itself; without a tree nothing is wrong."""
        proc = procfs(tmp_path / "proc", "0::/own\n", f"1 2 0:3 / {tree} rw - cgroup2 c rw\n")
        assert prepare(proc) == ""
        assert prepare(tmp_path / "none") == ""
        assert sweep(proc=proc) == 0


def test_a_group_that_empties_late_is_removed(any_version: SlotCgroup) -> None:
    """Removal waits for processes that were killed a moment ago."""
    with inside(any_version, HOLD, "60") as process:
        ready(process)
        any_version.kill()
        assert any_version.remove()
        assert process.wait(10) == -signal.SIGKILL
