"""Accuracy card of the language verifier, beside the usual detectors in the same run.

    python benchmarks/language/card.py [--json] [--out FILE.md] [--plot FILE.png] [--limit N] [--seed N]

Every way to score gets the same thoughts: the labelled cases of tests/language/cases, 420 mixes of real MGSM
problems in 11 languages, and English that has to score 0.9 or more: the solutions of MATH-500, 400 model
outputs to GSM8K, and drafts of HumanEval's solutions amid English thoughts. The corpora lie under
GUERDON_CORPORA (default ../shared/data beside the repository). The rate is texts and characters per second of
CPU time, all ways in turns. A rival that is not installed is named with what installs it. All of it takes about
a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from corpora import CorpusMissing, Text, texts
from judging import judge
from measures import COLUMNS, by_category, figures, rates
from page import render
from picture import draw
from rich.console import Console
from rich.progress import Progress
from rivals import RIVALS

from guerdon.services.bench.machine import load_average
from guerdon.services.language.detector import ModelError

Json = dict[str, Any]


def count(text: str) -> int:
    """A whole number above 0."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def writable(text: str) -> Path:
    """A file in a folder that exists."""
    path = Path(text)
    if not path.resolve().parent.is_dir():
        raise argparse.ArgumentTypeError(f"the folder {path.parent} does not exist")
    return path


def drawable(text: str) -> Path:
    """A picture that can be drawn."""
    if find_spec("matplotlib") is None:
        raise argparse.ArgumentTypeError("pictures need the package 'matplotlib', which the extra 'bench' brings")
    if Path(text).suffix.lower() not in (".png", ".svg"):
        raise argparse.ArgumentTypeError("pictures are drawn as .png or .svg")
    return writable(text)


def options() -> argparse.Namespace:
    """The command line."""
    first, _, rest = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        description=first, epilog=rest.strip(), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON in place of the card")
    parser.add_argument("--out", type=writable, metavar="FILE.md", help="write the card to a file as well")
    parser.add_argument("--plot", type=drawable, metavar="FILE.png", help="draw the figures (needs matplotlib)")
    parser.add_argument("--limit", type=count, metavar="N", help="take at most so many texts of each corpus")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the mixes and draws (default 1)")
    return parser.parse_args()


def measure_all(given: Sequence[Text], seed: int) -> Json:
    """Run everything that is installed over the texts."""
    before = load_average()
    languages = sorted({text.target for text in given})
    # No thread of its own: its CPU time would be booked on what is being clocked.
    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        steps = bar.add_task("scoring", total=2 * len(given))

        def advance(done: int) -> None:
            bar.advance(steps, done)
            bar.refresh()

        ways = [way for rival in RIVALS if rival.installed for way in rival.ways(languages)]
        judged = judge(ways, given, advance)
    return {
        "circumstances": {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "cores": len(os.sched_getaffinity(0)),
            "load_before": before,
            "load_after": load_average(),
            "seed": seed,
        },
        "texts": Counter(text.corpus for text in given),
        "characters": sum(len(text.thoughts) for text in given),
        "languages": languages,
        "columns": {column.key: sum(map(column.of, given)) for column in COLUMNS},
        "rivals": [
            {
                "name": rival.name,
                "version": rival.installed or None,
                "install": f"pip install {rival.distribution}",
            }
            for rival in RIVALS
        ],
        "rows": [
            {
                "way": one.way.name,
                "ours": one.way.ours,
                "figures": figures(one, given),
                "texts_per_s_by_corpus": rates(one, given),
                "cases_by_category": by_category(one, given),
            }
            for one in judged
        ],
    }


def main() -> None:
    """Measure, print, and write what was asked for."""
    words = options()
    try:
        given = texts(words.seed, words.limit)
        card = measure_all(given, words.seed)
    except (CorpusMissing, ModelError) as cause:
        sys.exit(str(cause))
    page = render(card)
    if words.out:
        words.out.write_text(page, encoding="utf-8")
    if words.plot:
        draw(card, words.plot)
    sys.stdout.write(json.dumps(card, indent=1) + "\n" if words.json else page)


if __name__ == "__main__":
    main()
