"""A child process of the bench that speaks lines of JSON over its pipes."""

from __future__ import annotations

import select
import subprocess
import sys
import tempfile
import time

from guerdon.services.bench.errors import BenchError

STOP_S = 15.0
_SHOWN_LINES, _SHOWN_CHARS = 3, 2000


class Child:
    """A module of ours run in a process of its own; it ends when its standard input does.

    Args:
        module: what to run, as ``python -m`` does.
        words: its arguments.
    """

    def __init__(self, module: str, *words: str) -> None:
        self.name = module.rpartition(".")[2]
        # A file and not a pipe, which nobody would empty.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def send(self, line: bytes) -> None:
        """Write one line to its standard input.

        Raises:
            BenchError: it has ended.
        """
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        try:
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._ended() from None

    def receive(self, timeout_s: float) -> bytes:
        """The next line of its standard output.

        Raises:
            BenchError: it has ended, or nothing came in time.
        """
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - a pipe was asked for
        until = time.monotonic() + timeout_s
        if not select.select([stdout], [], [], max(0.0, until - time.monotonic()))[0]:
            raise BenchError(f"{self.name} gave no sign for {timeout_s:.0f} s; {self._said()}")
        line: bytes = stdout.readline()
        if not line.endswith(b"\n"):
            raise self._ended()
        return line

    def close(self) -> None:
        """End it, by force where it does not listen."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _ended(self) -> BenchError:
        try:
            code = self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            return BenchError(f"{self.name} has closed its output; {self._said()}")
        return BenchError(f"{self.name} ended with exit code {code}; {self._said()}")

    def _said(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        said = "\n".join(lines[-_SHOWN_LINES:])[-_SHOWN_CHARS:]
        return f"its last words:\n{said}" if said else "it said nothing"
