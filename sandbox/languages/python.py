"""Python, in the interpreter the service itself runs on, without the service's packages."""

import sys

from guerdon.sandbox.languages.language import Language, SelfTest
from guerdon.sandbox.program import Program

PRELOAD = (
    # What judged programs import, as far as holding it costs a fork less than importing it costs a program. Each
    # extension module adds five mappings to copy; asyncio adds fifty for one program in hundreds.
    "abc",
    "array",
    "bisect",
    "calendar",
    "cmath",
    "collections",
    "collections.abc",
    "contextlib",
    "copy",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "heapq",
    "inspect",
    "io",
    "itertools",
    "json",
    "math",
    "numbers",
    "operator",
    "pathlib",
    "pickle",
    "pprint",
    "queue",
    "random",
    "re",
    "statistics",
    "string",
    "struct",
    "textwrap",
    "threading",
    "time",
    "traceback",
    "types",
    "typing",
)

_SELFTEST = r"""
import sys, threading
from collections import Counter

def depth(n):
    return depth(n - 1) + 1 if n else 0

line = input()
squares = Counter()
threads = [threading.Thread(target=lambda n=n: squares.update({n: n * n})) for n in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.setrecursionlimit(30_000)
print(line, "✓", sum(squares.values()), depth(20_000))
"""


def language(aliases: tuple[str, ...]) -> Language:
    """Return Python."""
    return Language(
        name="python",
        aliases=aliases,
        source_name="main.py",
        calls=True,
        out_of_memory=(b"MemoryError",),
        preload=PRELOAD,
        version=(sys.executable, "-S", "-E", "--version"),
        install=("python3",),
        selftest=SelfTest(
            program=Program(language="python", source=_SELFTEST),
            stdin="grüße\n".encode(),
            stdout="grüße ✓ 14 20000\n".encode(),
        ),
    )
