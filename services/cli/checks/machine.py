"""What the operating system offers: ports, processes, namespaces, memory."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
from pathlib import Path

from guerdon.services.cli.checks.check import Check

LITTLE_MEMORY_BYTES = 1 << 30
CGROUPS = Path("/sys/fs/cgroup")

_UNSHARE = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "true"]
_PROBE_SECONDS = 10


def check_port(name: str, host: str, port: int, option: str) -> Check:
    """Whether the service could listen on a port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as cause:
        fix = f"stop what listens there, or choose another port: guerdon up {option} 0"
        state = "a service answers there" if cause.errno == errno.EADDRINUSE else str(cause.strerror)
        return Check(name, "warn", f"{host}:{port} is taken: {state}", fix)
    return Check(name, "ok", f"{host}:{port} is free")


def check_processes() -> Check:
    """Whether workers can be forked and watched without races."""
    if not (hasattr(os, "fork") and hasattr(os, "pidfd_open")):
        return Check("processes", "fail", "this system has no fork or no pidfd_open", "run on Linux 5.3 or newer")
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError as cause:
        fix = "run on Linux 5.3 or newer, or allow pidfd_open in the container's seccomp profile"
        return Check("processes", "fail", f"pidfd_open: {cause.strerror}", fix)
    return Check("processes", "ok", "fork and pidfd_open work")


def check_namespaces() -> Check:
    """Whether an unprivileged user can make user, mount and pid namespaces, as the code sandbox does."""
    if shutil.which("unshare") is None:
        return Check("namespaces", "warn", "cannot be tried without the program unshare", "apt install util-linux")
    try:
        probe = subprocess.run(_UNSHARE, capture_output=True, text=True, timeout=_PROBE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Check("namespaces", "warn", f"unshare did not end within {_PROBE_SECONDS} s", _namespace_fix())
    if probe.returncode == 0:
        return Check("namespaces", "ok", "user, mount and pid namespaces can be made")
    reason = probe.stderr.strip().splitlines()[-1] if probe.stderr.strip() else f"exit code {probe.returncode}"
    return Check("namespaces", "warn", f"{reason}; only programs that run code need them", _namespace_fix())


def check_cgroups() -> Check:
    """Which cgroup version limits processes here."""
    if (CGROUPS / "cgroup.controllers").exists():
        controllers = (CGROUPS / "cgroup.controllers").read_text(encoding="ascii").split()
        return Check("cgroups", "ok", f"version 2 ({', '.join(controllers) or 'no controllers'})")
    if CGROUPS.is_dir() and any(CGROUPS.iterdir()):
        fix = "boot with systemd.unified_cgroup_hierarchy=1"
        return Check("cgroups", "warn", "version 1; version 2 limits whole process trees", fix)
    return Check("cgroups", "warn", "none are mounted", "mount -t cgroup2 none /sys/fs/cgroup")


def check_memory() -> Check:
    """Whether there is room for the workers."""
    available = _available_bytes()
    if available is None:
        return Check("memory", "warn", "cannot be read from /proc/meminfo", "mount -t proc proc /proc")
    limit = _cgroup_limit_bytes()
    room = available if limit is None else min(available, limit)
    detail = f"{room / (1 << 30):.1f} GiB available" + ("" if limit is None else ", limited by a cgroup")
    if room < LITTLE_MEMORY_BYTES:
        return Check("memory", "warn", detail, "free memory, raise the limit, or set GUERDON_MATH_WORKERS=1")
    return Check("memory", "ok", detail)


def check_cpus() -> Check:
    """How many CPUs this process may use."""
    return Check("cpus", "ok", f"{len(os.sched_getaffinity(0))} usable of {os.cpu_count()}")


def _namespace_fix() -> str:
    if Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").exists():
        return "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    if Path("/proc/sys/kernel/unprivileged_userns_clone").exists():
        return "sysctl -w kernel.unprivileged_userns_clone=1"
    return "sysctl -w user.max_user_namespaces=15000; in a container also allow unshare in its seccomp profile"


def _available_bytes() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def _cgroup_limit_bytes() -> int | None:
    """What a container of this process may still use, or None without a limit."""
    try:
        limit = (CGROUPS / "memory.max").read_text(encoding="ascii").strip()
        used = int((CGROUPS / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if limit == "max" else max(0, int(limit) - used)
