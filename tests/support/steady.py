"""A steady load on a running service, which remembers every answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from guerdon.clients.python import GrpcClient, HttpClient, ScoreError

Call = tuple[dict[str, Any], dict[str, Any] | ScoreError]
"""A request and its answer, or how it was refused."""


class SteadyLoad:
    """Calls sent one after the other by a few threads."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.stopping = threading.Event()

    def wait_for(self, more: int, timeout_s: float = 60.0) -> None:
        """Wait until so many more calls are answered."""
        wanted = len(self.calls) + more
        until = time.monotonic() + timeout_s
        while len(self.calls) < wanted:
            if time.monotonic() > until:
                raise TimeoutError(f"{len(self.calls)} calls were answered, not {wanted}")
            time.sleep(0.01)

    def results(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Every item that was sent and its result."""
        for request, answer in self.calls:
            if isinstance(answer, ScoreError):
                continue
            assert len(answer["results"]) == len(request["items"])
            yield from zip(request["items"], answer["results"], strict=True)

    def refusals(self) -> list[ScoreError]:
        """Calls that were refused as a whole."""
        return [answer for _, answer in self.calls if isinstance(answer, ScoreError)]


@contextmanager
def steady_load(
    address: str, make_request: Callable[[int], dict[str, Any]], threads: int = 2, over_grpc: bool = False
) -> Iterator[SteadyLoad]:
    """Send requests, numbered from 0, from the beginning of the block to its end."""
    load = SteadyLoad()
    lock = threading.Lock()
    sent = 0

    def next_number() -> int:
        nonlocal sent
        with lock:
            sent += 1
            return sent - 1

    def work() -> None:
        with (GrpcClient if over_grpc else HttpClient)(address) as client:
            while not load.stopping.is_set():
                request = make_request(next_number())
                try:
                    answer: dict[str, Any] | ScoreError = client.score(request)
                except ScoreError as error:
                    answer = error
                load.calls.append((request, answer))

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield load
    finally:
        load.stopping.set()
        for worker in workers:
            worker.join(60)
