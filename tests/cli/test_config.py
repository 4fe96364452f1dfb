"""``guerdon config``: every setting with its origin."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def settings(tmp_path):
    """Writes a settings file."""

    def write(text: str) -> str:
        file = tmp_path / "settings.toml"
        file.write_text(text, encoding="utf-8")
        return str(file)

    return write


def test_values_and_origins(guerdon, settings, monkeypatch):
    """Each setting is told with where it comes from."""
    monkeypatch.setenv("GUERDON_GRPC_PORT", "9100")
    file = settings("[gateway]\nport = 8100\ngrpc_port = 1\n")
    told = json.loads(guerdon("config", "--settings", file, "--json").out)
    assert told["gateway"]["port"] == {"value": 8100, "origin": f"file {file} [gateway]"}
    assert told["gateway"]["grpc_port"] == {"value": 9100, "origin": "environment GUERDON_GRPC_PORT"}
    assert told["gateway"]["host"] == {"value": "127.0.0.1", "origin": "default"}
    assert {"format", "math"} <= set(told)


def test_a_table_for_people(guerdon, monkeypatch):
    """Without --json each setting is a line."""
    monkeypatch.setenv("GUERDON_PORT", "8100")
    lines = [line.split() for line in guerdon("config").out.splitlines()]
    assert ["gateway", "port", "8100", "environment", "GUERDON_PORT"] in lines
    assert ["gateway", "grpc_port", "9000", "default"] in lines


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_secrets_are_masked(guerdon, settings, form):
    """An API key is never shown."""
    file = settings('[[gateway.api_keys]]\nname = "run"\nsecret = "correct-horse-battery"\n')
    outcome = guerdon("config", "--settings", file, *form)
    assert outcome.code == 0
    assert "run" in outcome.out
    assert "correct-horse" not in outcome.out + outcome.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[gatway]\nport = 1\n", "[gatway] is not a section; did you mean [gateway]?"),
        ("[gateway]\nprot = 1\n", "'prot' is not a setting; did you mean 'port'"),
        ("[gateway]\nport = 99999\n", "port = 99999: Input should be less than or equal to 65535"),
        ('[[gateway.api_keys]]\nname = "run"\nsecret = "short-secret"\n', "api_keys.0.secret = '**********'"),
    ],
)
def test_faults(guerdon, settings, text, message):
    """A settings file that cannot be used ends with exit code 2 and says why, secrets masked."""
    outcome = guerdon("config", "--settings", settings(text))
    assert outcome.code == 2
    assert message in outcome.err
    assert "short-secret" not in outcome.err


def test_misspelt_variables_are_warned_of(guerdon, monkeypatch):
    """A variable that nearly names a setting is told, and the client's own key is not taken for one."""
    monkeypatch.setenv("GUERDON_PROT", "1")
    monkeypatch.setenv("GUERDON_API_KEY", "x")
    err = guerdon("config").err
    assert err == "warning: the environment variable GUERDON_PROT is not read; did you mean GUERDON_PORT?\n"


def test_a_verifier_that_does_not_import(guerdon, broken_verifier):
    """A registered verifier that does not import is a plain message."""
    outcome = guerdon("config")
    assert outcome.code == 2
    assert outcome.err.startswith(f"guerdon: the verifier '{broken_verifier}' (nowhere:Verifier) does not import")
