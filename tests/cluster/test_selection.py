"""Configurations that some verifiers are left out of."""

from __future__ import annotations

import pytest

from guerdon.services.cluster.applications import serve_config, shared_application, verifier_application
from guerdon.services.cluster.check import check_config
from guerdon.services.cluster.errors import ConfigError
from guerdon.services.cluster.selection import keep_verifiers, verifiers_in

SLEEPING = "guerdon.services.bench.stubs:SleepingVerifier"
CONFIG = serve_config(
    [
        verifier_application("math"),
        shared_application(["format", SLEEPING], settings={"bench_sleep": {"slots": 2}}),
    ]
)


def test_what_there_is():
    """Every verifier, also of those that share replicas."""
    assert verifiers_in(CONFIG["applications"]) == ["math", "format", "bench_sleep"]


@pytest.mark.parametrize(
    ("names", "applications", "settings"),
    [
        (
            ["math", "format", "bench_sleep"],
            ["gateway", "math", "format+bench_sleep"],
            {"bench_sleep": {"slots": 2}},
        ),
        (["math"], ["gateway", "math"], {}),
        (["format"], ["gateway", "format"], {}),
        (["bench_sleep", "math"], ["gateway", "math", "bench_sleep"], {"bench_sleep": {"slots": 2}}),
    ],
)
def test_what_is_kept(names, applications, settings):
    """It can be deployed, and the gateway lists exactly what is left."""
    kept = {**CONFIG, "applications": keep_verifiers(CONFIG["applications"], names)}
    assert check_config(kept)
    assert [app["name"] for app in kept["applications"]] == applications
    assert sorted(verifiers_in(kept["applications"])) == sorted(names)
    assert len(kept["applications"][0]["args"]["verifiers"]) == len(names)
    assert kept["applications"][-1]["deployments"][0]["user_config"] == settings


def test_what_is_faulty_stays_so():
    """The check tells of it, and not the selection."""
    apps = [{"name": "gateway", "args": {"verifiers": ["nobody", 3]}}, {"name": "nobody", "args": None}]
    assert keep_verifiers(apps, ["nobody"])[0]["args"]["verifiers"] == ["nobody"]
    assert keep_verifiers(apps, ["nobody"])[1] == apps[1]


@pytest.mark.parametrize("deployments", [3, [3], [{"user_config": [3]}]], ids=str)
def test_faulty_deployments_stay_faulty(deployments):
    """Those of verifiers that share replicas too."""
    app = {"name": "format+math", "args": {"verifiers": ["format", "math"]}, "deployments": deployments}
    with pytest.raises(ConfigError):
        check_config({"applications": [CONFIG["applications"][0], *keep_verifiers([app], ["math"])]})
