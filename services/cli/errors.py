"""How a command ends: exit codes, and the error that carries one with its message."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of all commands."""

    OK = 0
    """Everything asked for was done."""
    INCOMPLETE = 1
    """Done, but something asked for is missing: an item without a verdict, a failed check."""
    USAGE = 2
    """The command cannot be carried out as written: options, settings or input are wrong."""
    SERVICE = 3
    """The service cannot be reached, or refused the call."""
    INTERRUPTED = 130
    """Stopped with Ctrl-C."""


class CliError(Exception):
    """Ends the command; the message says what happened, with which value, what to do."""

    def __init__(self, message: str, exit_code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
