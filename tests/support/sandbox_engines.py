"""Engines whose slots run nothing but follow each case's text; sandbox_stub_slot.py lists the words."""

import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import sandbox_stub_slot

from guerdon.sandbox.engine.engine import Engine
from guerdon.sandbox.engine.languages import SelfTest
from guerdon.sandbox.errors import UnknownLanguage
from guerdon.sandbox.program import Case, Program
from guerdon.sandbox.settings import SandboxSettings
from guerdon.sandbox.tier import Tier

STUB = (sys.executable, "-P", str(Path(sandbox_stub_slot.__file__).resolve()))

StartEngine = Callable[..., Awaitable[Engine]]


class StubLanguage:
    """A language whose programs are scripts for the stub slot."""

    runtime = "Stub 1.0"
    identity = "stub 1.0 -O2"
    tiers = frozenset(Tier)
    reserved = ("main.stub",)
    selftest: SelfTest | None = None

    def __init__(self, name: str, *, compiled: bool) -> None:
        self.name = name
        self.compiled = compiled
        self.callable = not compiled


class StubLanguages:
    """An interpreted and a compiled language."""

    def __init__(self) -> None:
        self._known = {name: StubLanguage(name, compiled=name == "compiled") for name in ("stub", "compiled")}

    def find(self, name: str) -> StubLanguage:
        """Look one up."""
        if name not in self._known:
            raise UnknownLanguage(f"no language {name!r}")
        return self._known[name]

    def prepare(self, name: str) -> None:
        """Nothing."""

    def survey(self) -> Sequence[StubLanguage]:
        """Both."""
        return tuple(self._known.values())


def stub_settings(*stub_options: str, **options: Any) -> SandboxSettings:
    """Settings of an engine with two stub slots."""
    return SandboxSettings(**{"slots": 2, "speed_factor": 1.0, "slot_command": (*STUB, *stub_options), **options})


def stub_engine(*stub_options: str, **options: Any) -> Engine:
    """An engine with two stub slots, not started."""
    return Engine(stub_settings(*stub_options, **options), languages=StubLanguages())


def script(text: str, language: str = "stub") -> Program:
    """A program that does what the text says, in all cases."""
    return Program(language=language, source=text)


def scripts(*texts: str) -> tuple[Program, list[Case]]:
    """A program whose cases each do what their text says."""
    return Program(language="stub", source="stdin"), [Case(stdin=text.encode()) for text in texts]


ONE = [Case()]
"""One case that adds nothing to the program."""
