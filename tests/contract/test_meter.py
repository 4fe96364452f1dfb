"""CPU time is charged to the call that it was spent for."""

import asyncio

from guerdon.services.contract.meter import METER, Meter, charge


def test_nobody_asks() -> None:
    """Without a meter charging does nothing."""
    charge(5.0)
    assert METER.get() is None


async def test_tasks_of_a_call_share_its_meter() -> None:
    """What the tasks of a call spend adds up, and calls side by side do not see each other's."""

    async def spend(ms: float) -> None:
        await asyncio.sleep(0)
        charge(ms)

    async def call(ms: float) -> float:
        meter = Meter()
        METER.set(meter)
        await asyncio.gather(spend(ms), spend(2 * ms))
        return meter.cpu_ms

    assert await asyncio.gather(asyncio.create_task(call(1.0)), asyncio.create_task(call(10.0))) == [3.0, 30.0]
    assert METER.get() is None
