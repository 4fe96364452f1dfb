"""``guerdon scale``: numbers of replicas."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from guerdon.services.cli.commands.scale import _applications
from guerdon.services.cli.errors import CliError
from guerdon.services.cluster.state import ApplicationState, ClusterState


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "say what to scale"),
        (["math"], "'math': write it as name=replicas"),
        (["math=four"], "'math=four': write it as name=replicas"),
        (["=4"], "'=4': write it as name=replicas"),
        (["math=0"], "has to lie between 1 and"),
        (["math=2", "math=3"], "'math' is given twice"),
    ],
)
def test_usage(guerdon, words, message):
    """What is not name=replicas is refused before any cluster is asked."""
    outcome = guerdon("scale", *words)
    assert outcome.code == 2
    assert message in outcome.err


@pytest.mark.ray
def test_replicas_become_as_many_as_asked(guerdon, stub_ray, found_here):
    """The command returns when all replicas are ready, and tells each new one; scripts get the numbers."""
    outcome = guerdon("scale", "math=3", "format=1")
    assert outcome.code == 0
    assert outcome.out.count("math         ready after") == 2
    assert "format" not in outcome.out
    assert "math has 3" in outcome.err
    outcome = guerdon("scale", "math=1", "--json", "--address", stub_ray.client.address)
    assert (outcome.code, json.loads(outcome.out)) == (0, {"replicas": {"math": 1}})


@pytest.mark.ray
def test_an_unknown_verifier_changes_nothing(guerdon, stub_ray, found_here):
    """If one name is unknown, no other one is scaled; the names that exist are told."""
    outcome = guerdon("scale", "math=2", "code=2")
    assert outcome.code == 3
    assert "runs no application 'code'; it runs: format, gateway, math" in outcome.err
    assert stub_ray.client.state().find("math").deployments[0].target == 1


@pytest.mark.ray
def test_only_what_may_be_scaled(guerdon, found_here):
    """The gateway's replicas belong to the configuration; Serve's reason is passed on."""
    outcome = guerdon("scale", "gateway=2")
    assert outcome.code == 3
    assert "external_scaler_enabled" in outcome.err


@pytest.mark.ray
def test_too_little_time(guerdon, found_here):
    """What is not ready in time is told with exit code 1; it goes on."""
    outcome = guerdon("scale", "math=2", "--timeout", 0)
    assert outcome.code == 1
    assert "math: " in outcome.err
    assert guerdon("scale", "math=1").code == 0


def application(name):
    """An application that runs."""
    return ApplicationState(name=name, status="RUNNING", message="", route_prefix=None, deployments=())


CLIENT = SimpleNamespace(address="http://h")
SHARED = ClusterState(
    applications=(application("format+language"), application("math")), http=None, grpc_port=None
)


@pytest.mark.parametrize("name", ["format", "language", "format+language"])
def test_verifiers_that_share_replicas_are_scaled_together(name, capsys):
    """Whichever is named, the application is; whoever named a part of it is told so."""
    assert _applications(CLIENT, SHARED, {name: 2, "math": 3}) == {"format+language": 2, "math": 3}
    said = f"{name} shares its replicas: format+language is scaled as a whole"
    assert (said in capsys.readouterr().err) == (name != "format+language")


def test_two_numbers_for_shared_replicas():
    """They cannot both be meant."""
    with pytest.raises(CliError, match="give one number for all of them"):
        _applications(CLIENT, SHARED, {"format": 2, "language": 3})
    assert _applications(CLIENT, SHARED, {"format": 2, "language": 2}) == {"format+language": 2}
