"""Python programs run in the warm interpreter itself: as a script, as one call, or as a snapshot that forks per case."""

import _sitebuiltins
import atexit
import builtins
import gc
import os
import socket
import sys
import types
from collections.abc import Callable
from typing import Any

from guerdon.sandbox.jail import channel
from guerdon.sandbox.jail.values import UnplainValue, decode, encode

VALUE = 4
_hidden: "list[types.ModuleType]" = []


class _Source:
    """Shows tracebacks and ``inspect`` the program's text without a file."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    def get_source(self, name: str) -> str:
        """Return the text."""
        return self._text.decode(errors="replace")


def become(run: dict, source: bytes, arguments: bytes) -> None:  # type: ignore[type-arg]
    """Be the program and end the process with its exit status; never returns."""
    _look_freshly_started(run["name"])
    module = types.ModuleType("solution" if run["entry"] else "__main__")
    module.__dict__.update(__file__=run["name"], __builtins__=builtins, __loader__=_Source(source))
    sys.modules[module.__name__] = module
    code = _compiled(source, run["name"])
    namespace = module.__dict__
    if run["entry"]:
        status = attempt(exec, code, namespace)
        if status is not None:
            end(status)
    if run["snapshot"]:
        arguments = _fork_per_case(bool(run["entry"]))
    if run["entry"]:
        end(attempt(_call, namespace, run["entry"], arguments) or 0)
    end(attempt(exec, code, namespace) or 0)


def attempt(function: Callable[..., object], *args: object) -> "int | None":
    """Run a piece of the program; None when it came to its end, else the exit status an interpreter would give."""
    try:
        function(*args)
    except SystemExit as leaving:
        return _exit_status(leaving.code)
    except BaseException as error:  # noqa: BLE001 - whatever the program raises ends the program
        if isinstance(error, MemoryError):
            channel.say(b"M")
        elif isinstance(error, UnplainValue):
            channel.say(b"U" + str(error).encode(errors="replace")[:200])
        _show(error)
        return 1
    return None


def end(status: int) -> None:
    """Finish as an interpreter does: wait for threads, run exit functions, flush, leave."""
    if "threading" in sys.modules:
        attempt(sys.modules["threading"]._shutdown)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except (OSError, ValueError):
            status = status or 120
    os._exit(status)


def _exit_status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)  # noqa: T201 - as the interpreter does
    return 1


def _show(error: BaseException) -> None:
    """Write the traceback as the interpreter would, without the frames that are ours."""
    kind, trace = type(error), error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    if sys.excepthook is not sys.__excepthook__:
        sys.excepthook(kind, error, trace)
        return
    import traceback  # noqa: PLC0415 - only programs that fail pay for it

    traceback.print_exception(kind, error, trace)


def _look_freshly_started(name: str) -> None:
    # Taken out of sight but kept alive: freeing them would touch and so copy a hundred pages.
    _hidden.extend(sys.modules.pop(loaded) for loaded in list(sys.modules) if loaded.startswith("guerdon"))
    sys.argv = [name]
    sys.path.insert(0, os.path.dirname(name))
    gc.enable()


def offer_site_names() -> None:
    """Give builtins what the ``site`` module adds to them."""
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")  # type: ignore[assignment]
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")  # type: ignore[assignment]
    builtins.help = _sitebuiltins._Helper()  # type: ignore[assignment]


def _compiled(source: bytes, name: str) -> types.CodeType:
    try:
        return compile(source, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        channel.say(b"C")
        _show(error)
        end(1)
        raise


def _call(namespace: dict[str, Any], entry: str, arguments: bytes) -> None:
    """Call the entry point and write its result, encoded, to the value pipe."""
    name, _, method = entry.partition(".")
    target = namespace[name]
    if method:
        target = getattr(target(), method)
    args, kwargs = decode(arguments)
    result = memoryview(encode(target(*args, **kwargs)))
    while result:
        result = result[os.write(VALUE, result) :]


def _fork_per_case(call: bool) -> bytes:
    """Fork a child for every case the slot sends; returns in that child, with the case's arguments.

    By now this process may be the program's own: the slot believes nothing it says but takes its exit status for the
    case's, which a program could as well have chosen by itself.
    """
    slot = channel.open_channel()
    gc.freeze()
    slot.send(b"L")
    while True:
        data, descriptors, _, _ = socket.recv_fds(slot, 16, 8)
        if not data:
            os._exit(0)
        if os.fork() == 0:
            for target, descriptor in zip((0, 1, 2, VALUE) if call else (0, 1, 2), descriptors, strict=False):
                os.dup2(descriptor, target)
            arguments = b""
            if call:
                size = os.fstat(descriptors[4]).st_size
                arguments = os.pread(descriptors[4], size, 0)
            for descriptor in descriptors:
                if descriptor != VALUE:
                    os.close(descriptor)
            slot.detach()
            return arguments
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(-1, 0)
        slot.send(b"X" + status.to_bytes(4, "little"))
