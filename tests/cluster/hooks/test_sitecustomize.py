"""What every Python process of a private Ray loads first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from guerdon.services.cluster import hooks

HOOK = Path(hooks.__file__).parent / "path"
LISTEN = """
import asyncio, grpc.aio, sys
async def main():
    server = grpc.aio.server()
    port = server.add_insecure_port(sys.argv[1])
    await server.start()
    inode = [line.split()[1] for name in ("tcp", "tcp6") for line in open(f"/proc/net/{name}")
             if line.split()[3] == "0A" and int(line.split()[1].split(":")[1], 16) == port]
    print(*inode)
    await server.stop(0)
asyncio.run(main())
"""


def run(code: str, *words: str, path: str = str(HOOK), **environ: str) -> str:
    """What a process with the hook says."""
    environment = {**os.environ, "PYTHONPATH": path, **environ}
    command = [sys.executable, "-c", code, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


@pytest.mark.parametrize("address", ["[::]:0", "0.0.0.0:0", "127.0.0.1:0"])
def test_grpc_servers_listen_on_loopback(address):
    """A wildcard becomes loopback."""
    local = run(LISTEN, address, GUERDON_PUBLIC_PORTS="").split(":")[0]
    assert local in {"0100007F", "0000000000000000FFFF00000100007F"}


def test_a_public_port_stays_public():
    """The ports that are named are left as they are."""
    code = "import grpc.aio._server, sitecustomize as s; print(s.on_loopback(*sys.argv[1:2], frozenset({'9000'})))"
    code = f"import sys; {code}"
    assert run(code, "[::]:9000").strip() == "[::]:9000"
    assert run(code, "[::]:9001").strip() == "127.0.0.1:9001"
    assert run(code, "10.0.0.1:9001").strip() == "10.0.0.1:9001"


def test_without_the_variable_nothing_changes():
    """A process that is not part of a private Ray is not touched."""
    code = "import grpc.aio._server as s; print(s.Server.add_insecure_port.__module__)"
    environment = {name: value for name, value in os.environ.items() if name != "GUERDON_PUBLIC_PORTS"}
    environment["PYTHONPATH"] = str(HOOK)
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    assert said.strip() == "grpc.aio._server"


def test_it_costs_no_import():
    """GRPC is not loaded for its sake."""
    assert run("import sys; print('grpc' in sys.modules)", GUERDON_PUBLIC_PORTS="").strip() == "False"


def test_another_sitecustomize_is_loaded_too(tmp_path):
    """One that a distribution or a user has installed still has its effect."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.found_the_other = True\n", encoding="utf-8")
    said = run("import sys; print(sys.found_the_other)", path=f"{HOOK}{os.pathsep}{tmp_path}")
    assert said.strip() == "True"
