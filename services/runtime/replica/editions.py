"""The verifier of a replica under its present settings, and for a while under those before.

New settings take effect without a pause: the verifier is started under them beside the one at work, and then
takes its place. Calls that were planned by the earlier version are finished by it, so that no call is judged by
two versions.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

from guerdon.services.contract import Verifier, VerifierSettings
from guerdon.services.contract.versions import verifier_version
from guerdon.services.runtime.runners import Runner, make_runner
from guerdon.services.workers import SliceLane

log = logging.getLogger(__name__)

KEPT_IDLE_S = 5.0
"""How long an earlier edition waits for more work of calls in progress."""
KEPT_S = 60.0
"""How long it takes more work at the most; what it is at then is still finished."""
_LOOK_PERIOD_S = 0.5


class Edition:
    """A verifier under certain settings."""

    def __init__(self, verifier: Verifier, lane: SliceLane) -> None:
        self.name = verifier.name
        self.settings = verifier.settings
        self.version = verifier_version(type(verifier), verifier.settings)
        self.runner: Runner = make_runner(verifier, lane)
        self.busy = 0
        """Calls it is at."""
        self.used = time.monotonic()
        """When a call last began or ended, or it was replaced."""

    async def stop(self) -> None:
        """Stop the verifier; one that fails to is logged."""
        try:
            await self.runner.close()
        except Exception:
            log.exception("edition_not_closed", extra={"verifier": self.name, "version": self.version})


class Editions:
    """The editions of one verifier: the current one and those that are still kept.

    Args:
        kind: the verifier.
        lane: where an inline one computes; all verifiers of a process share one.
    """

    def __init__(self, kind: type[Verifier], lane: SliceLane) -> None:
        self.current: Edition | None = None
        self._kind = kind
        self._lane = lane
        self._kept: list[Edition] = []
        self._retiring: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._closing = asyncio.Event()

    @property
    def kept_versions(self) -> tuple[str, ...]:
        """Versions other than the current one by which a call can still be judged."""
        current = self.current.version if self.current else ""
        return tuple(dict.fromkeys(edition.version for edition in self._kept if edition.version != current))

    async def switch(self, settings: VerifierSettings, *, anew: bool = False) -> bool:
        """Judge new calls under these settings; whether that changes anything.

        Args:
            settings: the settings.
            anew: start the verifier even where it is at work under them, with nothing of what it was.

        Raises:
            Exception: the verifier cannot be started under them; everything stays as it was.
        """
        async with self._turn:
            if self.current is not None and self.current.settings == settings and not anew:
                return False
            verifier = self._kind(settings)
            if self.current is not None and not anew:
                verifier.inherit(self.current.runner.verifier)
            edition = Edition(verifier, self._lane)
            try:
                await edition.runner.start()
                if self._closing.is_set():
                    raise RuntimeError("the replica was closed while the verifier started")
            except BaseException:
                await edition.stop()
                raise
            earlier, self.current = self.current, edition
            if earlier is not None:
                self._keep(earlier)
            return True

    def judging_by(self, version: str) -> Edition | None:
        """The edition that judges by a version, or by whatever is current where it is empty."""
        if self.current is not None and version in {"", self.current.version}:
            return self.current
        return next((edition for edition in self._kept if edition.version == version), None)

    async def close(self) -> None:
        """Stop all editions."""
        self._closing.set()
        current, self.current = self.current, None
        if current is not None:
            await current.stop()
        await asyncio.gather(*self._retiring)

    def _keep(self, edition: Edition) -> None:
        # Gateways that have not heard of the change yet go on planning by the earlier version.
        edition.used = time.monotonic()
        self._kept.append(edition)
        task = asyncio.create_task(self._retire(edition), name="retire-edition")
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _retire(self, edition: Edition) -> None:
        last = time.monotonic() + KEPT_S
        # Nothing tells of the end of calls in other processes: they show by sending no more.
        while time.monotonic() < last and (edition.busy or time.monotonic() < edition.used + KEPT_IDLE_S):
            if await self._closing_within(_LOOK_PERIOD_S):
                break
        self._kept.remove(edition)
        while edition.busy and not await self._closing_within(_LOOK_PERIOD_S):
            pass
        await edition.stop()
        log.info("edition_retired", extra={"verifier": edition.name, "version": edition.version})

    async def _closing_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        return self._closing.is_set()
