"""The targets and scenarios by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from guerdon.services.bench.errors import BenchError
from guerdon.services.bench.measure import FUNCTION
from guerdon.services.bench.results import ScenarioResult
from guerdon.services.bench.scenarios import hang, isolation, overload, scaling
from guerdon.services.bench.scenarios.context import Context
from guerdon.services.bench.targets import BareTarget, InProcessTarget, Target
from guerdon.services.cluster.flags import Ingress

Scenario = Callable[[Target, Context], ScenarioResult]


class TargetOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a target has to run."""

    registered: Sequence[str] = ()
    """Registered verifiers beside the stubs, for steps."""
    stubs: Sequence[str] | None = None
    """Stubs that will be asked; None for all. Each of them may cost a target CPU time while it waits."""
    bounded: bool = False
    """Whether calls are to be refused beyond a queue of about a second, for the scenario ``overload``."""


BOUND_ITEMS = 512
"""Items in flight of a bounded target: about a second of what ``overload`` asks."""

FACTORIES: dict[str, Callable[[TargetOptions], Target]] = {
    "bare": lambda _: BareTarget(),
    "inprocess": lambda options: InProcessTarget(options.registered, BOUND_ITEMS if options.bounded else None),
    "ray": lambda options: _ray(options, "haproxy"),
    "ray-proxy": lambda options: _ray(options, "proxy"),
}
"""Makes each target a bench can start; a new one is a line here."""

SCENARIOS: dict[str, Scenario] = {module.NAME: module.run for module in (overload, scaling, isolation, hang)}
"""The scenarios."""


def _ray(options: TargetOptions, ingress: Ingress) -> Target:
    # Only here: a bench without Ray needs none of it installed.
    from guerdon.services.bench.ray_target import RayTarget

    return RayTarget(options.registered, options.stubs, BOUND_ITEMS if options.bounded else None, ingress)


def make_targets(names: Sequence[str], options: TargetOptions) -> list[Target]:
    """The named targets, not started; ``function`` is none of them, as nothing has to be started for it.

    Raises:
        BenchError: there is no such target.
    """
    if unknown := [name for name in names if name not in {*FACTORIES, FUNCTION}]:
        raise BenchError(f"there is no target {unknown[0]!r}; targets are: {', '.join((FUNCTION, *FACTORIES))}")
    return [FACTORIES[name](options) for name in dict.fromkeys(names) if name != FUNCTION]


def scenarios_named(names: Sequence[str]) -> list[str]:
    """The named scenarios; ``all`` stands for every one.

    Raises:
        BenchError: there is no such scenario.
    """
    if "all" in names:
        return list(SCENARIOS)
    if unknown := [name for name in names if name not in SCENARIOS]:
        raise BenchError(f"there is no scenario {unknown[0]!r}; scenarios are: {', '.join(SCENARIOS)}, all")
    return list(dict.fromkeys(names))
