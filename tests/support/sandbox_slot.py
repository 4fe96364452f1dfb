"""A slot started as an engine would start it, and spoken to in frames."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path

import pytest

from guerdon.sandbox.program import MEBIBYTE, Case, Limits, Program
from guerdon.sandbox.result import CaseResult, Verdict
from guerdon.sandbox.wire import (
    FROM_SLOT,
    ArtifactNeeded,
    Build,
    Built,
    CaseDone,
    Frames,
    FromSlot,
    Job,
    JobDone,
    Ready,
    ToSlot,
    frame,
)

SECRET = "GUERDON_TEST_SECRET"
"""A variable in every slot's environment, for programs to look for."""
LIMITS: dict[str, int] = {"cpu_ms": 5_000, "idle_ms": 5_000, "memory_bytes": 256 * MEBIBYTE}
# A user nobody else on this machine runs as: what others do must not count.
_NOBODY = 64_321
_TIER_UNAVAILABLE = 3
_PATIENCE_S = 60.0
# An index is a control group's name: a second slot with the same one would take over the first one's group.
_indices = count()
_END_S = 5.0
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Standing:
    """A tier, and as whom its slot runs."""

    tier: str
    unprivileged: bool = False

    def __str__(self) -> str:
        return f"{self.tier}, unprivileged" if self.unprivileged else self.tier


FULL, NOBODY, RESTRICTED = Standing("full"), Standing("full", unprivileged=True), Standing("restricted")
STANDINGS = (FULL, NOBODY, RESTRICTED)


@cache
def _nobody_command() -> tuple[str, ...]:
    """Return the command line that makes a nobody run Python with this package, skipping the test if none can."""
    if os.geteuid() != 0:
        return (sys.executable,)
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is missing: no slot without privileges can be started")
    path = ":".join(entry for entry in sys.path if entry)
    drop = ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--bounding-set=-all")
    reasons = []
    for python in (sys.executable, "/usr/bin/python3"):
        own = [entry for entry in path.split(":") if not entry.startswith(sys.base_prefix + os.sep)]
        command = (
            *drop,
            "env",
            "-i",
            "HOME=/tmp",
            "PATH=/usr/bin:/bin",
            f"PYTHONPATH={':'.join(own)}",
            python,
            "-B",
        )
        tried = subprocess.run(
            [*command, "-c", "import msgspec, guerdon.sandbox.slot"], capture_output=True, text=True, cwd="/"
        )
        if tried.returncode == 0:
            return command
        reasons.append(f"{python}: {tried.stderr.strip().splitlines()[-1:]}")
    pytest.skip(f"no Python that a nobody may run can import msgspec and this package: {'; '.join(reasons)}")


