"""Engines for any tier that is named, the container's included."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from guerdon.sandbox.engine.engine import Engine
from guerdon.sandbox.engine.languages import InstalledLanguages, Language, Languages
from guerdon.sandbox.languages.language import Language as InstalledLanguage
from guerdon.sandbox.settings import SandboxSettings
from guerdon.sandbox.tier import Tier


@asynccontextmanager
async def open_engine(settings: SandboxSettings, languages: Languages | None = None) -> AsyncIterator[Engine]:
    """Start an engine, and for the tier ``container`` what starts its containers.

    Args:
        settings: of the engine.
        languages: what can be run; None is what the host has. In containers it is what the image has.

    Raises:
        TierUnavailable: the tier cannot be had here.
    """
    async with AsyncExitStack() as stack:
        if settings.tier == Tier.CONTAINER:
            from guerdon.sandbox.container.containers import Containers

            containers = await stack.enter_async_context(Containers())
            engine = Engine(settings, launch=containers.launch, languages=containers)
        else:
            engine = Engine(settings, languages=languages)
        yield await stack.enter_async_context(engine)


class UnprovenLanguages(InstalledLanguages):
    """The host's languages without their self-tests: isolation is to be tried where those fail, too."""

    def __init__(self) -> None:
        super().__init__()
        self._unproven: dict[str, Language] = {}

    def find(self, name: str) -> Language:
        """Return the language of a name or alias.

        Raises:
            UnknownLanguage: there is none, or its toolchain is missing, with how to install it.
        """
        language = super().find(name)
        if language.name not in self._unproven and isinstance(language, InstalledLanguage):
            self._unproven[language.name] = replace(language, selftest=None)  # type: ignore[arg-type]
        return self._unproven.get(language.name, language)
