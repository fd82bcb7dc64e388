"""What a leader types, made into a job: every field that cannot be read is named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from instance.errors import Invalid
from instance.jobs.models import Audience
from instance.jobs.recurrence import DAYS, Rule
from instance.jobs.views import JobDetails, JobView, NewJob, NewOpening, NewShift, ShiftView
from instance.skills import service as skills

_BETWEEN_WORDS = re.compile(r"[;；、|\n]")  # noqa: RUF001  as people write lists in Chinese, too


class OpeningEntry(msgspec.Struct, frozen=True):
    """Places of one kind: words by key, label or alias; several are parted by semicolons."""

    skill: str = ""
    count: int | str = 1
    level: int | str = 0
    certificates: list[str] | str = ""
    languages: list[str] | str = ""


class ShiftEntry(msgspec.Struct, frozen=True):
    """A stretch of time by the clock of the place; one that ends before it begins ends next day."""

    day: str = ""
    start: str = ""
    end: str = ""
    openings: list[OpeningEntry] = []


class DetailsEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What a leader says of a job; `pay` is money for an hour, as in 68.50."""

    title: str = ""
    description: str = ""
    district: str = ""
    pay: int | float | str = ""
    worker_percent: int | str = ""
    insurance_percent: int | str = 0
    levy_percent: int | str = 0
    fund_percent: int | str = 0
    break_minutes: int | str = 0
    bring: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    customer: str = ""
    customer_phone: str = ""
    address: str = ""
    door: str = ""


class RepeatEntry(DetailsEntry, frozen=True, kw_only=True):
    """How a job repeats: every so many weeks (nothing: not at all), on days such as MO.

    Without days it is the first one's; without a last day and a number of times it has no end.
    """

    repeat_every: int | str = ""
    repeat_days: list[str] = []
    repeat_until: str = ""
    repeat_times: int | str = ""


class HoursEntry(msgspec.Struct, frozen=True):
    """When one of a day's shifts begins and ends."""

    start: str = ""
    end: str = ""


class RepeatingEntry(RepeatEntry, frozen=True, kw_only=True):
    """A job that repeats, said anew."""

    hours: list[HoursEntry] = []


class JobEntry(RepeatEntry, frozen=True, kw_only=True):
    """A new job as it is entered; `group` is the address of the group, or its last part."""

    group: str = ""
    audience: str = Audience.PUBLIC.value
    language: str = ""
    shifts: list[ShiftEntry] = []


def new_job(entry: JobEntry, timezone: str) -> NewJob:
    """Read what was entered as a job; raise Invalid naming the first field that cannot be."""
    if entry.audience not in {one.value for one in Audience}:
        raise Invalid("Choose who is told of this job.", field="audience")
    return NewJob(
        **details(entry),
        audience=Audience(entry.audience),
        language=entry.language,
        shifts=tuple(
            _shift(one, timezone, f"shifts.{number}") for number, one in enumerate(entry.shifts)
        ),
    )


def rule(entry: RepeatEntry, first: date) -> Rule | None:
    """Read how a job repeats that is first done on a day, or None; raise Invalid naming a field."""
    if entry.repeat_every in {"", 0, "0"}:
        if entry.repeat_days:
            raise Invalid("Say how often the job repeats on these days.", field="repeat_every")
        return None
    until = entry.repeat_until.strip()
    try:
        last = date.fromisoformat(until) if until else None
    except ValueError as error:
        raise Invalid("Enter the day, as in 2027-01-09.", field="repeat_until") from error
    if set(entry.repeat_days) - set(DAYS):
        raise Invalid("Choose the days on which it repeats.", field="repeat_days")
    chosen = tuple(one for one in DAYS if one in entry.repeat_days)
    return Rule(
        days=chosen or (DAYS[first.weekday()],),
        every=whole(entry.repeat_every, "repeat_every"),
        until=last,
        times=whole(entry.repeat_times, "repeat_times"),
    )


def hours(entered: Sequence[HoursEntry]) -> list[tuple[time, time]]:
    """Read when each shift of a day begins and ends; raise Invalid naming the field."""
    return [
        (_clock(one.start, f"hours.{number}.start"), _clock(one.end, f"hours.{number}.end"))
        for number, one in enumerate(entered)
    ]


def details(entry: DetailsEntry) -> dict[str, Any]:
    """Read what was entered of a job, its shifts apart, as the fields of JobDetails."""
    same = {
        name: getattr(entry, name).strip()
        for name in (
            "title description bring contact_name contact_phone customer customer_phone address "
            "door"
        ).split()
    }
    given = entry.worker_percent != ""
    return {
        **same,
        "district": place(entry.district),
        "pay_cents_per_hour": cents(entry.pay),
        "worker_percent": whole(entry.worker_percent, "worker_percent") if given else None,
        **{
            name: whole(getattr(entry, name), name)
            for name in ("insurance_percent", "levy_percent", "fund_percent", "break_minutes")
        },
    }


def typed(job: JobView | JobDetails, language: str) -> dict[str, Any]:
    """Return a job's details as a leader would type them, to begin a form with."""
    said = {name: getattr(job, name) for name in JobDetails.__struct_fields__}
    pay = Decimal(said.pop("pay_cents_per_hour")) / 100
    return {
        **{name: str(value) for name, value in said.items()},
        "pay": f"{pay:f}",
        "district": skills.places().label(job.district, language) if job.district else "",
    }


