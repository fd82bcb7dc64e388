"""A job that repeats: each week that it falls into is published ahead, as a job of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Conflict, Invalid, NotFound
from instance.jobs import checking
from instance.jobs.changes import call_off_shift, change_job, move_shift
from instance.jobs.models import Audience, RepeatedShift, RepeatingJob, Shift
from instance.jobs.posting import publish
from instance.jobs.recurrence import (
    DAYS,
    MOST_TIMES,
    MOST_WEEKS,
    Rule,
    days_between,
    moments,
    monday_of,
    next_day,
)
from instance.jobs.views import JobDetails, NewJob, NewOpening, NewShift
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer

REPEAT = "jobs.repeat"
WEEKS_AHEAD = 6
MOST_HOURS = 4
"""So many stretches of hours a day: seven days of them are a job of at most 28 shifts."""

Days: TypeAlias = dict[tuple[date, int], tuple[RepeatedShift, Shift]]


class Hours(msgspec.Struct, frozen=True):
    """A stretch of each day, by the clock of the place, and whom it wants."""

    start: time
    end: time
    openings: tuple[NewOpening, ...]


class Said(msgspec.Struct, frozen=True):
    """What each week's job says."""

    details: JobDetails
    hours: tuple[Hours, ...]
    audience: Audience
    language: str = ""


async def repeat_job(tx: Tx, viewer: Viewer, group: Iri, new: NewJob, rule: Rule) -> Iri:
    """Publish a job for each week of a rule, the next weeks now and the others in time.

    The first shift's day is where the rule begins. Raises NotFound unless the viewer leads the
    group, Invalid for what cannot be published or repeated.
    """
    await people.require_leader(tx, viewer, group)
    checking.check_details(new)
    checking.check_shifts(new, tx.now)
    zone = ZoneInfo(tx.settings.timezone)
    first = min(one.start for one in new.shifts).astimezone(zone).date()
    check_rule(rule, first)
    said = _said(new, first, zone)
    row = RepeatingJob(
        iri=tx.federation.new_id("jobs/repeating"),
        group_iri=group,
        decided_by=viewer.person,
        rule=rule.text(),
        first=first,
        left_out=[],
        timezone=tx.settings.timezone,
        said=msgspec.to_builtins(said),
        since=tx.now,
        stopped=None,
    )
    tx.session.add(row)
    text = "A job was set to repeat."
    await _note(tx, row, viewer, "jobs.repeated", text, rule=row.rule)
    await _publish_ahead(tx, row)
    return Iri(row.iri)


async def change_repeating(
    tx: Tx,
    viewer: Viewer,
    iri: Iri,
    rule: Rule,
    hours: Sequence[tuple[time, time]],
    details: Mapping[str, Any],
) -> None:
    """Repeat a job on other days, at other hours, or saying something else, from now on.

    What is published is brought to it: shifts of days that are no more are called off, hours that
    nobody moved by hand are moved, and what the jobs say is said anew. Raises as `repeat_job`
    does, and Conflict once it was stopped.
    """
    row = await led(tx, viewer, iri)
    check_rule(rule, row.first)
    before = said_in(row)
    if len(hours) != len(before.hours):
        raise Invalid("Say for each shift of a day when it begins and ends.", field="hours.0.start")
    replace = msgspec.structs.replace
    after = replace(
        before,
        details=replace(before.details, **details),
        hours=tuple(
            replace(one, start=start, end=end)
            for one, (start, end) in zip(before.hours, hours, strict=True)
        ),
    )
    checking.check_details(after.details)
    row.rule, row.said, row.decided_by = rule.text(), msgspec.to_builtins(after), viewer.person
    text = "A repeating job was changed."
    await _note(tx, row, viewer, "jobs.repeated", text, rule=row.rule)
    await _follow(tx, viewer, row, before, after)
    await _publish_ahead(tx, row)


async def leave_out(tx: Tx, viewer: Viewer, iri: Iri, day: date, *, out: bool = True) -> None:
    """Have a repeating job not take place on a day, or, with `out` False, take place after all.

    What is published for that day is called off. Raises NotFound unless the viewer leads the
    group and the rule has that day, Conflict once it was stopped.
    """
    row = await led(tx, viewer, iri)
    if not days_between(row.rule, row.first, (), day, day + timedelta(days=1)):
        raise NotFound
    others = [one for one in row.left_out if one != day.isoformat()]
    row.left_out = sorted([*others, day.isoformat()]) if out else others
    text = "A day was left out of a repeating job." if out else "A day was taken in again."
    await _note(tx, row, viewer, "jobs.repeated", text)
    await _end_days(tx, viewer, row)
    await _publish_ahead(tx, row)


