"""The slot's end of the connection to its engine, over a real socket pair."""

import socket
from collections.abc import Iterator

import pytest

from guerdon.sandbox.program import Limits, Program
from guerdon.sandbox.slot.mailbox import Mailbox
from guerdon.sandbox.wire import FROM_SLOT, Artifact, Build, Cancel, Frames, FromSlot, Job, JobDone, ToSlot, frame


class Engine:
    """The other end."""

    def __init__(self) -> None:
        self.socket, self._theirs = socket.socketpair()
        self.mailbox = Mailbox(self._theirs.fileno(), self._theirs.fileno())

    def say(self, *messages: ToSlot) -> None:
        """Send messages together."""
        self.socket.sendall(b"".join(map(frame, messages)))

    def heard(self) -> list[FromSlot]:
        """Return what has come so far."""
        self.socket.setblocking(False)
        try:
            data = self.socket.recv(1 << 20)
        except BlockingIOError:
            return []
        return [FROM_SLOT.decode(body) for body in Frames().feed(data)]

    def close(self) -> None:
        """Close both ends."""
        self.socket.close()
        self._theirs.close()


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine and its slot's mailbox."""
    engine = Engine()
    yield engine
    engine.close()


def job(number: int) -> Job:
    """Return a job."""
    return Job(id=number, program=Program(language="python", source=""), cases=[], limits=Limits())


def test_tasks_come_in_order(engine: Engine) -> None:
    """Jobs, builds and artifacts are handed out as they were sent."""
    build = Build(id=2, program=job(1).program, limits=Limits(), artifact_key="k")
    tasks = [job(1), build, Artifact(key="k", content=b"x"), job(3)]
    engine.say(*tasks)

    assert [engine.mailbox.next() for _ in tasks] == tasks


def test_a_task_may_come_in_pieces(engine: Engine) -> None:
    """A message is handed out once it is whole."""
    data = frame(job(1)) + frame(job(2))
    engine.socket.sendall(data[:7])
    engine.mailbox.read()
    engine.socket.sendall(data[7:])

    assert [engine.mailbox.next(), engine.mailbox.next()] == [job(1), job(2)]


def test_the_current_job_can_be_cancelled(engine: Engine) -> None:
    """A cancel that comes while a job runs marks that job, and not the one after it."""
    engine.say(job(1), job(2))
    engine.mailbox.next()
    assert not engine.mailbox.cancelled
    engine.say(Cancel(id=1))
    engine.mailbox.read()
    assert engine.mailbox.cancelled

    engine.mailbox.next()
    assert not engine.mailbox.cancelled


def test_a_job_that_waits_is_answered_and_forgotten(engine: Engine) -> None:
    """A job cancelled before it began is never handed out; its end is told at once."""
    engine.say(job(1), job(2), job(3), Cancel(id=2))

    assert [engine.mailbox.next().id, engine.mailbox.next().id] == [1, 3]  # type: ignore[union-attr]
    assert engine.heard() == [JobDone(job=2, cancelled=True)]


def test_cancelling_what_is_unknown_does_nothing(engine: Engine) -> None:
    """A job that is over, or never was, needs no answer."""
    engine.say(Cancel(id=99), job(1))

    assert engine.mailbox.next() == job(1)
    assert not engine.mailbox.cancelled
    assert engine.heard() == []


def test_the_last_answer_takes_all_others_along(engine: Engine) -> None:
    """Answers may be gathered, but the last one sends everything, in order."""
    answers = [JobDone(job=number) for number in range(5)]
    for answer in answers[:-1]:
        engine.mailbox.answer(answer)
    engine.mailbox.answer(answers[-1], last=True)

    assert engine.heard() == answers


def test_gathered_answers_can_be_sent(engine: Engine) -> None:
    """What waits is sent on demand, and only once."""
    for number in range(3):
        engine.mailbox.answer(JobDone(job=number))
    engine.mailbox.flush()
    engine.mailbox.flush()

    assert engine.heard() == [JobDone(job=number) for number in range(3)]


def test_the_end_of_the_engine_is_told(engine: Engine) -> None:
    """When the engine has hung up there is nothing to wait for."""
    engine.socket.close()

    with pytest.raises(EOFError):
        engine.mailbox.next()
