"""The example pods ask for no more than they say."""

from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / "deploy" / "k8s" / "sandbox"
PODS = [
    pytest.param(document, id=document["metadata"]["name"])
    for path in sorted(FOLDER.glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text())
    if document["kind"] == "Pod"
]


@pytest.mark.parametrize("pod", PODS)
def test_the_restricted_pod_security_standard_admits_every_example(pod):
    """No host namespaces or paths, not root, no capability, no escalation, a seccomp profile, harmless volumes."""
    spec = pod["spec"]
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & spec.keys()
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"]["type"] in {"RuntimeDefault", "Localhost"}
    assert spec["securityContext"].get("appArmorProfile", {}).get("type") != "Unconfined"
    assert all("emptyDir" in volume for volume in spec["volumes"])
    for container in spec["containers"]:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert context["readOnlyRootFilesystem"] is True
        assert "privileged" not in context
        assert not any("hostPort" in port for port in container["ports"])


@pytest.mark.parametrize("pod", PODS)
def test_every_example_bounds_memory(pod):
    """The pod's limit stands behind what the sandbox itself bounds; volumes in memory count towards it."""
    for container in pod["spec"]["containers"]:
        assert container["resources"]["limits"]["memory"]
    assert all(volume["emptyDir"]["sizeLimit"] for volume in pod["spec"]["volumes"])


def test_the_full_tier_names_the_profile_that_is_shipped():
    """The file to copy to the nodes has the name that the pod asks for."""
    pod = yaml.safe_load((FOLDER / "full.yaml").read_text())
    asked = pod["spec"]["securityContext"]["seccompProfile"]["localhostProfile"]
    assert (FOLDER.parents[1] / "docker" / Path(asked).name).is_file()
    assert pod["spec"]["hostUsers"] is False
