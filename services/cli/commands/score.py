"""``guerdon score``: scores a JSONL file in this process or on a running service."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Annotated

from cyclopts import App, Parameter

from guerdon.services.cli.agreement import Agreement
from guerdon.services.cli.batches import score_rows
from guerdon.services.cli.calls import CallError
from guerdon.services.cli.errors import CliError, ExitCode
from guerdon.services.cli.groups import Compared, gather
from guerdon.services.cli.options import LabelOptions, RewardOptions, RowOptions, ShowOptions, WhereOptions
from guerdon.services.cli.progress import progress
from guerdon.services.cli.report import Report
from guerdon.services.cli.rows import BadRow, Row, read_rows
from guerdon.services.cli.source import Source, is_file, open_source

app = App(
    name="score",
    help_epilogue=(
        "Exit codes: 0 every item has its verdict; 1 some item has none, or a line is bad; "
        "2 the command, its settings or its input are wrong; 3 the service cannot be reached or refused the call."
    ),
)

_CALLER_FAULTS = frozenset({"invalid_request", "unknown_verifier", "unknown_profile"})


@app.default
def score(
    file: Annotated[str, Parameter(allow_leading_hyphen=True, show_default=False)],
    /,
    *,
    what: RewardOptions | None = None,
    where: WhereOptions | None = None,
    form: RowOptions | None = None,
    labels: LabelOptions | None = None,
    show: ShowOptions | None = None,
) -> int:
    """Score a JSONL file of completions.

    Args:
        file: JSONL file, plain or gzip, each line an item as in POST /score; - for standard input.
        what: Rewards to compute.
        where: This process or a service.
        form: Fields of rows in another form.
        labels: Known answers to compare with.
        show: Form of the output.
    """
    what, where, form = what or RewardOptions(), where or WhereOptions(), form or RowOptions()
    labels, show = labels or LabelOptions(), show or ShowOptions()
    if file.startswith("-") and file != "-":
        raise CliError(f"there is no option {file!r}; a file of that name is written ./{file}")
    if labels.disagreements and not labels.label_field:
        raise CliError("--disagreements needs labels: name their field with --label-field")
    request = {**what.request(), "timeout_ms": round(where.timeout * 1000)}
    output = show.output(labelled=bool(labels.label_field))
    agreement = Agreement(labels.label_threshold) if labels.label_field else None
    report = Report(output, agreement, labels.label_reward, only_disagreements=labels.disagreements)
    read = partial(
        read_rows, mapping=form.mapping(labels.label_field), needs_rewards=not (what.profile or what.reward)
    )
    with ExitStack() as stack:
        source = stack.enter_context(open_source(file))
        scorer = stack.enter_context(where.scorer())
        again = partial(_read_again, file, read) if is_file(file) else None
        rows = gather(read(source), Compared(scorer, request), again)
        # A bar on the terminal where rows are shown as they come would cut into them.
        clashes = (show.json or show.explain) and sys.stdout.isatty()
        advance = stack.enter_context(progress(source, "rows", shown=not clashes))
        try:
            for outcome in score_rows(scorer, request, rows, where.batch_size):
                report.add(outcome)
                advance(outcome.position_bytes)
        except CallError as error:
            code = ExitCode.USAGE if error.code in _CALLER_FAULTS else ExitCode.SERVICE
            before = f"; before that: {report.tally.summary()}" if report.tally.items else ""
            raise CliError(f"{error.message} ({error.code}){before}", code) from None
    report.finish()
    return report.tally.exit_code


def _read_again(file: str, read: Callable[[Source], Iterator[Row | BadRow]]) -> Iterator[Row | BadRow]:
    with open_source(file) as source:
        yield from read(source)
