"""Compile steps: one for all who ask for the same program at a time, and none for who asks again."""

from collections.abc import Callable

import msgspec

from guerdon.sandbox.engine.artifacts import ArtifactCache, Compiled, artifact_key
from guerdon.sandbox.engine.submission import Submission
from guerdon.sandbox.engine.work import Work, not_judged
from guerdon.sandbox.program import CompileLimits, Program
from guerdon.sandbox.result import CaseResult, CompileResult, Verdict
from guerdon.sandbox.wire import Build, Built

_SURE = {Verdict.OK, Verdict.COMPILE_ERROR, Verdict.MEMORY_LIMIT, Verdict.OUTPUT_LIMIT, Verdict.SECURITY}
"""Ends that the same source would come to again, whatever else the node is doing."""


class Compilation(Work):
    """The compile step of one program.

    Args:
        key: of its artifact.
        program: to compile.
        limits: of the compiler.
        first: who asked first; it waits at that one's turn.
        settle: told how it ended.
        queue: puts it into the queue again.
    """

    __slots__ = ("_finished", "_lost_before", "_queue", "_settle", "key", "program", "waiting")

    def __init__(
        self,
        key: str,
        program: Program,
        limits: CompileLimits,
        first: Submission,
        settle: "Callable[[Compilation, CaseResult, bytes], None]",
        queue: "Callable[[Compilation], None]",
    ) -> None:
        super().__init__(first.tenant, first.priority, 1, limits)
        self.key = key
        self.program = program
        self.waiting: dict[Submission, None] = {first: None}
        self._settle = settle
        self._queue = queue
        self._lost_before = False
        self._finished = False

    def message(self, number: int) -> Build:
        """Return the order to compile."""
        return Build(id=number, program=self.program, limits=self.limits, artifact_key=self.key)

    def began(self, now: float) -> None:
        """End the wait of all who wait for it."""
        for submission in self.waiting:
            submission.began(now)

    def built(self, message: Built) -> None:
        """Take the result."""
        self._end(message.result, message.content)

    def ended(self) -> None:
        """The slot is done with it, with a result or without."""
        if not self._finished:
            self.lost("the slot did not compile the program", running=True)

    def recalled(self) -> None:
        """Queue it again, unless nobody waits for it any more."""
        if self.waiting:
            self._queue(self)

    def lost(self, why: str, *, running: bool) -> None:
        """Try it once more elsewhere."""
        if running and self._lost_before:
            self._end(not_judged(f"its slot failed twice: {why}"), b"")
            return
        self._lost_before |= running
        self.recalled()

    def fail(self, why: str) -> None:
        """Tell who waits that it will not be compiled."""
        self._end(not_judged(why), b"")

    def _end(self, result: CaseResult, content: bytes) -> None:
        self._finished = True
        self._settle(self, result, content)


class Builds:
    """Gives submissions their compiled program.

    Args:
        cache: of earlier results.
        limits: of every compile step, as slots are told them.
        queue: puts a compile step into the queue; ``front`` before everything else of its tenant.
        withdraw: takes it out of the queue or its slot.
    """

    def __init__(
        self,
        cache: ArtifactCache,
        limits: CompileLimits,
        queue: Callable[[Compilation, bool], None],
        withdraw: Callable[[Compilation], None],
    ) -> None:
        self._cache = cache
        self._limits = limits
        self._queue = queue
        self._withdraw = withdraw
        self._running: dict[str, Compilation] = {}

    def prepare(self, submission: Submission) -> None:
        """Have a submission's program compiled, and start the submission when it is."""
        program = submission.request.program
        key = submission.artifact_key = artifact_key(submission.language, program)
        running = self._running.get(key)
        if running is not None:
            running.waiting[submission] = None
        elif known := self._cache.get(key):
            _go_on(submission, known, cached=True)
        else:
            build = Compilation(key, program, self._limits, submission, self._settle, self._queue_again)
            self._running[key] = build
            self._queue(build, False)

    def leave(self, submission: Submission) -> None:
        """Forget a submission; a compile step that nobody waits for ends."""
        build = self._running.get(submission.artifact_key)
        if build is None or submission not in build.waiting:
            return
        del build.waiting[submission]
        if not build.waiting:
            del self._running[build.key]
            self._withdraw(build)

    def _queue_again(self, build: Compilation) -> None:
        self._queue(build, True)

    def _settle(self, build: Compilation, result: CaseResult, content: bytes) -> None:
        if self._running.get(build.key) is not build:
            return
        del self._running[build.key]
        compiled = Compiled(result=_compile_result(result), content=content)
        if compiled.result.verdict in _SURE:
            self._cache.put(build.key, compiled)
        for place, submission in enumerate(tuple(build.waiting)):
            # Who has joined is given the first one's, whose cost it is.
            _go_on(submission, compiled, cached=place > 0)


def _compile_result(result: CaseResult) -> CompileResult:
    ended_by_itself = result.verdict is Verdict.RUNTIME_ERROR
    output = (result.stdout + result.stderr).decode(errors="replace")
    verdict = Verdict.COMPILE_ERROR if ended_by_itself else result.verdict
    return CompileResult(verdict=verdict, output=output, cpu_ms=result.cpu_ms, detail=result.detail)


def _go_on(submission: Submission, compiled: Compiled, *, cached: bool) -> None:
    result = compiled.result
    submission.compile = msgspec.structs.replace(result, cached=True) if cached else result
    if result.verdict is Verdict.OK:
        submission.artifact = compiled.content
        submission.start()
    elif result.verdict is Verdict.NOT_JUDGED:
        submission.fail(not_judged(f"the program was not compiled: {result.detail}"))
    else:
        why = result.detail or "the compiler refused the program"
        if result.verdict is not Verdict.COMPILE_ERROR:
            why = f"compiling it ended with {result.verdict}: {why}"
        submission.fail(CaseResult(verdict=Verdict.COMPILE_ERROR, detail=why))
