"""``guerdon verifiers``: the rewards that can be asked for."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.table import Table

from guerdon.services.cli.description import describe
from guerdon.services.cli.errors import ExitCode
from guerdon.services.cli.results import number
from guerdon.services.cli.terminal import cell, console, visible

app = App(
    name="verifiers",
    help_epilogue="Exit codes: 0; 2 a setting or a verifier cannot be used; 3 the service cannot be reached.",
)


@app.default
def verifiers(
    *,
    url: str = "",
    api_key: Annotated[str, Parameter(env_var="GUERDON_API_KEY", show_env_var=True, show_default=False)] = "",
    settings: Path | None = None,
    json: bool = False,
) -> int:
    """List every reward with its verifier's version, its range and its parameters.

    Args:
        url: Service to ask, as http://host:port or grpc://host:port; without it what is installed here.
        api_key: API key of that service.
        settings: TOML file with the settings that enter the versions here.
        json: Write one JSON object to standard output.
    """
    description = describe(url, api_key, settings)
    if json:
        print(json_module.dumps(description, indent=2))
        return ExitCode.OK
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = ["reward", "verifier", "version", "range", *(["state"] if url else []), "parameters", "description"]
    for column in columns:
        table.add_column(column, no_wrap=column not in {"parameters", "description"}, overflow="fold")
    for reward in description["verifiers"]:
        state = [str(reward["state"])] if url else []
        cells = [reward["name"], reward["verifier"], reward["version"], _range(reward), *state]
        cells += [_parameters(reward["params_schema"]), reward["description"]]
        table.add_row(*(cell(visible(text)) for text in cells))
    out = console()
    out.print(table)
    profiles = ", ".join(visible(profile["name"]) for profile in description["profiles"])
    out.print(f"\nprofiles: {profiles}\ndigest: {visible(description['digest'])}")
    return ExitCode.OK


def _range(reward: dict[str, Any]) -> str:
    group = ", by group" if reward["group_wise"] else ""
    return f"{number(reward['min_score'])} to {number(reward['max_score'])}{group}"


def _parameters(schema: dict[str, Any]) -> str:
    """Names and defaults, such as ``require_box=false``; a required one has no default."""
    properties: dict[str, Any] = schema.get("properties", {})
    shown = (
        f"{name}={json_module.dumps(field['default'])}" if "default" in field else name
        for name, field in sorted(properties.items())
    )
    return ", ".join(shown)
