"""The Serve application of a verifier, as Serve is given it."""

import pytest
from pydantic import ValidationError

from guerdon.services.contract.registry import RegistrationError
from guerdon.services.runtime.ray.app import build
from guerdon.services.runtime.ray.replica import DRAIN_S

STUBS = "guerdon.services.bench.stubs"


def deployment_of(application):
    """The one deployment of an application."""
    return application._bound_deployment


@pytest.mark.parametrize(
    ("args", "name"),
    [
        ({"verifier": "math"}, "math"),
        ({"verifier": f"{STUBS}:SleepingVerifier"}, "bench_sleep"),
        ({"verifiers": ["format"]}, "format"),
        ({"verifiers": ["format", f"{STUBS}:SleepingVerifier"]}, "format+bench_sleep"),
    ],
)
def test_the_deployment_is_named_like_what_it_runs(args, name):
    """Gateways find it by this name."""
    assert deployment_of(build(args)).name == name


def test_serve_waits_longer_than_a_replica_drains():
    """Otherwise it would kill replicas that are still finishing what they have."""
    config = deployment_of(build({"verifier": "format"}))._deployment_config
    assert config.graceful_shutdown_timeout_s > DRAIN_S


@pytest.mark.parametrize(
    ("args", "runs"), [({"verifier": "format"}, "format"), ({"verifiers": ["format"]}, ["format"])]
)
def test_arguments_reach_the_replica(args, runs):
    """They are the arguments of its class."""
    deployment = deployment_of(build({**args, "max_queued_items": 5, "settings_file": "/s.toml"}))
    assert deployment.init_args == (runs, 5, "/s.toml")


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        ({}, ValidationError),
        ({"verifiers": []}, ValidationError),
        ({"verifier": "format", "verifiers": ["math"]}, ValidationError),
        ({"verifiers": ["format", "format"]}, RegistrationError),
        ({"verifiers": ["format", "nobody_has_written_it"]}, RegistrationError),
        ({"verifier": "format", "max_queued": 5}, ValidationError),
        ({"verifier": "format", "max_queued_items": 0}, ValidationError),
        ({"verifier": "nobody_has_written_it"}, RegistrationError),
        ({"verifier": "json:JSONDecoder"}, RegistrationError),
    ],
)
def test_what_cannot_be_meant_is_refused(args, fault):
    """A typing error is told when the configuration is deployed, and not by replicas that never start."""
    with pytest.raises(fault):
        build(args)
