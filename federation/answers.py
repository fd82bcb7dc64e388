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
_BUSY = {408, 425, 429, 502, 503, 504}


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
    """What follows from an answer: when to try again, and the reason in plain words."""

    next: Next
    reason: str = ""
    after: timedelta = timedelta()


def outcome_of(
    status: int, headers: Mapping[str, str], *, attempts: int, failures: int, now: datetime
) -> Outcome:
    """Tell what follows from a peer's answer.

    `attempts` counts earlier tries of this delivery, `failures` earlier ones of the whole peer.
    A status of 0 stands for no answer at all: no connection, reset, time-out.
    """
    if 200 <= status < 300:
        return Outcome(Next.DONE)
    if status == 401:
        return _unauthenticated(attempts)
    if status == 410:
        return Outcome(Next.GONE, "the peer says this actor is gone")
    if status == 500:
        wait = _growing(attempts)
        if attempts + 1 < TRIES_AT_500:
            return Outcome(Next.WAIT, "the peer had an error of its own", wait)
        return Outcome(Next.PARK, "the peer fails at this message", wait)
    if status == 0 or status in _BUSY or 300 <= status < 400 or status > 500:
        if status in _FINAL:
            return Outcome(Next.FINAL, _FINAL[status])
        asked = retry_after(headers.get("Retry-After"), now)
        return Outcome(Next.PEER_WAITS, _why_waiting(status), asked or _growing(failures))
    return Outcome(Next.FINAL, _FINAL.get(status, f"the peer answered {status}"))


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header: seconds or a date, a day at the most."""
    if not value:
        return None
    if value.strip().isdigit():
        return min(timedelta(seconds=int(value.strip()[:9])), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta()), LONGEST_WAIT)


def _unauthenticated(attempts: int) -> Outcome:
    if attempts < len(UNAUTHENTICATED_WAITS):
        return Outcome(
            Next.PARK, "the peer does not take our signature", UNAUTHENTICATED_WAITS[attempts]
        )
    return Outcome(Next.FINAL, "the peer does not take our signature")


def _growing(times: int) -> timedelta:
    return min(FIRST_WAIT * (1 << min(times, 16)), LONGEST_WAIT)


def _why_waiting(status: int) -> str:
    if status == 0:
        return "the peer cannot be reached"
    if status in {429, 503}:
        return "the peer asks us to wait"
    return f"the peer answered {status}"
