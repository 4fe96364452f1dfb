"""The entry point: names the commands, imports the one that is called, turns faults into exit codes."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from typing import Any

from cyclopts import App, CycloptsError, Parameter, UnknownCommandError

from guerdon import __version__
from guerdon.services.cli.errors import CliError, ExitCode

COMMANDS = {
    "up": "Start the service on this machine and serve until Ctrl-C.",
    "score": "Score a JSONL file of completions, in this process or on a running service.",
    "verifiers": "List the rewards that can be asked for.",
    "run": "Run a program in the sandbox, and show how it ended and what it used.",
    "lint-tests": "Check the tests of a data set before training on it, and certify what can be trusted.",
    "lock": "Keep the digests of a deployment in a file, or tell what has changed since.",
    "deploy": "Check a Serve configuration, and make a cluster run it.",
    "scale": "Change how many replicas verifiers have.",
    "status": "Show what runs on a cluster, and how it is doing.",
    "doctor": "Check this machine and say how to fix what is missing.",
    "config": "Show every setting and where its value comes from.",
    "bench": "Measure the service and what it costs beside bare floors, all in one run.",
    "demo": "Score a bundled batch over HTTP and gRPC and compare the verdicts.",
}
"""Every command with its one sentence; each is the ``app`` of a module in ``commands``, of its name with ``_``."""

_OF_RAY = frozenset({"ray", "yaml"})
"""Packages that only commands for clusters import."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        argv: the words after ``guerdon``; those of this process by default.
    """
    try:
        result = make_app()(argv, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        return _fail(_usage_fault(error), ExitCode.USAGE)
    except CliError as error:
        return _fail(error.message, error.exit_code)
    except ImportError as error:
        return _fail(_missing_package(error), ExitCode.USAGE)
    except BrokenPipeError:
        # Whoever read the output has closed it; Python must not try to flush what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.INCOMPLETE
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return result if isinstance(result, int) else ExitCode.OK


def make_app() -> App:
    """The application; commands are imported when they are called."""
    app = App(
        name="guerdon",
        help="The reward service for reinforcement learning of reasoning language models.",
        version=__version__,
        default_parameter=Parameter(negative=(), show_default=_shown_default),
        suppress_keyboard_interrupt=False,
    )
    for name, summary in COMMANDS.items():
        module = name.replace("-", "_")
        app.command(f"guerdon.services.cli.commands.{module}:app", name=name, help=summary)
    return app


def _shown_default(value: Any) -> str | None:
    """The default as the help shows it; empty ones are explained in words instead."""
    return None if value in {None, "", False, ()} else str(value)


def _usage_fault(error: CycloptsError) -> str:
    if isinstance(error, UnknownCommandError):
        # Not by str(error), which imports every command to look for names.
        word = (error.unused_tokens or [""])[0]
        near = difflib.get_close_matches(word, COMMANDS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"commands are: {', '.join(COMMANDS)}"
        return f"there is no command {word!r}; {hint}"
    command = " ".join(["guerdon", *(error.command_chain or ())])
    return f"{error} See: {command} --help"


def _missing_package(error: BaseException) -> str:
    """What to install for an import that failed, or the error itself if nothing is missing."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ModuleNotFoundError) and not (cause.name or "").startswith("guerdon"):
            extras = "ray,server,math,language,code" if cause.name in _OF_RAY else "server,math,language,code"
            return (
                f"the package {cause.name!r} is not installed, and this command needs it: "
                f"pip install 'guerdon[{extras}]'"
            )
        cause = cause.__cause__
    raise error


def _fail(message: str, code: ExitCode) -> ExitCode:
    from guerdon.services.cli.terminal import say

    say(f"guerdon: {message}")
    return code


if __name__ == "__main__":
    sys.exit(main())
