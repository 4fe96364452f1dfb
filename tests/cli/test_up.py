"""``guerdon up``: a service from one command."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys

import httpx2
import pytest

from guerdon.services.contract.registry import registered_names


@pytest.fixture
def start(service):
    """Starts services of their own, and stops those a test leaves running."""
    started = []

    def start(*words: object, **environ: str):
        started.append(type(service)(*words, **environ))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            running.stop()


def test_it_says_what_is_up_and_where(start):
    """Each verifier is told as it becomes ready, then the addresses; Ctrl-C ends it with exit code 0."""
    running = start()
    states = [line.split() for line in running.lines if " ready after " in line]
    assert sorted(state[:2] for state in states) == [[name, "ready"] for name in sorted(registered_names())]
    assert running.lines.index("Guerdon is up; stop it with Ctrl-C.") > 1
    assert httpx2.get(f"{running.http}/readyz").status_code == 200
    code, _, err = running.stop()
    assert (code, err) == (0, "")


def test_only_some_verifiers(start):
    """--only leaves the other verifiers out."""
    assert [line.split()[0] for line in start("--only", "format").lines if " ready after " in line] == ["format"]


def test_json_logs():
    """With --json-logs every line is a JSON object with an event, the addresses included."""
    command = [sys.executable, "-m", "guerdon.services.cli.main", "up", "--json-logs", "--only", "format"]
    with subprocess.Popen([*command, "--port", "0", "--grpc-port", "0"], stderr=subprocess.PIPE, text=True) as up:
        events = []
        for line in up.stderr:
            events.append(json.loads(line))
            if events[-1]["event"] == "service_ready":
                up.send_signal(signal.SIGINT)
    assert events[0]["event"] == "verifier_ready"
    ready = next(event for event in events if event["event"] == "service_ready")
    assert ready["http"].startswith("http://127.0.0.1:")


def test_a_new_key_file(start, tmp_path, guerdon):
    """A key file that does not exist is made for its owner alone, and calls need the key."""
    file = tmp_path / "key"
    running = start("--only", "format", "--host", "0.0.0.0", "--api-key-file", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    local = running.http.replace("0.0.0.0", "127.0.0.1")
    assert guerdon("verifiers", "--url", local).code == 3
    assert guerdon("verifiers", "--url", local, "--api-key", file.read_text().strip()).code == 0


def test_an_existing_key_file(start, tmp_path, guerdon):
    """The key of an existing file holds beside those of the settings; wide permissions are warned of."""
    key_file, settings = tmp_path / "key", tmp_path / "settings.toml"
    key_file.write_text("the-key-in-the-file-0001\n", encoding="ascii")
    key_file.chmod(0o644)
    settings.write_text('[[gateway.api_keys]]\nname = "a"\nsecret = "the-key-in-the-settings"\n', encoding="utf-8")
    running = start("--only", "format", "--settings", settings, "--api-key-file", key_file)
    for key, code in [
        ("the-key-in-the-file-0001", 0),
        ("the-key-in-the-settings", 0),
        ("another-key-entirely", 3),
    ]:
        assert guerdon("verifiers", "--url", running.http, "--api-key", key).code == code
    assert f"chmod 600 {key_file}" in running.stop()[2]


@pytest.mark.parametrize("content", [b"\n", b"short", "schlüssel-von-genug-länge".encode()])
def test_unusable_key_files(guerdon, tmp_path, content):
    """A key file without a usable key is refused."""
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(0o600)
    outcome = guerdon("up", "--api-key-file", file)
    assert outcome.code == 2
    assert "Traceback" not in outcome.err


def test_a_key_file_that_cannot_be_made(guerdon, tmp_path):
    """A key file in a folder that does not exist, or that is a folder, is refused with the reason."""
    assert "cannot be made: No such file" in guerdon("up", "--api-key-file", tmp_path / "no" / "key").err
    assert "cannot be read: Is a directory" in guerdon("up", "--api-key-file", tmp_path).err


def test_no_open_door(guerdon):
    """A bind beyond loopback without an API key is refused, with the way to mend it."""
    outcome = guerdon("up", "--host", "0.0.0.0", "--only", "format")
    assert outcome.code == 2
    assert "no API key is set" in outcome.err
    assert "--api-key-file" in outcome.err


@pytest.mark.parametrize("option", ["--port", "--grpc-port"])
def test_a_taken_port(guerdon, option):
    """A port in use is named, and no half of the service is left."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        other = {"--port": "--grpc-port", "--grpc-port": "--port"}[option]
        outcome = guerdon("up", "--only", "format", option, port, other, 0)
    assert outcome.code == 2
    assert f"cannot listen on 127.0.0.1:{port}" in outcome.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--only", "maths"], "no verifier is registered as 'maths'"),
        (["--port", "99999"], "command line: port = 99999: Input should be less than or equal to 65535"),
        (["--once"], "--once needs --demo"),
    ],
)
def test_usage(guerdon, words, message):
    """What cannot be started as asked ends with exit code 2 and a message."""
    outcome = guerdon("up", *words)
    assert outcome.code == 2
    assert message in outcome.err


def test_a_verifier_that_cannot_start_is_told(tmp_path):
    """A verifier that fails to start is shown as unavailable with the reason, and the others serve."""
    code = (
        "import sys\n"
        "from guerdon.services.format.verifier import FormatVerifier\n"
        "async def start(self): raise OSError(28, 'No space left on device')\n"
        "FormatVerifier.start = start\n"
        "from guerdon.services.cli.main import main\n"
        "sys.exit(main(['up', '--port', '0', '--grpc-port', '0', '--only', 'format']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    line = process.stdout.readline().split()
    process.terminate()
    process.communicate(timeout=30)
    assert line[:3] == ["format", "unavailable:", "OSError:"]


def test_tracing_that_cannot_be_had(guerdon, monkeypatch):
    """What the environment asks for and is not there is told before anything is started."""
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "bogus")
    outcome = guerdon("up", "--only", "format", "--port", 0, "--grpc-port", 0)
    assert outcome.code == 2
    assert "OTEL_TRACES_EXPORTER is 'bogus'" in outcome.err
