"""Whose turn it is."""

from dataclasses import dataclass

import pytest

from guerdon.sandbox.engine.turns import QUANTUM_CASES, Turns


@dataclass(eq=False)
class Piece:
    """Work that waits."""

    tenant: str
    priority: int = 0
    cost: int = 1
    name: str = ""


def order(turns: Turns[Piece]) -> list[Piece]:
    """Take out everything in turn."""
    out = []
    while turns:
        out.append(turns.pop())
    return out


def test_one_tenant_is_served_in_order_of_arrival() -> None:
    """The work of one tenant goes first in, first out."""
    turns: Turns[Piece] = Turns()
    pieces = [Piece("a") for _ in range(20)]
    for piece in pieces:
        turns.push(piece)
    assert order(turns) == pieces


def test_a_small_tenant_does_not_wait_for_a_large_one() -> None:
    """Whoever asks for little is served after one turn of whoever asks for much."""
    turns: Turns[Piece] = Turns()
    for _ in range(1000):
        turns.push(Piece("large"))
    turns.push(Piece("small"))
    tenants = [piece.tenant for piece in order(turns)]
    assert tenants.index("small") <= QUANTUM_CASES


def test_tenants_share_by_cases_and_not_by_pieces() -> None:
    """Large chunks buy no more cases than small ones."""
    turns: Turns[Piece] = Turns()
    for _ in range(100):
        turns.push(Piece("chunks", cost=16))
    for _ in range(1600):
        turns.push(Piece("singles", cost=1))
    cases = {"chunks": 0, "singles": 0}
    for _ in range(800):
        piece = turns.pop()
        cases[piece.tenant] += piece.cost
    assert abs(cases["chunks"] - cases["singles"]) <= 32


def test_a_tenant_that_comes_again_and_again_starves_nobody() -> None:
    """Returning with new work right after each turn gains nothing over waiting in line."""
    turns: Turns[Piece] = Turns()
    for _ in range(50):
        turns.push(Piece("patient"))
    served = {"patient": 0, "eager": 0}
    for _ in range(60):
        turns.push(Piece("eager"))
        served[turns.pop().tenant] += 1
    assert served["patient"] >= 25


def test_lower_priorities_go_first_whoever_waits() -> None:
    """Urgent work goes before all that is less so."""
    turns: Turns[Piece] = Turns()
    late, early, usual = Piece("a", 5), Piece("b", -1), Piece("a", 0)
    for piece in (late, usual, early):
        turns.push(piece)
    assert order(turns) == [early, usual, late]


def test_work_pushed_to_the_front_is_its_tenants_next() -> None:
    """What a slot gave back does not wait a second time."""
    turns: Turns[Piece] = Turns()
    first, again = Piece("a"), Piece("a")
    turns.push(first)
    turns.push(again, front=True)
    assert order(turns) == [again, first]


def test_discarded_work_is_gone() -> None:
    """Work that is not wanted any more leaves nothing, and leaving twice is harmless."""
    turns: Turns[Piece] = Turns()
    stays, goes = Piece("a"), Piece("b")
    turns.push(stays)
    turns.push(goes)
    turns.discard(goes)
    turns.discard(goes)
    turns.discard(Piece("c", 7))
    assert order(turns) == [stays]


def test_drain_takes_everything() -> None:
    """All work can be taken out at once."""
    turns: Turns[Piece] = Turns()
    pieces = [Piece("a"), Piece("b"), Piece("a", 3)]
    for piece in pieces:
        turns.push(piece)
    assert set(map(id, turns.drain())) == set(map(id, pieces))
    assert not turns


def test_an_empty_queue_gives_nothing() -> None:
    """Taking from an empty queue is an error of the caller."""
    with pytest.raises(IndexError):
        Turns[Piece]().pop()
