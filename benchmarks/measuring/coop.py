"""One large co-op with a week of open jobs, straight into an instance's rows; same for a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from federation.iri import Iri
from instance.db import Database, Tx
from instance.groups.models import MemberShare, Membership, MemberState
from instance.jobs.models import Audience, Job, JobState, Opening, Shift
from instance.staffing.problem import READ
from tests.journeys.processes import Server

SKILLS = (
    *("home-care", "ironing", "personal-hygiene-care", "window-cleaning", "bed-bath"),
    *("feeding-assistance", "grocery-shopping", "wheelchair-pushing", "dementia-care"),
    *("hospital-escort", "infection-control", "wound-dressing"),
)
CERTIFICATES = ("first-aid-certificate", "aed-training")
LANGUAGES = {"language-yue": 0.9, "language-en": 0.4, "language-cmn": 0.3}
DISTRICTS = ("sha-tin", "kwun-tong", "tai-po", "wong-tai-sin")
DAYS = ((6, 14), (6, 20), (10, 23), (6, 23))
WEEKS = 6
"""So many weeks of free hours are shared, as homes do."""

SHIFTS_OF_A_JOB = 4


async def has_a_week(server: Server, people: Sequence[Iri], shifts: int, seed: int = 1) -> date:
    """Let people belong to the group and share what staffing asks for, and post a week's jobs.

    Some skills are common and most are rare (Zipf). Returns the week's Monday, which is to come.
    """
    chance = random.Random(f"{seed} {len(people)} {shifts}")
    database = Database(server.settings)
    try:
        async with database.transaction() as tx:
            zone = ZoneInfo(tx.settings.timezone)
            today = tx.now.astimezone(zone).date()
            monday = today + timedelta(days=7 - today.weekday())
            await _join(tx, server.group, people, chance, today)
            await _post(tx, server.group, monday, shifts, chance)
    finally:
        await database.close()
    return monday


async def _join(
    tx: Tx, group: str, people: Sequence[Iri], chance: random.Random, today: date
) -> None:
    zone = ZoneInfo(tx.settings.timezone)
    members = [_member(group, one, number, tx.now) for number, one in enumerate(people)]
    shares = [
        _share(one["id"], number, chance, today, zone, tx.now) for number, one in enumerate(members)
    ]
    await tx.session.execute(sa.insert(Membership), members)
    await tx.session.execute(sa.insert(MemberShare), shares)


def _member(group: str, person: Iri, number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": f"{number:020}",
        "group": group,
        "person": person,
        "handle": f"person{number}",
        "state": MemberState.MEMBER,
        "offered": [],
        "asked": now,
        "since": now,
    }


def _share(
    membership: str,
    number: int,
    chance: random.Random,
    today: date,
    zone: ZoneInfo,
    now: datetime,
) -> dict[str, Any]:
    held = {key: chance.randint(1, 3) for key in _common(chance, chance.randint(2, 3))}
    return {
        "membership": membership,
        "iri": f"https://home.example/shares/{number}",
        "fields": sorted({"name", *READ}),
        "name": f"Person {number}",
        "district": chance.choice(DISTRICTS),
        "weekly_minutes": 60 * chance.choice((10, 16, 20, 24, 32, 40)),
        "adult": True,
        "skills": sorted(held.items()),
        "certificates": [[key, None] for key in CERTIFICATES if chance.random() < 0.25],
        "languages": [key for key, often in LANGUAGES.items() if chance.random() < often],
        "windows": list(_windows(chance, today, zone)),
        "as_of": now,
    }


def _common(chance: random.Random, count: int) -> list[str]:
    weights = [1 / (place + 1) for place in range(len(SKILLS))]
    return chance.choices(SKILLS, weights, k=count)


def _windows(chance: random.Random, today: date, zone: ZoneInfo) -> Iterator[list[str]]:
    first, last = chance.choice(DAYS)
    often = chance.uniform(0.4, 0.8)
    free = [chance.random() < often for _ in range(7)]
    for number in range(7 * WEEKS):
        day = today + timedelta(days=number)
        if free[day.weekday()]:
            hours = (datetime.combine(day, time(hour), zone) for hour in (first, last))
            yield [one.astimezone(UTC).isoformat() for one in hours]


async def _post(tx: Tx, group: str, monday: date, shifts: int, chance: random.Random) -> None:
    zone = ZoneInfo(tx.settings.timezone)
    rows: dict[type, list[dict[str, Any]]] = {Job: [], Shift: [], Opening: []}
    for number in range(0, shifts, SHIFTS_OF_A_JOB):
        job = f"{tx.origin}/jobs/{number:020}"
        stretches = [
            _shift(job, one, monday, zone, chance)
            for one in range(1, min(SHIFTS_OF_A_JOB, shifts - number) + 1)
        ]
        rows[Shift] += stretches
        rows[Job].append(_job(job, group, number, stretches, tx.now, chance))
        rows[Opening] += _openings(job, stretches, chance)
    for table, values in rows.items():
        await tx.session.execute(sa.insert(table), values)


def _shift(
    job: str, number: int, monday: date, zone: ZoneInfo, chance: random.Random
) -> dict[str, Any]:
    day = monday + timedelta(days=chance.randrange(7))
    start = datetime.combine(day, time(chance.choice((7, 8, 9, 13, 14, 17))), zone)
    return {
        "iri": f"{job}#s{number}",
        "job_iri": job,
        "number": number,
        "starts": start,
        "ends": start + timedelta(hours=chance.choice((3, 4, 6))),
        "timezone": str(zone),
    }


def _openings(
    job: str, stretches: Sequence[dict[str, Any]], chance: random.Random
) -> Iterator[dict[str, Any]]:
    number = 0
    for stretch in stretches:
        for skill in dict.fromkeys(_common(chance, chance.choice((1, 1, 2, 3)))):
            number += 1
            yield {
                "iri": f"{job}#o{number}",
                "shift_iri": stretch["iri"],
                "number": number,
                "skill": skill,
                "level": chance.choice((0, 0, 1, 2)),
                "certificates": [one for one in CERTIFICATES if chance.random() < 0.1],
                "languages": ["language-yue"] if chance.random() < 0.3 else [],
                "count": chance.randint(1, 2),
            }


def _job(
    job: str,
    group: str,
    number: int,
    stretches: Sequence[dict[str, Any]],
    now: datetime,
    chance: random.Random,
) -> dict[str, Any]:
    texts = "description bring contact_name contact_phone customer customer_phone address door"
    cents = {"worker_percent": 90, "insurance_percent": 5, "levy_percent": 0, "fund_percent": 5}
    return {
        "iri": job,
        "group_iri": group,
        "state": JobState.OPEN,
        "audience": Audience.MEMBERS,
        "language": "en",
        "title": f"Job {number}",
        "district": chance.choice(DISTRICTS),
        "pay_cents_per_hour": 8_000,
        "currency": "HKD",
        "break_minutes": 0,
        "lot_seed": f"lot {number}",
        "decision": "",
        "told": [],
        "starts": min(one["starts"] for one in stretches),
        "ends": max(one["ends"] for one in stretches),
        "published": now,
        "updated": now,
        **cents,
        **dict.fromkeys(texts.split(), ""),
    }
