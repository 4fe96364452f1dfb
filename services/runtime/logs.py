"""Logs as JSON lines, or readable on a console; what users send never enters them.

Our own events are named ``noun_verbed`` and carry their facts as keys. The message of an exception can quote a
completion, so only the kinds of exception whose message comes from the system are shown with it; of any other
the log has the kind, the place, and the message's length and hash.
"""

from __future__ import annotations

import hashlib
import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

EventDict = MutableMapping[str, Any]

SYSTEM_FAULTS = (OSError, ImportError, MemoryError)
"""Exceptions whose message never quotes what users send."""

_MAX_CAUSES = 8


def configure_logs(*, json: bool, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send all logs of this process to one stream.

    Args:
        json: one JSON object per line; otherwise a line for people, coloured on a terminal.
        level: lowest level of our own events; other libraries only tell of warnings and worse.
        stream: where to write, standard error by default.
    """
    target = sys.stderr if stream is None else stream
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _describe_exception,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(sort_keys=False)
        if json
        else structlog.dev.ConsoleRenderer(
            colors=target.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _drop_marks, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("guerdon").setLevel(level)


def _drop_marks(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Leave out what other libraries, such as Ray, put on every record for themselves."""
    return {name: value for name, value in event.items() if not name.startswith("_")}


def _describe_exception(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by what may be said about it."""
    info = event.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else None
    if error is not None:
        event["exception"] = "\n".join(_lines(error))
    return event


def _lines(error: BaseException) -> list[str]:
    """Kind, message if it may be shown, and frames of an exception and of what caused it."""
    lines: list[str] = []
    current: BaseException | None = error
    for _ in range(_MAX_CAUSES):
        if current is None:
            break
        lines.append(f"{'caused by ' if lines else ''}{type(current).__qualname__}: {_message(current)}")
        frames = traceback.extract_tb(current.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return lines


def _message(error: BaseException) -> str:
    text = str(error)
    if isinstance(error, SYSTEM_FAULTS):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"(message of {len(text)} characters, sha256 {digest[:12]})"
