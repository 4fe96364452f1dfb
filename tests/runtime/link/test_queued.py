"""What a gateway knows of the queue of a replica."""

from guerdon.services.runtime.link.messages import Address, Report
from guerdon.services.runtime.link.replica_link import ReplicaLink
from guerdon.services.runtime.report import ReplicaReport


def told(queued: tuple[int, ...]) -> Report:
    """A report with so many items in hand."""
    return Report(ReplicaReport(id="r", node="n", condition="ready", queued=queued))


async def test_own_items_are_known_at_once_and_those_of_others_as_they_were_told() -> None:
    """A report may be a second old; what this gateway has got back since is no longer in the queue."""
    link = ReplicaLink(Address(id="r", host="127.0.0.1", port=1, secret=""), lambda _: None)
    link.waiting = [4, 0, 1]
    link._receive(link._connection, told((6, 0, 1)))
    assert link.queued == [6, 0, 1]
    link.waiting = [0, 2, 0]
    assert link.queued == [2, 2, 0]


async def test_items_sent_after_the_report_are_no_fault_of_others() -> None:
    """The report was on its way while they were sent."""
    link = ReplicaLink(Address(id="r", host="127.0.0.1", port=1, secret=""), lambda _: None)
    link.waiting = [4, 0, 0]
    link._receive(link._connection, told((1,)))
    assert link.queued == [4, 0, 0]
