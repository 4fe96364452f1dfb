"""What can be measured."""

import os

import httpx2
import pytest

from guerdon.services.bench.cpu import alive, family
from guerdon.services.bench.errors import BenchError, Unsupported
from guerdon.services.bench.registry import TargetOptions, make_targets, scenarios_named
from guerdon.services.bench.remote_target import RemoteTarget
from guerdon.services.bench.targets import BareTarget, InProcessTarget


def test_a_target_leaves_nothing_behind():
    """Stopping ends the server and all it has started."""
    target = InProcessTarget()
    target.start()
    processes = family(target.pids())
    assert len(processes) > 1
    assert httpx2.get(f"{target.http}/healthz").status_code == 200
    target.stop()
    assert not any(alive(pid) for pid in processes)
    assert target.pids() == []
    target.stop()


def test_a_target_that_does_not_come_up():
    """Its last words are told."""
    target = InProcessTarget(("no_such_verifier",))
    with pytest.raises(BenchError, match=r"(?s)serve_inprocess ended with exit code 1.*no_such_verifier"):
        target.start()
    assert target.pids() == []


@pytest.mark.parametrize(
    ("target", "verifier"),
    [
        (BareTarget(), "bench_sleep"),
        (InProcessTarget(), "bench_a"),
        (RemoteTarget(["http://127.0.0.1:1"]), "bench_sleep"),
    ],
)
def test_who_cannot_scale(target, verifier):
    """It says so."""
    with pytest.raises(Unsupported):
        target.scale(verifier, 2)


def test_a_running_service():
    """Its addresses and processes are those that were named; nothing is started or stopped."""
    target = RemoteTarget(["http://127.0.0.1:8000/", "grpc://127.0.0.1:9000"], [os.getpid()])
    target.start()
    target.stop()
    assert (target.http, target.grpc) == ("http://127.0.0.1:8000", "127.0.0.1:9000")
    assert target.pids() == [os.getpid()]


@pytest.mark.parametrize(
    ("urls", "pids", "message"),
    [
        (["https://a:1"], [], "write it as http://"),
        (["http://a:1/path"], [], "write it as http://"),
        (["localhost:9000"], [], "write it as http://"),
        (["http://a:99999"], [], "write it as http://"),
        (["grpc://a"], [], "write it as http://"),
        (["http://a:1", "http://b:1"], [], "second address for http"),
        (["http://a:1"], [2**22 + 1], "no such process"),
    ],
)
def test_unusable_services(urls, pids, message):
    """What cannot be measured is refused at once."""
    with pytest.raises(BenchError, match=message):
        RemoteTarget(urls, pids)


def test_names_of_targets():
    """Each once, in the order given; a function needs no target."""
    targets = make_targets(["inprocess", "function", "bare", "bare"], TargetOptions())
    assert [(target.name, target.floor) for target in targets] == [("inprocess", False), ("bare", True)]
    with pytest.raises(BenchError, match="no target 'rey'; targets are: function, bare"):
        make_targets(["rey"], TargetOptions())


def test_names_of_scenarios():
    """``all`` stands for every one."""
    assert scenarios_named(["all"]) == ["overload", "scaling", "isolation", "hang"]
    assert scenarios_named(["hang", "hang"]) == ["hang"]
    with pytest.raises(BenchError, match="no scenario 'hung'"):
        scenarios_named(["hung"])
