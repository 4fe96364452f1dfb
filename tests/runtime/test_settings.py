"""Settings: where a value comes from, and what is said when it does not fit."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr, model_validator

from guerdon.services.contract import VerifierSettings
from guerdon.services.runtime.settings import (
    Loaded,
    SettingsError,
    check_unknown_sections,
    load_settings,
    misspelt_variables,
)


class Pool(BaseModel, extra="forbid"):
    """A nested model."""

    size: int = 2


class Example(VerifierSettings):
    """Settings of every kind."""

    workers: int = Field(default=2, ge=1)
    ratio: float = 0.5
    names: tuple[str, ...] = ()
    pool: Pool = Pool()
    token: SecretStr | None = None
    keys: dict[str, SecretStr] = Field(default={})


def load(
    tmp_path: Path, toml: str | None = None, overrides: dict[str, Any] | None = None, **environ: str
) -> Loaded[Example]:
    """Load the example from a file of this text and these variables."""
    file = None
    if toml is not None:
        file = tmp_path / "settings.toml"
        file.write_text(toml, encoding="utf-8")
    return load_settings(Example, "math", file=file, overrides=overrides, environ=environ)


def faults(tmp_path: Path, toml: str | None = None, **environ: str) -> str:
    """The message of what is wrong, with the folder of the file as DIR."""
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, toml, **environ)
    return str(caught.value).replace(str(tmp_path), "DIR")


def test_defaults(tmp_path):
    """A setting nobody sets has its default and says so."""
    loaded = load(tmp_path)
    assert loaded.value == Example()
    assert set(loaded.origins.values()) == {"default"}


def test_precedence(tmp_path):
    """The command line goes before the environment, that before the file, that before the default."""
    loaded = load(
        tmp_path,
        "[math]\nworkers = 3\nratio = 0.25\nnames = ['a']",
        {"workers": 5},
        GUERDON_MATH_WORKERS="4",
        GUERDON_MATH_RATIO="0.75",
    )
    assert (loaded.value.workers, loaded.value.ratio, loaded.value.names) == (5, 0.75, ("a",))
    assert loaded.origins == {
        "workers": "command line",
        "ratio": "environment GUERDON_MATH_RATIO",
        "names": f"file {tmp_path / 'settings.toml'} [math]",
        "pool": "default",
        "token": "default",
        "keys": "default",
    }


def test_complex_values_are_json(tmp_path):
    """Lists and models are written as JSON in the environment."""
    loaded = load(tmp_path, GUERDON_MATH_NAMES='["a", "b"]', GUERDON_MATH_POOL='{"size": 7}')
    assert loaded.value.names == ("a", "b")
    assert loaded.value.pool == Pool(size=7)


def test_empty_variables_do_not_count(tmp_path):
    """An empty variable leaves the file's value in force."""
    loaded = load(tmp_path, "[math]\nworkers = 3", GUERDON_MATH_WORKERS="")
    assert loaded.value.workers == 3


def test_gateway_variables_have_no_section_name():
    """The gateway reads GUERDON_<FIELD>, and not another section's variables."""
    environ = {"GUERDON_WORKERS": "9", "GUERDON_MATH_WORKERS": "4"}
    loaded = load_settings(Example, "gateway", file=None, environ=environ)
    assert loaded.value.workers == 9
    assert loaded.origins["workers"] == "environment GUERDON_WORKERS"


def test_the_process_environment_is_the_default(monkeypatch):
    """Without a mapping the variables of the process are read."""
    monkeypatch.setenv("GUERDON_MATH_WORKERS", "6")
    assert load_settings(Example, "math", file=None).value.workers == 6


@pytest.mark.parametrize(
    ("toml", "environ", "message"),
    [
        (
            "[math]\nwrokers = 3",
            {},
            "file DIR/settings.toml [math]: 'wrokers' is not a setting; did you mean 'workers'?",
        ),
        ("[math]\nzebra = 3", {}, "file DIR/settings.toml [math]: 'zebra' is not a setting"),
        ("[math.pool]\nwidth = 3", {}, "file DIR/settings.toml [math]: 'pool.width' is not a setting"),
        (
            "[math]\nworkers = 'many'",
            {},
            "file DIR/settings.toml [math]: workers = 'many': Input should be a valid integer, "
            "unable to parse string as an integer",
        ),
        (
            None,
            {"GUERDON_MATH_WORKERS": "0"},
            "environment GUERDON_MATH_WORKERS: workers = '0': Input should be greater than or equal to 1",
        ),
        (
            None,
            {"GUERDON_MATH_NAMES": "a,b"},
            "environment GUERDON_MATH_NAMES = 'a,b': not valid JSON (Expecting value: line 1 column 1 (char 0))",
        ),
        ("math = 3", {}, "DIR/settings.toml: 'math' has to be a table: write [math] and its keys below"),
        (
            "[math]\nworkers = ",
            {},
            "the settings file DIR/settings.toml is not valid TOML in UTF-8: Invalid value (at end of document)",
        ),
    ],
)
def test_faults_name_place_value_and_remedy(tmp_path, toml, environ, message):
    """A fault says where it was set, what stands there and what is wrong."""
    assert faults(tmp_path, toml, **environ) == message


