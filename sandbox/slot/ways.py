"""From a language to a way of running it, in the terms of the slot."""

from guerdon.sandbox.program import Limits, Program
from guerdon.sandbox.slot.jail_plan import Ground
from guerdon.sandbox.slot.run import Way
from guerdon.sandbox.slot.runtimes import PYTHON, Runtime, python_runtime


class Ways:
    """The ways of one slot."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def run(self, program: Program, limits: Limits) -> Way:
        return Way(mode="python", filter="python", folder=self._ground.folder)

    def files(self, program: Program):
        return list(program.files.items())

    def runtime_of(self, way: Way) -> str:
        return PYTHON

    def runtime(self, name: str) -> Runtime:
        pre = "math re collections itertools functools heapq bisect random string json datetime decimal fractions operator typing statistics copy array threading traceback".split()
        return python_runtime(PYTHON, tuple(pre), ())