async def stop_repeating(tx: Tx, viewer: Viewer, iri: Iri, *, published: bool) -> None:
    """Publish no more weeks; with `published`, call off the shifts that are out already, too.

    Raises NotFound unless the viewer leads the group, Conflict when it was stopped before.
    """
    row = await led(tx, viewer, iri)
    row.stopped = tx.now
    await due.cancel(tx, REPEAT, row.iri)
    await _note(tx, row, viewer, "jobs.repeating_stopped", "A repeating job was stopped.")
    if published:
        for _, shift in (await _standing(tx, row)).values():
            await call_off_shift(tx, viewer, Iri(shift.iri))


async def repeat_due(tx: Tx, key: str) -> None:
    """Publish the weeks that have come near; `key` is the repeating job's id."""
    row = await tx.session.get(RepeatingJob, key, with_for_update=True)
    if row is not None and row.stopped is None:
        await _publish_ahead(tx, row)


async def led(tx: Tx, viewer: Viewer, iri: Iri) -> RepeatingJob:
    """Take a repeating job that goes on; raise NotFound for all but leaders, Conflict if not."""
    row = await tx.session.get(RepeatingJob, iri, with_for_update=True)
    if row is None:
        raise NotFound
    await people.require_leader(tx, viewer, Iri(row.group_iri))
    if row.stopped is not None:
        raise Conflict("This job repeats no more: it was stopped.")
    return row


def said_in(row: RepeatingJob) -> Said:
    """Read what each week's job says."""
    return msgspec.convert(row.said, Said)


def ahead(row: RepeatingJob, now: datetime) -> tuple[date, date]:
    """Return today, and the day before which everything is published: whole weeks."""
    today = now.astimezone(ZoneInfo(row.timezone)).date()
    return today, monday_of(today) + timedelta(weeks=WEEKS_AHEAD + 1)


def check_rule(rule: Rule, first: date) -> None:
    """Refuse a rule by which nothing could repeat; raise Invalid naming the field."""
    if not rule.days or set(rule.days) - set(DAYS):
        raise Invalid("Choose the days on which it repeats.", field="repeat_days")
    if not 1 <= rule.every <= MOST_WEEKS:
        raise Invalid(
            "It can repeat every week, or up to every %(most)s weeks.",
            field="repeat_every",
            most=MOST_WEEKS,
        )
    if not 0 <= rule.times <= MOST_TIMES:
        raise Invalid("At most %(most)s times.", field="repeat_times", most=MOST_TIMES)
    if rule.until and rule.times:
        raise Invalid("Give the last day or how many times, not both.", field="repeat_times")
    if rule.until and rule.until < first:
        raise Invalid("The last day is before the first.", field="repeat_until")
    if next_day(rule.text(), first, first) is None:
        raise Invalid("None of these days comes before the last day.", field="repeat_until")


def _said(new: NewJob, first: date, zone: ZoneInfo) -> Said:
    hours = []
    for number, one in enumerate(new.shifts):
        start, end = one.start.astimezone(zone), one.end.astimezone(zone)
        if start.date() != first:
            raise Invalid(
                "A job that repeats has the same hours on each of its days: give all shifts the "
                "first day.",
                field=f"shifts.{number}.day",
            )
        hours.append(Hours(start.time(), end.time(), one.openings))
    if len(hours) > MOST_HOURS:
        raise Invalid(
            "A job that repeats has at most %(most)s shifts a day.",
            field="shifts.0.day",
            most=MOST_HOURS,
        )
    details = {name: getattr(new, name) for name in JobDetails.__struct_fields__}
    details["worker_percent"] = checking.worker_percent(new)
    hours.sort(key=lambda one: one.start)
    return Said(JobDetails(**details), tuple(hours), new.audience, new.language)