def test_all_faults_at_once(tmp_path):
    """Several faults are told together, one a line."""
    assert len(faults(tmp_path, "[math]\nworkers = 0\nratio = 'x'\nnmaes = []").splitlines()) == 3


def test_long_values_are_shortened(tmp_path):
    """A value of any length takes no more than a line."""
    assert len(faults(tmp_path, f"[math]\nworkers = '{'9x' * 5000}'")) < 300


@pytest.mark.parametrize(
    "environ",
    [
        {"GUERDON_MATH_KEYS": '{"run": "hunter2'},
        {"GUERDON_MATH_KEYS": '["hunter2"]'},
        {"GUERDON_MATH_KEYS": '{"run": ["hunter2"]}'},
    ],
)
def test_secrets_are_masked(tmp_path, environ):
    """A fault in a field that can hold a secret shows no part of the value, nor does its cause."""
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, **environ)
    assert "hunter2" not in str(caught.value)
    assert "'**********'" in str(caught.value)
    assert "hunter2" not in str(caught.value.__cause__)


def test_rules_over_several_fields_name_the_section():
    """A fault that belongs to no single field is told under its section."""

    class Bounds(BaseModel):
        low: int = 0
        high: int = 1

        @model_validator(mode="after")
        def _ordered(self) -> Bounds:
            if self.low > self.high:
                raise ValueError("low has to be at most high")
            return self

    with pytest.raises(SettingsError, match=r"^\[math\]: Value error, low has to be at most high$"):
        load_settings(Bounds, "math", file=None, environ={"GUERDON_MATH_LOW": "3"})


def test_required_settings_have_to_be_set():
    """A field without a default and without a value is named."""

    class Needy(BaseModel):
        model_path: str

    with pytest.raises(SettingsError, match=r"^\[math\]: 'model_path' has to be set$"):
        load_settings(Needy, "math", file=None, environ={})


def test_missing_file(tmp_path):
    """A settings file that is not there is an error, not an empty one."""
    with pytest.raises(SettingsError, match=r"nowhere\.toml does not exist"):
        load_settings(Example, "math", file=tmp_path / "nowhere.toml", environ={})


def test_unreadable_file(tmp_path):
    """A path that cannot be read as a file is named with the system's reason."""
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load_settings(Example, "math", file=tmp_path, environ={})


def test_unknown_sections_are_refused(tmp_path):
    """A misspelt table, or a key outside any table, is an error that lists the known tables."""
    file = tmp_path / "settings.toml"
    file.write_text("port = 1\n[mth]\nworkers = 3\n[math]\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        check_unknown_sections(file, ["math", "gateway"])
    assert caught.value.problems == (
        f"{file}: 'port' stands outside any section; put it under [gateway] or another",
        f"{file}: [mth] is not a section; did you mean [math]?",
        "sections are: [gateway], [math]",
    )


def test_known_sections_pass(tmp_path):
    """A file of known tables is accepted."""
    file = tmp_path / "settings.toml"
    file.write_text("[math]\nworkers = 3\n", encoding="utf-8")
    check_unknown_sections(file, ["math", "gateway"])


def test_misspelt_variables_are_found():
    """A variable that nearly names a setting is found; what others set under the prefix is left alone."""
    environ = {"GUERDON_MATH_WROKERS": "3", "GUERDON_MATH_WORKERS": "3", "GUERDON_SERVICE_HOST": "10.0.0.1"}
    assert misspelt_variables({"math": Example}, environ) == {"GUERDON_MATH_WROKERS": "GUERDON_MATH_WORKERS"}


def test_errors_can_be_pickled():
    """The error crosses process borders unchanged."""
    error = pickle.loads(pickle.dumps(SettingsError(["a", "b"])))  # noqa: S301 - our own bytes
    assert error.problems == ("a", "b")
    assert str(error) == "a\nb"
