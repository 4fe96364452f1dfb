"""What the shipped seccomp profile allows, beyond and short of Docker's own."""

import json
from pathlib import Path

import pytest

PROFILE = json.loads((Path(__file__).parents[2] / "deploy" / "docker" / "seccomp-sandbox.json").read_text())
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, NETLINK_ROUTE = 1, 2, 10, 16, 0

JAIL = ["clone", "clone3", "unshare", "setns", "mount", "umount2", "mount_setattr", "pivot_root", "sethostname"]
CONFINEMENT = [
    "seccomp",
    "landlock_create_ruleset",
    "landlock_add_rule",
    "landlock_restrict_self",
    "prctl",
    "capset",
]
SUPERVISION = ["pidfd_open", "pidfd_send_signal", "execveat", "memfd_create", "wait4", "waitid", "prlimit64"]
REFUSED = [
    *["ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "perf_event_open", "bpf"],
    *["keyctl", "add_key", "request_key", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"],
    *["init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "acct"],
    *[
        "open_by_handle_at",
        "name_to_handle_at",
        "fsopen",
        "fsmount",
        "fsconfig",
        "fspick",
        "open_tree",
        "move_mount",
    ],
    *[
        "chroot",
        "quotactl",
        "syslog",
        "iopl",
        "ioperm",
        "modify_ldt",
        "settimeofday",
        "clock_settime",
        "fanotify_init",
    ],
]


def rules(name):
    """The rules about one system call."""
    return [rule for rule in PROFILE["syscalls"] if name in rule["names"]]


def test_what_is_not_named_is_refused():
    """It is an allow-list: a system call that a later kernel adds is refused until somebody has looked at it."""
    assert PROFILE["defaultAction"] == "SCMP_ACT_ERRNO"
    assert {rule["action"] for rule in PROFILE["syscalls"]} == {"SCMP_ACT_ALLOW"}


@pytest.mark.parametrize("name", JAIL + CONFINEMENT + SUPERVISION)
def test_what_the_sandbox_needs_is_allowed(name):
    """Whatever its arguments."""
    assert any("args" not in rule for rule in rules(name))


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_service_never_needs_is_refused(name):
    """User namespaces make more of the kernel reachable; what is behind these calls stays out of reach."""
    assert not rules(name)


def test_sockets_are_those_of_a_network_service():
    """In a network namespace of its own a process could else reach netfilter, packets and rarer families."""
    asked = [tuple((arg["index"], arg["value"], arg["op"]) for arg in rule["args"]) for rule in rules("socket")]
    family = [((0, number, "SCMP_CMP_EQ"),) for number in (AF_UNIX, AF_INET, AF_INET6)]
    assert asked == [*family, ((0, AF_NETLINK, "SCMP_CMP_EQ"), (2, NETLINK_ROUTE, "SCMP_CMP_EQ"))]


def test_docker_and_kubernetes_both_understand_it():
    """It keeps to the fields of the OCI runtime specification, which kubelets hand on as they are."""
    assert PROFILE.keys() == {"defaultAction", "architectures", "syscalls"}
    for rule in PROFILE["syscalls"]:
        assert rule.keys() <= {"comment", "names", "action", "args"}


def test_no_name_is_there_twice_without_reason():
    """Only what depends on arguments has several rules."""
    names = [name for rule in PROFILE["syscalls"] if "args" not in rule for name in rule["names"]]
    assert len(names) == len(set(names))
