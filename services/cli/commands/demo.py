"""``guerdon demo``: scores a bundled batch over HTTP and gRPC and compares the verdicts."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from guerdon.services.cli.comparison import run_demo

app = App(
    name="demo",
    help_epilogue=(
        "Exit codes: 0 both transports gave the expected verdicts; 1 some verdict differs; "
        "3 the service cannot be reached or refused the call."
    ),
)


@app.default
def demo(
    *,
    http: str = "http://127.0.0.1:8000",
    grpc: str = "127.0.0.1:9000",
    api_key: Annotated[str, Parameter(env_var="GUERDON_API_KEY", show_env_var=True, show_default=False)] = "",
) -> int:
    """Score the bundled batch on a running service and show every verdict; guerdon up --demo starts one first.

    Args:
        http: URL of the HTTP server.
        grpc: Host:port of the gRPC server.
        api_key: API key of the service.
    """
    return run_demo(http, grpc, api_key)
