"""Python for tests that ask a program in another jail, with unittest and what the service has of other tools.

Not a language of programs: what runs here holds the expected answers.
"""

import sys

from guerdon.sandbox.languages.language import MEBIBYTE, Language, SelfTest
from guerdon.sandbox.languages.python import PRELOAD
from guerdon.sandbox.languages.python_scientific import OFFERED, ONE_THREAD, SITE, installed, top_levels
from guerdon.sandbox.program import Program

NAME = "python-tests"
_OURS = ("guerdon.sandbox.jail.interactor", "guerdon.sandbox.jail.testing")
_UNITTEST = ("unittest", "unittest.mock", "asyncio")
_PYTEST = (
    *("pytest", "_pytest.assertion.rewrite", "_pytest.fixtures", "_pytest.python", "_pytest.unittest"),
    *("_pytest.runner", "_pytest.skipping", "_pytest.monkeypatch", "_pytest.tmpdir", "_pytest.capture"),
)

_SELFTEST = r"""
import interactor
import unittest

print(input(), "✓", interactor.connect.__name__)
"""


def language(aliases: tuple[str, ...]) -> Language:
    """Return Python with what tests import."""
    packages = _packages("pytest", *OFFERED)
    pytest = _PYTEST if installed("pytest") is not None else ()
    return Language(
        name=NAME,
        aliases=aliases,
        source_name="main.py",
        calls=True,
        env=dict.fromkeys(ONE_THREAD, "1"),
        memory_overhead_bytes=64 * MEBIBYTE,
        out_of_memory=(b"MemoryError",),
        preload=(*PRELOAD, *_UNITTEST, *_OURS, *pytest),
        packages=packages,
        version=(sys.executable, "-S", "-E", "--version"),
        install=("python3",),
        selftest=SelfTest(
            program=Program(language=NAME, source=_SELFTEST),
            stdin="grüße\n".encode(),
            stdout="grüße ✓ connect\n".encode(),
        ),
    )


def _packages(*names: str) -> tuple[tuple[str, str], ...]:
    """Return the folders and modules of distributions that are there, and what they need."""
    there = {name: found for name in names if (found := installed(name)) is not None}
    return tuple((str(path), f"{SITE}/{path.name}") for path in top_levels(there))
