"""Tasks the tests run in real workers; each payload is ``[verb, argument]``.

The zygote imports this file as ``tasks``: it inherits the import path of the process that starts the pool,
and the fixture ``tasks_importable`` puts this folder on it.
"""

import errno
import os
import re
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from guerdon.services.workers import mark_stage


def verbs(greeting: str = "hello") -> Callable[[Any], Any]:
    """A task that does what its payload says."""
    known = {
        "echo": lambda value: value,
        "greet": lambda name: f"{greeting} {name}",
        "pid": lambda _: os.getpid(),
        "count": _Counter(),
        "burn": burn,
        "burn_in_threads": burn_in_threads,
        "sleep": time.sleep,
        "hang_in_python": hang_in_python,
        "hang_in_power": lambda _: 9**9**9,
        "hang_in_regex": lambda _: re.match(r"(a+)+$", "a" * 64 + "b"),
        "allocate": allocate,
        "hoard": _Hoard(),
        "lift_memory_limit": lift_memory_limit,
        "exit": os._exit,
        "sys_exit": sys.exit,
        "raise": fail,
        "die": lambda number: os.kill(os.getpid(), number),
        "die_once": die_once,
        "hang_up": hang_up,
        "environment": lambda _: dict(os.environ),
        "descriptors": lambda _: sorted(str(f.readlink()) for f in Path("/proc/self/fd").iterdir() if f.exists()),
        "stages": stages,
        "object": lambda _: object(),
        "oversized": lambda size: b"x" * size,
        "garbage": garbage,
        "speak_later": speak_later,
        "start_child": start_child,
        "log_span": log_span,
        "sibling_pids": sibling_pids,
    }
    return lambda payload: known[payload[0]](payload[1])


def not_a_task() -> int:
    """A factory that returns something else."""
    return 42


def needs_library() -> None:
    """A factory whose import fails."""
    import a_library_nobody_has  # noqa: F401


def exits() -> None:
    """A factory that ends the zygote."""
    os._exit(7)


def loads_once(flag: str) -> Callable[[Any], Any]:
    """A factory that works the first time only; ``flag`` is a file that remembers."""
    if Path(flag).exists():
        raise RuntimeError("the model file has gone")
    Path(flag).touch()
    return verbs()


def never_loads() -> None:
    """A factory that hangs."""
    time.sleep(1000)


def starts_thread() -> Callable[[Any], Any]:
    """A factory that leaves a thread running."""
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    return verbs()


def forks_at_most(count: int) -> Callable[[Any], Any]:
    """A factory after which the system refuses all forks but the first few."""
    fork, left = os.fork, iter(range(count))

    def limited() -> int:
        if next(left, None) is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return fork()

    os.fork = limited
    return verbs()


def burn(cpu_ms: float) -> float:
    """Use CPU time."""
    end = time.process_time() + cpu_ms / 1000
    while time.process_time() < end:
        pass
    return cpu_ms


def burn_in_threads(count: int) -> None:
    """Use CPU time in several threads for ever."""
    for _ in range(count):
        # Hashing a long buffer releases the interpreter lock.
        threading.Thread(target=hash_for_ever, daemon=True).start()
    time.sleep(1000)


def hash_for_ever() -> None:
    """Use CPU time without the interpreter lock."""
    import hashlib

    block = bytes(1 << 20)
    while True:
        hashlib.sha256(block).digest()


def hang_in_python(_: object) -> None:
    """Never return, in Python code."""
    while True:
        pass


def allocate(size: int) -> int:
    """Take memory, touching all of it."""
    return len(bytearray(size))


def lift_memory_limit(size: int) -> int:
    """Take memory after lifting the limit on the address space, and keep busy with it."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    block = bytearray(size)
    block[::4096] = b"x" * len(block[::4096])
    time.sleep(1000)
    return len(block)


def fail(message: str) -> None:
    """Raise."""
    raise ValueError(message)


def die_once(flag: str) -> str:
    """Kill the own worker the first time; ``flag`` is a file that remembers."""
    if not Path(flag).exists():
        Path(flag).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


def hang_up(_: object) -> None:
    """Close the channel to the service and live on."""
    for descriptor in Path("/proc/self/fd").iterdir():
        if descriptor.exists() and "socket" in str(descriptor.readlink()):
            os.close(int(descriptor.name))
    time.sleep(1000)


def stages(names: list[str]) -> None:
    """Mark stages, then hang in the last."""
    for name in names:
        mark_stage(name)
    hang_in_python(None)


def garbage(raw: bytes) -> None:
    """Send bytes of one's own to the service instead of a reply, then wait."""
    for descriptor in Path("/proc/self/fd").iterdir():
        if descriptor.exists() and "socket" in str(descriptor.readlink()):
            channel = socket.socket(fileno=int(descriptor.name))
            channel.sendall(raw)
            time.sleep(1000)


def speak_later(raw: bytes) -> None:
    """Answer, and some time after that send more that nobody asked for."""
    for descriptor in Path("/proc/self/fd").iterdir():
        if descriptor.exists() and "socket" in str(descriptor.readlink()):
            threading.Timer(0.1, os.write, (int(descriptor.name), raw)).start()
            return


def start_child(_: object) -> None:
    """Start a process that would outlive the worker, then hang."""
    if os.fork() == 0:
        time.sleep(1000)
    time.sleep(1000)


def log_span(where: list[Any]) -> None:
    """Append when this began and ended to a file; ``where`` is its path, a name and the CPU time to use."""
    path, name, cpu_ms = where
    began = time.monotonic()
    burn(cpu_ms)
    with Path(path).open("a") as file:
        file.write(f"{name} {began} {time.monotonic()}\n")


def sibling_pids(_: object) -> list[int]:
    """All processes whose parent is the parent of this one."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields["PPid"]) == os.getppid():
            found.append(int(fields["Pid"]))
    return found


class _Counter:
    """Counts its calls in this worker."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, _: object) -> int:
        self.calls += 1
        return self.calls


class _Hoard:
    """Keeps what it allocates, as a leak would."""

    def __init__(self) -> None:
        self.blocks: list[bytearray] = []

    def __call__(self, size: int) -> int:
        self.blocks.append(bytearray(os.urandom(1)) * size)
        return os.getpid()


def needs_file(path: str) -> Callable[[Any], Any]:
    """A task that cannot load before its file is there, like a verifier whose model is missing."""
    Path(path).read_bytes()
    return lambda payload: payload
