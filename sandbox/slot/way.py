"""How a language's programs are run, in the terms of the slot."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """How a language's programs are run.

    Attributes:
        runtime: name of the zygote that forks them.
        mode: ``python`` in the warm interpreter, ``exec`` by executing.
        filter: name of the zygote's filter.
        argv: command line for ``exec``, given the memory limit; an empty first word is the artifact itself.
        env: environment for ``exec``.
        folder: working directory.
        processes: processes and threads at once when the limits leave it open.
        address_space: whether RLIMIT_AS fits the runtime.
        memory_overhead_bytes: what the runtime itself takes beyond the program's limit.
        stack_bytes: of the first thread; -1 up to the memory limit, 0 as the zygote has it.
        tree: whether there may be processes below the first.
        executable_tmp: whether ``/tmp`` may hold what is executed.
        snapshots: whether a program can be loaded once for several cases.
        stdin_by_name: whether the program wants its input as a file of its own, for it opens ``/dev/stdin``.
        execs: programs it takes to start it: one, or two where a shell does.
        out_of_memory: texts on standard error by which the runtime says that it ran into its limit.
    """

    runtime: str
    mode: str
    filter: str
    argv: Callable[[int], tuple[str, ...]] | None
    env: dict[str, str]
    folder: str
    processes: int
    address_space: bool
    memory_overhead_bytes: int
    stack_bytes: int
    tree: bool
    executable_tmp: bool
    snapshots: bool
    stdin_by_name: bool
    execs: int
    out_of_memory: tuple[bytes, ...]
