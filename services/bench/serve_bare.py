"""Runs the bare server: uvicorn as it comes (httptools and uvloop where they are installed), no access log."""

from __future__ import annotations

import uvicorn

from guerdon.services.bench.bare_app import app
from guerdon.services.bench.serve import Addresses, announce, free_listener, when_parent_ends


def main() -> None:
    """Serve until the parent ends."""
    listener = free_listener()
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning"))

    def stop() -> None:
        server.should_exit = True

    when_parent_ends(stop)
    announce(Addresses(http=f"http://127.0.0.1:{listener.getsockname()[1]}"))
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
