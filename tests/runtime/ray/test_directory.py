"""How replicas are found, whatever Serve says about them; Serve itself is stood in for."""

import asyncio

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


class Handle:
    """A deployment with these replicas, or with a fault."""

    def __init__(self, *replicas, fault=None):
        self.replicas, self.fault = replicas, fault

    def broadcast(self, method):
        """Ask all replicas."""
        assert method == "address"
        return self

    async def _fetch_replica_results_async(self):
        if self.fault == "no routes yet":
            await asyncio.Event().wait()
        if self.fault is not None:
            raise self.fault
        return self.replicas


@pytest.fixture
def deployed(monkeypatch):
    """What Serve hands out, by application; exceptions are raised."""
    handles = {}

    def get(deployment, application):
        assert deployment == application
        if application not in handles:
            raise KeyError(f"{deployment} does not exist.")
        if isinstance(handles[application], Exception):
            raise handles[application]
        return handles[application]

    monkeypatch.setattr(serve, "get_deployment_handle", get)
    monkeypatch.setattr(directory, "ASK_TIMEOUT_S", 0.05)
    return handles


def names(found: list[Address]) -> list[str]:
    """Names of the replicas that were found."""
    return [address.id for address in found]


async def test_every_replica_is_found(deployed):
    """All that run answer."""
    deployed["math"] = Handle(Replica("a"), Replica("b"))
    assert names(await ServeDirectory().find("math")) == ["a", "b"]


@pytest.mark.parametrize(
    "fault", [RuntimeError("the replica is odd"), asyncio.CancelledError(), "frozen"], ids=repr
)
async def test_one_silent_replica_hides_no_other(deployed, caplog, fault):
    """Those that answer are found, and the log says how many do not."""
    deployed["math"] = Handle(Replica("a"), Replica("b", fault))
    assert names(await ServeDirectory().find("math")) == ["a"]
    (record,) = [record for record in caplog.records if record.message == "replicas_silent"]
    assert (record.verifier, record.replicas) == ("math", 1)


async def test_no_replica_that_answers_is_none(deployed):
    """Where all are silent, that is said."""
    deployed["math"] = Handle(Replica("a", RuntimeError("odd")))
    with pytest.raises(NotDeployed, match="no replica of the application 'math' answers"):
        await ServeDirectory().find("math")


@pytest.mark.parametrize("fault", [RayServeException("no Serve runs"), None], ids=["no Serve", "no application"])
async def test_what_is_not_deployed(deployed, fault):
    """Neither an unknown application nor a cluster without Serve is a fault."""
    if fault is not None:
        deployed["math"] = fault
    with pytest.raises(NotDeployed, match="no application 'math' is deployed"):
        await ServeDirectory().find("math")


@pytest.mark.parametrize(
    "fault", [DeploymentUnavailableError("math"), "no routes yet"], ids=["unavailable", "no routes yet"]
)
async def test_an_application_that_was_deployed_anew_is_found(deployed, fault):
    """A handle that has gone stale is asked for again the next time."""
    deployed["math"] = Handle(fault=fault)
    found = ServeDirectory()
    with pytest.raises(NotDeployed, match="no replica of the application 'math' runs"):
        await found.find("math")
    deployed["math"] = Handle(Replica("new"))
    assert names(await found.find("math")) == ["new"]


async def test_the_controller_is_asked_once(deployed):
    """A handle that works is kept, as asking for it goes to the controller."""
    deployed["math"] = Handle(Replica("a"))
    found = ServeDirectory()
    await found.find("math")
    del deployed["math"]
    assert names(await found.find("math")) == ["a"]
