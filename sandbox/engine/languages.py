"""What the engine must know of languages, and the ones that this host has."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from guerdon.sandbox.errors import UnknownLanguage
from guerdon.sandbox.program import Case, Program
from guerdon.sandbox.settings import AUTO
from guerdon.sandbox.tier import Tier

_log = logging.getLogger(__name__)


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
    def reserved(self) -> tuple[str, ...]:
        """File names that further files of a program may not have."""

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

    def prepare(self, name: str) -> None:
        """Do once a host what makes a language cheaper; never fails. It is called on a thread of its own."""

    def survey(self) -> Sequence[Language]:
        """Return all that can run here. It may take long the first time, and is called on a thread of its own."""


class InstalledLanguages:
    """The languages of this package whose toolchains the host has.

    Args:
        cache: folder of preparations, None to do without.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._prepared: dict[str, Language] = {}

    def find(self, name: str) -> Language:
        """Return the language of a name or alias.

        Raises:
            UnknownLanguage: there is none, or its toolchain is missing, with how to install it.
        """
        from guerdon.sandbox.languages import find

        language = find(name)
        if language.missing:
            raise UnknownLanguage(f"{language.name} cannot run here: {language.availability().detail}")
        return self._prepared.get(language.name, language)

    def prepare(self, name: str) -> None:
        """Make a language's compile step cheaper where that is possible; takes its time once a host."""
        from guerdon.sandbox.languages import PreparationFailed, find, prepared

        if self._cache is None or name in self._prepared:
            return
        try:
            self._prepared[name] = prepared(find(name), self._cache)
        except PreparationFailed as error:
            _log.warning("toolchain_not_prepared: %s", error)

    def survey(self) -> Sequence[Language]:
        """Ask all toolchains for their version."""
        from guerdon.sandbox.languages import ALL

        return [language for language in ALL.values() if language.availability().available]


def toolchain_cache(setting: str) -> Path | None:
    """Return the folder that a setting means."""
    from guerdon.sandbox.languages import default_cache

    if setting == AUTO:
        return default_cache()
    return Path(setting) if setting else None


def check_tier(language: Language, tier: str) -> None:
    """Refuse a language that the tier cannot contain.

    Raises:
        UnknownLanguage: the tier cannot run it.
    """
    if tier not in language.tiers:
        able = ", ".join(sorted(language.tiers))
        raise UnknownLanguage(f"{language.name} cannot run in tier {tier}, only in {able}")
