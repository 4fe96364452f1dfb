"""Whoever does not know a replica's secret is turned away and costs next to nothing."""

import asyncio
import contextlib
from pathlib import Path

import msgspec
import pytest
from probe import ProbeVerifier
from replicas import Stage, items, until

from guerdon.services.contract import Deadline, Item
from guerdon.services.runtime.link import listener
from guerdon.services.runtime.link.messages import PROTOCOL, Address, Cancel, Hello, Score
from guerdon.services.runtime.link.packing import pack

SOON = 30_000


def frame(message: msgspec.Struct) -> bytes:
    """A message as bytes."""
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(4, "big") + body


def resident_bytes() -> int:
    """Resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def knock(address: Address, data: bytes) -> bytes:
    """Send bytes and read until the replica hangs up."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        writer.write(data)
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


SCORE = Score(1, "", None, 0, "", 1, pack([Item(id="0", reward="probe", completion="mark")]))


@pytest.mark.parametrize(
    "data",
    [
        frame(Hello(PROTOCOL, "wrong")),
        frame(Hello(PROTOCOL, "")),
        frame(Hello(PROTOCOL, "ü" * 64)),
        frame(SCORE),
        frame(Cancel(1)),
        (2 << 30).to_bytes(4, "big"),
        (64 << 20).to_bytes(4, "big") + b"x" * 100_000,
        b"GET / HTTP/1.1\r\nHost: replica\r\n\r\n",
        b"\x00" * 1000,
        b"\xff" * 1000,
    ],
)
async def test_strangers_are_told_nothing(stage: Stage, data: bytes) -> None:
    """No byte comes back, and the connection ends."""
    service = await stage.replica(ProbeVerifier)
    assert await knock(service.address, data) == b""
    assert not ProbeVerifier.begun


async def test_another_protocol_is_refused_even_with_the_secret(stage: Stage) -> None:
    """Both ends must speak the same."""
    service = await stage.replica(ProbeVerifier)
    assert await knock(service.address, frame(Hello(PROTOCOL + 1, service.address.secret))) == b""


async def test_the_secret_is_said_once(stage: Stage) -> None:
    """A gateway that says hello again has lost its thread; its connection ends after the first report."""
    service = await stage.replica(ProbeVerifier)
    hello = frame(Hello(PROTOCOL, service.address.secret))
    assert b"report" in await knock(service.address, hello + hello)


