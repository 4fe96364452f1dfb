"""The slot's main loop: one job at a time from the engine, results back, zygotes kept warm."""

import os
import time
from collections import OrderedDict, deque
from contextlib import ExitStack

from guerdon.sandbox.program import Case
from guerdon.sandbox.result import CaseResult, Verdict
from guerdon.sandbox.slot import jail_plan
from guerdon.sandbox.slot.build import artifact_of
from guerdon.sandbox.slot.cgroups import SlotCgroup
from guerdon.sandbox.slot.job import Cases, lost
from guerdon.sandbox.slot.run import Scene, Way, run_case, sealed
from guerdon.sandbox.slot.ways import Ways
from guerdon.sandbox.slot.zygotes import Zygote, ZygoteDied
from guerdon.sandbox.wire import TO_SLOT, Artifact, ArtifactNeeded, Build, Built, Cancel, CaseDone, Frames, FromSlot, Job, JobDone, Ready, frame

_READ_BYTES = 1 << 20
_FLUSH_S = 0.005
_ARTIFACTS_BYTES = 64 << 20


class Slot:
    """Runs what the engine sends.

    Args:
        ground: what the tier allows here.
        ways: how each language runs.
        group: the slot's cgroup.
        connection: descriptors to read from and to write to.
        recycle_runs: runs after which a zygote is replaced, for its memory layout is the same for all its children.
    """

    def __init__(self, ground: jail_plan.Ground, ways: Ways, group: SlotCgroup | None, connection: tuple[int, int], recycle_runs: int) -> None:
        self._ground = ground
        self._ways = ways
        self._group = group
        self._inbox, self._outbox = connection
        self._recycle_runs = recycle_runs
        self._zygotes: dict[str, Zygote] = {}
        self._frames = Frames()
        self._waiting: deque[Job | Build] = deque()
        self._cancelled: set[int] = set()
        self._artifacts: OrderedDict[str, int] = OrderedDict()
        self._current = 0
        self._pending: list[bytes] = []
        self._flushed = 0.0

    def serve(self, facts: dict[str, str], warm: list[str]) -> None:
        """Serve until the engine closes its end.

        Raises:
            ZygoteDied: a zygote to be warm at the start does not come up.
        """
        for runtime in warm:
            self._zygote(runtime)
        self._send(Ready(tier=self._ground.tier.value, pid=os.getpid(), facts=facts, warm=sorted(self._zygotes)), now=True)
        while True:
            while not self._waiting:
                self._read()
            task = self._waiting.popleft()
            self._current = task.id
            if isinstance(task, Job):
                self._do_job(task)
            else:
                self._do_build(task)
            self._cancelled.discard(task.id)
            self._current = 0

    def close(self) -> None:
        """End all zygotes and remove what is on the host."""
        for zygote in self._zygotes.values():
            zygote.close()
        if self._group is not None:
            self._group.kill()
            self._group.remove()
        jail_plan.remove(self._ground)

    def _read(self) -> None:
        """Take in what the engine says, waiting for it; ends the process when it says no more."""
        data = os.read(self._inbox, _READ_BYTES)
        if not data:
            raise EOFError
        for body in self._frames.feed(data):
            message = TO_SLOT.decode(body)
            if isinstance(message, Cancel):
                self._cancelled.add(message.id)
            elif isinstance(message, Artifact):
                self._keep(message.key, message.content)
            else:
                self._waiting.append(message)

    def _on_inbox(self) -> bool:
        self._read()
        return self._current in self._cancelled

    def _send(self, message: FromSlot, *, now: bool = False) -> None:
        self._pending.append(frame(message))
        if now or time.monotonic() - self._flushed > _FLUSH_S:
            data = memoryview(b"".join(self._pending))
            self._pending.clear()
            while data:
                data = data[os.write(self._outbox, data) :]
            self._flushed = time.monotonic()

    def _do_job(self, job: Job) -> None:
        way = self._ways.run(job.program)
        with ExitStack() as held:
            try:
                source = self._source_of(job, held)
                files = _sealed_files(self._ways.sources(job.program), held)
                name, wanted = self._ways.artifact(job.program)
                if wanted:
                    files.append((name, source))
            except OSError as error:
                source, files = -1, []
                reason = f"no room for the program here: {error}"
            if source == -2:
                self._send(ArtifactNeeded(job=job.id, key=job.artifact_key), now=True)
                return
            cases = Cases(lambda: self._scene(way), way, job.limits, source, files, job.program.entry)
            index = 0
            while index < len(job.cases) and job.id not in self._cancelled:
                try:
                    if source < 0:
                        raise OSError(reason)
                    for result in cases.run(job.cases[index:], snapshots=self._can_snapshot):
                        self._send(CaseDone(job=job.id, index=index, result=result))
                        index += 1
                        if job.id in self._cancelled or (job.stop_early and result.verdict is not Verdict.OK):
                            self._cancelled.add(job.id)
                            break
                except ZygoteDied as error:
                    self._send(CaseDone(job=job.id, index=index, result=self._lost_zygote(way, error)))
                    index += 1
                except OSError as error:
                    self._send(CaseDone(job=job.id, index=index, result=lost(f"the sandbox could not run it: {error}")))
                    index += 1
        self._send(JobDone(job=job.id, cancelled=job.id in self._cancelled), now=True)

    def _lost_zygote(self, way: Way, error: ZygoteDied) -> CaseResult:
        """Replace a zygote that died under a case and say why it did."""
        memory = self._group is not None and self._group.memory_killed()
        self._drop(way.runtime)
        if memory:
            return CaseResult(verdict=Verdict.MEMORY_LIMIT, detail="it used up the slot's memory")
        return lost(str(error))

    def _do_build(self, build: Build) -> None:
        way = self._ways.compile(build.program)
        content = b""
        with ExitStack() as held:
            try:
                files = _sealed_files(self._ways.to_compile(build.program), held)
                source = files[0][1]
                scene = self._scene(way)
                result = run_case(scene, way, build.limits, _NO_CASE, source, files)
                if result.verdict is Verdict.OK:
                    result, content = artifact_of(scene.zygote.tmp, self._ways.artifact(build.program)[0], build.limits, result)
            except ZygoteDied as error:
                result = self._lost_zygote(way, error)
            except OSError as error:
                result = lost(f"the sandbox could not compile it: {error}")
        if content:
            self._keep(build.artifact_key, content)
        self._send(Built(job=build.id, result=result, content=content), now=True)

    def _source_of(self, job: Job, held: ExitStack) -> int:
        """Return a descriptor of what to run; -2 when the artifact is not here."""
        if job.artifact_key:
            if job.artifact_key not in self._artifacts:
                return -2
            self._artifacts.move_to_end(job.artifact_key)
            # An own description of the file for each job: its offset is no one else's.
            return self._artifacts[job.artifact_key]
        source = sealed(job.program.source.encode(errors="surrogatepass"))
        held.callback(os.close, source)
        return source

    def _keep(self, key: str, content: bytes) -> None:
        if key in self._artifacts:
            return
        self._artifacts[key] = sealed(content, "artifact")
        while len(self._artifacts) > 1 and sum(os.fstat(held).st_size for held in self._artifacts.values()) > _ARTIFACTS_BYTES:
            os.close(self._artifacts.popitem(last=False)[1])

    @property
    def _can_snapshot(self) -> bool:
        return self._ground.listener and self._group is not None and "cpu" in self._group.controllers

    def _scene(self, way: Way) -> Scene:
        jail_plan.clean(self._ground)
        zygote = self._zygote(way.runtime)
        return Scene(zygote, self._group, self._inbox, self._on_inbox)

    def _zygote(self, runtime: str) -> Zygote:
        zygote = self._zygotes.get(runtime)
        if zygote is not None and zygote.runs < self._recycle_runs:
            return zygote
        self._drop(runtime)
        built = self._ways.runtime(runtime)
        if self._group is not None:
            self._group.unlimit()
        zygote = Zygote(built, jail_plan.plan(self._ground, built), self._group.add if self._group is not None else _nothing)
        self._zygotes[runtime] = zygote
        if self._group is not None:
            self._group.baseline()
        return zygote

    def _drop(self, runtime: str) -> None:
        zygote = self._zygotes.pop(runtime, None)
        if zygote is not None:
            zygote.close()


def _sealed_files(texts: list[tuple[str, str]], held: ExitStack) -> list[tuple[str, int]]:
    files = []
    for name, text in texts:
        descriptor = sealed(text.encode(errors="surrogatepass"))
        held.callback(os.close, descriptor)
        files.append((name, descriptor))
    return files


_NO_CASE = Case()


def _nothing(pid: int) -> None:
    """Where there is no cgroup to join."""
