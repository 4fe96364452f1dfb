"""Other languages: the child executes a compiled program, or an interpreter on the source file."""

import os

from guerdon.sandbox.jail.channel import CHANNEL


def execute(program: int, argv: "list[str]", env: "dict[str, str]") -> None:
    """Replace this process by a program.

    Args:
        program: descriptor of a compiled program, executed when ``argv[0]`` is empty.
        argv: the command line; an empty first word stands for the compiled program.
        env: the environment.

    Raises:
        OSError: it cannot be executed.
    """
    # Neither the channel nor the program's own file is for the program.
    os.set_inheritable(CHANNEL, False)
    os.set_inheritable(program, False)
    if argv[0]:
        os.execve(argv[0], argv, env)  # noqa: S606
    os.execve(program, ["program", *argv[1:]], env)  # noqa: S606
