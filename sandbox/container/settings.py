"""What a sandbox container is made of."""

from importlib.metadata import version
from typing import Annotated

from msgspec import Meta, Struct

from guerdon.sandbox.program import MEBIBYTE, Natural, Positive
from guerdon.sandbox.tier import Tier


class ContainerSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One container a slot, all alike: no network, no capabilities, a read-only root, nobody's user."""

    image: str = f"guerdon-sandbox:{version('guerdon')}"
    """Built from ``deploy/docker/Dockerfile`` with ``--target sandbox``; it must hold this very version."""
    command: tuple[str, ...] = ("python", "-m", "guerdon.sandbox.slot")
    """A slot's program in the image, before ``--tier``."""
    arguments: tuple[str, ...] = ()
    """What follows ``--tier``."""
    inner_tier: Tier = Tier.RESTRICTED
    """What the slot does inside: ``restricted`` works everywhere, ``full`` needs ``seccomp_profile``."""
    seccomp_profile: str = ""
    """The profile's JSON text; empty is the Docker engine's default profile."""
    apparmor_profile: str = ""
    """Name of a loaded profile; empty is the engine's default, which allows no mounts and so no ``full``."""
    runtime: str = ""
    """OCI runtime, ``runsc`` for gVisor; empty is the engine's default."""
    user: str = "65534:65534"
    memory_bytes: Positive = 3_072 * MEBIBYTE
    """All processes of the container and its ``/tmp``; no swap beyond it."""
    pids: Positive = 512
    tmp_bytes: Positive = 512 * MEBIBYTE
    spares: Natural = 1
    """Containers kept started beyond those in use."""
    recycle_jobs: Positive = 1_000
    """Jobs after which a slot's container is replaced by a fresh one."""
    docker_timeout_s: Annotated[float, Meta(gt=0.0)] = 30.0
    """Seconds the Docker engine may take for one request."""