async def _publish_ahead(tx: Tx, row: RepeatingJob) -> None:
    """Publish what is missing of the weeks that are near, and come back when the next one is."""
    # what is published below names this row, and no relationship tells the session so
    await tx.session.flush()
    today, until = ahead(row, tx.now)
    said, zone = said_in(row), ZoneInfo(row.timezone)
    there = set(await _days(tx, row, today))
    days = days_between(row.rule, row.first, row.left_out, today, until)
    missing = [
        (day, number, NewShift(*moments(day, one.start, one.end, zone), one.openings))
        for day in days
        for number, one in enumerate(said.hours)
        if (day, number) not in there
    ]
    future = [one for one in missing if one[2].start > tx.now]
    for _, week in groupby(future, key=lambda one: monday_of(one[0])):
        await _publish_week(tx, row, said, list(week))
    following = next_day(row.rule, row.first, until)
    if following:
        moment = monday_of(following) - timedelta(weeks=WEEKS_AHEAD)
        await due.schedule(tx, datetime.combine(moment, time(), zone), REPEAT, row.iri)
    else:
        await due.cancel(tx, REPEAT, row.iri)


async def _publish_week(
    tx: Tx, row: RepeatingJob, said: Said, week: list[tuple[date, int, NewShift]]
) -> None:
    week.sort(key=lambda one: one[2].start)
    new = NewJob(
        **{name: getattr(said.details, name) for name in JobDetails.__struct_fields__},
        shifts=tuple(shift for _, _, shift in week),
        audience=said.audience,
        language=said.language,
    )
    job = await publish(tx, Iri(row.decided_by), Iri(row.group_iri), new)
    tx.session.add_all(
        RepeatedShift(repeating_iri=row.iri, day=day, number=number, shift_iri=f"{job}#s{at}")
        for at, (day, number, _) in enumerate(week, 1)
    )


async def _days(tx: Tx, row: RepeatingJob, since: date) -> Days:
    """Return what is published of the days from `since` on, called off or not."""
    chosen = (
        sa.select(RepeatedShift, Shift)
        .join(Shift, Shift.iri == RepeatedShift.shift_iri)
        .where(RepeatedShift.repeating_iri == row.iri, RepeatedShift.day >= since)
        .order_by(RepeatedShift.day, RepeatedShift.number)
    )
    found = await tx.session.execute(chosen)
    return {(noted.day, noted.number): (noted, shift) for noted, shift in found}


async def _standing(tx: Tx, row: RepeatingJob) -> Days:
    """Return what is published, has not begun, and was not called off."""
    today, _ = ahead(row, tx.now)
    return {
        at: (noted, shift)
        for at, (noted, shift) in (await _days(tx, row, today)).items()
        if shift.called_off is None and shift.starts > tx.now
    }


async def _end_days(tx: Tx, viewer: Viewer, row: RepeatingJob) -> None:
    """Call off what is published of days that the rule has no more, so that they may come again."""
    today, until = ahead(row, tx.now)
    wanted = set(days_between(row.rule, row.first, row.left_out, today, until))
    for (day, _), (noted, shift) in (await _standing(tx, row)).items():
        if day not in wanted:
            await call_off_shift(tx, viewer, Iri(shift.iri))
            await tx.session.delete(noted)


async def _follow(tx: Tx, viewer: Viewer, row: RepeatingJob, before: Said, after: Said) -> None:
    """Bring what is published to a changed rule: days, then hours, then words."""
    await _end_days(tx, viewer, row)
    zone, standing = ZoneInfo(row.timezone), await _standing(tx, row)
    for (day, number), (_, shift) in standing.items():
        old, new = before.hours[number], after.hours[number]
        if (shift.starts, shift.ends) == moments(day, old.start, old.end, zone):
            await move_shift(tx, viewer, Iri(shift.iri), *moments(day, new.start, new.end, zone))
    details = {name: getattr(after.details, name) for name in JobDetails.__struct_fields__}
    if after.details != before.details:
        for job in dict.fromkeys(shift.job_iri for _, shift in standing.values()):
            await change_job(tx, viewer, Iri(job), **details)


async def _note(
    tx: Tx, row: RepeatingJob, viewer: Viewer, kind: str, text: str, **values: Any
) -> None:
    group = Iri(row.group_iri)
    await transparency.note(tx, kind, by=viewer.person, group=group, text=text, **values)
