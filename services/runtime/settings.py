"""Settings: one frozen model per section, each value with the place it comes from.

The first of these that names a field decides: the command line, the environment, the TOML file, the default.
The gateway's settings are the TOML table ``[gateway]`` and the variables ``GUERDON_<FIELD>``; a verifier's are
``[<name>]`` and ``GUERDON_<NAME>_<FIELD>``. A variable holds text as pydantic reads it, or JSON where the field
is a list, a mapping or a model; an empty variable counts as not set, because container tools pass those on.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar, cast, get_args

from pydantic import BaseModel, Secret, SecretBytes, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, EnvSettingsSource

GATEWAY = "gateway"
"""Section whose variables carry no section name."""
COMMAND_LINE = "command line"
DEFAULT = "default"
PREFIX = "GUERDON_"

READ_ELSEWHERE = frozenset(
    {"GUERDON_API_KEY", "GUERDON_CORPORA", "GUERDON_CPUS", "GUERDON_PUBLIC_PORTS", "GUERDON_RUN"}
)
"""Variables that are no settings: the client's key, the place of test data, and what processes tell each other."""

_SHOWN_CHARS = 80

M = TypeVar("M", bound=BaseModel)


class SettingsError(Exception):
    """Settings that cannot be used; the message has one line per fault, and no secret in it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)


@dataclass(frozen=True)
class Loaded(Generic[M]):
    """The settings of one section and where each came from."""

    value: M
    """The settings."""
    origins: dict[str, str]
    """Of every field: ``default``, ``environment GUERDON_…``, ``file settings.toml [math]``, ``command line``."""


class _Given(NamedTuple):
    value: Any
    origin: str


def load_settings(
    model: type[M],
    section: str,
    *,
    file: Path | None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Loaded[M]:
    """Read the settings of one section.

    Args:
        model: what to read; refuses unknown fields (``extra="forbid"``).
        section: ``gateway`` or the name of a verifier.
        file: a TOML file, or None.
        overrides: fields set on the command line.
        environ: environment variables; those of this process by default.

    Raises:
        SettingsError: the file cannot be read, a key is unknown, or a value does not fit; all faults at once.
    """
    given = {
        **_from_file(section, file),
        **_from_environment(model, section, os.environ if environ is None else environ),
        **{name: _Given(value, COMMAND_LINE) for name, value in (overrides or {}).items()},
    }
    try:
        value = model.model_validate({name: entry.value for name, entry in given.items()})
    except ValidationError as cause:
        # Not chained: pydantic's own message prints the input, secrets included.
        problems = [_problem(model, section, given, error) for error in cause.errors()]
        raise SettingsError(problems) from None
    origins = {name: given[name].origin if name in given else DEFAULT for name in model.model_fields}
    return Loaded(value=value, origins=origins)


def check_unknown_sections(file: Path, known: Iterable[str]) -> None:
    """Refuse tables and stray keys of a settings file that nothing would read.

    Raises:
        SettingsError: the file cannot be read, or has a top-level key that is not in ``known``.
    """
    sections = sorted(known)
    problems = []
    for name, content in _read(file).items():
        if name in sections:
            continue
        if isinstance(content, dict):
            near = _did_you_mean(name, sections, "[{}]")
            problems.append(f"{file}: [{name}] is not a section{near}")
        else:
            problems.append(f"{file}: {name!r} stands outside any section; put it under [gateway] or another")
    if problems:
        known_tables = ", ".join(f"[{section}]" for section in sections)
        raise SettingsError([*problems, f"sections are: {known_tables}"])


def misspelt_variables(
    models: Mapping[str, type[BaseModel]], environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Environment variables that nothing reads but that look like one that is read.

    They are no error, because orchestrators set variables of their own under any service's prefix.

    Args:
        models: the model of each section.
        environ: environment variables; those of this process by default.

    Returns:
        The variable as it is set, and the one probably meant.
    """
    settings = {variable_name(section, field) for section, model in models.items() for field in model.model_fields}
    found = {}
    for name in os.environ if environ is None else environ:
        if not name.upper().startswith(PREFIX) or name.upper() in settings | READ_ELSEWHERE:
            continue
        if near := difflib.get_close_matches(name.upper(), sorted(settings), n=1, cutoff=0.85):
            found[name] = near[0]
    return found


