"""The report and the chart."""

import io
import subprocess
import sys

import msgspec
import pytest
from rich.console import Console

from guerdon.services.bench.chart import check_chart, draw_chart
from guerdon.services.bench.errors import BenchError
from guerdon.services.bench.machine import describe_machine
from guerdon.services.bench.matrix import choose_cells
from guerdon.services.bench.report import number, render
from guerdon.services.bench.results import (
    CellResult,
    Figure,
    Problems,
    Results,
    ScenarioResult,
    StepResult,
)

(CELL,) = choose_cells(only=["http/64x1kB/4v/c1"])


def cell_result(target: str, problems: Problems, cpu_ms: float | None = 2.0) -> CellResult:
    """A result with round figures."""
    return CellResult(
        cell=CELL,
        target=target,
        windows=3,
        calls=100,
        requests_per_s=1234.0,
        items_per_s=78_976.0,
        p50_ms=1.0,
        p95_ms=2.0,
        p99_ms=None,
        cpu_ms=cpu_ms,
        problems=problems,
    )


BROKEN = Problems(
    refused_calls=2,
    expired_calls=3,
    failed_calls={"HTTP 500: \x1b[2Joops": 1, "b": 1, "c": 1, "d": 1},
    missing_verdicts=7,
    statuses={"timeout": 4},
)
STEP = StepResult(
    target="ray",
    transport="grpc",
    steps=3,
    completions=512,
    last_p50_ms=3.0,
    last_p99_ms=4.0,
    verdict_p50_ms=None,
    verdict_p99_ms=None,
    cached_share=0.0,
    core_s_per_1000=1.5,
    problems=Problems(),
)
RESULTS = Results(
    machine=msgspec.structs.replace(describe_machine(), load_after=(9.0, 8.0, 7.0)),
    cells=[
        cell_result("bare", Problems()),
        cell_result("inprocess", BROKEN),
        cell_result("url", Problems(), None),
    ],
    steps=[STEP],
    scenarios=[
        ScenarioResult(
            scenario="hang",
            target="ray",
            figures=[
                Figure(name="answer", value=5.0, unit="ms", wanted="≤ 4", holds=False),
                Figure(name="share", value=1.0, unit="share", wanted="≥ 0.9", holds=True),
            ],
        ),
        ScenarioResult(scenario="scaling", target="url", skipped="it cannot"),
    ],
)


@pytest.fixture
def shown() -> str:
    """The report as text."""
    out = io.StringIO()
    console = Console(file=out, width=200, color_system="standard", force_terminal=True)
    for part in render(RESULTS):
        console.print(part)
    return out.getvalue()


def test_the_header_says_where(shown):
    """Cores and the load average before and after."""
    assert f"{RESULTS.machine.cores} cores" in shown
    assert "-> 9.00 8.00 7.00" in shown
    assert "httptools" in shown


def test_what_is_missing_is_red(shown):
    """In words, with what the server said made harmless, and not without end."""
    red = [line for line in shown.splitlines() if "\x1b[1;31m" in line]
    for words in (
        f"{CELL.name} on inprocess:",
        "7 verdicts missing (4 timeout)",
        "2 calls refused",
        "the time of 3 calls ran out",
        "1 calls failed: HTTP 500:  [2Joops",
        "and 1 further kinds of failure",
    ):
        assert any(words in line for line in red)
    assert "\x1b[2J" not in shown


def test_a_cache_that_did_not_answer_is_told():
    """Where every verdict should have come from it."""
    (cell,) = choose_cells(only=["http/64x1kB/0v/c1"])
    plain = cell_result("ray", Problems())
    cells = [msgspec.structs.replace(plain, cell=cell, cached_share=share) for share in (0.834, 1.0)]
    parts = [str(part) for part in render(Results(machine=RESULTS.machine, cells=cells))]
    told = [part for part in parts if "from the cache" in part]
    assert told == [f"{cell.name} on ray: only 83% of the verdicts came from the cache"]


def test_figures_that_do_not_hold_are_red(shown):
    """And those that hold are not."""
    assert "\x1b[1;31mdoes not hold" in shown
    assert "\x1b[32mholds" in shown
    assert "skipped, it cannot" in shown


def test_a_narrow_terminal_gets_fewer_columns():
    """Nothing is cut off at 80 columns."""
    out = io.StringIO()
    cells = [
        msgspec.structs.replace(cell_result("inprocess", Problems()), cell=cell)
        for cell in choose_cells(only=["grpc/1024x4kB/4v/c32"])
    ]
    for part in render(Results(machine=RESULTS.machine, cells=cells), 80):
        Console(file=out, width=80).print(part)
    assert "grpc/1024x4kB/4v/c32" in out.getvalue()
    assert "p95" not in out.getvalue()
    assert "…" not in out.getvalue()


def test_problems_are_summed():
    """Over all parts of a run."""
    assert RESULTS.problems == BROKEN.count == 2 + 3 + 4 + 7


def test_json_round_trip():
    """What is written can be read."""
    assert msgspec.json.decode(msgspec.json.encode(RESULTS), type=Results) == RESULTS


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0.0, "0.00"), (1.234, "1.23"), (12.34, "12.3"), (123.4, "123"), (12345.6, "12,346")],
)
def test_numbers(value, text):
    """About three digits."""
    assert number(value).plain == text


@pytest.mark.parametrize(
    ("name", "message"), [("a.pdf", ".svg or .png"), ("no/such/a.svg", "folder .* does not exist")]
)
def test_charts_that_cannot_be_drawn(tmp_path, name, message):
    """Are refused before anything is measured."""
    with pytest.raises(BenchError, match=message):
        check_chart(tmp_path / name)


def test_a_chart_without_matplotlib(tmp_path):
    """The package is named."""
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from guerdon.services.cli.main import main\n"
        f"sys.exit(main(['bench', '--chart', {str(tmp_path / 'a.svg')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.strip().endswith("charts need the package 'matplotlib': pip install matplotlib")


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_a_chart(tmp_path, suffix):
    """Every target has its bars."""
    pytest.importorskip("matplotlib")
    file = tmp_path / f"chart.{suffix}"
    check_chart(file)
    draw_chart(RESULTS, file)
    assert file.stat().st_size > 1000


def test_a_chart_of_nothing(tmp_path):
    """Without cells there is none."""
    with pytest.raises(BenchError, match="nothing to draw"):
        draw_chart(Results(machine=RESULTS.machine), tmp_path / "a.svg")
