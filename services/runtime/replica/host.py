"""The verifiers of one process: a single one, or several light ones that share it.

Each is a :class:`ReplicaService` with a port, a queue, editions and a health of its own, so that gateways see no
difference. What they share is the process: its loop and its end. One that fails costs its own rewards alone, and
is started anew here until it works; only where none of them works is the process told to be of no use, so that
whoever started it replaces it. A single verifier is therefore never mended here.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from guerdon.services.contract import Verifier, VerifierSettings
from guerdon.services.runtime.link.messages import Address
from guerdon.services.runtime.replica.service import ReplicaService
from guerdon.services.runtime.report import ReplicaReport
from guerdon.services.workers import SliceLane

log = logging.getLogger(__name__)

Read = Callable[[type[Verifier]], VerifierSettings]
"""Reads the settings of a verifier; raises where it has none that can be used."""

START_TIMEOUT_S = 60.0
"""How long one of several verifiers may take to start, while the others wait to be offered."""
CHECK_TIMEOUT_S = 10.0
"""How long one of several may take to prove that it is well."""
FAILED_CHECKS = 3
"""One of several that fails so many checks in a row is started anew, as Serve replaces that of a single one."""
RESTART_DELAY_S = 5.0
"""How long before that, and between attempts."""


class ReplicaHost:
    """Serves verifiers to gateways.

    Args:
        kinds: the verifiers.
        read: reads the settings of one, anew for every start of it.
        replica_id: name of this replica, unique in the deployment; all its verifiers have it.
        node: name of its node, for operators.
        slots: items each verifier works on at a time.
        max_queued_items: items each takes before it refuses more; one call is always taken.
    """

    def __init__(
        self,
        kinds: Sequence[type[Verifier]],
        read: Read,
        *,
        replica_id: str,
        node: str,
        slots: int = 1,
        max_queued_items: int = 16_384,
    ) -> None:
        lane = SliceLane()
        self._kinds = {kind.name: kind for kind in kinds}
        self._services = {
            name: ReplicaService(
                kind, replica_id=replica_id, node=node, slots=slots, max_queued_items=max_queued_items, lane=lane
            )
            for name, kind in self._kinds.items()
        }
        self._alone = len(kinds) == 1
        self._read = read
        self._failed_checks: Counter[str] = Counter()
        self._menders: dict[str, asyncio.Task[None]] = {}

    @property
    def addresses(self) -> Mapping[str, Address]:
        """Where gateways reach each verifier; empty before :meth:`start`."""
        return {name: service.address for name, service in self._services.items() if service.address is not None}

    def reports(self) -> Mapping[str, ReplicaReport]:
        """What each verifier tells of itself."""
        return {name: service.report() for name, service in self._services.items()}

    async def start(self, host: str) -> None:
        """Listen on an address of this machine, at a port for each verifier.

        Raises:
            OSError: it is no address of this machine.
        """
        for service in self._services.values():
            await service.start(host)

    async def configure(self) -> None:
        """Read the settings, and have new calls judged under them.

        Raises:
            Exception: no verifier can be started under them.
        """
        await self._stop_menders()
        faults = await self._each(self._configure)
        self._raise_if_all(faults)
        for name, fault in faults.items():
            self._withdraw(name, fault)

    async def check_health(self) -> None:
        """Let every verifier prove that it could judge now; one that fails again and again is started anew.

        Raises:
            Exception: none could.
        """
        faults = await self._each(self._check)
        self._raise_if_all(faults)
        self._failed_checks = Counter({name: self._failed_checks[name] + 1 for name in faults})
        for name, fault in faults.items():
            if self._failed_checks[name] >= FAILED_CHECKS and name not in self._menders:
                self._withdraw(name, fault)

    async def close(self, drain_s: float = 0.0) -> None:
        """Finish the calls in hand within ``drain_s`` seconds, and stop everything."""
        await self._stop_menders()
        for name, fault in (await self._each(lambda name: self._services[name].close(drain_s))).items():
            log.error("verifier_not_closed", extra={"verifier": name}, exc_info=fault)

    async def _each(self, act: Callable[[str], Awaitable[None]]) -> dict[str, Exception]:
        """Do something for each verifier, side by side; the faults of those that failed."""
        faults: dict[str, Exception] = {}

        async def attempt(name: str) -> None:
            try:
                await act(name)
            except Exception as fault:  # noqa: BLE001 - handed to the caller, who tells it
                faults[name] = fault

        await asyncio.gather(*map(attempt, self._services))
        return faults

    async def _configure(self, name: str, *, anew: bool = False) -> None:
        settings = self._read(self._kinds[name])
        async with self._within(START_TIMEOUT_S, "start"):
            await self._services[name].configure(settings, anew=anew)

    async def _check(self, name: str) -> None:
        async with self._within(CHECK_TIMEOUT_S, "health check"):
            await self._services[name].check_health()

    @asynccontextmanager
    async def _within(self, seconds: float, what: str) -> AsyncIterator[None]:
        """Let one of several verifiers hold up the others no longer; whoever waits for a single one has limits."""
        try:
            async with asyncio.timeout(None if self._alone else seconds) as limit:
                yield
        except TimeoutError:
            if limit.expired():
                raise TimeoutError(f"its {what} takes longer than {seconds:g} s") from None
            raise

    def _raise_if_all(self, faults: Mapping[str, Exception]) -> None:
        if len(faults) < len(self._services):
            return
        first, *others = faults.values()
        if not others:
            raise first
        told = "; ".join(f"{name}: {type(fault).__name__}: {fault}" for name, fault in faults.items())
        raise RuntimeError(f"no verifier of the replica works: {told}") from first

    def _withdraw(self, name: str, fault: Exception) -> None:
        """Have no calls sent to a verifier until it is mended."""
        self._tell(name, fault)
        mender = asyncio.create_task(self._mend(name), name=f"mend-{name}")
        self._menders[name] = mender
        mender.add_done_callback(lambda _: self._menders.pop(name))

    def _tell(self, name: str, fault: Exception) -> None:
        log.error("verifier_withdrawn", extra={"verifier": name}, exc_info=fault)
        self._services[name].withdraw(fault)

    async def _mend(self, name: str) -> None:
        """Start a verifier anew, again and again until it does start."""
        while True:
            await asyncio.sleep(RESTART_DELAY_S)
            try:
                await self._configure(name, anew=True)
            except Exception as fault:  # noqa: BLE001 - logged there, and told to gateways
                self._tell(name, fault)
            else:
                del self._failed_checks[name]
                log.info("verifier_mended", extra={"verifier": name})
                return

    async def _stop_menders(self) -> None:
        menders = tuple(self._menders.values())
        for mender in menders:
            mender.cancel()
        await asyncio.gather(*menders, return_exceptions=True)
