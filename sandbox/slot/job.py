"""One job: all its cases in turn, from a snapshot where that pays, each clean of the one before."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from guerdon.sandbox.program import Case, Limits
from guerdon.sandbox.result import CaseResult, Verdict
from guerdon.sandbox.slot.programs import sealed
from guerdon.sandbox.slot.run import Scene, Way, finish, launch_snapshot, run_case, standard_input
from guerdon.sandbox.slot.shared import shares_anything
from guerdon.sandbox.slot.streams import Outputs
from guerdon.sandbox.slot.watch import Watch

# What loading costs once more per case is less than a second fork, until there are a few.
_SNAPSHOT_FROM = 3


class Cases:
    """The cases of one program on one zygote."""

    def __init__(
        self,
        scene: Callable[[], Scene],
        way: Way,
        limits: Limits,
        source: int,
        files: Sequence[tuple[str, int]],
        entry: str,
    ) -> None:
        """Prepare.

        Args:
            scene: makes a scene with a zygote that lives; asked again after one is lost.
            way: how the language runs.
            limits: of each case, and of loading.
            source: descriptor of the sealed source or artifact.
            files: further files, name and descriptor.
            entry: what to call; empty for a script.
        """
        self._scene = scene
        self._way = way
        self._limits = limits
        self._source = source
        self._files = files
        self._entry = entry

    def one_by_one(self, cases: Iterable[Case]) -> Iterator[CaseResult]:
        """Run each case from the zygote."""
        for case in cases:
            yield run_case(self._scene(), self._way, self._limits, case, self._source, self._files, self._entry)

    def from_snapshot(self, cases: Sequence[Case]) -> Iterator[CaseResult]:
        """Load once, fork per case; a case that is killed or leaves files behind costs a new snapshot.

        A program whose cases would share something made while loading is run one by one after all.
        """
        waiting = deque(cases)
        while waiting:
            with self._loaded() as (scene, snapshot, failure):
                if failure is not None:
                    # A program that does not load does not load again; a fault of ours may well not come again.
                    lasting = failure.verdict is not Verdict.NOT_JUDGED
                    yield from [failure] * (len(waiting) if lasting else 1)
                    waiting = deque() if lasting else deque(list(waiting)[1:])
                elif scene.zygote.tmp_is_dirty() or shares_anything(snapshot.pid):
                    break
                while waiting and not snapshot.over:
                    yield self._forked(scene, snapshot, waiting.popleft())
                    if scene.zygote.tmp_is_dirty():
                        break
        yield from self.one_by_one(waiting)

    @contextmanager
    def _loaded(self) -> Iterator[tuple[Scene, Watch, CaseResult | None]]:
        """Start a snapshot and wait until it has loaded; with what became of it if it has not."""
        scene = self._scene()
        with Outputs(self._limits, call=False) as outputs:
            snapshot = launch_snapshot(
                scene, self._way, self._limits, outputs, self._source, self._files, self._entry
            )
            try:
                result = finish(scene, self._way, self._limits, snapshot, outputs, until=b"L")
                yield scene, snapshot, result if snapshot.over else None
            finally:
                if not snapshot.over:
                    snapshot.kill()
                    _wait_for_end(scene)
                snapshot.close()

    def _forked(self, scene: Scene, snapshot: Watch, case: Case) -> CaseResult:
        with Outputs(self._limits, call=bool(self._entry)) as outputs, ExitStack() as held:
            stdin = standard_input(case.stdin)
            held.callback(os.close, stdin)
            descriptors = [stdin, *outputs.theirs]
            if self._entry:
                call = sealed(case.call)
                held.callback(os.close, call)
                descriptors.append(call)
            if scene.group is not None:
                scene.group.begin()
            snapshot.next_case(descriptors)
            outputs.hand_over()
            return finish(scene, self._way, self._limits, snapshot, outputs, until=b"X")

    def run(self, cases: Sequence[Case], *, snapshots: bool) -> Iterator[CaseResult]:
        """Run all cases in order.

        Args:
            cases: of one program.
            snapshots: whether the slot can tell a snapshot's cases apart by CPU time and permit each fork.
        """
        if snapshots and self._way.snapshots and len(cases) >= _SNAPSHOT_FROM:
            yield from self.from_snapshot(cases)
        else:
            yield from self.one_by_one(cases)


def _wait_for_end(scene: Scene) -> None:
    while scene.zygote.hear() is None:
        continue


def lost(detail: str) -> CaseResult:
    """Return the result of a case that a fault of ours took away."""
    return CaseResult(verdict=Verdict.NOT_JUDGED, detail=detail, retryable=True)
