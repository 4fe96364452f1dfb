"""What else could run ``print(1+1)``: a bare interpreter, bubblewrap around it, a container for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

IMAGE = "python:3.11-slim-bookworm"
_BARE = ("-I", "-S", "-c")
_BUBBLEWRAP_OPTIONS = "--unshare-all --die-with-parent --new-session --dev /dev --tmpfs /tmp"


@dataclass(frozen=True)
class Rival:
    """A command that runs a program.

    Attributes:
        name: for the report.
        command: what to execute, the program's text last.
        answer: what it must print.
        ours: whether its processes are born below ours, so that their CPU time can be counted.
        reaps: whether it waits for its own children, without which ``/proc`` loses their time.
        slow: whether few runs must do.
    """

    name: str
    command: tuple[str, ...]
    answer: bytes
    ours: bool = True
    reaps: bool = True
    slow: bool = False

    def call(self) -> int:
        """Run it once; returns 1 if the answer is wrong."""
        done = subprocess.run(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
        return int(done.stdout != self.answer or done.returncode != 0)


def rivals(source: str, with_imports: str, answer: bytes) -> tuple[list[Rival], list[str]]:
    """Those that can be had here, and what to do for those that cannot."""
    # The base interpreter, not a virtual environment's, whose extra start-up no sandbox would pay.
    python = getattr(sys, "_base_executable", sys.executable)
    found = [
        Rival("python -I -S", (python, *_BARE, source), answer),
        Rival("python -I -S, 18 imports", (python, *_BARE, with_imports), answer),
    ]
    skipped = []
    if bwrap := shutil.which("bwrap"):
        command = (*_bubblewrap(bwrap), python, *_BARE, source)
        found.append(Rival("bubblewrap, python -I -S", command, answer, reaps=False))
    else:
        skipped.append("bubblewrap is not there: apt-get install bubblewrap")
    if reason := _without_docker():
        skipped.append(f"docker run: {reason}")
    else:
        command = ("docker", "run", "--rm", "--network", "none", IMAGE, "python", *_BARE, source)
        found.append(Rival("docker run, python -I -S", command, answer, ours=False, slow=True))
    return found, skipped


def _bubblewrap(bwrap: str) -> tuple[str, ...]:
    system = [folder for folder in ("/usr", "/lib", "/lib64", "/bin") if Path(folder).is_dir()]
    shown = system if sys.base_prefix.startswith("/usr") else [*system, sys.base_prefix]
    binds = [word for folder in shown for word in ("--ro-bind", folder, folder)]
    return (bwrap, *_BUBBLEWRAP_OPTIONS.split(), *binds)


def _without_docker() -> str:
    """Why there is no Docker to compare with; empty if there is."""
    if not shutil.which("docker"):
        return "there is no docker command"
    found = subprocess.run(
        ["docker", "image", "inspect", IMAGE], capture_output=True, text=True, check=False, timeout=20
    )
    if found.returncode == 0:
        return ""
    said = found.stderr.strip().splitlines()
    return said[-1] if said else f"exit status {found.returncode}"
