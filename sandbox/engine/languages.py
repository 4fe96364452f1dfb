"""What the engine must know of languages, and the ones that this host has."""

from collections.abc import Sequence
from typing import Protocol

from guerdon.sandbox.errors import UnknownLanguage
from guerdon.sandbox.program import Case, Program
from guerdon.sandbox.tier import Tier


class SelfTest(Protocol):
    """A program that must run before its language is offered."""

    @property
    def program(self) -> Program:
        """What to run."""

    @property
    def case(self) -> Case:
        """On what."""

    @property
    def stdout(self) -> bytes:
        """What it must write."""


class Language(Protocol):
    """One language."""

    @property
    def name(self) -> str:
        """Canonical name."""

    @property
    def compiled(self) -> bool:
        """Whether programs go through a compile step."""

    @property
    def callable(self) -> bool:
        """Whether programs may have an entry point."""

    @property
    def tiers(self) -> frozenset[Tier]:
        """Tiers that can run it."""

    @property
    def runtime(self) -> str:
        """Version line of the interpreter or compiler."""

    @property
    def identity(self) -> str:
        """Version, flags and whatever else decides what a source compiles to."""

    @property
    def selftest(self) -> SelfTest | None:
        """What must pass before the language is offered."""


class Languages(Protocol):
    """Where the engine looks languages up."""

    def find(self, name: str) -> Language:
        """Return the language of a name or alias.

        Raises:
            UnknownLanguage: there is none, or it cannot run here.
        """

    def survey(self) -> Sequence[Language]:
        """Return all that can run here. It may take long the first time, and is called on a thread of its own."""


class InstalledLanguages:
    """The languages of this package whose toolchains the host has."""

    def find(self, name: str) -> Language:
        """Return the language of a name or alias.

        Raises:
            UnknownLanguage: there is none, or its toolchain is missing, with how to install it.
        """
        from guerdon.sandbox.languages import find

        language = find(name)
        if language.missing:
            raise UnknownLanguage(f"{language.name} cannot run here: {language.availability().detail}")
        return language

    def survey(self) -> Sequence[Language]:
        """Ask all toolchains for their version."""
        from guerdon.sandbox.languages import ALL

        return [language for language in ALL.values() if language.availability().available]


def check_tier(language: Language, tier: str) -> None:
    """Refuse a language that the tier cannot contain.

    Raises:
        UnknownLanguage: the tier cannot run it.
    """
    if tier not in language.tiers:
        able = ", ".join(sorted(language.tiers))
        raise UnknownLanguage(f"{language.name} cannot run in tier {tier}, only in {able}")
