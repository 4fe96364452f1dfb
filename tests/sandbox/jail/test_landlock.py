"""Landlock rules, applied for real in forked children."""

import ctypes
import os
import signal
import socket
import subprocess
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from guerdon.sandbox.jail import landlock
from guerdon.sandbox.jail.syscalls import numbers, syscall

pytestmark = pytest.mark.skipif(landlock.abi() < 1, reason="this kernel has no Landlock")
since_scopes = pytest.mark.skipif(landlock.abi() < 6, reason="this kernel's Landlock has no scopes")
since_net = pytest.mark.skipif(landlock.abi() < 4, reason="this kernel's Landlock knows no TCP")

_SYSTEM = [path for path in ("/usr", "/lib", "/lib64", "/bin") if Path(path).exists()]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Three folders with a file each: ``read``, ``write`` and ``none``."""
    for name in ("read", "write", "none"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("text")
    return tmp_path


def restricted(tree: Path, body: Callable[[], object], execute: list[str] | None = None) -> str:
    """Run ``body`` in a child that may read and write what the folders' names say; return its result as text."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            syscall(numbers()["prctl"], 38, 1)
            landlock.restrict([str(tree / "read")], [str(tree / "write"), "/dev/null"], execute or [])
            said = str(body())
        except OSError as error:
            said = type(error).__name__
        except BaseException:  # noqa: BLE001 - a forked child must never return into the test
            said = traceback.format_exc()
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        said = file.read()
    os.waitpid(child, 0)
    return said


def test_files_are_as_granted(tree: Path) -> None:
    """Reading, writing, listing and making files work exactly where they were given."""
    for act, path, expected in [
        (lambda path: path.read_text(), "read/file", "text"),
        (lambda path: path.write_text("1"), "read/file", "PermissionError"),
        (lambda path: os.truncate(path, 0), "read/file", "PermissionError"),
        (lambda path: path.touch(), "read/new", "PermissionError"),
        (lambda path: path.unlink(), "read/file", "PermissionError"),
        (lambda path: [entry.name for entry in path.iterdir()], "read", "['file']"),
        (lambda path: path.read_text(), "none/file", "PermissionError"),
        (lambda path: [entry.name for entry in path.iterdir()], "none", "PermissionError"),
        (lambda path: path.read_text(), "write/file", "text"),
        (lambda path: path.write_text("12"), "write/file", "2"),
        (lambda path: os.truncate(path, 0), "write/file", "None"),
        (Path.mkdir, "write/folder", "None"),
        (lambda path: path.symlink_to("file"), "write/link", "None"),
        (os.mkfifo, "write/fifo", "None"),
        (lambda path: path.unlink(), "write/file", "None"),
        (lambda path: os.mknod(path, 0o020666, 0x103), "write/device", "PermissionError"),
    ]:
        if path == "read/file" and landlock.abi() < 3 and expected == "PermissionError":
            continue
        assert restricted(tree, lambda act=act, path=path: act(tree / path)) == expected, (path, expected)


def test_links_do_not_lead_out(tree: Path) -> None:
    """A symbolic link and a hard link give no more than the path itself."""

    def through_links() -> list[str]:
        (tree / "write" / "link").symlink_to(tree / "none" / "file")
        found = []
        for act in (
            (tree / "write" / "link").read_text,
            lambda: os.link(tree / "none" / "file", tree / "write" / "hard"),
            lambda: (tree / "read" / "file").rename(tree / "write" / "moved"),
        ):
            try:
                found.append(str(act()))
            except OSError as error:
                found.append(type(error).__name__)
        return found

    assert restricted(tree, through_links) in (
        str(["PermissionError"] * 3),
        str(["PermissionError", "OSError", "PermissionError"]),
    )


def test_single_files_can_be_granted(tree: Path) -> None:
    """A device node such as /dev/null is granted by its own path."""
    assert restricted(tree, lambda: Path("/dev/null").write_text("12")) == "2"
    assert restricted(tree, lambda: Path("/dev/zero").read_bytes()) == "PermissionError"


def test_only_what_was_granted_is_executed(tree: Path) -> None:
    """Programs run from the folders for executing, never from where the program can write."""
    own = tree / "write" / "own"
    own.write_text("#!/bin/sh\nexit 0\n")
    own.chmod(0o755)

    def call(path: str) -> Callable[[], int]:
        return lambda: subprocess.run([path, "-c", "exit 4"]).returncode

    assert restricted(tree, call("/bin/sh"), _SYSTEM) == "4"
    assert restricted(tree, call("/bin/sh")) == "PermissionError"
    assert restricted(tree, call(str(own)), _SYSTEM) == "PermissionError"


@since_net
def test_tcp_is_refused(tree: Path) -> None:
    """Neither connecting nor binding, not even to this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        assert restricted(tree, lambda: socket.create_connection(address)) == "PermissionError"
        assert restricted(tree, lambda: socket.create_server(("127.0.0.1", 0))) == "PermissionError"


@since_scopes
def test_signals_stay_inside(tree: Path) -> None:
    """The parent cannot be signalled, the child itself can."""
    parent = os.getpid()
    assert restricted(tree, lambda: os.kill(parent, 0)) == "PermissionError"
    assert restricted(tree, lambda: os.kill(os.getpid(), 0)) == "None"
    assert restricted(tree, lambda: signal.raise_signal(signal.SIGCHLD)) == "None"


@since_scopes
def test_abstract_sockets_outside_are_out_of_reach(tree: Path) -> None:
    """A listener in the host's abstract name space cannot be connected to."""
    name = f"\0guerdon-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        assert restricted(tree, lambda: socket.socket(socket.AF_UNIX).connect(name)) == "PermissionError"


def test_a_missing_path_is_an_error(tree: Path) -> None:
    """A rule for what is not there would leave a run without what it needs."""
    assert restricted(tree, lambda: 0, [str(tree / "missing")]) == "FileNotFoundError"


def test_restricting_needs_no_new_privs() -> None:
    """Without no_new_privs and without rights the kernel refuses."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            landlock.restrict([], [], [])
        except PermissionError:
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


def test_abi_is_zero_where_the_kernel_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that does not know the call offers version 0."""
    monkeypatch.setattr(landlock, "_CREATE", 5000)
    assert landlock.abi() == 0
    assert ctypes.get_errno() == 38
