"""What a job has to be before anybody is told of it; every refusal names the field to mend."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from instance.errors import Conflict, Invalid
from instance.jobs.views import JobDetails, NewJob, NewOpening, NewShift, ShiftView
from instance.skills import service as skills

MOST_SHIFTS = 30
MOST_OPENINGS = 12
MOST_PLACES = 200
MOST_CENTS = 10_000_000
FARTHEST = timedelta(days=400)
LONGEST = timedelta(hours=24)
SHORTEST = timedelta(minutes=15)

_LENGTHS = {
    "title": 120,
    "description": 4_000,
    "bring": 500,
    "contact_name": 120,
    "contact_phone": 60,
    "customer": 200,
    "customer_phone": 60,
    "address": 500,
    "door": 500,
}


def check_details(details: JobDetails) -> None:
    """Refuse what cannot be published; raise Invalid."""
    if not details.title.strip():
        raise Invalid("Give the job a title, so that people know what it is.", field="title")
    for name, most in _LENGTHS.items():
        if len(getattr(details, name)) > most:
            raise Invalid("This is longer than %(most)s characters.", field=name, most=most)
    if details.district and skills.places().place(details.district) is None:
        raise Invalid("Choose the district from the list.", field="district")
    if not 0 <= details.pay_cents_per_hour <= MOST_CENTS:
        raise Invalid("Pay for an hour cannot be below nothing or without end.", field="pay")
    if not 0 <= details.break_minutes <= 480:
        raise Invalid("A break is between 0 and 480 minutes.", field="break_minutes")
    worker_percent(details)
    _keep_the_customer_private(details)


def worker_percent(details: JobDetails) -> int:
    """Return the worker's part of what the customer pays: the remainder, unless it was given.

    Raises Invalid when the parts do not add up to 100 or the worker gets nothing.
    """
    others = (details.insurance_percent, details.levy_percent, details.fund_percent)
    if any(not 0 <= one <= 100 for one in others):
        raise Invalid("Each part is between 0 and 100 percent.", field="worker_percent")
    worker = 100 - sum(others) if details.worker_percent is None else details.worker_percent
    if worker + sum(others) != 100:
        raise Invalid(
            "The parts add up to %(sum)s percent; they have to make 100.",
            field="worker_percent",
            sum=worker + sum(others),
        )
    if worker <= 0:
        raise Invalid("Something has to be left for the worker.", field="worker_percent")
    return worker


def check_shifts(new: NewJob, now: datetime) -> None:
    """Refuse shifts and openings that cannot be staffed; raise Invalid."""
    if not new.shifts:
        raise Invalid("Add at least one shift.", field="shifts.0.day")
    if len(new.shifts) > MOST_SHIFTS:
        raise Invalid("A job has at most %(most)s shifts.", field="shifts.0.day", most=MOST_SHIFTS)
    for number, one in enumerate(new.shifts):
        check_times(one.start, one.end, now, f"shifts.{number}.start")
        _check_openings(one, f"shifts.{number}")


def check_times(start: datetime, end: datetime, now: datetime, field: str) -> None:
    """Refuse a stretch of time that nobody could work; raise Invalid naming the field."""
    if start <= now:
        raise Invalid("This shift would begin in the past.", field=field)
    if start > now + FARTHEST:
        raise Invalid("This shift is more than a year away.", field=field)
    if not SHORTEST <= end - start <= LONGEST:
        raise Invalid("A shift lasts between 15 minutes and 24 hours.", field=field)


def check_not_begun(shift: ShiftView, now: datetime) -> None:
    """Refuse to touch a shift that has begun or was called off; raise Conflict."""
    if shift.called_off:
        raise Conflict("This shift was called off already.")
    if shift.start <= now:
        raise Conflict(
            "This shift has begun: it can no longer be moved or called off. "
            "Enter the hours that were worked instead."
        )


def _check_openings(shift: NewShift, at: str) -> None:
    if not shift.openings:
        raise Invalid("Say whom this shift needs.", field=f"{at}.openings.0.skill")
    if len(shift.openings) > MOST_OPENINGS:
        raise Invalid(
            "A shift has at most %(most)s kinds of places.",
            field=f"{at}.openings.0.skill",
            most=MOST_OPENINGS,
        )
    for number, one in enumerate(shift.openings):
        _check_opening(one, f"{at}.openings.{number}")


def _check_opening(opening: NewOpening, at: str) -> None:
    if not 1 <= opening.count <= MOST_PLACES:
        raise Invalid("Between 1 and %(most)s people.", field=f"{at}.count", most=MOST_PLACES)
    if not 0 <= opening.level <= 3:
        raise Invalid("The level is between 0 (any) and 3.", field=f"{at}.level")
    _check_words(("skill", "occupation"), [opening.skill], f"{at}.skill")
    _check_words(("certificate",), opening.certificates, f"{at}.certificates")
    _check_words(("language",), opening.languages, f"{at}.languages")


def _check_words(kinds: Sequence[str], keys: Sequence[str], field: str) -> None:
    for key in keys:
        term = skills.vocabulary().term(key)
        if term is None or term.kind not in kinds:
            raise Invalid("%(word)s is not in the vocabulary.", field=field, word=key or "?")


def _keep_the_customer_private(details: JobDetails) -> None:
    """Refuse a title or description that gives the customer away: strangers read both."""
    for name in ("title", "description"):
        said = skills.folded(getattr(details, name))
        for secret in ("customer", "customer_phone", "address", "door"):
            word = skills.folded(getattr(details, secret))
            if len(word) > 2 and word in said:
                raise Invalid(
                    "This tells strangers who the customer is or where. Leave it to its own "
                    "field: only confirmed people read that.",
                    field=name,
                )
