"""What a pool tells about itself."""

from __future__ import annotations

import msgspec


class PoolStats(msgspec.Struct, frozen=True, kw_only=True):
    """What a pool is doing and has done."""

    busy: int
    """Workers at work."""
    idle: int
    """Warm workers that could start work now."""
    spares: int
    """Warm workers beyond the pool's size, waiting to replace others."""
    queued: int
    """Jobs waiting."""
    killed: int
    """Workers killed at a limit, at a deadline, or because the caller went away."""
    recycled: int
    """Workers replaced because of their age or growth."""
    lost: int
    """Workers that died on their own."""
    zygotes_lost: int
    """Zygotes that died on their own."""
    cpu_seconds: float
    """CPU time used by all workers, dead and alive."""
    pids: tuple[int, ...]
    """Processes of the workers."""
    zygote_pid: int
    """Process of the zygote; 0 where there is none."""
