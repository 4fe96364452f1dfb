"""The clocks: CPU time decides, and who only waits is ended too."""

import msgspec

from guerdon.sandbox.result import Verdict
from guerdon.sandbox.selfcheck.probe import LIMITS, Probe

_CPU_MS = 100
_IDLE_MS = 200
_OVERSHOOT_MS = 50.0
_BUSY = msgspec.structs.replace(LIMITS, cpu_ms=_CPU_MS)
_WAITING = msgspec.structs.replace(LIMITS, idle_ms=_IDLE_MS)
_TIME = frozenset({Verdict.TIME_LIMIT})

PROBES = (
    Probe(
        name="endless loop",
        means=f"programs are ended within {_OVERSHOOT_MS:.0f} ms of CPU time beyond their limit",
        limits=_BUSY,
        verdicts=_TIME,
        overshoot_ms=_OVERSHOOT_MS,
        source="""
import time
while time.process_time() < 5:
    pass
reached("5 s of CPU time")
""",
    ),
    Probe(
        name="endless loop that ignores signals",
        means="programs cannot put that off",
        limits=_BUSY,
        verdicts=_TIME,
        overshoot_ms=_OVERSHOOT_MS,
        source="""
import resource, signal, time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while time.process_time() < 5:
    pass
reached("5 s of CPU time")
""",
    ),
    Probe(
        name="endless sleep",
        means="a program that only waits is ended by the idle limit",
        limits=_WAITING,
        verdicts=frozenset({Verdict.IDLE_LIMIT}),
        source="""
import time
time.sleep(20)
reached("20 s of sleep")
""",
    ),
)
