"""The jobs of one week done again in the next: what would be published, and publishing it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import Conflict
from instance.jobs.models import JobState, RepeatedShift
from instance.jobs.posting import publish
from instance.jobs.reading import jobs
from instance.jobs.recurrence import moments
from instance.jobs.views import (
    JobDetails,
    JobView,
    NewJob,
    NewOpening,
    NewShift,
    OpeningView,
    ShiftView,
)
from instance.network import service as network
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer

WEEK = timedelta(days=7)

Same: TypeAlias = tuple[str, str, str, datetime, datetime]
"""By what a shift is known to be there already: title, customer, address, and its hours."""


class CopiedShift(msgspec.Struct, frozen=True, kw_only=True):
    """A shift of the week before, at the hours it would have; `page` is the job it was part of.

    `fate` is new, there (it stands already, or was called off), past or repeats (its own rule
    publishes it).
    """

    title: str
    page: str
    day: date
    start: datetime
    end: datetime
    timezone: str
    places: int
    fate: str


class WeekCopy(msgspec.Struct, frozen=True, kw_only=True):
    """What copying the week before into a week would publish."""

    group: Iri
    group_name: str
    monday: date
    shifts: tuple[CopiedShift, ...]
    new: int

    @property
    def base(self) -> str:
        """The path of the page."""
        return f"/groups/{self.group.rpartition('/')[2]}/copy-week"

    @property
    def board(self) -> str:
        """The path of the week's board."""
        token = self.group.rpartition("/")[2]
        return f"/groups/{token}/board?week={self.monday.isoformat()}"


async def week_copy(tx: Tx, viewer: Viewer, group: Iri, monday: date) -> WeekCopy:
    """Say what copying the week before would publish; NotFound for all but leaders."""
    await people.require_leader(tx, viewer, group)
    names = await network.names_of(tx, [group])
    username, name = names[group]
    lines = [line for _, found in await _copies(tx, group, monday) for line, _ in found]
    return WeekCopy(
        group=group,
        group_name=name or username,
        monday=monday,
        shifts=tuple(sorted(lines, key=lambda one: (one.start, one.title))),
        new=sum(one.fate == "new" for one in lines),
    )


async def copy_week(tx: Tx, viewer: Viewer, group: Iri, monday: date) -> int:
    """Publish the jobs of the week before again, a week later; returns how many.

    What is there already is left alone, so doing it twice does it once. Raises NotFound unless the
    viewer leads the group, Conflict when there is nothing to publish.
    """
    await people.require_leader(tx, viewer, group)
    # taking the log first lets two who press at once go one after the other
    text = "The jobs of a week were published again for the next."
    await transparency.note(tx, "jobs.week_copied", by=viewer.person, group=group, text=text)
    published = 0
    for job, found in await _copies(tx, group, monday):
        shifts = tuple(shift for line, shift in found if line.fate == "new")
        if shifts:
            await publish(tx, viewer.person, group, _again(job, shifts))
            published += 1
    if not published:
        raise Conflict("There is nothing to copy: all of it is there already, past or repeats.")
    return published


async def _copies(
    tx: Tx, group: Iri, monday: date
) -> list[tuple[JobView, list[tuple[CopiedShift, NewShift]]]]:
    zone = ZoneInfo(tx.settings.timezone)
    begins = datetime.combine(monday, time(), zone)
    before = datetime.combine(monday - WEEK, time(), zone)
    ends = datetime.combine(monday + WEEK, time(), zone)
    everything = await jobs(tx, group, before, tuple(JobState), until=ends)
    there = {_same(job, one.start, one.end) for job in everything for one in job.shifts}
    stand = [
        (job, [one for one in job.standing if before <= one.start < begins]) for job in everything
    ]
    repeats = await _repeating(tx, [one.id for _, found in stand for one in found])
    return [
        (job, [_copied(job, one, there, repeats, tx.now) for one in found])
        for job, found in stand
        if found and job.state is JobState.OPEN
    ]


async def _repeating(tx: Tx, shifts: Sequence[Iri]) -> set[str]:
    chosen = sa.select(RepeatedShift.shift_iri).where(RepeatedShift.shift_iri.in_(shifts))
    return set((await tx.session.execute(chosen)).scalars())


def _copied(
    job: JobView, one: ShiftView, there: Collection[Same], repeats: Collection[str], now: datetime
) -> tuple[CopiedShift, NewShift]:
    zone = ZoneInfo(one.timezone)
    first, last = one.start.astimezone(zone), one.end.astimezone(zone)
    day = first.date() + WEEK
    start, end = moments(day, first.time(), last.time(), zone)
    fate = "new"
    if one.id in repeats:
        fate = "repeats"
    elif _same(job, start, end) in there:
        fate = "there"
    elif start <= now:
        fate = "past"
    line = CopiedShift(
        title=job.title,
        page=f"/jobs/{job.token}",
        day=day,
        start=start,
        end=end,
        timezone=one.timezone,
        places=one.places,
        fate=fate,
    )
    return line, NewShift(start, end, tuple(_opening(each) for each in one.openings))


def _opening(one: OpeningView) -> NewOpening:
    return NewOpening(**{name: getattr(one, name) for name in NewOpening.__struct_fields__})


def _same(job: JobView, start: datetime, end: datetime) -> Same:
    return job.title, job.customer, job.address, start, end


def _again(job: JobView, shifts: tuple[NewShift, ...]) -> NewJob:
    return NewJob(
        **{name: getattr(job, name) for name in JobDetails.__struct_fields__},
        shifts=tuple(sorted(shifts, key=lambda one: one.start)),
        audience=job.audience,
        language=job.language,
        currency=job.currency,
    )
