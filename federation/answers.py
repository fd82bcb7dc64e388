"""What each answer of a peer to a delivery leads to: a table, and nothing else."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_WAIT = timedelta(days=1)
FIRST_WAIT = timedelta(seconds=15)
UNAUTHENTICATED_WAITS = (timedelta(hours=1), timedelta(days=1))
TRIES_AT_500 = 3
TRIES_AT_A_FAILING_PEER = 16
NO_ANSWER = 0

_FINAL = {
    400: "the peer says the message is malformed",
    403: "the peer refuses us",
    404: "the peer knows no such inbox",
    405: "the peer takes no messages there",
    406: "the peer does not take our format",
    413: "the peer finds the message too large",
    422: "the peer cannot use the message",
    501: "the peer does not know this kind of message",
}
_BUSY = {NO_ANSWER, 408, 425, 429}


class Next(enum.Enum):
    """What happens after one try."""

    DONE = "done"
    FINAL = "final"  # this activity never, the next one at once
    WAIT = "wait"  # this activity later, the next ones in its conversation after it
    PARK = "park"  # this activity later, the next ones may overtake it
    PEER_WAITS = "peer waits"  # the whole peer later
    GONE = "gone"  # ask whether the actor still exists


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from an answer: when to try again, and the reason in plain words.

    `asked` says that the peer itself named the wait.
    """

    next: Next
    reason: str = ""
    after: timedelta = timedelta()
    asked: bool = False


def outcome_of(
    status: int, headers: Mapping[str, str], *, attempts: int, failures: int, now: datetime
) -> Outcome:
    """Tell what follows from a peer's answer.

    `attempts` counts how often this delivery got this same answer before, in a row; `failures`
    how often the peer failed since it last took anything. A status of 0 stands for no answer at
    all: no connection, reset, time-out.
    """
    if 200 <= status < 300:
        return Outcome(Next.DONE)
    if status in _FINAL:
        return Outcome(Next.FINAL, _FINAL[status])
    if status == 401:
        return _unauthenticated(attempts)
    if status == 410:
        return Outcome(Next.GONE, "the peer says this actor is gone")
    if status == 500:
        return _failing(attempts, failures)
    if status in _BUSY or status < 400 or status > 500:
        asked = retry_after(headers.get("Retry-After"), now)
        wait = _growing(failures) if asked is None else asked
        return Outcome(Next.PEER_WAITS, _why_waiting(status), wait, asked=asked is not None)
    return Outcome(Next.FINAL, f"the peer answered {status}")


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header: seconds or a date, a second at the least, a day at the most."""
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        wait = timedelta(seconds=int(text[:9]))
    else:
        try:
            moment = parsedate_to_datetime(text)
            wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
        except (ValueError, TypeError, OverflowError, IndexError):
            return None
    return min(max(wait, timedelta(seconds=1)), LONGEST_WAIT)


def _unauthenticated(attempts: int) -> Outcome:
    reason = "the peer does not take our signature"
    if attempts < len(UNAUTHENTICATED_WAITS):
        return Outcome(Next.PARK, reason, UNAUTHENTICATED_WAITS[attempts])
    return Outcome(Next.FINAL, reason)


def _failing(attempts: int, failures: int) -> Outcome:
    """Tell one message that a peer stumbles over from a peer that stumbles over everything.

    After three tries the next message is let past; when that fails too, it is the peer, for days.
    """
    everything = failures >= TRIES_AT_500
    if attempts + 1 >= (TRIES_AT_A_FAILING_PEER if everything else TRIES_AT_500):
        return Outcome(Next.PARK, "the peer fails at this message", _growing(attempts))
    if everything:
        return Outcome(Next.PEER_WAITS, "the peer fails at every message", _growing(failures))
    return Outcome(Next.WAIT, "the peer had an error of its own", _growing(attempts))


def _growing(times: int) -> timedelta:
    return min(FIRST_WAIT * (1 << min(times, 16)), LONGEST_WAIT)


def _why_waiting(status: int) -> str:
    if status == NO_ANSWER:
        return "the peer cannot be reached"
    if status in {429, 503}:
        return "the peer asks us to wait"
    return f"the peer answered {status}"
