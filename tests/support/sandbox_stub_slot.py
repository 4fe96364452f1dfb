"""A slot that runs nothing: it speaks a real slot's frames and does what each case's text tells it.

The script is the program's source or, where that is ``stdin``, the case's standard input. Words:

- ``say TEXT``, ``who`` (index and pid), ``echo`` (standard input), ``env`` (its variables), ``limits`` (CPU ms)
- ``sleep SECONDS``, ``verdict NAME``, ``deny FILTER``
- ``late TIMES FILE``: ends with ``time_limit`` the first so many times, which FILE counts;
  ``late-then-hang`` hangs after that
- ``die TIMES FILE``: the process dies the first so many times; ``die`` dies always
- ``hang``: never answers, not even to a cancel; ``skip``: answers nothing;
  ``nonsense``, ``stray``: talk out of turn
- ``note FILE TEXT``: appends a line to a file
- of a compile step: ``bad TEXT`` is refused, ``verdict NAME`` ends like that; the artifact is the source,
  which ``greedy`` asks for again and again
"""

import argparse
import os
import select
import sys
import time
from collections import deque
from pathlib import Path

from guerdon.sandbox.program import Case
from guerdon.sandbox.result import CaseResult, Verdict
from guerdon.sandbox.wire import (
    TO_SLOT,
    Artifact,
    ArtifactNeeded,
    Build,
    Built,
    Cancel,
    CaseDone,
    Frames,
    FromSlot,
    Job,
    JobDone,
    Ready,
    frame,
)

_STEP_S = 0.005


class Cancelled(Exception):
    """The work at hand is not wanted any more."""


class StubSlot:
    """Reads orders from standard input and answers there too, for both are one connection."""

    def __init__(self, index: str) -> None:
        self._index = index
        self._frames = Frames()
        self._orders: deque[Job | Build] = deque()
        self._artifacts: dict[str, bytes] = {}
        self._at = 0

    def serve(self) -> None:
        """Answer until the connection ends."""
        while True:
            while not self._orders:
                self._read(None)
            order = self._orders.popleft()
            self._at = order.id
            try:
                self._build(order) if isinstance(order, Build) else self._run(order)
            except Cancelled:
                send(JobDone(job=order.id, cancelled=True))
            self._at = 0

    def _read(self, timeout_s: float | None) -> None:
        if not select.select([0], [], [], timeout_s)[0]:
            return
        data = os.read(0, 1 << 18)
        if not data:
            sys.exit(0)
        cancelled = False
        for body in self._frames.feed(data):
            message = TO_SLOT.decode(body)
            if isinstance(message, Artifact):
                self._artifacts[message.key] = message.content
            elif isinstance(message, Cancel):
                cancelled |= message.id == self._at
                self._forget(message.id)
            else:
                self._orders.append(message)
        if cancelled:
            raise Cancelled

    def _forget(self, number: int) -> None:
        for order in tuple(self._orders):
            if order.id == number:
                self._orders.remove(order)
                send(JobDone(job=number, cancelled=True))

    def _run(self, job: Job) -> None:
        greedy = job.program.source == "greedy"
        if job.artifact_key and (greedy or job.artifact_key not in self._artifacts):
            send(ArtifactNeeded(job=job.id, key=job.artifact_key))
            return
        for index, case in enumerate(job.cases):
            script = case.stdin.decode() if job.program.source == "stdin" else job.program.source
            if script == "skip":
                continue
            result = self._follow(script, case, job)
            send(CaseDone(job=job.id, index=index, result=result))
            if job.stop_early and result.verdict is not Verdict.OK:
                break
        send(JobDone(job=job.id))

    def _build(self, order: Build) -> None:
        word, _, rest = order.program.source.partition(" ")
        result, content = CaseResult(verdict=Verdict.OK), order.program.source.encode()
        if word == "bad":
            result, content = CaseResult(verdict=Verdict.RUNTIME_ERROR, stdout=rest.encode(), exit_code=1), b""
        elif word == "verdict":
            result, content = CaseResult(verdict=Verdict(rest)), b""
        elif word not in ("say", "greedy"):
            result = self._follow(order.program.source, Case(), order)
        send(Built(job=order.id, result=result, content=content))

    def _follow(self, script: str, case: Case, order: Job | Build) -> CaseResult:
        word, _, rest = script.partition(" ")
        said = {
            "say": rest,
            "who": f"{self._index} {os.getpid()}",
            "echo": case.stdin.decode(),
            "env": repr(dict(os.environ)),
            "limits": str(order.limits.cpu_ms),
        }.get(word)
        if said is not None:
            return CaseResult(verdict=Verdict.OK, stdout=said.encode())
        if word == "verdict":
            return CaseResult(verdict=Verdict(rest), retryable=rest == "not_judged")
        if word == "deny":
            return CaseResult(verdict=Verdict.SECURITY, filter=rest, denied={rest: 2})
        if word in ("late", "late-then-hang") and count(rest):
            return CaseResult(verdict=Verdict.TIME_LIMIT, detail="too slow")
        self._misbehave(word, rest)
        return CaseResult(verdict=Verdict.OK)

    def _misbehave(self, word: str, rest: str) -> None:
        if word == "late":
            return
        if word in ("hang", "late-then-hang"):
            time.sleep(3600)
        elif word == "sleep":
            until = time.monotonic() + float(rest)
            while (left := until - time.monotonic()) > 0:
                self._read(min(left, _STEP_S * 4))
        elif word == "note":
            name, _, text = rest.partition(" ")
            with Path(name).open("a") as notes:
                notes.write(f"{text}\n")
        elif word == "die":
            if not rest or count(rest):
                os._exit(9)
        elif word == "nonsense":
            os.write(1, b"hello, this is no frame at all")
            time.sleep(3600)
        elif word == "stray":
            send(CaseDone(job=self._at + 1000, index=0, result=CaseResult(verdict=Verdict.OK)))
            time.sleep(3600)
        else:
            raise ValueError(f"no such word: {word}")


def count(rest: str) -> bool:
    """Add one to a file and say whether the first number is not exceeded by it."""
    times, _, name = rest.partition(" ")
    with Path(name).open("a") as counter:
        counter.write("x")
        return counter.tell() <= int(times)


def send(message: FromSlot) -> None:
    """Write one message."""
    data = memoryview(frame(message))
    while data:
        data = data[os.write(1, data) :]


def main() -> None:
    """Start as a slot does."""
    parser = argparse.ArgumentParser()
    for option in ("--tier", "--index", "--recycle-runs", "--warm", "--toolchains"):
        parser.add_argument(option)
    parser.add_argument("--claims", default="full", help="tier to claim")
    parser.add_argument("--fails-while", default="", help="exit at start while this file exists")
    parser.add_argument("--mute", action="store_true", help="never become ready")
    options = parser.parse_args()
    sys.stderr.write("the stub starts\n")
    if options.fails_while and Path(options.fails_while).exists():
        sys.exit("no isolation to be had today")
    if options.mute:
        time.sleep(3600)
    warm = options.warm.split(",")
    send(Ready(tier=options.claims, pid=os.getpid(), facts={"stub": "yes"}, warm=warm))
    StubSlot(options.index).serve()


if __name__ == "__main__":
    main()
