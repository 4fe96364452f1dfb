"""Follows a scoring run: passes rows on, names bad ones, compares labels, and sums up at the end."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from guerdon.services.cli.agreement import Agreement
from guerdon.services.cli.calls import Scored
from guerdon.services.cli.errors import CliError
from guerdon.services.cli.results import Output
from guerdon.services.cli.rows import BadRow
from guerdon.services.cli.tally import Tally
from guerdon.services.cli.terminal import console, say


class Report:
    """Everything that is said about a run.

    Args:
        output: where scored rows go.
        agreement: counts labels against verdicts, or None where there are no labels.
        label_reward: reward that labels are compared with; empty for the first.
        only_disagreements: pass on only rows that differ from their label.
    """

    def __init__(
        self, output: Output, agreement: Agreement | None, label_reward: str, *, only_disagreements: bool
    ) -> None:
        self.tally = Tally()
        self._output = output
        self._agreement = agreement
        self._label_reward = label_reward
        self._only_disagreements = only_disagreements

    def add(self, outcome: Scored | BadRow) -> None:
        """Take one row, in the order of the input."""
        if isinstance(outcome, BadRow):
            self.tally.bad_rows += 1
            say(f"{outcome.place}: not scored: {outcome.fault}")
            return
        self.tally.add(outcome.result)
        differs = self._agreement is not None and self._agreement.add(
            outcome.row.label, self._labelled_score(outcome.result)
        )
        if differs or not self._only_disagreements:
            self._output.add(outcome)

    def finish(self) -> None:
        """Show the table, if any, the agreement and the summary; the last two on standard error."""
        self._output.finish()
        if self._agreement is not None:
            _show_agreement(self._agreement)
        say(self.tally.summary())

    def _labelled_score(self, result: dict[str, Any]) -> float | None:
        for component in result["components"]:
            if component["name"] == self._label_reward or not self._label_reward:
                score: float | None = component["score"]
                return score
        names = ", ".join(component["name"] for component in result["components"]) or "none"
        raise CliError(
            f"--label-reward {self._label_reward!r}: not among the rewards of item {result['id']!r}: {names}"
        )


def _show_agreement(agreement: Agreement) -> None:
    import sys

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    for column in ("judged right", "judged wrong", "no verdict"):
        table.add_column(column, justify="right")
    for label, name in ((True, "labelled right"), (False, "labelled wrong")):
        table.add_row(name, *(f"{agreement.count(label, verdict):,}" for verdict in (True, False, None)))
    err = console(sys.stderr)
    err.print(table)
    share = "" if agreement.share is None else f" ({agreement.share:.4%})"
    err.print(f"verdicts agree with labels on {agreement.agreed:,} of {agreement.judged:,} judged rows{share}")
    if agreement.labelled > agreement.judged:
        err.print(f"{agreement.labelled - agreement.judged:,} labelled rows have no verdict and count as neither")
    if agreement.unlabelled:
        err.print(f"{agreement.unlabelled:,} rows have no label")
