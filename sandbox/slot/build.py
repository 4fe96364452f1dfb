"""What a compile step leaves behind, taken out of the jail's ``/tmp`` once nothing runs there any more."""

import os
import stat

from guerdon.sandbox.program import Limits
from guerdon.sandbox.result import CaseResult, Verdict


def artifact_of(folder: int, name: str, limits: Limits, result: CaseResult) -> tuple[CaseResult, bytes]:
    """Read the artifact, which the compiler of a hostile source wrote: a plain file of bounded size or nothing.

    Args:
        folder: descriptor of the jail's ``/tmp``.
        name: of the file.
        limits: of the compile step.
        result: of the compile step.

    Returns:
        The result, turned into a compile error when there is no such file, and the file's bytes.
    """
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        return _failed(result, f"the compiler left no {name}: {error.strerror}"), b""
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or not 0 < facts.st_size <= limits.disk_bytes:
            return _failed(result, f"what the compiler left as {name} is no program"), b""
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return result, file.read(facts.st_size)
    finally:
        os.close(descriptor)


def _failed(result: CaseResult, detail: str) -> CaseResult:
    return CaseResult(
        verdict=Verdict.COMPILE_ERROR,
        detail=detail,
        stdout=result.stdout,
        stderr=result.stderr,
        cpu_ms=result.cpu_ms,
    )
