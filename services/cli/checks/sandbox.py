"""What this host offers the code sandbox: kernel, namespaces, Landlock, seccomp, control groups."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from guerdon.services.cli.checks.check import Check
from guerdon.services.cli.checks.machine import check_namespaces

OLDEST_KERNEL = (5, 13)
"""Landlock, mount_setattr and notifications that survive signals are all there by then."""
LEAST_LANDLOCK = 6
"""The first that keeps signals and abstract sockets inside."""
MACHINES = ("aarch64", "x86_64")
SYSCTLS = {
    "user/max_user_namespaces": ("0", "15000"),
    "kernel/unprivileged_userns_clone": ("0", "1"),
    "kernel/apparmor_restrict_unprivileged_userns": ("1", "0"),
}
"""Settings that forbid user namespaces: the value that does, and one that does not."""
PROC = Path("/proc")
_WANTED = ("cpu", "memory", "pids")


def check_host() -> Iterator[Check]:
    """All that the tiers are made of, in the order in which they build on each other."""
    yield check_kernel()
    yield check_user_namespaces()
    yield check_namespaces()
    yield check_landlock()
    yield check_listener()
    yield check_controllers()


def check_kernel() -> Check:
    """Whether the kernel is one the sandbox knows."""
    here = os.uname()
    detail = f"Linux {here.release} on {here.machine}"
    if here.machine not in MACHINES:
        return Check("kernel", "fail", detail, f"run on {' or '.join(MACHINES)}")
    found = tuple(int(part) for part in re.findall(r"\d+", here.release)[:2])
    if found < OLDEST_KERNEL:
        return Check("kernel", "warn", detail, "run Linux 5.13 or newer")
    return Check("kernel", "ok", detail)


def check_user_namespaces() -> Check:
    """Which settings forbid user namespaces, which the tier full needs where it is not root."""
    found, forbidding = [], []
    for path, (forbids, allows) in SYSCTLS.items():
        value = _read(PROC / "sys" / path)
        if value is None:
            continue
        name = path.replace("/", ".")
        found.append(f"{name} = {value}")
        if value == forbids:
            forbidding.append(f"sysctl -w {name}={allows}")
    detail = ", ".join(found) or "no setting of this kernel forbids them"
    if not forbidding:
        return Check("user namespaces", "ok", detail)
    return Check("user namespaces", "warn", f"{detail}: only root can make them", " && ".join(forbidding))


def check_landlock() -> Check:
    """Whether the tier restricted can be had, and how much it holds."""
    from guerdon.sandbox.jail import landlock

    abi = landlock.abi()
    if not abi:
        fix = "boot with landlock among lsm=…, or allow its three calls in the container's seccomp profile"
        return Check("Landlock", "warn", "not there; the tier restricted needs it", fix)
    if abi < LEAST_LANDLOCK:
        return Check(
            "Landlock", "warn", f"ABI {abi}; signals and abstract sockets are left to seccomp", "run Linux 6.12"
        )
    return Check("Landlock", "ok", f"ABI {abi}")


def check_listener() -> Check:
    """Whether the kernel tells a slot what a filter refused."""
    from guerdon.sandbox.jail import seccomp

    if seccomp.listener_supported():
        return Check("seccomp", "ok", "filters can notify: verdicts name what was refused")
    detail = "filters cannot notify: a refused call ends the program without its name"
    return Check("seccomp", "warn", detail, "run Linux 5.5 or newer, not below another listener")


def check_controllers() -> Check:
    """Which control groups are mounted, with which controllers."""
    from guerdon.sandbox.slot.cgroups.find import CONTROLLERS, hierarchies

    found, reasons = hierarchies()
    versions = sorted({tree.version for tree in found})
    held = {CONTROLLERS.get(name, name) for tree in found for name in tree.controllers}
    for tree in found:
        held |= set((_read(tree.mount / "cgroup.controllers") or "").split()) & set(_WANTED)
    missing = sorted(name for name in _WANTED if name not in held)
    detail = f"{' and '.join(versions) or 'none are mounted'}: {', '.join(sorted(held)) or 'no controllers'}"
    if not missing:
        return Check("control groups", "ok", detail)
    fix = f"mount or delegate the controllers {', '.join(missing)}; without them limits are by process alone"
    return Check("control groups", "warn", "; ".join((detail, *filter(None, reasons))), fix)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return None
