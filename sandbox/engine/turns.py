"""Whose turn it is: urgent work first, then tenants in turn, each by the cases it asks for."""

from collections import OrderedDict, deque
from typing import Generic, Protocol, TypeVar

QUANTUM_CASES = 4
"""Cases a tenant may start in a turn before the next one is asked."""


class Waiting(Protocol):
    """Work that waits for its turn."""

    @property
    def tenant(self) -> str:
        """Whose turn it takes."""

    @property
    def priority(self) -> int:
        """Lower goes first."""

    @property
    def cost(self) -> int:
        """Cases in it, at least 1."""


W = TypeVar("W", bound=Waiting)


class _Tenant(Generic[W]):
    __slots__ = ("credit", "name", "work")

    def __init__(self, name: str) -> None:
        self.name = name
        self.credit = QUANTUM_CASES
        self.work: OrderedDict[W, None] = OrderedDict()


class _Circle(Generic[W]):
    """The tenants of one priority, the next one first.

    A tenant pays for every case it starts. Whoever has no credit left goes to the end of the circle and gets a
    turn's worth there, so large pieces of work cost their owner as many turns as they are large.
    """

    def __init__(self) -> None:
        self._tenants: dict[str, _Tenant[W]] = {}
        self._order: deque[_Tenant[W]] = deque()

    def __bool__(self) -> bool:
        return bool(self._order)

    def push(self, work: W, *, front: bool) -> None:
        tenant = self._tenants.get(work.tenant)
        if tenant is None:
            tenant = self._tenants[work.tenant] = _Tenant(work.tenant)
            self._order.append(tenant)
        tenant.work[work] = None
        if front:
            tenant.work.move_to_end(work, last=False)

    def pop(self) -> W:
        tenant = self._order[0]
        while tenant.credit <= 0 and len(self._order) > 1:
            tenant.credit += QUANTUM_CASES
            self._order.rotate(-1)
            tenant = self._order[0]
        work, _ = tenant.work.popitem(last=False)
        tenant.credit -= work.cost
        if not tenant.work:
            self._dismiss(tenant)
        return work

    def discard(self, work: W) -> None:
        tenant = self._tenants.get(work.tenant)
        if tenant is None or work not in tenant.work:
            return
        del tenant.work[work]
        if not tenant.work:
            self._dismiss(tenant)

    def _dismiss(self, tenant: _Tenant[W]) -> None:
        # Whoever comes back joins at the end, behind all that waited meanwhile.
        self._order.remove(tenant)
        del self._tenants[tenant.name]

    def drain(self) -> list[W]:
        return [work for tenant in self._order for work in tenant.work]


class Turns(Generic[W]):
    """A queue that no tenant can fill for the others."""

    def __init__(self) -> None:
        self._circles: dict[int, _Circle[W]] = {}

    def __bool__(self) -> bool:
        return bool(self._circles)

    def push(self, work: W, *, front: bool = False) -> None:
        """Queue work, or put it before everything of its tenant."""
        circle = self._circles.get(work.priority)
        if circle is None:
            circle = self._circles[work.priority] = _Circle()
        circle.push(work, front=front)

    def pop(self) -> W:
        """Take out the work whose turn it is.

        Raises:
            IndexError: none waits.
        """
        if not self._circles:
            raise IndexError("nothing waits")
        priority = min(self._circles) if len(self._circles) > 1 else next(iter(self._circles))
        circle = self._circles[priority]
        work = circle.pop()
        if not circle:
            del self._circles[priority]
        return work

    def discard(self, work: W) -> None:
        """Take work out if it waits."""
        circle = self._circles.get(work.priority)
        if circle is None:
            return
        circle.discard(work)
        if not circle:
            del self._circles[work.priority]

    def drain(self) -> list[W]:
        """Take out everything."""
        work = [work for priority in sorted(self._circles) for work in self._circles[priority].drain()]
        self._circles.clear()
        return work