def variable_name(section: str, field: str) -> str:
    """The environment variable that sets a field, such as ``GUERDON_MATH_WORKERS``."""
    return f"{_variable_prefix(section)}{field}".upper()


def _variable_prefix(section: str) -> str:
    return PREFIX if section == GATEWAY else f"{PREFIX}{section.upper()}_"


def _from_environment(model: type[BaseModel], section: str, environ: Mapping[str, str]) -> dict[str, _Given]:
    # The source reads nothing of the class but its fields and configuration, so any model will do.
    source = EnvSettingsSource(cast(type[BaseSettings], model), env_prefix=_variable_prefix(section).lower())
    source.env_vars = {name.lower(): text for name, text in environ.items() if text}
    given, problems = {}, []
    for name, field in model.model_fields.items():
        text, _key, is_json = source.get_field_value(field, name)
        if text is None:
            continue
        origin = f"environment {variable_name(section, name)}"
        try:
            given[name] = _Given(source.prepare_field_value(name, field, text, is_json), origin)
        except ValueError as cause:
            problems.append(f"{origin} = {_shown(model, name, text)}: not valid JSON ({cause})")
    if problems:
        raise SettingsError(problems)
    return given


def _from_file(section: str, file: Path | None) -> dict[str, _Given]:
    table = {} if file is None else _read(file).get(section, {})
    if not isinstance(table, dict):
        raise SettingsError([f"{file}: {section!r} has to be a table: write [{section}] and its keys below"])
    return {name: _Given(value, f"file {file} [{section}]") for name, value in table.items()}


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError([f"the settings file {file} does not exist"]) from None
    except OSError as cause:
        raise SettingsError([f"the settings file {file} cannot be read: {cause.strerror}"]) from None
    except ValueError as cause:
        raise SettingsError([f"the settings file {file} is not valid TOML in UTF-8: {cause}"]) from None


def _problem(model: type[BaseModel], section: str, given: Mapping[str, _Given], error: ErrorDetails) -> str:
    """One line on one fault: where it was set, what stands there, what is wrong with it."""
    if not error["loc"]:
        return f"[{section}]: {error['msg']}"
    name, *inner = (str(part) for part in error["loc"])
    origin = given[name].origin if name in given else f"[{section}]"
    if error["type"] == "extra_forbidden":
        known = () if inner else tuple(model.model_fields)
        return f"{origin}: {'.'.join((name, *inner))!r} is not a setting{_did_you_mean(name, known, '{!r}')}"
    if error["type"] == "missing":
        return f"{origin}: {'.'.join((name, *inner))!r} has to be set"
    key = ".".join((name, *inner))
    return f"{origin}: {key} = {_shown(model, name, error['input'])}: {error['msg']}"


def _did_you_mean(name: str, known: Iterable[str], form: str) -> str:
    near = difflib.get_close_matches(name, list(known), n=2)
    return f"; did you mean {' or '.join(form.format(match) for match in near)}?" if near else ""


def _shown(model: type[BaseModel], name: str, value: Any) -> str:
    """The value as it may be printed: shortened, and masked where the field can hold a secret."""
    if name in model.model_fields and _holds_secret(model.model_fields[name].annotation, set()):
        return "'**********'"
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…"


def _holds_secret(annotation: Any, seen: set[Any]) -> bool:
    if isinstance(annotation, type):
        if issubclass(annotation, (SecretStr, SecretBytes, Secret)):
            return True
        if issubclass(annotation, BaseModel) and annotation not in seen:
            seen.add(annotation)
            return any(_holds_secret(field.annotation, seen) for field in annotation.model_fields.values())
    return any(_holds_secret(part, seen) for part in get_args(annotation))
