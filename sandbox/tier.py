"""The strengths of isolation, in order."""

from enum import StrEnum


class Tier(StrEnum):
    """How strongly a run is isolated; the engine states it in every result."""

    FULL = "full"
    """Namespaces, pivoted read-only root without /proc, seccomp, rlimits, cgroups where they can be written."""
    CONTAINER = "container"
    """A warm Docker container without network or capabilities, inside it ``restricted`` or seccomp and rlimits."""
    RESTRICTED = "restricted"
    """Landlock, seccomp and rlimits, for places that allow no namespaces."""
    NONE = "none"
    """Rlimits only. Never chosen: it must be named."""


STRENGTH = {Tier.NONE: 0, Tier.RESTRICTED: 1, Tier.CONTAINER: 2, Tier.FULL: 3}
