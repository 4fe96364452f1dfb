"""Turns the faults of settings, registration and start-up into errors of the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel

from guerdon.services.cli.errors import CliError
from guerdon.services.cli.terminal import say
from guerdon.services.contract.registry import RegistrationError, load_verifiers, registered_names
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.settings import GATEWAY, SettingsError, check_unknown_sections, misspelt_variables
from guerdon.services.runtime.tracing import TracingError


@contextmanager
def user_faults() -> Iterator[None]:
    """Report what a user can mend as a message instead of a traceback."""
    try:
        yield
    except SettingsError as error:
        raise CliError("\n  ".join(["these settings cannot be used:", *error.problems])) from None
    except (RegistrationError, TracingError) as error:
        raise CliError(str(error)) from None


def check_settings(file: Path | None) -> None:
    """Refuse unknown sections of a settings file; warn of variables that nearly name a setting.

    Raises:
        SettingsError: the file cannot be read or has an unknown section.
    """
    if file is not None:
        check_unknown_sections(file, [GATEWAY, *registered_names()])
    for name, meant in misspelt_variables(settings_models()).items():
        say(f"warning: the environment variable {name} is not read; did you mean {meant}?")


def settings_models() -> dict[str, type[BaseModel]]:
    """The settings model of every section.

    Raises:
        RegistrationError: a registered verifier cannot be imported.
    """
    return {GATEWAY: GatewaySettings, **{name: kind.Settings for name, kind in load_verifiers().items()}}
