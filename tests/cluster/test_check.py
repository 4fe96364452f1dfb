"""Rules of a Serve configuration, each fault with its place."""

from __future__ import annotations

import copy

import pytest
from stub_cluster import stub_config

from guerdon.services.cluster.applications import serve_config, shared_application
from guerdon.services.cluster.check import check_config
from guerdon.services.cluster.config import read_config
from guerdon.services.cluster.errors import ConfigError


def changed(*steps: object) -> dict:
    """The stub configuration with one value changed: the places to it, then the value."""
    *places, last, value = steps
    config = copy.deepcopy(stub_config())
    part = config
    for place in places:
        part = part[place]
    part[last] = value
    return config


APPS, DEPLOYMENT = "applications", ("deployments", 0)


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        (("aplications", []), "aplications: there is no such key"),
        (("http_options", {"port": 0}), "http_options.port = 0: Input should be greater than or equal to 1"),
        ((APPS, []), "applications = []: List should have at least 1 item"),
        ((APPS, 1, "import_path", "here"), "applications[1] (math).import_path = 'here': "),
        ((APPS, 1, *DEPLOYMENT, "num_replicas", 0), "applications[1] (math).deployments[0].num_replicas = 0: "),
        ((APPS, 1, *DEPLOYMENT, "num_replica", 2), "(math).deployments[0].num_replica: there is no such key"),
        ((APPS, 1, *DEPLOYMENT, "max_queued_requests", -1), "max_queued_requests = -1: "),
        ((APPS, 1, *DEPLOYMENT, "name", "maths"), "has to hold the one deployment 'math'"),
        ((APPS, 1, "deployments", []), "has to hold the one deployment 'math'"),
        ((APPS, 1, "name", "gateway"), "applications: 'gateway' stands there 2 times"),
        ((APPS, 0, "name", "gate"), "applications: there is no 'gateway'"),
        ((APPS, 0, "route_prefix", "/api"), "(gateway).route_prefix = '/api': the gateway has to be at '/'"),
        ((APPS, 0, "args", {}), "(gateway).args.verifiers: has to list the verifiers"),
        ((APPS, 0, "args", {"verifiers": ["math"]}), "args.verifiers: 'format' is missing"),
        (
            (APPS, 0, "args", {"verifiers": ["math", "format", "code"]}),
            "args.verifiers: 'code' has no application",
        ),
        ((APPS, 0, *DEPLOYMENT, "user_config", {"port": 80}), "user_config.port: belongs into http_options"),
        ((APPS, 0, *DEPLOYMENT, "user_config", {"max_itmes": 1}), "user_config.max_itmes: there is no such key"),
        ((APPS, 1, "route_prefix", "/_v/math"), "(math).route_prefix = '/_v/math': has to be null"),
        ((APPS, 1, "args", {}), "(math).args.verifier: has to name the verifier"),
        ((APPS, 1, "args", {"verifier": "maths"}), "no verifier is registered as 'maths'"),
        ((APPS, 1, "args", {"verifier": "nowhere:Class"}), "'nowhere:Class' does not import"),
        ((APPS, 1, "args", {"verifier": "format"}), "has to be named as its verifier, 'format'"),
        ((APPS, 1, *DEPLOYMENT, "user_config", {"workers": 0}), "(math).deployments[0].user_config.workers = 0: "),
        ((APPS, 1, *DEPLOYMENT, "autoscaling_config", {"min_replicas": 1}), "excludes autoscaling_config"),
    ],
)
def test_faults(steps, problem):
    """Each fault is told with its place and the value there."""
    with pytest.raises(ConfigError) as refused:
        check_config(changed(*steps))
    assert any(problem in line for line in refused.value.problems), refused.value.problems


def test_keys_are_not_told():
    """A faulty API key is named, not shown."""
    keys = [{"name": "trainer", "secret": "hunter2"}]
    with pytest.raises(ConfigError, match="at least 16 characters") as refused:
        check_config(changed(APPS, 0, *DEPLOYMENT, "user_config", {"api_keys": keys}))
    assert "hunter2" not in str(refused.value)


