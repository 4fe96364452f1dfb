"""The verifier of a replica under its present settings, and for a while under those before.

New settings take effect without a pause: the verifier is started under them beside the one at work, and then
takes its place. Calls that were planned by the earlier version are finished by it, so that no call is judged by
two versions.
"""

from __future__ import annotations

import asyncio
import logging
import time

from guerdon.services.contract import Verifier, VerifierSettings
from guerdon.services.contract.versions import verifier_version
from guerdon.services.runtime.runners import Runner, make_runner
from guerdon.services.workers import SliceLane

log = logging.getLogger(__name__)

KEPT_IDLE_S = 5.0
"""How long an earlier edition waits for more work of calls in progress."""
KEPT_S = 60.0
"""How long it is kept at the most."""
_LOOK_PERIOD_S = 0.5


class Edition:
    """A verifier under certain settings."""

    def __init__(self, verifier: Verifier, lane: SliceLane) -> None:
        self.settings = verifier.settings
        self.version = verifier_version(type(verifier), verifier.settings)
        self.runner: Runner = make_runner(verifier, lane)
        self.busy = 0
        """Calls it is at."""
        self.used = time.monotonic()
        """When a call last began or ended."""


class Editions:
    """The editions of one verifier: the current one and those that are still kept."""

    def __init__(self, kind: type[Verifier]) -> None:
        self.current: Edition | None = None
        self._kind = kind
        self._lane = SliceLane()
        self._kept: list[Edition] = []
        self._retiring: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    @property
    def kept_versions(self) -> tuple[str, ...]:
        """Versions other than the current one by which a call can still be judged."""
        current = self.current.version if self.current else ""
        return tuple(dict.fromkeys(edition.version for edition in self._kept if edition.version != current))

    async def switch(self, settings: VerifierSettings) -> bool:
        """Judge new calls under these settings; whether that changes anything.

        Raises:
            Exception: the verifier cannot be started under them; everything stays as it was.
        """
        async with self._turn:
            if self.current is not None and self.current.settings == settings:
                return False
            edition = Edition(self._kind(settings), self._lane)
            try:
                await edition.runner.start()
            except BaseException:
                await edition.runner.close()
                raise
            earlier, self.current = self.current, edition
            if earlier is not None:
                self._kept.append(earlier)
                task = asyncio.create_task(self._retire(earlier), name="retire-edition")
                self._retiring.add(task)
                task.add_done_callback(self._retiring.discard)
            return True

    def judging_by(self, version: str) -> Edition | None:
        """The edition that judges by a version, or by whatever is current where it is empty."""
        if self.current is not None and version in {"", self.current.version}:
            return self.current
        return next((edition for edition in self._kept if edition.version == version), None)

    async def close(self) -> None:
        """Stop all editions."""
        for task in tuple(self._retiring):
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        editions = [*self._kept, *([self.current] if self.current else [])]
        self._kept, self.current = [], None
        for edition in editions:
            await edition.runner.close()

    async def _retire(self, edition: Edition) -> None:
        last = time.monotonic() + KEPT_S
        # Nothing tells of the end of calls in other processes: they show by sending no more.
        while time.monotonic() < last and (edition.busy or time.monotonic() - edition.used < KEPT_IDLE_S):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_PERIOD_S)
        self._kept.remove(edition)
        await edition.runner.close()
        log.info("edition_retired", extra={"version": edition.version})
