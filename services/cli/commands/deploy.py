"""``guerdon deploy``: checks a Serve configuration, and makes a cluster run it."""

from __future__ import annotations

import json as json_module
from pathlib import Path

from cyclopts import App

from guerdon.services.cli.cluster_deploy import deploy_and_wait
from guerdon.services.cli.cluster_target import ClusterOptions, cluster_faults
from guerdon.services.cli.errors import CliError, ExitCode
from guerdon.services.cli.terminal import say, visible
from guerdon.services.cluster.check import Checked, check_config
from guerdon.services.cluster.config import read_config
from guerdon.services.cluster.flags import Ingress, serve_flags

app = App(
    name="deploy",
    help_epilogue=(
        "Exit codes: 0 everything runs as asked; 1 not within --timeout; 2 the configuration cannot be used; "
        "3 the cluster cannot be reached, refuses, or an application fails."
    ),
)


@app.default
def deploy(
    file: Path | None = None,
    *,
    check: bool = False,
    prune: bool = False,
    timeout: float = 300.0,
    json: bool = False,
    print_env: bool = False,
    ingress: Ingress = "haproxy",
    cluster: ClusterOptions = ClusterOptions(),  # noqa: B008 - frozen
) -> int:
    """Check a configuration and make a cluster run it; replicas and settings change in place.

    Args:
        file: Serve configuration, such as deploy/serve/cpu.yaml.
        check: Only check the file.
        prune: Remove applications of the cluster that the file does not list.
        timeout: Seconds to wait until all replicas are ready.
        json: Write the outcome as JSON to standard output.
        print_env: Only print the variables that every node needs before ray start, as lines for a shell.
        ingress: With --print-env, who accepts calls on those nodes.
        cluster: Which cluster.
    """
    if print_env:
        for flag in serve_flags(ingress):
            print(f"# {flag.why}\n{flag.name}={flag.value}")
        return ExitCode.OK
    if file is None:
        raise CliError("name the file with the Serve configuration, such as deploy/serve/cpu.yaml")
    with cluster_faults():
        content = read_config(file)
        checked = check_config(content)
    for warning in checked.warnings:
        say(f"warning: {visible(warning)}")
    if check:
        return _passed(file, checked, json=json)
    with cluster.connect() as client:
        state, url = deploy_and_wait(client, content, prune=prune, timeout_s=timeout, quiet=json)
    ready = {app.name: app.deployments[0].ready for app in state.applications if app.deployments}
    if json:
        print(json_module.dumps({"url": url, "replicas": ready}))
    else:
        counts = ", ".join(f"{name} {replicas}" for name, replicas in ready.items())
        say(f"everything runs as in {visible(str(file))}: {visible(counts)}; the gateway is at {visible(url)}")
    return ExitCode.OK


def _passed(file: Path, checked: Checked, *, json: bool) -> ExitCode:
    replicas = {
        app.name: deployment.num_replicas for app in checked.config.applications for deployment in app.deployments
    }
    if json:
        print(json_module.dumps({"applications": replicas, "warnings": list(checked.warnings)}))
    else:
        counts = ", ".join(
            f"{name} {'autoscaled' if number is None else number}" for name, number in replicas.items()
        )
        say(f"{visible(str(file))} can be deployed: {visible(counts)}")
    return ExitCode.OK
