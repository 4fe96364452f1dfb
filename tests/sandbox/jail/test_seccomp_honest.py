"""Honest programs under the filter set nothing off: no call is refused aloud."""

import asyncio
import concurrent.futures
import ctypes
import mmap
import os
import random
import resource
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filtered import run_filtered

from guerdon.sandbox.jail.seccomp import Policy

REFUSE = Policy("refuse", "refuse")
ALLOW = Policy("allow", "allow", network="lack")


def _use_threads() -> int:
    found: list[int] = []
    threads = [threading.Thread(target=found.append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(found)


def _use_asyncio() -> int:
    async def work(number: int) -> int:
        await asyncio.sleep(0.001)
        return await asyncio.to_thread(lambda: number)

    async def main() -> int:
        return sum(await asyncio.gather(*(work(number) for number in range(5))))

    return asyncio.run(main())


def _use_files() -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        path.write_text("x" * 100_000)
        shutil.copy2(path, Path(folder) / "b")
        path.rename(Path(folder) / "c")
        (Path(folder) / "d").symlink_to("c")
        (Path(folder) / "e").hardlink_to(Path(folder) / "c")
        os.mkfifo(Path(folder) / "f")
        (Path(folder) / "c").chmod(0o600)
        with (Path(folder) / "c").open("r+b") as file:
            file.truncate(50)
            os.fsync(file.fileno())
            mmap.mmap(file.fileno(), 50).close()
        return ",".join(sorted(entry.name for entry in Path(folder).iterdir()))


def _use_sockets() -> bytes:
    left, right = socket.socketpair()
    left.settimeout(1)
    left.sendall(b"hello")
    return right.recv(5)


def _use_ctypes_callback() -> int:
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    numbers_ = (ctypes.c_int * 4)(3, 1, 2, 0)
    order = kind(lambda a, b: ctypes.c_int.from_address(a).value - ctypes.c_int.from_address(b).value)
    ctypes.CDLL(None).qsort(numbers_, 4, 4, order)
    return numbers_[3]


def _use_standard_library() -> int:
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    time.sleep(0.001)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        total = sum(pool.map(lambda number: number * 2, range(10)))
    return total + int(random.SystemRandom().random())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (_use_threads, "8"),
        (_use_asyncio, "10"),
        (_use_files, "b,c,d,e,f"),
        (_use_sockets, "b'hello'"),
        (_use_ctypes_callback, "3"),
        (_use_standard_library, "90"),
    ],
)
def test_honest_python_sets_nothing_off(body: Callable[[], object], said: str) -> None:
    """What the standard library does in one process is allowed."""
    outcome = run_filtered(body, REFUSE)
    assert (outcome.said, outcome.notes) == (said, [])


def test_numpy_sets_nothing_off() -> None:
    """Loading numpy and multiplying matrices is allowed."""
    pytest.importorskip("numpy")

    def body() -> float:
        import numpy as np

        return float(np.ones((200, 200)).dot(np.ones((200, 200))).sum())

    outcome = run_filtered(body, REFUSE)
    assert (outcome.said, outcome.notes) == ("8000000.0", [])


def _run_program(arguments: list[str], policy: Policy) -> tuple[int, int, list[str]]:
    # Its own path, without links or shims: to search PATH is to ask for one exec after another.
    found = shutil.which(arguments[0])
    assert found is not None

    def body() -> None:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.execv(found, arguments)  # noqa: S606 - this is what is tested

    outcome = run_filtered(body, policy, expect=("exec",))
    return outcome.signal, outcome.status, [note for note in outcome.filters if note != "process:exec"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["node", "-e", "setTimeout(() => console.log(require('fs').readFileSync('/dev/null').length), 5)"],
        ["java", "-version"],
        ["bash", "-c", "for i in 1 2 3; do x=$((i * 2)); done; printf '%s\\n' $x"],
        ["perl", "-e", "print 1"],
        [sys.executable, "-S", "-c", "print(1)"],
        ["go", "version"],
    ],
    ids=lambda arguments: arguments[0].rsplit("/", 1)[-1],
)
def test_honest_runtimes_set_nothing_off(arguments: list[str]) -> None:
    """Other runtimes start and end without one refusal; one process each."""
    if shutil.which(arguments[0]) is None:
        pytest.skip(f"no {arguments[0]} here")
    assert _run_program(arguments, Policy("refuse", "ask", network="lack")) == (0, 0, [])


@pytest.mark.parametrize("compiler", ["g++", "rustc", "javac"])
def test_compilers_set_nothing_off_and_neither_does_what_they_made(compiler: str, tmp_path: Path) -> None:
    """A compiler works where processes are allowed, and its program where they are refused."""
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler} here")
    sources = {
        "g++": (
            "a.cpp",
            "#include <iostream>\n#include <thread>\nint main(){std::thread t([]{std::cout << 1;}); t.join();}",
        ),
        "rustc": ("a.rs", 'fn main(){let t=std::thread::spawn(||println!("1"));t.join().unwrap();}'),
        "javac": (
            "A.java",
            "class A{public static void main(String[] a)throws Exception"
            '{java.nio.file.Files.exists(java.nio.file.Path.of("/"));'
            "Thread t=new Thread(()->System.out.println(1));t.start();t.join();}}",
        ),
    }
    name, text = sources[compiler]
    source = tmp_path / name
    source.write_text(text)
    output = tmp_path / "a.out"
    where = ["-d", str(tmp_path)] if compiler == "javac" else ["-o", str(output)]
    assert _run_program([compiler, *where, str(source)], ALLOW) == (0, 0, [])
    made = ["java", "-cp", str(tmp_path), "A"] if compiler == "javac" else [str(output)]
    assert _run_program(made, Policy("refuse", "ask", network="lack")) == (0, 0, [])
