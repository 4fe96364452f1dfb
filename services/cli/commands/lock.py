"""``guerdon lock``: keeps the digests of a deployment beside a run, and tells what has changed since."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from guerdon.services.cli.description import describe
from guerdon.services.cli.errors import CliError, ExitCode
from guerdon.services.cli.terminal import say, visible

app = App(
    name="lock",
    help_epilogue=(
        "Exit codes: 0 written, or unchanged; 1 with --check, the deployment has changed; 2 the file, a setting "
        "or a verifier cannot be used; 3 the service cannot be reached."
    ),
)


@app.default
def lock(
    file: Path = Path("guerdon.lock"),
    *,
    check: bool = False,
    url: str = "",
    api_key: Annotated[str, Parameter(env_var="GUERDON_API_KEY", show_env_var=True, show_default=False)] = "",
    settings: Path | None = None,
) -> int:
    """Write what decides verdicts in a deployment to a file that a run keeps.

    Its digest is what a request states as expect_digest to be judged by nothing else.

    Args:
        file: File to write, or to compare with.
        check: Write nothing; say what has changed since the file was written.
        url: Service to ask, as http://host:port or grpc://host:port; without it what is installed here.
        api_key: API key of that service.
        settings: TOML file with the settings that enter the versions here.
    """
    now = _locked(describe(url, api_key, settings))
    if not check:
        try:
            file.write_text(json_module.dumps(now, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise CliError(f"{file} cannot be written: {error.strerror}") from None
        say(f"{file}: {now['digest']}")
        return ExitCode.OK
    before = _read(file)
    if before["digest"] == now["digest"]:
        say(f"unchanged: {visible(now['digest'])}")
        return ExitCode.OK
    for line in _changes(before, now):
        print(visible(line))
    return ExitCode.INCOMPLETE


def _locked(description: dict[str, Any]) -> dict[str, Any]:
    return {
        "digest": description["digest"],
        "server_version": description["server_version"],
        "verifiers": {reward["name"]: reward["version"] for reward in description["verifiers"]},
        "profiles": {profile["name"]: profile for profile in description["profiles"]},
    }


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json_module.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CliError(f"{file} cannot be read: {error.strerror}; write it with: guerdon lock {file}") from None
    except ValueError:
        content = None
    if not isinstance(content, dict) or not all(
        isinstance(content.get(key), kind)
        for key, kind in (("digest", str), ("server_version", str), ("verifiers", dict), ("profiles", dict))
    ):
        raise CliError(f"{file} is not a file that guerdon lock has written")
    return content


def _changes(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """A line per difference, the digest first."""
    lines = [f"digest: {before['digest']} -> {now['digest']}"]
    if before["server_version"] != now["server_version"]:
        lines.append(f"server: {before['server_version']} -> {now['server_version']}")
    for name in sorted({*before["verifiers"], *now["verifiers"]}):
        old, new = (side["verifiers"].get(name, "absent") for side in (before, now))
        if old != new:
            lines.append(f"reward {name}: {old} -> {new}")
    profiles = sorted({*before["profiles"], *now["profiles"]})
    changed = [name for name in profiles if before["profiles"].get(name) != now["profiles"].get(name)]
    return [*lines, *(f"profile {name} has changed" for name in changed)]