@dataclass
class Answered:
    """All that a slot said to one job."""

    results: list[CaseResult] = field(default_factory=list)
    done: JobDone | None = None
    needed: ArtifactNeeded | None = None

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdict of each case."""
        return [result.verdict for result in self.results]


class SlotClient:
    """An engine's end of one slot, which runs in a process of its own.

    Args:
        standing: its tier and user.
        options: further command line options.
    """

    def __init__(self, standing: Standing = FULL, *options: str) -> None:
        self.standing = standing
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(_PATIENCE_S)
        self._frames = Frames()
        self._heard: list[FromSlot] = []
        self._job = 0
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the slot
        self.python = _nobody_command() if standing.unprivileged else (sys.executable,)
        with theirs:
            self.process = subprocess.Popen(
                [
                    *(*self.python, "-m", "guerdon.sandbox.slot", "--tier", standing.tier),
                    *("--index", str(next(_indices)), "--engine", str(os.getppid()), *options),
                ],
                stdin=theirs,
                stdout=theirs,
                stderr=self._log,
                cwd="/",
                env={**os.environ, SECRET: "do not tell"},
            )
        self.ready = self._ready()

    def __enter__(self) -> "SlotClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ready(self) -> Ready:
        try:
            ready = self.receive()
        except EOFError as error:
            self.close()
            if self.process.returncode == _TIER_UNAVAILABLE:
                pytest.skip(f"no tier {self.standing} here: {error}")
            raise
        assert isinstance(ready, Ready)
        return ready

    @property
    def lives(self) -> bool:
        """Whether the slot still runs."""
        return self.process.poll() is None

    @property
    def snapshots(self) -> bool:
        """Whether it forks cases of a job from a snapshot."""
        full = self.standing.tier == "full"
        return full and "cpu" in self._controllers and self.ready.facts["listener"] == "yes"

    @property
    def bounds_memory(self) -> bool:
        """Whether a control group bounds the memory of its runs."""
        return "memory" in self._controllers

    @property
    def _controllers(self) -> list[str]:
        version, _, controllers = self.ready.facts["cgroups"].partition(": ")
        return [] if version == "none" else controllers.split(", ")

    def send(self, *messages: ToSlot) -> None:
        """Send messages in one piece."""
        self._socket.sendall(b"".join(map(frame, messages)))

    def receive(self) -> FromSlot:
        """Wait for one message.

        Raises:
            EOFError: the slot ended; with what it logged.
        """
        while not self._heard:
            data = self._socket.recv(_READ_BYTES)
            if not data:
                raise EOFError(f"the slot ended ({self.process.wait()}): {self.log()}")
            self._heard += [FROM_SLOT.decode(body) for body in self._frames.feed(data)]
        return self._heard.pop(0)

    def log(self) -> str:
        """Return what it wrote to standard error."""
        return os.pread(self._log.fileno(), 1 << 16, 0).decode(errors="replace")

    def job(
        self,
        source: str,
        cases: Sequence[Case],
        *,
        entry: str = "",
        language: str = "python",
        files: dict[str, str] | None = None,
        artifact_key: str = "",
        stop_early: bool = False,
        **limits: int,
    ) -> Job:
        """Return a job with a number of its own; limits are generous unless given."""
        self._job += 1
        return Job(
            id=self._job,
            program=Program(language=language, source=source, entry=entry, files=files or {}),
            cases=list(cases),
            limits=Limits(**(LIMITS | limits)),
            artifact_key=artifact_key,
            stop_early=stop_early,
        )

    def answers(self, job: Job) -> Answered:
        """Collect what the slot says to a job that was sent, which must come in order."""
        answered = Answered()
        while True:
            message = self.receive()
            if isinstance(message, CaseDone):
                assert (message.job, message.index) == (job.id, len(answered.results))
                answered.results.append(message.result)
            elif isinstance(message, ArtifactNeeded):
                assert message.job == job.id
                answered.needed = message
                return answered
            else:
                assert isinstance(message, JobDone)
                assert message.job == job.id
                answered.done = message
                return answered

    def ask(self, source: str, cases: Sequence[Case], **options: object) -> Answered:
        """Run a job and collect its answers."""
        job = self.job(source, cases, **options)  # type: ignore[arg-type]
        self.send(job)
        return self.answers(job)

    def run(self, source: str, stdin: bytes = b"", **options: object) -> CaseResult:
        """Run a script on one input."""
        (result,) = self.ask(source, [Case(stdin=stdin)], **options).results
        return result

    def call(self, source: str, entry: str, *args: object, **options: object) -> CaseResult:
        """Call a function with plain arguments."""
        (result,) = self.ask(source, [Case.of_call(*args)], entry=entry, **options).results
        return result

    def build(self, language: str, source: str, key: str, **limits: int) -> Built:
        """Compile a program."""
        self._job += 1
        program = Program(language=language, source=source)
        generous = {"cpu_ms": 20_000, "idle_ms": 10_000, "memory_bytes": 1024 * MEBIBYTE, "open_files": 1024}
        bounds = Limits(**(generous | {"disk_bytes": 64 * MEBIBYTE, "processes": 256} | limits))
        self.send(Build(id=self._job, program=program, limits=bounds, artifact_key=key))
        built = self.receive()
        assert isinstance(built, Built)
        assert built.job == self._job
        return built

    def zygotes(self) -> list[int]:
        """Return the host pids of the slot's children that live."""
        return [pid for pid in children(self.ready.pid) if not gone(pid)]

    def hang_up(self) -> int:
        """Close the connection and return the slot's exit status."""
        self._socket.close()
        return self.process.wait(_PATIENCE_S)

    def close(self) -> None:
        """End the slot."""
        self._socket.close()
        try:
            self.process.wait(_PATIENCE_S)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self._log.close()


def children(pid: int) -> list[int]:
    """Return the host pids of a process's children."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


def gone(pid: int) -> bool:
    """Tell whether a process is no more; a zombie that nobody waited for yet counts as gone."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_for(pids: Callable[[], list[int]], count: int = 1) -> list[int]:
    """Wait until there are so many processes, and return them."""
    deadline = time.monotonic() + _END_S
    while len(found := pids()) < count:
        assert time.monotonic() < deadline, "the process that was waited for did not come to be"
        time.sleep(0.01)
    return found


def left_of(pids: list[int]) -> list[int]:
    """Wait for processes to end and return those that do not, which are killed."""
    deadline = time.monotonic() + _END_S
    while (left := [pid for pid in pids if not gone(pid)]) and time.monotonic() < deadline:
        time.sleep(0.01)
    kill(left)
    return left


def kill(pids: list[int]) -> None:
    """Kill processes of a slot of ours."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """Return the host pids of all that lives below a process."""
    return [found for child in children(pid) if not gone(child) for found in (child, *descendants(child))]
