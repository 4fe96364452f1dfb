"""What is planted around a sandbox for programs to find: secrets, listeners, and a neighbour to harm."""

import ctypes
import os
import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_SHARED = ("/tmp", "/dev/shm")  # noqa: S108
"""Folders of the host that programs write to where they are not kept from it."""
_SETTLE_S = 2.0
_STEP_S = 0.02
_FILE_MODE = 0o644


@dataclass
class Surroundings:
    """What was planted."""

    mark: str
    """Part of every name and of the command line of what programs leave running."""
    facts: dict[str, str] = field(default_factory=dict)
    """What programs are told, by the name that stands between ``@`` in their sources."""
    absent: dict[str, str] = field(default_factory=dict)
    """Why a fact could not be had, by its name."""
    secrets: dict[str, bytes] = field(default_factory=dict)
    """What must not come out, by where it lies."""
    files: dict[Path, bytes] = field(default_factory=dict)
    doors: dict[str, socket.socket] = field(default_factory=dict)
    neighbour: "subprocess.Popen[bytes] | None" = None

    def damage(self, *, survivors: bool = False) -> str:
        """Say what programs have done out here since the last look; empty if nothing.

        Args:
            survivors: also wait for processes that bear the mark to be gone.
        """
        return self._visits() or self._harm() or (self._survivors() if survivors else "")

    def _visits(self) -> str:
        for name, door in self.doors.items():
            with suppress(BlockingIOError):
                door.recv(1) if door.type == socket.SOCK_DGRAM else door.accept()[0].close()
                return f"somebody came to the listener {name}"
        return ""

    def _harm(self) -> str:
        if self.neighbour is not None and self.neighbour.poll() is not None:
            self.neighbour = None
            return "a process of this host was killed"
        for path, content in tuple(self.files.items()):
            if not path.exists():
                del self.files[path]
                return f"{path} is gone"
            if path.stat().st_mode & 0o777 != _FILE_MODE or path.read_bytes() != content:
                path.chmod(_FILE_MODE)
                path.write_bytes(content)
                return f"{path} was changed"
        return ""

    def _survivors(self) -> str:
        settled(lambda: not marked(self.mark))
        left = marked(self.mark)
        return f"{len(left)} processes it started are left" if left else ""


def settled(done: Callable[[], bool]) -> bool:
    """Wait a little for the kernel to finish what has ended; returns whether it has."""
    deadline = time.monotonic() + _SETTLE_S
    while not done() and time.monotonic() < deadline:
        time.sleep(_STEP_S)
    return done()


def marked(mark: str) -> list[int]:
    """Return the processes whose command line holds the mark."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with suppress(OSError):
                if mark.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found


@contextmanager
def planted() -> Iterator[Surroundings]:
    """Plant everything; to be done before an engine starts, for its slots are to inherit what they can."""
    here = Surroundings(mark=secrets.token_hex(6))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guerdon-check-")))
        folder.chmod(0o755)
        for shared in _SHARED:
            stack.callback(Path(shared, f"guerdon-check-{here.mark}").unlink, missing_ok=True)
        here.facts |= {"MARK": here.mark, "PID": str(os.getpid())}
        for name, place in (("TEMP", folder), ("HOME", _home()), ("FOLDER", Path.cwd())):
            _plant_file(here, stack, name, place / f".guerdon-check-{here.mark}")
        _plant_variable(here, stack)
        _plant_memory(here, stack)
        _open_doors(here, stack, folder)
        _start_neighbour(here, stack)
        yield here


def _home() -> Path:
    return Path(os.path.expanduser("~"))  # noqa: PTH111 - it may not exist, which pathlib takes for an error


def _secret() -> bytes:
    return f"secret-{secrets.token_hex(16)}".encode()


def _plant_file(here: Surroundings, stack: ExitStack, name: str, path: Path) -> None:
    content = _secret()
    try:
        path.write_bytes(content)
        path.chmod(_FILE_MODE)
    except OSError as error:
        here.absent[name] = f"no file can be planted in {path.parent}: {error.strerror}"
        return
    stack.callback(path.unlink, missing_ok=True)
    here.facts[name] = str(path)
    here.files[path] = here.secrets[str(path.parent)] = content


def _plant_variable(here: Surroundings, stack: ExitStack) -> None:
    name, content = f"GUERDON_CHECK_{here.mark}", _secret()
    os.environ[name] = content.decode()
    stack.callback(os.environ.pop, name, None)
    here.facts["VARIABLE"] = name
    here.secrets["the engine's environment"] = content


def _plant_memory(here: Surroundings, stack: ExitStack) -> None:
    content = _secret()
    buffer = ctypes.create_string_buffer(content)
    stack.callback(ctypes.memset, buffer, 0, len(content))
    here.facts |= {"ADDRESS": str(ctypes.addressof(buffer)), "SIZE": str(len(content))}
    here.secrets["the engine's memory"] = content


def _open_doors(here: Surroundings, stack: ExitStack, folder: Path) -> None:
    wanted: tuple[tuple[str, int, int, tuple[str, int] | str], ...] = (
        ("TCP", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        ("UDP", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        ("TCP6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
        ("ABSTRACT", socket.AF_UNIX, socket.SOCK_STREAM, f"\0guerdon-check-{here.mark}"),
        ("DATAGRAM", socket.AF_UNIX, socket.SOCK_DGRAM, f"\0guerdon-check-{here.mark}-d"),
        ("SOCKET", socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "socket")),
    )
    for name, family, kind, address in wanted:
        try:
            door = stack.enter_context(socket.socket(family, kind))
            door.bind(address)
        except OSError as error:
            here.absent[name] = f"no such listener can be opened here: {error.strerror}"
            continue
        door.setblocking(False)
        if kind == socket.SOCK_STREAM:
            door.listen()
        here.doors[name.lower()] = door
        here.facts[name] = str(door.getsockname()[1]) if isinstance(address, tuple) else address.lstrip("\0")
    if "SOCKET" in here.facts:
        Path(here.facts["SOCKET"]).chmod(0o777)


def _start_neighbour(here: Surroundings, stack: ExitStack) -> None:
    neighbour = stack.enter_context(subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL))
    stack.callback(neighbour.kill)
    here.neighbour = neighbour
    here.facts["NEIGHBOUR"] = str(neighbour.pid)
