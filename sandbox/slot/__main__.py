"""``python -m guerdon.sandbox.slot``: one slot, on standard input and output; started by the engine."""

import argparse
import logging
import os
import resource
import signal
import sys
from pathlib import Path

from guerdon.sandbox.jail import kernel
from guerdon.sandbox.slot import jail_plan
from guerdon.sandbox.slot.cgroups import group_name, open_group, sweep
from guerdon.sandbox.slot.mailbox import Mailbox
from guerdon.sandbox.slot.server import Slot
from guerdon.sandbox.slot.zygotes import ZygoteDied
from guerdon.sandbox.tier import Tier

_STACK_BYTES = 256 << 20
_CANNOT = 3
_log = logging.getLogger("guerdon.sandbox.slot")


def main() -> int:
    """Serve as a slot until standard input ends; exit status 3 when the tier cannot be had here."""
    options = _options()
    connection = _take_connection()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kernel.undumpable()
    kernel.adopt_orphans()
    _deep_stack()
    sweep()
    jail_plan.sweep_folders()
    reasons: list[str] = []
    for tier in jail_plan.strongest(options.tier):
        try:
            return _serve(tier, options, connection)
        except (ZygoteDied, OSError) as error:
            reasons.append(f"{tier}: {error}")
    _log.error("no tier can be had here: %s", "; ".join(reasons))
    return _CANNOT


def _serve(tier: Tier, options: argparse.Namespace, connection: tuple[int, int]) -> int:
    name = group_name(options.index, options.engine)
    ground = jail_plan.survey(tier, name)
    group, reason = open_group(name)
    slot = Slot(ground, group, Mailbox(*connection), options.recycle_runs, options.toolchains)
    facts = {
        "cgroups": f"{group.version}: {', '.join(sorted(group.controllers))}" if group else f"none: {reason}",
        "listener": "yes" if ground.listener else "no",
        "user": "root" if ground.privileged else "unprivileged",
        "python": jail_plan.interpreter(),
    }
    try:
        slot.serve(facts, options.warm.split(","))
    except EOFError:
        _log.debug("the engine hung up")
    finally:
        slot.close()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="guerdon.sandbox.slot")
    parser.add_argument(
        "--tier", default="auto", choices=["auto", *(tier.value for tier in Tier if tier is not Tier.CONTAINER)]
    )
    parser.add_argument("--index", type=int, default=0, help="number of the slot, for its cgroup's name")
    parser.add_argument(
        "--engine", type=int, default=os.getppid(), help="pid of the engine, for the cgroup's name"
    )
    parser.add_argument("--recycle-runs", type=int, default=2_000)
    parser.add_argument("--toolchains", type=Path, default=None, help="folder of prepared toolchains")
    parser.add_argument("--warm", default="python", help="runtimes to start at once, by comma")
    return parser.parse_args()


def _take_connection() -> tuple[int, int]:
    """Move the engine's connection away from where programs' descriptors go by mistake."""
    inbox, outbox = os.dup(0), os.dup(1)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    return inbox, outbox


def _deep_stack() -> None:
    """Leave room for deep recursion: a process's memory is laid out for the stack limit it starts with."""
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = _STACK_BYTES if hard == resource.RLIM_INFINITY else min(_STACK_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))


if __name__ == "__main__":
    sys.exit(main())
