"""Why somebody is suggested for a place, asked, or passed over: what she reads about herself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import NotFound
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.staffing import openings
from instance.staffing.models import Placement, Shortlist, ShortlistRow
from instance.staffing.openings import OpeningToFill
from instance.staffing.views import OwnReason, WhyView
from instance.viewer import Viewer

INSTEAD = "#instead"
"""What follows a job's address in the shortlist for places for which allies look."""

THEN = "then_"
TURN = "turn"
"""Under which value a shortlist keeps how many are due for a place before somebody."""
_ASKED = "already_asked"
_ABOUT_ORDER = ("lot_position", "lot_of", TURN)
"""Values that would tell a person her place in a row: leaders replay the lot with them."""


async def why_of_job(tx: Tx, viewer: Viewer, iri: str) -> WhyView:
    """Return why the viewer is suggested for each place of a job of ours, or is not.

    Nobody else is told of. Raises NotFound for whoever is no member of the job's group, and for a
    job that no longer stands.
    """
    job = await jobs.job(tx, iri)
    if job is None or not await groups.is_member(tx, job.group, viewer.person):
        raise NotFound
    if job.state is not jobs.JobState.OPEN:
        raise NotFound
    filled = await openings.openings_of(tx, job)
    chosen = sa.select(Placement).where(
        Placement.opening.in_([one.opening for one in filled]),
        Placement.person == viewer.person,
        Placement.group == job.group,
        Placement.agreement == "",
    )
    rows = (await tx.session.scalars(chosen.order_by(Placement.invited, Placement.invite))).all()
    last = {row.opening: row for row in rows}
    subjects = [*_weeks(tx, job.group, filled), job.iri, job.iri + INSTEAD]
    kept = await _kept(tx, subjects, viewer.person)
    return WhyView(
        title=job.title,
        group_name=await alliances.name_of(tx, job.group),
        back=f"/jobs/{job.token}",
        found=max(filter(None, [await _found(tx, job.iri), *kept.when]), default=None),
        openings=tuple(
            _reason(one, last.get(one.opening), kept.rows.get(one.opening))
            for one in sorted(filled, key=lambda one: (one.start, one.opening))
        ),
    )


async def why_of_invite(tx: Tx, person: Iri, invite: Iri, back: str) -> WhyView:
    """Return why somebody was asked, by one of our groups, for the place of an invitation.

    Raises NotFound unless it is hers, and once the place is no longer to be filled.
    """
    row = await tx.get(Placement, invite)
    if row is None or row.person != person:
        raise NotFound
    agreement = Iri(row.agreement) if row.agreement else None
    filled = await openings.opening(tx, Iri(row.opening), agreement)
    subject = row.agreement or row.job + (INSTEAD if row.instead else "")
    weeks = [] if agreement else _weeks(tx, Iri(row.group), [filled])
    kept = await _kept(tx, [*weeks, subject], person)
    return WhyView(
        title=filled.title,
        group_name=await alliances.name_of(tx, Iri(row.group)),
        back=back,
        found=max(filter(None, [await _found(tx, subject), *kept.when]), default=None),
        openings=(_reason(filled, row, kept.rows.get(filled.opening)),),
    )


async def reasons_when_asked(
    tx: Tx, subject: Iri, asked: Iterable[str]
) -> Mapping[tuple[str, str], dict[str, str]]:
    """Return what a shortlist said of people before they were asked, by (opening, person).

    It is kept among the values of "was asked already".
    """
    people = sorted(set(asked))
    chosen = sa.select(ShortlistRow).where(
        ShortlistRow.subject == subject, ShortlistRow.person.in_(people)
    )
    rows = (await tx.session.scalars(chosen)).all() if people else ()
    return {(row.opening, row.person): _then(row.code, row.values) for row in rows}


def _then(code: str, values: Mapping[str, Any]) -> dict[str, str]:
    if code == _ASKED:
        return {name: value for name, value in values.items() if name.startswith(THEN)}
    told = {name: value for name, value in values.items() if not name.startswith("change")}
    return {f"{THEN}code": code, **{f"{THEN}{name}": value for name, value in told.items()}}


def week_subject(group: Iri, monday: date) -> Iri:
    """Return what a group's plan of a week is kept under."""
    return Iri(f"{group}#week-{monday.isoformat()}")


def _weeks(tx: Tx, group: Iri, filled: Iterable[OpeningToFill]) -> list[Iri]:
    zone = ZoneInfo(tx.settings.timezone)
    days = {one.start.astimezone(zone).date() for one in filled}
    return sorted({week_subject(group, day - timedelta(days=day.weekday())) for day in days})


class _Kept(msgspec.Struct, frozen=True):
    """What was last said of somebody, by opening, and when whatever said something did."""

    rows: Mapping[str, ShortlistRow]
    when: Sequence[datetime]


async def _kept(tx: Tx, subjects: Sequence[str], person: Iri) -> _Kept:
    """Return a person's rows of some shortlists; of those found at once the last named counts."""
    chosen = (
        sa.select(ShortlistRow, Shortlist.found)
        .join(Shortlist, Shortlist.subject == ShortlistRow.subject)
        .where(ShortlistRow.subject.in_(subjects), ShortlistRow.person == person)
    )
    found = [(row, when) for row, when in await tx.session.execute(chosen)]
    found.sort(key=lambda one: (one[1], subjects.index(one[0].subject)))
    return _Kept({row.opening: row for row, _ in found}, [when for _, when in found])


async def _found(tx: Tx, subject: str) -> datetime | None:
    row = await tx.get(Shortlist, subject)
    return row.found if row else None


def _reason(filled: OpeningToFill, asked: Placement | None, row: ShortlistRow | None) -> OwnReason:
    code, values = (row.code, row.values) if row else ("", {})
    if code == _ASKED:
        code = values.get(f"{THEN}code", "")
        values = {
            name.removeprefix(THEN): value
            for name, value in values.items()
            if name.startswith(THEN)
        }
    return OwnReason(
        opening=filled.opening,
        skill=filled.skill,
        level=filled.level,
        certificates=filled.certificates,
        languages=filled.languages,
        start=filled.start,
        end=filled.end,
        state=asked.state.value.replace(" ", "_") if asked else "",
        why=tuple(asked.why) if asked else (),
        suggested=row is not None and row.suggested,
        code=code,
        values={name: one for name, one in values.items() if name not in _ABOUT_ORDER},
    )
