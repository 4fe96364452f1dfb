"""How replicas are found, whatever Serve says about them; Serve itself is stood in for."""

import asyncio
from types import SimpleNamespace

import pytest
from ray import serve
from ray.serve.exceptions import DeploymentUnavailableError, RayServeException

from guerdon.services.runtime.link.messages import Address
from guerdon.services.runtime.ray import directory
from guerdon.services.runtime.ray.directory import ServeDirectory
from guerdon.services.runtime.remote.directory import NotDeployed


class Replica:
    """Answers, fails, or says nothing, as Serve's result of a call to one replica does."""

    def __init__(self, name, fault=None):
        self.name, self.fault = name, fault

    async def get_async(self):
        """The address of this replica."""
        if self.fault == "frozen":
            await asyncio.Event().wait()
        if self.fault is not None:
            raise self.fault
        return {"id": self.name, "host": "127.0.0.1", "port": 1, "secret": "s"}


class Deployed:
    """An application with these replicas, or with a fault."""

    def __init__(self, *replicas, fault=None, status="RUNNING"):
        self.replicas, self.fault, self.status = replicas, fault, status


class Handle:
    """Asks whatever has a name now, as handles of Serve do."""

    def __init__(self, deployed, name):
        self.deployed, self.name = deployed, name

    def broadcast(self, method, verifier):
        """Ask all replicas."""
        assert (method, verifier) == ("address", "math")
        return self

    async def _fetch_replica_results_async(self):
        there = self.deployed.get(self.name, Deployed(fault=DeploymentUnavailableError(self.name)))
        if there.fault == "no routes yet":
            await asyncio.Event().wait()
        if there.fault is not None:
            raise there.fault
        return there.replicas


@pytest.fixture
def deployed(monkeypatch):
    """The applications by name; Serve gives a handle for each, and goes on giving those it has given."""
    applications, given = {}, {}

    def get(deployment, application):
        assert deployment == application
        if application not in {*applications, *given}:
            raise KeyError(f"{deployment} does not exist.")
        return given.setdefault(application, Handle(applications, application))

    monkeypatch.setattr(serve, "get_deployment_handle", get)
    monkeypatch.setattr(serve, "status", lambda: SimpleNamespace(applications=dict(applications)))
    monkeypatch.setattr(directory, "ASK_TIMEOUT_S", 0.05)
    return applications


def names(found: list[Address]) -> list[str]:
    """Names of the replicas that were found."""
    return [address.id for address in found]


async def test_every_replica_is_found(deployed):
    """All that run answer."""
    deployed["math"] = Deployed(Replica("a"), Replica("b"))
    assert names(await ServeDirectory().find("math")) == ["a", "b"]


@pytest.mark.parametrize(
    "fault", [RuntimeError("the replica is odd"), asyncio.CancelledError(), "frozen"], ids=repr
)
async def test_one_silent_replica_hides_no_other(deployed, caplog, fault):
    """Those that answer are found, and the log says how many do not."""
    deployed["math"] = Deployed(Replica("a"), Replica("b", fault))
    assert names(await ServeDirectory().find("math")) == ["a"]
    (record,) = [record for record in caplog.records if record.message == "replicas_silent"]
    assert (record.verifier, record.replicas) == ("math", 1)


async def test_no_replica_that_answers_is_none(deployed):
    """Where all are silent, that is said."""
    deployed["math"] = Deployed(Replica("a", RuntimeError("odd")))
    with pytest.raises(NotDeployed, match="no replica of the verifier 'math' answers"):
        await ServeDirectory().find("math")


async def test_no_application(deployed):
    """What nothing runs is no fault."""
    deployed["code"] = Deployed(Replica("another"))
    with pytest.raises(NotDeployed, match="no application runs the verifier 'math'"):
        await ServeDirectory().find("math")


async def test_no_serve(deployed, monkeypatch):
    """A cluster that cannot be asked is none either."""

    def status():
        raise RayServeException("no Serve runs")

    monkeypatch.setattr(serve, "status", status)
    with pytest.raises(NotDeployed, match="no application runs the verifier 'math'"):
        await ServeDirectory().find("math")


@pytest.mark.parametrize(
    "fault", [DeploymentUnavailableError("math"), "no routes yet"], ids=["unavailable", "no routes yet"]
)
async def test_an_application_that_was_deployed_anew_is_found(deployed, fault):
    """A handle that has gone stale is asked for again the next time."""
    deployed["math"] = Deployed(fault=fault)
    found = ServeDirectory()
    with pytest.raises(NotDeployed, match="no replica of the verifier 'math' runs"):
        await found.find("math")
    deployed["math"] = Deployed(Replica("new"))
    assert names(await found.find("math")) == ["new"]


async def test_a_verifier_that_shares_replicas_is_found(deployed):
    """By its part in the name of the application; one that is being deleted does not count."""
    deployed["math+code"] = Deployed(status="DELETING")
    deployed["format+math"] = Deployed(Replica("both"))
    assert names(await ServeDirectory().find("math")) == ["both"]


async def test_a_name_that_only_resembles_is_another(deployed):
    """Parts of names are whole names of verifiers."""
    deployed["format+maths"] = Deployed(Replica("others"))
    with pytest.raises(NotDeployed, match="no application runs the verifier 'math'"):
        await ServeDirectory().find("math")


@pytest.mark.parametrize(
    "last",
    [None, Deployed(status="DELETING"), Deployed(Replica("alone", RuntimeError("dying")), status="DELETING")],
    ids=["gone", "no replica", "silent"],
)
async def test_a_verifier_that_moves_is_found_where_it_is(deployed, last):
    """From an application of its own into one that it shares, whatever is heard of the first at last."""
    found = ServeDirectory()
    deployed["math"] = Deployed(Replica("alone"))
    assert names(await found.find("math")) == ["alone"]
    del deployed["math"]
    deployed.update({} if last is None else {"math": last})
    deployed["format+math"] = Deployed(Replica("both"))
    with pytest.raises(NotDeployed):
        await found.find("math")
    assert names(await found.find("math")) == ["both"]


async def test_the_controller_is_asked_once(deployed, monkeypatch):
    """What works is kept, as asking for it goes to the controller."""
    deployed["math"] = Deployed(Replica("a"))
    found = ServeDirectory()
    await found.find("math")
    monkeypatch.delattr(serve, "status")
    assert names(await found.find("math")) == ["a"]
