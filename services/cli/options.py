"""The options of ``guerdon score``, in the groups its help shows."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Group, Parameter

from guerdon.services.cli.batches import MAX_BATCH
from guerdon.services.cli.calls import Scorer
from guerdon.services.cli.errors import CliError
from guerdon.services.cli.fields import FieldMapping
from guerdon.services.cli.results import ExplainedOutput, JsonOutput, Output, TableOutput
from guerdon.services.cli.rewards import parse_rewards

MAX_TIMEOUT_S = 86_400


@Parameter(name="*", group=Group("What to compute", sort_key=1))
@dataclass(frozen=True)
class RewardOptions:
    """The rewards of every item that names none itself."""

    profile: str = ""
    """Set of rewards configured in the service, such as r1_zero."""
    reward: tuple[str, ...] = ()
    """Reward, as name or name:weight; may be repeated."""
    param: tuple[str, ...] = ()
    """Parameter of a reward, such as math.require_box=true; may be repeated."""

    def request(self) -> dict[str, Any]:
        """The part of a request that says what to compute."""
        if self.profile and self.reward:
            raise CliError("--profile and --reward are both given: choose one")
        return {"profile": self.profile, "rewards": parse_rewards(self.reward, self.param)}


@Parameter(name="*", group=Group("Where to score", sort_key=2))
@dataclass(frozen=True)
class WhereOptions:
    """This process or a service."""

    url: str = ""
    """Service, as http://host:port or grpc://host:port; without it this process scores."""
    api_key: Annotated[str, Parameter(env_var="GUERDON_API_KEY", show_env_var=True, show_default=False)] = ""
    """API key of that service."""
    settings: Path | None = None
    """TOML file with the settings of this process."""
    batch_size: int = 256
    """Items of one call; a group that a reward compares is never cut."""
    timeout: float = 600.0
    """Seconds one call may take."""

    def scorer(self) -> AbstractContextManager[Scorer]:
        """Who answers."""
        if not 1 <= self.batch_size <= MAX_BATCH:
            raise CliError(f"--batch-size {self.batch_size}: has to lie between 1 and {MAX_BATCH}")
        if not 0 < self.timeout <= MAX_TIMEOUT_S:
            raise CliError(f"--timeout {self.timeout}: has to lie between 0 and {MAX_TIMEOUT_S} seconds")
        if self.url:
            from guerdon.services.cli.remote import connect

            return connect(self.url, self.api_key)
        # Only here: a client of a remote service need not have the service installed.
        from guerdon.services.cli.faults import check_settings, user_faults
        from guerdon.services.cli.local import LocalScorer

        with user_faults():
            check_settings(self.settings)
            return LocalScorer(self.settings)


@Parameter(name="*", group=Group("Rows of another form", sort_key=3))
@dataclass(frozen=True)
class RowOptions:
    """Fields of a data set that is not in the form of POST /score."""

    completion_field: tuple[str, ...] = ()
    """Field with a completion, as a dotted path such as 175b_verification.solution; may be repeated."""
    ground_truth_field: str = ""
    """Field with the ground truth."""
    prompt_field: str = ""
    """Field with the prompt."""
    id_field: str = ""
    """Field with the name of the row."""

    def mapping(self, labels: tuple[str, ...]) -> FieldMapping:
        """The mapping of rows to items."""
        return FieldMapping(
            completions=self.completion_field,
            labels=labels,
            ground_truth=self.ground_truth_field or None,
            prompt=self.prompt_field or None,
            id=self.id_field or None,
        )


@Parameter(name="*", group=Group("Labels", sort_key=4))
@dataclass(frozen=True)
class LabelOptions:
    """Known answers to compare verdicts with."""

    label_field: tuple[str, ...] = ()
    """Field that says whether the completion is right: true, false, 1 or 0; one for each --completion-field."""
    label_reward: str = ""
    """Reward that labels are compared with; the first one by default."""
    label_threshold: float = 0.5
    """Score from which a completion counts as right."""
    disagreements: bool = False
    """Show only the rows whose verdict is not what the label says."""


@Parameter(name="*", group=Group("What to show", sort_key=5))
@dataclass(frozen=True)
class ShowOptions:
    """Form of the output."""

    json: bool = False
    """Write one JSON result per line to standard output, and nothing else there."""
    explain: bool = False
    """Show the explanation of every verdict."""
    limit: int = 20
    """Rows shown in the table."""

    def output(self, *, labelled: bool) -> Output:
        """Where scored rows go."""
        if self.json:
            return JsonOutput()
        return ExplainedOutput(self.limit) if self.explain else TableOutput(self.limit, labelled=labelled)