async def test_who_stays_silent_is_turned_away(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a frame and silence ends after a while."""
    monkeypatch.setattr(listener, "HELLO_TIMEOUT_S", 0.05)
    service = await stage.replica(ProbeVerifier)
    assert await knock(service.address, frame(Hello(PROTOCOL, service.address.secret))[:-1]) == b""


async def test_a_crowd_of_silent_strangers_shuts_nobody_out(stage: Stage) -> None:
    """However many connections say nothing, gateways get in, and memory stays bounded."""
    service = await stage.replica(ProbeVerifier)
    before = resident_bytes()
    address = service.address
    crowd = [await asyncio.open_connection(address.host, address.port) for _ in range(300)]
    for _, writer in crowd:
        writer.write((1000).to_bytes(4, "big") + b"x" * 900)
    backend = await stage.backend(ProbeVerifier)
    verdicts = await backend.score("probe", items("probe", "mark"), Deadline.after_ms(SOON))
    assert verdicts[0].score == 1.0
    assert len(service._listener._strangers) <= listener.MAX_STRANGERS
    assert resident_bytes() - before < 32 << 20
    for _, writer in crowd:
        writer.close()


async def test_gateways_at_work_do_not_notice_strangers(stage: Stage) -> None:
    """Calls go on while others are turned away."""
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    call = asyncio.create_task(backend.score("probe", items("probe", "gate"), Deadline.never()))
    await until(lambda: ProbeVerifier.begun)
    await asyncio.gather(*(knock(service.address, b"\xff" * 5000) for _ in range(20)))
    ProbeVerifier.gate.set()
    assert (await call)[0].score == 1.0


def gate(number: int = 7, timeout_ms: float | None = None) -> bytes:
    """A call that waits for the gate."""
    packed = pack([Item(id="bad", reward="probe", completion="gate")])
    return frame(Score(number, "", timeout_ms, 0, "", 1, packed))


@pytest.mark.parametrize(
    "calls",
    [gate() + gate(), gate(1) + gate(2, -1.0), gate(1) + gate(2, float("nan")), gate() + b"\x00\x00\x00\x01\xc1"],
)
async def test_a_gateway_that_goes_astray_is_cut_off(stage: Stage, calls: bytes) -> None:
    """A number used twice, a time that is none, a broken frame: its calls are stopped, those of others go on."""
    service = await stage.replica(ProbeVerifier)
    backend = await stage.backend(ProbeVerifier)
    assert b"report" in await knock(service.address, frame(Hello(PROTOCOL, service.address.secret)) + calls)
    await until(lambda: sum(service.report().queued) == 0)
    assert (await backend.score("probe", items("probe", "mark"), Deadline.never()))[0].score == 1.0


@pytest.mark.parametrize("count", [0, 2, -1])
async def test_items_that_are_not_as_many_as_said_are_refused(stage: Stage, count: int) -> None:
    """The call is unreadable, and the gateway is still heard."""
    service = await stage.replica(ProbeVerifier)
    score = Score(1, "", None, 0, "", count, pack([Item(id="0", reward="probe", completion="mark")]))
    reader, writer = await asyncio.open_connection(service.address.host, service.address.port)
    writer.write(frame(Hello(PROTOCOL, service.address.secret)) + frame(score))
    assert b"unreadable" in await reader.readuntil(b"unreadable")
    writer.close()


async def test_strangers_are_turned_away_when_the_replica_ends(stage: Stage) -> None:
    """Those that have said nothing yet as well as those that come too late."""
    service = await stage.replica(ProbeVerifier)
    reader, writer = await asyncio.open_connection(service.address.host, service.address.port)
    await until(lambda: service._listener._strangers)
    await service.close()
    with contextlib.suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(service.address.host, service.address.port)


async def test_a_replica_ends_though_a_gateway_does_not_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last answers are given up after a moment."""
    monkeypatch.setattr(listener, "FAREWELL_S", 0.1)
    service = await stage.replica(ProbeVerifier)
    _, writer = await asyncio.open_connection(service.address.host, service.address.port, limit=1)
    packed = pack([Item(id="0", reward="probe", completion="long 20000000")])
    writer.write(frame(Hello(PROTOCOL, service.address.secret)) + frame(Score(1, "", None, 0, "", 1, packed)))
    await until(lambda: service.report().items)
    await service.close()
    await until(lambda: not service._listener.gateways)
    writer.transport.abort()


async def test_a_gateway_that_never_reads_cannot_fill_the_memory_of_a_replica(stage: Stage) -> None:
    """The replica stops taking its calls while their answers do not leave."""
    service = await stage.replica(ProbeVerifier)
    before = resident_bytes()
    reader, writer = await asyncio.open_connection(service.address.host, service.address.port, limit=1)
    writer.write(frame(Hello(PROTOCOL, service.address.secret)))
    packed = pack([Item(id="0", reward="probe", completion="long 100000", extra={"text": "x" * 20_000})])
    flood = asyncio.create_task(_flood(writer, packed))
    seen = -1
    while seen != service.report().items:
        seen = service.report().items
        await asyncio.sleep(0.3)
    assert 0 < seen < 1000
    assert resident_bytes() - before < 100 << 20
    backend = await stage.backend(ProbeVerifier)
    assert (await backend.score("probe", items("probe", "mark"), Deadline.never()))[0].score == 1.0
    flood.cancel()
    await asyncio.wait([flood])
    writer.transport.abort()
    del reader


async def _flood(writer: asyncio.StreamWriter, packed: memoryview) -> None:
    for number in range(100_000):
        writer.write(frame(Score(number, "", None, 0, "", 1, packed)))
        await writer.drain()
