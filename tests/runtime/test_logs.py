"""Logs: readable by machines and people, and free of what users send."""

from __future__ import annotations

import io
import json
import logging

import pytest

from guerdon.services.runtime.logs import configure_logs


@pytest.fixture
def logged():
    """Configures logs into a stream, and puts back how logging was before."""
    root, ours = logging.getLogger(), logging.getLogger("guerdon")
    before = root.handlers, root.level, ours.level
    stream = io.StringIO()

    def configure(*, as_json: bool = True) -> io.StringIO:
        configure_logs(json=as_json, stream=stream)
        return stream

    yield configure
    root.handlers = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


def test_an_event_is_one_json_line(logged):
    """An event has its name, level, time and facts as keys; marks of other libraries are not among them."""
    stream = logged()
    logging.getLogger("guerdon.services.x").info(
        "batch_scored", extra={"items": 3, "request_id": "r1", "_mark": 1}
    )
    line = json.loads(stream.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "batch_scored", "level": "info", "items": 3, "request_id": "r1"}


def test_a_console_line_for_people(logged):
    """Without JSON an event is one plain line."""
    stream = logged(as_json=False)
    logging.getLogger("guerdon.services.x").info("verifier_ready", extra={"verifier": "math"})
    assert "verifier_ready" in stream.getvalue()
    assert "verifier=math" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_other_libraries_only_warn(logged):
    """What other libraries tell in passing is left out; their warnings are kept."""
    stream = logged()
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == [
        "Invalid HTTP request received."
    ]


@pytest.mark.parametrize("as_json", [True, False])
def test_exceptions_do_not_quote_users(logged, as_json):
    """The message of an exception may hold a completion, so only its kind, place, length and hash are logged."""
    stream = logged(as_json=as_json)
    try:
        try:
            int("the secret completion")
        except ValueError as cause:
            raise KeyError("another secret") from cause
    except KeyError:
        logging.getLogger("guerdon.services.x").exception("verifier_raised")
    text = stream.getvalue()
    assert "secret" not in text
    assert "KeyError: (message of 16 characters, sha256 " in text
    assert "caused by ValueError: (message of " in text
    assert "test_logs.py:" in text


def test_messages_of_the_system_are_shown(logged):
    """An error of the operating system says what happened."""
    stream = logged()
    logging.getLogger("guerdon").error("verifier_unhealthy", exc_info=OSError(28, "No space left on device"))
    assert "OSError: [Errno 28] No space left on device" in json.loads(stream.getvalue())["exception"]


def test_chains_of_causes_end(logged):
    """A long chain of causes is cut off, and a suppressed one is not shown."""
    error = ValueError("0")
    for _ in range(50):
        error.__context__, outer = None, ValueError("x")
        outer.__cause__ = error
        error = outer
    stream = logged()
    logging.getLogger("guerdon").error("failed", exc_info=error)
    assert json.loads(stream.getvalue())["exception"].count("caused by") == 7