def test_a_good_configuration():
    """What can be deployed passes; without gRPC, and open to others without a key, it is warned of."""
    assert len(check_config(stub_config()).warnings) == 1
    config = changed("http_options", {"host": "0.0.0.0"})
    assert any("can be reached from other machines" in line for line in check_config(config).warnings)
    keys = [{"name": "trainer", "secret": "k" * 16}]
    config["applications"][0]["deployments"][0]["user_config"] = {"api_keys": keys}
    assert not any("other machines" in line for line in check_config(config).warnings)


def test_autoscaling_without_the_external_scaler():
    """Serve may scale an application by itself where nobody else does."""
    config = stub_config(math={"autoscaling_config": {"min_replicas": 1, "max_replicas": 4}})
    del config["applications"][1]["deployments"][0]["num_replicas"]
    config["applications"][1]["external_scaler_enabled"] = False
    assert check_config(config)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- 1", "holds no mapping"),
        ("a: [", "is not valid YAML"),
        ("a: 1\nb: {c: 1, c: 2}", "the key 'c' stands twice"),
        ("!!python/object/apply:os.system [id]", "is not valid YAML"),
        ("a: \xff", "is not valid YAML"),
    ],
)
def test_files_that_hold_no_configuration(tmp_path, text, problem):
    """What is not YAML, or could mean two things, is refused with the name of the file."""
    file = tmp_path / "serve.yaml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=problem):
        read_config(file)


def test_files_that_cannot_be_read(tmp_path):
    """A folder is no file."""
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_config(tmp_path)


SLEEPING = "guerdon.services.bench.stubs:SleepingVerifier"


def shared(verifiers=("format", SLEEPING), name="format+bench_sleep", settings=None, **args):
    """The stub configuration with verifiers that share replicas in the place of format."""
    config = stub_config()
    gateway, math, _ = config["applications"]
    gateway["args"]["verifiers"] = ["math", "format", SLEEPING]
    app = {
        "name": name,
        "route_prefix": None,
        "import_path": "guerdon.services.runtime.ray.app:build",
        "args": {"verifiers": list(verifiers), **args},
        "deployments": [{"name": name, "num_replicas": 1, "user_config": settings or {}}],
    }
    return {**config, "applications": [gateway, math, app]}


def test_verifiers_that_share_replicas():
    """They pass, with settings by their names; the gateway goes on listing each."""
    assert check_config(shared())
    assert check_config(shared(settings={"bench_sleep": {"slots": 2}, "format": {}}))
    assert check_config(serve_config([shared_application(["format", SLEEPING])]))


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"verifiers": []}, "args.verifiers: has to list the verifiers"),
        ({"verifier": "format"}, "args.verifiers: excludes verifier"),
        ({"verifiers": ["format", "nobody"]}, "args.verifiers[1]: no verifier is registered as 'nobody'"),
        ({"verifiers": ["format", 3]}, "args.verifiers[1]: has to name the verifier"),
        ({"verifiers": ["format", "format"]}, "args.verifiers: a verifier stands there twice"),
        ({"name": "light"}, "has to be named as its verifiers, 'format+bench_sleep'"),
        ({"name": "bench_sleep+format"}, "has to be named as its verifiers, 'format+bench_sleep'"),
        ({"name": "format+"}, "(format+).name = 'format+': "),
        (
            {"verifiers": ["format", "math"], "name": "format+math"},
            "'math' is in several of them: format+math, math",
        ),
        ({"verifiers": ["format"], "name": "format"}, "'bench_sleep' has no application"),
        ({"settings": {"slots": 2}}, "user_config.slots: only the names of its verifiers stand here"),
        ({"settings": {"format": None}}, "user_config.format: has to hold the settings of 'format'"),
        ({"settings": {"bench_sleep": {"slots": 0}}}, "user_config.bench_sleep.slots = 0: "),
        ({"settings": {"bench_sleep": {"slot": 1}}}, "user_config.bench_sleep.slot: there is no such key"),
    ],
)
def test_faults_of_verifiers_that_share_replicas(options, problem):
    """Each is told with its place."""
    with pytest.raises(ConfigError) as refused:
        check_config(shared(**options))
    assert any(problem in line for line in refused.value.problems), refused.value.problems
