"""What the engine is doing and has done."""

from msgspec import Struct

from guerdon.sandbox.result import CaseResult

_MOST_NAMES = 512
OTHERS = "other"


class SlotHealth(Struct, frozen=True, kw_only=True):
    """One slot."""

    index: int
    state: str
    """``idle``, ``busy``, ``starting`` or ``down``."""
    pid: int
    runs: int
    restarts: int


class CacheHealth(Struct, frozen=True, kw_only=True):
    """The compile cache."""

    entries: int
    bytes: int
    hits: int
    misses: int


class EngineHealth(Struct, frozen=True, kw_only=True):
    """The engine."""

    tier: str
    facts: dict[str, str]
    """What of the tier holds on this host, as its slots found."""
    slots: tuple[SlotHealth, ...]
    open_cases: int
    open_bytes: int
    cases_per_s: float
    """Measured lately; 0 before anything was."""
    speed_factor: float
    languages: tuple[str, ...]
    """Those whose toolchain is here, which the tier can contain, and whose self-test has not failed."""
    runs: dict[str, dict[str, int]]
    """Cases by language and verdict."""
    filters: dict[str, int]
    """How many programs' cases each filter ended."""
    denied: dict[str, int]
    """How often each filter refused something, fatal or not."""
    reruns: int
    cache: CacheHealth

    @property
    def ready(self) -> bool:
        """Whether a slot can take work."""
        return any(slot.state in ("idle", "busy") for slot in self.slots)


class Tally:
    """Counters that do not grow with what is counted: names beyond a bound are counted together."""

    def __init__(self) -> None:
        self.runs: dict[str, dict[str, int]] = {}
        self.filters: dict[str, int] = {}
        self.denied: dict[str, int] = {}
        self.reruns = 0

    def count(self, language: str, result: CaseResult) -> None:
        """Count one case."""
        verdicts = self.runs.get(language)
        if verdicts is None:
            verdicts = self.runs[language] = {}
        verdicts[result.verdict] = verdicts.get(result.verdict, 0) + 1
        self.reruns += result.reran
        if result.filter:
            _add(self.filters, result.filter, 1)
        for name, times in result.denied.items():
            _add(self.denied, name, times)


def _add(counters: dict[str, int], name: str, times: int) -> None:
    if name not in counters and len(counters) >= _MOST_NAMES:
        name = OTHERS
    counters[name] = counters.get(name, 0) + times
