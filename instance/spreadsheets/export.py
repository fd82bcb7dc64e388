"""A group's people and jobs written out as spreadsheets that read in again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from federation import Iri
from instance.consent import service as consent
from instance.db import Tx
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.people import service as people
from instance.records import service as records
from instance.skills import service as skills
from instance.spreadsheets.columns import Sheet, columns
from instance.spreadsheets.openings import TIMES
from instance.viewer import Viewer

EARLIEST = date(2020, 1, 1)
_HOURS = (
    "name address date start end break_minutes minutes pay_per_hour currency pay job worked_for "
    "lent_by event"
).split()
EXAMPLES = {
    Sheet.PEOPLE: {
        "name": "Chan Mei Ling 陳美玲",
        "handle": "mei_ling",
        "email": "mei_ling@mail.example",
        "phone": "+852 2345 6789",
        "role": "member",
        "skills": "Home care (3); 陪診",
        "certificates": "First aid certificate 2027-08-21",
        "languages": "Cantonese; English",
        "weekly_hours": "34.5",
        "district": "Sha Tin",
        "adult": "yes",
        "agreed_on_paper": "2026-11-03",
    },
    Sheet.AVAILABILITY: {
        "handle": "mei_ling",
        "weekday": "Mon-Fri",
        "from": "08:00",
        "to": "18:00",
    },
    Sheet.JOBS: {
        "title": "Morning washing round",
        "district": "Tai Wai",
        "customer": "The Ho family",
        "address": "Block 3, 12th floor, flat 8",
        "date": "2027-01-04",
        "start": "07:30",
        "end": "10:30",
        "break_minutes": "0",
        "openings": "2x home care [First aid certificate]; 1x van driver",
        "pay_per_hour": "72",
        "levy_percent": "5",
        "audience": "members",
    },
}


class Listing(NamedTuple):
    """A list as `instance.csvfile` writes it."""

    header: Sequence[str]
    rows: list[Sequence[object]]


def example(sheet: Sheet) -> Listing:
    """Return a spreadsheet with the columns and one example row, to be filled in."""
    keys = columns(sheet).keys
    return Listing(keys, [[EXAMPLES[sheet].get(key, "") for key in keys]])


async def people_listing(tx: Tx, viewer: Viewer, group: Iri) -> Listing:
    """Write a group's members, with exactly what each shares with it; her log keeps who read it.

    Raises NotFound unless the viewer leads the group.
    """
    await people.require_leader(tx, viewer, group)
    found = await groups.require_group(tx, group)
    shared = {one.person: one for one in await groups.shares(tx, group)}
    members = await groups.members(tx, group)
    here = await people.people(tx, [one.person for one in members])
    language, rows = viewer.language, []
    for member in members:
        share = shared.get(member.person)
        own = here.get(member.person)
        row: dict[str, object] = {
            "name": member.name,
            "handle": own.username if own else member.handle,
            "email": member.email,
            "phone": member.phone,
            "role": member.role,
            "groups": found.username,
        }
        if share:
            row |= _shared(share, language)
            await consent.note_read(tx, member.person, group, viewer.person, share.fields)
        rows.append(row)
    return _written(Sheet.PEOPLE, rows)


async def jobs_listing(tx: Tx, viewer: Viewer, group: Iri) -> Listing:
    """Write a group's jobs, a row for each shift that stands; for its leaders alone."""
    await people.require_leader(tx, viewer, group)
    found = await groups.require_group(tx, group)
    zone = ZoneInfo(tx.settings.timezone)
    rows = [
        _job(job, viewer.language, found.username)
        | {
            "date": shift.start.astimezone(zone).date(),
            "start": f"{shift.start.astimezone(zone):%H:%M}",
            "end": f"{shift.end.astimezone(zone):%H:%M}",
            "openings": "; ".join(_opening(one, viewer.language) for one in shift.openings),
        }
        for job in await jobs.jobs(tx, group)
        for shift in job.standing
    ]
    return _written(Sheet.JOBS, rows)


async def hours_listing(
    tx: Tx, viewer: Viewer, group: Iri, first: date | None = None, last: date | None = None
) -> Listing:
    """Write the confirmed hours of a group, own work and work at allies; for its leaders alone."""
    rows = await records.payroll(tx, viewer, group, first or EARLIEST, last)
    return Listing(_HOURS, [_hours(one) for one in rows])


def _hours(one: records.RecordView) -> tuple[object, ...]:
    zone = ZoneInfo(one.timezone)
    start, end = one.started.astimezone(zone), one.ended.astimezone(zone)
    return (
        one.person_name,
        one.person,
        start.date(),
        f"{start:%H:%M}",
        f"{end:%H:%M}",
        one.break_minutes,
        one.minutes,
        f"{one.cents_per_hour / 100:.2f}",
        one.currency,
        f"{one.cents / 100:.2f}",
        one.title,
        one.group_name,
        one.lender_name,
        one.event,
    )


def _written(sheet: Sheet, rows: Iterable[dict[str, object]]) -> Listing:
    keys = columns(sheet).keys
    return Listing(keys, [[row.get(key) for key in keys] for row in rows])


def _shared(share: groups.MemberShare, language: str) -> dict[str, object]:
    words = skills.vocabulary()
    return {
        "skills": "; ".join(f"{words.label(key, language)} ({n})" for key, n in share.skills),
        "certificates": "; ".join(
            _certificate(words.label(key, language), until) for key, until in share.certificates
        ),
        "languages": "; ".join(words.label(key, language) for key in share.languages),
        "weekly_hours": None if share.weekly_minutes is None else f"{share.weekly_minutes / 60:g}",
        "district": skills.places().label(share.district, language) if share.district else None,
        "adult": share.adult,
    }


def _certificate(label: str, until: date | None) -> str:
    return f"{label} {until.isoformat()}" if until else label


def _job(job: jobs.JobView, language: str, group: str) -> dict[str, object]:
    return {
        "title": job.title,
        "description": job.description,
        "group": group,
        "district": skills.places().label(job.district, language) if job.district else None,
        "address": job.address,
        "door": job.door,
        "customer": job.customer,
        "customer_phone": job.customer_phone,
        "break_minutes": job.break_minutes,
        "pay_per_hour": f"{job.pay_cents_per_hour / 100:.2f}",
        "levy_percent": job.levy_percent,
        "bring": job.bring,
        "contact_name": job.contact_name,
        "contact_phone": job.contact_phone,
        "audience": job.audience.value,
    }


def _opening(one: jobs.OpeningView, language: str) -> str:
    words = skills.vocabulary()
    needs: Sequence[str] = (*one.certificates, *one.languages)
    listed = ", ".join(words.label(key, language) for key in needs)
    return f"{one.count}{TIMES} {words.label(one.skill, language)}" + (
        f" [{listed}]" if listed else ""
    )
