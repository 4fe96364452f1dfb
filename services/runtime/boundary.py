"""The one crossing from the service into verifier code: what comes out of it is attributed here.

A verifier that raises, answers the wrong number of verdicts, or answers a score outside its declared range has
a bug. Its items are booked as ``error`` with null for a score; nothing of it reaches the caller as a number.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence

import msgspec

from guerdon.services.contract import Item, RewardInfo, Status, Verdict

log = logging.getLogger(__name__)

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Verdict)
REASON = re.compile(r"[a-z][a-z0-9_]{0,63}")


def guard(
    score: Callable[[], Sequence[Verdict]], items: Sequence[Item], rewards: dict[str, RewardInfo]
) -> list[Verdict]:
    """Run verifier code and return exactly one sound verdict per item, whatever the code does."""
    return checked(attempt(score, len(items)), items, rewards)


def attempt(score: Callable[[], Sequence[Verdict]], count: int) -> Sequence[object]:
    """Run verifier code and return exactly ``count`` answers, whatever the code does; none is checked yet."""
    try:
        verdicts = score()
    except Exception as cause:  # noqa: BLE001 - any fault of a verifier is booked as one, never as a score
        return [bug_verdict(cause)] * count
    return _counted(verdicts, count)


def bug_verdict(cause: BaseException) -> Verdict:
    """The verdict of an item whose verifier raised ``cause``; the traceback goes to the log."""
    log.error("verifier_raised", exc_info=cause)
    return Verdict.error("verifier_bug", f"the verifier raised {type(cause).__name__}; see the service's log")


def sound_verdicts(verdicts: object, items: Sequence[Item], rewards: dict[str, RewardInfo]) -> list[Verdict]:
    """Check what a verifier returned; unsound verdicts become ``error``."""
    return checked(_counted(verdicts, len(items)), items, rewards)


def checked(answers: Sequence[object], items: Sequence[Item], rewards: dict[str, RewardInfo]) -> list[Verdict]:
    """Check the answers for items one by one; unsound verdicts become ``error``."""
    return [_sound(answer, rewards[item.reward]) for answer, item in zip(answers, items, strict=True)]


def _counted(verdicts: object, count: int) -> Sequence[object]:
    if isinstance(verdicts, Sequence) and len(verdicts) == count:
        return verdicts
    got = f"{len(verdicts)} verdicts" if isinstance(verdicts, Sequence) else type(verdicts).__name__
    log.error("verifier_answered_wrong_count", extra={"got": got, "wanted": count})
    return [Verdict.error("bad_verdict", f"the verifier answered {got} for {count} items")] * count


def _sound(verdict: object, reward: RewardInfo) -> Verdict:
    try:
        read = _plain(verdict)
        fault = _fault(read, reward)
    except _Unsound as cause:
        fault = str(cause)
    if fault is None:
        return read
    log.error("verdict_refused", extra={"reward": reward.name, "fault": fault})
    return Verdict.error("bad_verdict", f"the verifier of {reward.name!r} {fault}")


class _Unsound(Exception):
    """What a verifier answered is no verdict."""


def _plain(verdict: object) -> Verdict:
    """The verdict as JSON holds it, so that it has the declared types and reads the same over every transport."""
    if not isinstance(verdict, Verdict):
        raise _Unsound(f"answered a {type(verdict).__name__} instead of a verdict")
    try:
        return _DECODER.decode(_ENCODER.encode(verdict))
    except (TypeError, ValueError, OverflowError, RecursionError) as cause:
        raise _Unsound(f"answered what JSON cannot hold, or of the wrong type ({type(cause).__name__})") from None


def _fault(verdict: Verdict, reward: RewardInfo) -> str | None:
    if not REASON.fullmatch(verdict.reason):
        return "answered a reason that is not a short code of lower case letters, digits and underscores"
    if verdict.status is Status.PARTIAL:
        return "answered the status 'partial', which only whole items have"
    if verdict.score is not None and not reward.min_score <= verdict.score <= reward.max_score:
        return f"answered {verdict.score}, outside its range [{reward.min_score}, {reward.max_score}]"
    return None
