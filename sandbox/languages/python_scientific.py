"""Python with NumPy, SciPy, SymPy, mpmath and pandas, as far as the service's environment has them."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from guerdon.sandbox.languages.language import MEBIBYTE, Language, SelfTest
from guerdon.sandbox.languages.python import PRELOAD
from guerdon.sandbox.program import Program

SITE = "/opt/site"
_REQUIRED = ("numpy", "sympy")
OFFERED = ("numpy", "scipy", "sympy", "mpmath", "pandas")
# SciPy's parts and pandas are worth hundreds of mappings that every fork would copy; who needs them imports them.
_PRELOADED = ("numpy", "numpy.linalg", "numpy.random", "numpy.fft", "sympy")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")

_SELFTEST = r"""
import threading
import numpy as np
import sympy

line = input()
found = []
thread = threading.Thread(target=lambda: found.append(np.linalg.det(np.array([[1.0, 2.0], [3.0, 4.0]]))))
thread.start()
thread.join()
x = sympy.Symbol("x")
print(line, "✓", round(found[0], 6), sympy.diff(x**3, x), np.random.default_rng(1).integers(1, 2))
"""


def language(aliases: tuple[str, ...]) -> Language:
    """Return Python with the scientific packages found in the service's environment."""
    there = {name: found for name in OFFERED if (found := installed(name)) is not None}
    missing = tuple(name for name in _REQUIRED if name not in there)
    return Language(
        name="python-scientific",
        aliases=aliases,
        source_name="main.py",
        calls=True,
        # A thread pool made when a library is loaded would not survive the fork.
        env=dict.fromkeys(ONE_THREAD, "1"),
        memory_overhead_bytes=64 * MEBIBYTE,
        out_of_memory=(b"MemoryError",),
        preload=(*PRELOAD, *(module for module in _PRELOADED if module.partition(".")[0] in there)),
        packages=tuple((str(path), f"{SITE}/{path.name}") for path in top_levels(there)),
        version=(sys.executable, "-S", "-E", "--version"),
        missing=missing,
        install=("pip:numpy", "pip:sympy"),
        selftest=SelfTest(
            program=Program(language="python-scientific", source=_SELFTEST),
            stdin="grüße\n".encode(),
            stdout="grüße ✓ -2.0 3*x**2 1\n".encode(),
        ),
    )


def top_levels(there: dict[str, Distribution]) -> list[Path]:
    """Return the folders and modules of distributions and all they need, the shared libraries included."""
    paths: dict[Path, None] = {}
    for found in _closure(there):
        for file in found.files or ():
            top = file.parts[0]
            if top in ("..", "__pycache__") or top.endswith((".dist-info", ".egg-info", ".pth")):
                continue
            paths[Path(str(found.locate_file(top)))] = None
    return sorted(path for path in paths if path.exists())


def _closure(there: dict[str, Distribution]) -> Iterator[Distribution]:
    """Yield the distributions and what they require without extras, each once."""
    waiting, seen = list(there), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        found = there.get(name) or installed(name)
        if found is None:
            continue
        yield found
        for requirement in found.requires or ():
            matched = _NAME.match(requirement)
            if matched and "extra ==" not in requirement:
                waiting.append(re.sub(r"[-_.]+", "-", matched.group()).lower())


def installed(name: str) -> Distribution | None:
    """Return a distribution of the service's environment, None if it is not there."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None
