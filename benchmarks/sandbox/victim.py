"""An engine under load that others kill or starve of disk; see faults.py.

It says when it is ready, as one line of JSON, and with ``--seconds`` what came of the load, as another.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from load import load

from guerdon.sandbox import Case, Engine, Program, SandboxError, SandboxSettings

_CPP = Program(language="cpp", source='#include <cstdio>\nint main() { std::puts("2"); }')


async def live(words: argparse.Namespace) -> None:
    """Start, report, and work until killed or done."""
    try:
        async with Engine(SandboxSettings(slots=words.slots, tier=words.tier)) as engine:
            slots = engine.health().slots
            _say({"slots": [slot.pid for slot in slots]})
            async with load(engine, 2 * len(slots)) as outcome:
                if words.seconds and "cpp" in engine.health().languages:
                    compiled = (await engine.run(_CPP, [Case()])).cases[0]
                    outcome.take(compiled.verdict, f"c++: {compiled.detail}", right=compiled.stdout == b"2\n")
                await asyncio.sleep(words.seconds or 3600)
            _say(
                {
                    "right": outcome.right,
                    "not_judged": outcome.not_judged,
                    "wrong": outcome.wrong,
                    "details": outcome.most(),
                }
            )
    except SandboxError as error:
        _say({"error": f"{type(error).__name__}: {error}"})


def _say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Be the victim."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slots", type=int, default=0)
    parser.add_argument("--tier", default="full")
    parser.add_argument("--seconds", type=float, default=0.0)
    asyncio.run(live(parser.parse_args()))


if __name__ == "__main__":
    main()
