"""The forked child of one run: it gives up everything, says hello to the slot, and becomes the program.

Descriptors as they arrive, from 3 up: standard input, output, error, the run's channel, the value pipe of a call, the
source, the arguments of a call, further files. They are moved to 0, 1, 2, ``CHANNEL`` and ``VALUE``; the rest is read and closed.
"""

import os
import resource
import socket

from guerdon.sandbox.jail import kernel, native, python, seccomp

CHANNEL = 3
VALUE = 4
HIGH = 200
_FIRST = 3
_COPY_BYTES = 1 << 20
_SIGKILL = 9


class Confinement:
    """What every child of one zygote gives up, prepared once so that a run does little."""

    def __init__(self, plan: dict) -> None:  # type: ignore[type-arg]
        self._full = plan["tier"] == "full"
        self._uid = plan["uid"] if plan["privileged"] else None
        self._listener = plan["listener"]
        self._filters = {name: seccomp.build(seccomp.Policy(*policy), plan["listener"]) for name, policy in plan["filters"]}
        self._zygote = os.getpid()

    def apply(self, run: dict) -> int:  # type: ignore[type-arg]
        """Drop all rights; returns the listener's descriptor, or -1."""
        for kind, value in run["rlimits"]:
            resource.setrlimit(kind, (value, value))
        if self._uid is not None:
            # Takes the capabilities along with the user.
            os.setresgid(self._uid, self._uid, self._uid)
            os.setresuid(self._uid, self._uid, self._uid)
        else:
            kernel.drop_capabilities()
        if not self._full:
            kernel.die_with_parent(_SIGKILL)
            if os.getppid() != self._zygote:
                os._exit(1)
        if not run["filter"]:
            return -1
        return seccomp.install(self._filters[run["filter"]], self._listener)


def live(confinement: Confinement, run: dict, descriptors: "list[int]") -> None:  # type: ignore[type-arg]
    """Become the run and end the process; never returns."""
    try:
        blobs = _place(run, descriptors)
        os.chdir(run["folder"])
        listener = confinement.apply(run)
        _hello(listener)
        for name, blob in zip(run["files"], blobs[2 if run["call"] else 1 :], strict=False):
            _copy(blob, name)
        if run["mode"] == "exec":
            native.execute(blobs[0], run["argv"], run["env"])
        source = read(blobs[0])
        arguments = read(blobs[1]) if run["call"] else b""
        os.closerange(blobs[0], blobs[-1] + 1)
        python.become(run, source, arguments)
    finally:
        os._exit(1)


def _place(run: dict, descriptors: "list[int]") -> "list[int]":  # type: ignore[type-arg]
    """Move the run's descriptors to their numbers, close everything else, and return the rest."""
    placed = 5 if run["value"] else 4
    for target in range(placed):
        os.dup2(descriptors[target], target)
    os.closerange(placed, descriptors[placed])
    os.closerange(descriptors[-1] + 1, HIGH + 8)
    os.set_inheritable(CHANNEL, False)
    return descriptors[placed:]


def _hello(listener: int) -> None:
    """Tell the slot that all rights are gone; the kernel adds who says so."""
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, fileno=CHANNEL)
    if listener < 0:
        channel.send(b"H")
    else:
        socket.send_fds(channel, [b"H"], [listener])
        os.close(listener)
    channel.detach()


def read(blob: int) -> bytes:
    """Read a whole sealed file from its start."""
    size = os.fstat(blob).st_size
    return os.pread(blob, size, 0)


def _copy(blob: int, name: str) -> None:
    target = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    data = memoryview(read(blob))
    while data:
        data = data[os.write(target, data[:_COPY_BYTES]) :]
    os.close(target)