def again(job: JobView, language: str, now: datetime) -> dict[str, Any]:
    """Return a whole job as a leader would type it to post it again, so many weeks later.

    Its shifts keep their days of the week and hours, and all lie ahead.
    """
    shifts = job.standing or job.shifts
    zone = ZoneInfo(shifts[0].timezone)
    behind = now - min(one.start for one in shifts)
    later = timedelta(weeks=max(behind // timedelta(weeks=1) + 1, 0))
    return {
        **typed(job, language),
        "group": job.group,
        "audience": job.audience.value,
        "language": job.language,
        "shifts": [_shift_again(one, zone, later, language) for one in shifts],
    }


def _shift_again(
    shift: ShiftView, zone: ZoneInfo, later: timedelta, language: str
) -> dict[str, Any]:
    start, words = shift.start.astimezone(zone), skills.vocabulary()
    return {
        "day": (start.date() + later).isoformat(),
        "start": f"{start:%H:%M}",
        "end": f"{shift.end.astimezone(zone):%H:%M}",
        "openings": [
            {
                "skill": words.label(one.skill, language),
                "count": str(one.count),
                "level": str(one.level),
                "certificates": "; ".join(words.label(key, language) for key in one.certificates),
                "languages": "; ".join(words.label(key, language) for key in one.languages),
            }
            for one in shift.openings
        ],
    }


def span(day: str, start: str, end: str, timezone: str, at: str = "") -> tuple[datetime, datetime]:
    """Read a stretch of time by the clock of a place; raise Invalid naming the field under `at`."""
    try:
        when = date.fromisoformat(day.strip())
    except ValueError as error:
        raise Invalid("Enter the day, as in 2027-01-09.", field=f"{at}day") from error
    begins = _clock(start, f"{at}start")
    ends = _clock(end, f"{at}end")
    last = when if ends > begins else when + timedelta(days=1)
    return (
        _moment(when, begins, timezone, f"{at}start"),
        _moment(last, ends, timezone, f"{at}end"),
    )


def place(text: str) -> str:
    """Return the key of the place that was entered; raise Invalid when there is none."""
    if not text.strip():
        return ""
    found = skills.places().find(text)
    if found is None:
        raise Invalid("Choose the district from the list.", field="district")
    return found.key


def cents(entered: float | str) -> int:
    """Read money in its smallest unit; raise Invalid naming the field `pay`."""
    try:
        amount = Decimal(str(entered).strip() or "0") * 100
    except InvalidOperation as error:
        raise Invalid("Enter the pay for an hour as a number, as in 68.50.", field="pay") from error
    if not amount.is_finite() or amount != int(amount):
        raise Invalid("Enter the pay for an hour as a number, as in 68.50.", field="pay")
    return int(amount)


def whole(entered: int | str, field: str) -> int:
    """Read a whole number; raise Invalid naming the field."""
    text = str(entered).strip() or "0"
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise Invalid("Enter a whole number here.", field=field)
    return int(text)


def _shift(entry: ShiftEntry, timezone: str, at: str) -> NewShift:
    start, end = span(entry.day, entry.start, entry.end, timezone, f"{at}.")
    return NewShift(
        start,
        end,
        tuple(_opening(one, f"{at}.openings.{n}") for n, one in enumerate(entry.openings)),
    )


def _opening(entry: OpeningEntry, at: str) -> NewOpening:
    if not entry.skill.strip():
        raise Invalid("Say which skill is needed.", field=f"{at}.skill")
    return NewOpening(
        skill=_word(("skill", "occupation"), entry.skill, f"{at}.skill"),
        count=whole(entry.count, f"{at}.count"),
        level=whole(entry.level, f"{at}.level"),
        certificates=_words("certificate", entry.certificates, f"{at}.certificates"),
        languages=_words("language", entry.languages, f"{at}.languages"),
    )


def _words(kind: str, entered: list[str] | str, field: str) -> tuple[str, ...]:
    many = _BETWEEN_WORDS.split(entered) if isinstance(entered, str) else entered
    return tuple(dict.fromkeys(_word((kind,), one, field) for one in many if one.strip()))


def _word(kinds: tuple[str, ...], text: str, field: str) -> str:
    found = next((one for kind in kinds if (one := skills.vocabulary().find(kind, text))), None)
    if found is None:
        raise Invalid(
            "“%(word)s” is not in the list. Choose the nearest word there is.",
            field=field,
            word=text.strip()[:80],
        )
    return found.key


def _clock(text: str, field: str) -> time:
    try:
        return time.fromisoformat(text.strip()).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError as error:
        raise Invalid("Enter the time, as in 08:30.", field=field) from error


def _moment(day: date, clock: time, timezone: str, field: str) -> datetime:
    """Return a moment in UTC; raise Invalid for one that the change of the clocks leaves out."""
    zone = ZoneInfo(timezone)
    local = datetime.combine(day, clock, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Invalid("The clocks change that night: this time does not exist.", field=field)
    return moment
