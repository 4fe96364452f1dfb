"""The generated code is what the protocol gives, and the protocol is clean."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.rpc import status_pb2

from guerdon.v1 import reward_pb2

PROTO = Path(__file__).parents[2] / "proto"


@pytest.fixture(scope="module")
def generate():
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("generate", PROTO / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_code_is_up_to_date(generate, capfd):
    """Generating anew gives exactly the files of the repository."""
    assert generate.main(["--check"]) == 0, capfd.readouterr().err


def test_drift_is_shown(generate, tmp_path, monkeypatch, capfd):
    """A changed, a missing and a stray file each fail the check and are named."""
    copy = tmp_path / "gen"
    shutil.copytree(generate.GENERATED, copy, ignore=shutil.ignore_patterns("__pycache__"))
    package = copy / "guerdon" / "v1"
    (package / "__init__.py").write_text("changed\n")
    (package / "reward_pb2_grpc.pyi").unlink()
    (package / "stray.py").write_text("stray\n")
    monkeypatch.setattr(generate, "GENERATED", copy)
    assert generate.main(["--check"]) == 1
    told = capfd.readouterr().err
    assert "-changed" in told
    assert "generated/guerdon/v1/reward_pb2_grpc.pyi" in told
    assert "committed/guerdon/v1/stray.py" in told


def test_generating_replaces_what_was_there(generate, tmp_path, monkeypatch):
    """Files that no source gives any more do not stay."""
    target = tmp_path / "gen"
    (target / "old").mkdir(parents=True)
    monkeypatch.setattr(generate, "GENERATED", target)
    assert generate.main([]) == 0
    assert not (target / "old").exists()
    assert generate.drift(target, PROTO / "gen") == ""


def test_a_missing_plugin_is_named(generate, monkeypatch, capsys):
    """Without the development tools the script says what to install."""
    monkeypatch.setattr(generate, "PLUGINS", ("protoc-gen-nothing",))
    assert generate.main(["--check"]) == 2
    assert "protoc-gen-nothing is not installed" in capsys.readouterr().err


def test_refused_sources_fail(generate, monkeypatch, capfd):
    """What protoc refuses is no success."""
    monkeypatch.setattr(generate, "SOURCES", ("guerdon/v1/absent.proto",))
    assert generate.main(["--check"]) == 2
    assert "protoc ended with code" in capfd.readouterr().err


def test_the_protocol_is_lint_clean():
    """`buf lint` finds nothing; every message, field, value and method is commented."""
    buf = Path(sys.executable).with_name("buf")
    done = subprocess.run([buf, "lint", str(PROTO)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_import_path_is_that_of_the_package():
    """The descriptor's name is what other languages import."""
    assert reward_pb2.DESCRIPTOR.name == "guerdon/v1/reward.proto"
    assert reward_pb2.DESCRIPTOR.package == "guerdon.v1"


def test_the_vendored_status_is_the_installed_one(tmp_path):
    """The copy of google/rpc/status.proto that other languages compile says what Python's package says."""
    image = tmp_path / "image.binpb"
    buf = Path(sys.executable).with_name("buf")
    subprocess.run([buf, "build", str(PROTO), "-o", str(image)], check=True, timeout=60)
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(image.read_bytes()).file:
        file.source_code_info.Clear()
        pool.Add(file)
    vendored, installed = descriptor_pb2.DescriptorProto(), descriptor_pb2.DescriptorProto()
    pool.FindMessageTypeByName("google.rpc.Status").CopyToProto(vendored)
    status_pb2.Status.DESCRIPTOR.CopyToProto(installed)
    for message in (vendored, installed):
        for field in message.field:
            field.ClearField("json_name")
    assert vendored == installed
