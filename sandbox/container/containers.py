"""Tier ``container`` for an engine: starts its slots and knows the image's languages."""

import logging
from collections.abc import Awaitable, Sequence
from functools import cached_property
from typing import Self

from guerdon.sandbox.container.docker_api import ContainerFault
from guerdon.sandbox.container.languages import ImageLanguage, look_up, parse
from guerdon.sandbox.container.pool import ContainerPool
from guerdon.sandbox.container.settings import ContainerSettings
from guerdon.sandbox.container.slot import ContainerSlot
from guerdon.sandbox.engine.link import SlotEvents, SlotLink
from guerdon.sandbox.errors import TierUnavailable

_log = logging.getLogger(__name__)


class Containers:
    """What an engine needs to run its slots in containers.

    ``async with Containers() as containers, Engine(launch=containers.launch, languages=containers) as engine: …``

    Args:
        settings: what the containers are made of.
    """

    def __init__(self, settings: ContainerSettings = ContainerSettings()) -> None:  # noqa: B008 - frozen
        self.settings = settings
        self._pool = ContainerPool(settings)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Find the Docker engine, remove what dead engines left there, start the first spare container.

        Raises:
            TierUnavailable: no Docker engine, image or runtime.
        """
        try:
            await self._pool.open()
        except ContainerFault as error:
            raise TierUnavailable(f"tier container: {error}") from error

    async def close(self) -> None:
        """Remove every container."""
        await self._pool.close()

    def launch(self, index: int, events: SlotEvents) -> Awaitable[SlotLink]:
        """Start a slot; raises what :meth:`ContainerSlot.start` does."""
        return ContainerSlot.start(self._pool, index, events)

    def find(self, name: str) -> ImageLanguage:
        """Return the image's language of a name or alias.

        Raises:
            UnknownLanguage: it has none.
        """
        return look_up(name, self._languages, self.settings.image)

    def prepare(self, name: str) -> None:
        """Nothing: a container keeps nothing for the next one."""

    def survey(self) -> Sequence[ImageLanguage]:
        """Ask the image for its languages; blocks.

        Raises:
            TierUnavailable: it does not answer.
        """
        return self._languages

    @cached_property
    def _languages(self) -> tuple[ImageLanguage, ...]:
        try:
            answer = self._pool.ask("python", "-m", "guerdon.sandbox.container.languages")
            return parse(answer, self.settings.inner_tier)
        except (ContainerFault, ValueError) as error:
            raise TierUnavailable(
                f"the image {self.settings.image} does not say its languages: {error}"
            ) from error
