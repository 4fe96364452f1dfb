"""``guerdon config``: every setting with its value and where it comes from."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Any

from cyclopts import App
from rich.table import Table

from guerdon.services.cli.errors import ExitCode
from guerdon.services.cli.faults import check_settings, settings_models, user_faults
from guerdon.services.cli.terminal import cell, console, shortened
from guerdon.services.runtime.settings import load_settings

app = App(name="config", help_epilogue="Exit codes: 0; 2 some setting cannot be used.")

_VALUE_CHARS = 60


@app.default
def config(*, settings: Path | None = None, json: bool = False) -> int:
    """Show every setting of the gateway and the verifiers; secrets are masked.

    Args:
        settings: TOML file with settings.
        json: Write one JSON object to standard output.
    """
    with user_faults():
        check_settings(settings)
        loaded = {
            section: load_settings(model, section, file=settings) for section, model in settings_models().items()
        }
    values = {section: entry.value.model_dump(mode="json") for section, entry in loaded.items()}
    if json:
        sections: dict[str, dict[str, Any]] = {
            section: {
                name: {"value": values[section][name], "origin": origin} for name, origin in entry.origins.items()
            }
            for section, entry in loaded.items()
        }
        print(json_module.dumps(sections, indent=2))
        return ExitCode.OK
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("section", "setting", "value", "origin"):
        table.add_column(column, no_wrap=column != "origin")
    for section, entry in loaded.items():
        for name, origin in entry.origins.items():
            value = json_module.dumps(values[section][name], ensure_ascii=False)
            style = "dim" if origin == "default" else ""
            cells = (section, name, shortened(value, _VALUE_CHARS), origin)
            table.add_row(*(cell(text, style) for text in cells))
    console().print(table)
    return ExitCode.OK
