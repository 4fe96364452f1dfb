"""Which slots have room for how much, and whether cases had the node to themselves."""

import time

from guerdon.sandbox.engine.slot import WINDOW, Slot


class Room:
    """Slots in service by how much they hold."""

    def __init__(self) -> None:
        self.busy = 0
        """Slots that are at work."""
        # As ordered sets, so that work goes round the slots.
        self._holding: list[dict[Slot, None]] = [{} for _ in range(WINDOW + 1)]
        self._shared_until = 0.0

    @property
    def idle(self) -> int:
        """Slots that have nothing to do."""
        return len(self._holding[0])

    @property
    def full(self) -> tuple[Slot, ...]:
        """Slots that hold as much as they may."""
        return tuple(self._holding[WINDOW])

    def best(self, *, idle: bool = False) -> Slot | None:
        """Return the slot for the next work, or only one that is ``idle``; None where none has room."""
        for slots in self._holding[: 1 if idle else WINDOW]:
            if slots:
                return next(iter(slots))
        return None

    def was_shared(self, since: float) -> bool:
        """Whether two slots were at work at once at any time after ``since``."""
        return self.busy > 1 or self._shared_until > since

    def add(self, slot: Slot) -> None:
        """Take a slot into service that holds nothing."""
        self._holding[0][slot] = None

    def remove(self, slot: Slot) -> None:
        """Take a slot out of service, with all that it holds."""
        for slots in self._holding:
            slots.pop(slot, None)
        if slot.window:
            self._one_less_busy()

    def took(self, slot: Slot) -> None:
        """Note that a slot holds one more."""
        load = len(slot.window)
        del self._holding[load - 1][slot]
        self._holding[load][slot] = None
        if load == 1:
            self.busy += 1

    def freed(self, slot: Slot) -> None:
        """Note that a slot holds one less."""
        load = len(slot.window)
        del self._holding[load + 1][slot]
        self._holding[load][slot] = None
        if not load:
            self._one_less_busy()

    def _one_less_busy(self) -> None:
        if self.busy > 1:
            self._shared_until = time.monotonic()
        self.busy -= 1
