"""Two years of a co-op of many groups, straight into an instance's rows; the same for a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from benchmarks.measuring.coop import DISTRICTS, SKILLS
from benchmarks.measuring.instances import LEADER, has_people
from federation.iri import Iri
from federation.keypool import KeyPool
from instance.agenda.models import Inviter, PaintedHours, Promise
from instance.agenda.promise import PromiseState
from instance.db import Base, Database, Tx
from instance.groups.models import Belonging, Group, MemberShare, Membership, MemberState
from instance.jobs.models import Audience, Job, JobState, Opening, Shift
from instance.network.models import Actor, ActorKind
from instance.notices.models import Notice
from instance.people import service as people
from instance.records.models import Side, WorkRecord
from instance.records.statement import Code, HoursState
from instance.staffing.activities import offered_document
from instance.staffing.models import Placement, StaffedOpening
from instance.staffing.openings import OpeningToFill
from instance.staffing.placement import PlacementState
from tests.journeys.processes import Server

WEEKS_BACK, WEEKS_AHEAD = 104, 2
GROUPS_OF_ONE, JOBS_A_WEEK, PLACES = 3, 5, 2
OWN_GROUPS = 5
"""So many groups the person whose pages are measured belongs to; she leads the first."""

FEW = 500
"""Rows that are written in one statement."""


@dataclass(frozen=True)
class Filled:
    """What there is to look at: by its addresses on the instance."""

    invitations: tuple[str, ...]
    job: str


async def has_years(server: Server, count: int, groups: int, seed: int = 1) -> Filled:
    """Let so many people in so many groups have worked for two years, and have two weeks ahead."""
    workers = await has_people(server, count)
    keys = await KeyPool().take()
    database = Database(server.settings)
    try:
        async with database.transaction() as tx:
            mei = (await people.person_named(tx, LEADER)).iri
            years = _Years(tx, Iri(server.group), mei, workers, random.Random(f"{seed} {count}"))
            years.found(groups, keys.rsa.private_pem, keys.ed25519.private_pem)
            years.join()
            for number in range(groups):
                for week in range(-WEEKS_BACK, WEEKS_AHEAD):
                    years.work(number, week)
            years.tell()
            await years.write()
            return Filled(tuple(years.invited), years.job)
    finally:
        await database.close()


class _Years:
    """Gathers rows by their table, and writes them."""

    def __init__(
        self, tx: Tx, group: Iri, mei: Iri, workers: Sequence[Iri], chance: random.Random
    ) -> None:
        self._tx, self._mei, self._workers, self._chance = tx, mei, workers, chance
        self._groups = [group]
        self._members: list[list[Iri]] = []
        self._rows: dict[type[Base], list[dict[str, Any]]] = {}
        self._zone = ZoneInfo(tx.settings.timezone)
        today = tx.now.astimezone(self._zone).date()
        self._today, self._monday = today, today - timedelta(days=today.weekday())
        self.invited: list[str] = []
        self.job = ""

    def found(self, groups: int, rsa: str, ed25519: str) -> None:
        """Found groups beside the first."""
        for number in range(1, groups):
            iri = Iri(f"{self._tx.origin}/groups/{number:020}")
            self._groups.append(iri)
            self._add(
                Actor,
                iri=iri,
                kind=ActorKind.GROUP,
                username=f"group{number}",
                name=f"Group {number}",
                rsa_pem=rsa,
                ed25519_pem=ed25519,
                made=self._tx.now,
            )
            self._add(
                Group, iri=iri, first=False, about="", asked={}, asked_days=365, made=self._tx.now
            )

    def join(self) -> None:
        """Let everybody belong to some groups, and the one who looks to the first few."""
        members: list[list[Iri]] = [[] for _ in self._groups]
        for one in self._workers:
            for number in self._chance.sample(range(len(self._groups)), GROUPS_OF_ONE):
                members[number].append(one)
        for number in range(OWN_GROUPS):
            members[number].insert(0, self._mei)
        for number, (group, those) in enumerate(zip(self._groups, members, strict=True)):
            for one in those:
                self._belongs(number, group, one)
        for weekday in range(7):
            self._add(
                PaintedHours, person=self._mei, weekday=weekday, start_minute=480, end_minute=1200
            )
        self._members = members

    def _belongs(self, number: int, group: Iri, one: Iri) -> None:
        token = f"{number:08}{one.rpartition('/')[2][-12:]}"
        name, now = f"Group {number}", self._tx.now
        if number or one != self._mei:  # she belongs to the group that she founded
            self._add(
                Membership,
                id=token,
                group=group,
                person=one,
                handle=token,
                state=MemberState.MEMBER,
                asked=now,
                since=now,
            )
            self._add(
                MemberShare,
                membership=token,
                iri=f"{self._tx.origin}/shares/{token}",
                fields=["name", "skills"],
                name=f"Person {token[-6:]}",
                skills=[[SKILLS[number % len(SKILLS)], 2]],
                certificates=[],
                languages=[],
                windows=[],
                as_of=now,
            )
            self._add(
                Belonging,
                id=token,
                person=one,
                group=group,
                group_name=name,
                group_handle=name,
                state=MemberState.MEMBER,
                share=token,
                asked=now,
                since=now,
            )
            self._add(Inviter, person=one, group=group, name=name, since=now)

    def work(self, number: int, week: int) -> None:
        """Post a group's jobs of a week; hers is one of them in each of her groups."""
        for job in range(JOBS_A_WEEK):
            day = self._monday + timedelta(days=7 * week + (job * 3 + number) % 7)
            if number == 0 and week == 0:
                day = self._today if job < JOBS_A_WEEK - 1 else day
            self._post(number, job, week, day)

    def _post(self, number: int, job: int, week: int, day: date) -> None:
        group = self._groups[number]
        token = f"{number:06}{week + WEEKS_BACK:06}{job:08}"
        start = datetime.combine(day, time(8 + 3 * (job % 5)), self._zone).astimezone(UTC)
        end = start + timedelta(hours=3)
        skill = SKILLS[number % len(SKILLS)]
        iri = f"{self._tx.origin}/jobs/{token}"
        self._add(Job, **_job(iri, group, token, start, end, self._tx.now))
        self._add(
            Shift,
            iri=f"{iri}#s1",
            job_iri=iri,
            number=1,
            starts=start,
            ends=end,
            timezone=str(self._zone),
        )
        self._add(Opening, **_opening(iri, skill))
        self._add(StaffedOpening, opening=f"{iri}#o1", agreement="", auto_confirm=True)
        if number == 0 and week == 0 and not job:
            self.job = f"/jobs/{token}"
        team = self._members[number]
        first = 0 if number < OWN_GROUPS and job == number else 1 + job + week
        for place in range(PLACES):
            one = team[(first + place * 7) % len(team)]
            self._place(group, iri, token, place, one, start, end, skill)

    def _place(
        self,
        group: Iri,
        job: str,
        token: str,
        place: int,
        one: Iri,
        start: datetime,
        end: datetime,
        skill: str,
    ) -> None:
        """Let somebody have a place: over, confirmed, or asked for where it is two days ahead."""
        now, asked = self._tx.now, self._tx.now + timedelta(days=2)
        if start > asked and place:
            return
        invite = f"{group}/activities/{token}{place}"
        told = _told(group, job, token, start, end, skill)
        open_still = start > asked
        state = "invited" if open_still else "done" if end < now else "confirmed"
        identifier = f"{token[1:]}{place}"
        shared = {"invite": invite, "id": identifier, "person": one, "group": group}
        shared |= {"starts": start, "ends": end, "reply_by": start - timedelta(hours=3)}
        shared |= {"receiver": group, "invited": start - timedelta(days=9), "changed": now}
        self._add(
            Placement,
            **shared,
            opening=f"{job}#o1",
            agreement="",
            job=job,
            state=PlacementState(state),
            why=[],
        )
        offered = offered_document(self._tx.origin, told, ["Free and able to do it"])
        self._add(Promise, **shared, **_promised(offered, state, told))
        if open_still and one == self._mei:
            self.invited.append(f"/invitations/{identifier}")
        if state == "done":
            self._add(WorkRecord, **_record(invite, Side.WORKER, one, group, told))
            self._add(WorkRecord, **_record(invite, Side.GROUP, one, group, told))

    def tell(self) -> None:
        """Let her have been told much, most of it read."""
        for number in range(500):
            made = self._tx.now - timedelta(hours=30 * number)
            self._add(
                Notice,
                id=f"{number:020}",
                person=self._mei,
                kind="confirmed",
                values={"title": f"Job {number}"},
                link=f"/invitations/{number:020}",
                made=made,
                read=made if number > 3 else None,
            )

    def _add(self, table: type[Base], **values: Any) -> None:
        self._rows.setdefault(table, []).append(values)

    async def write(self) -> None:
        """Write everything, in the order in which it was first added."""
        for table, rows in self._rows.items():
            for part in _parts(rows):
                await self._tx.session.execute(sa.insert(table), part)


def _parts(rows: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), FEW):
        yield list(rows[start : start + FEW])


def _job(
    iri: str, group: Iri, token: str, start: datetime, end: datetime, now: datetime
) -> dict[str, Any]:
    texts = "description bring contact_name contact_phone customer customer_phone address door"
    cents = {"worker_percent": 90, "insurance_percent": 5, "levy_percent": 0, "fund_percent": 5}
    return {
        "iri": iri,
        "group_iri": group,
        "state": JobState.OPEN,
        "audience": Audience.MEMBERS,
        "language": "en",
        "title": f"Job {token[-8:]}",
        "district": DISTRICTS[0],
        "pay_cents_per_hour": 8_000,
        "currency": "HKD",
        "break_minutes": 0,
        "lot_seed": token,
        "decision": "",
        "told": [],
        "starts": start,
        "ends": end,
        "published": now,
        "updated": now,
        **cents,
        **dict.fromkeys(texts.split(), ""),
    }


def _opening(job: str, skill: str) -> dict[str, Any]:
    return {
        "iri": f"{job}#o1",
        "shift_iri": f"{job}#s1",
        "number": 1,
        "skill": skill,
        "level": 0,
        "certificates": [],
        "languages": [],
        "count": PLACES,
    }


def _told(
    group: Iri, job: str, token: str, start: datetime, end: datetime, skill: str
) -> OpeningToFill:
    return OpeningToFill(
        opening=Iri(f"{job}#o1"),
        group=group,
        receiver=group,
        job=Iri(job),
        title=f"Job {token[-8:]}",
        start=start,
        end=end,
        timezone="Asia/Hong_Kong",
        places=PLACES,
        skill=skill,
        level=0,
        certificates=(),
        languages=(),
        district=DISTRICTS[0],
        break_minutes=0,
        pay_cents_per_hour=8_000,
        currency="HKD",
    )


def _promised(offered: dict[str, Any], state: str, told: OpeningToFill) -> dict[str, Any]:
    return {
        "state": PromiseState(state),
        "minutes": told.minutes,
        "break_minutes": 0,
        "pay_cents_per_hour": told.pay_cents_per_hour,
        "currency": told.currency,
        "offered": offered,
    }


def _record(
    invite: str, side: Side, person: Iri, group: Iri, told: OpeningToFill
) -> dict[str, Any]:
    return {
        "event": f"{invite}/event",
        "side": side,
        "id": f"{invite.rpartition('/')[2]}{side[0]}",
        "person": person,
        "group": group,
        "invite": invite,
        "commitment": f"{invite}/commitment",
        "job": told.job,
        "opening": told.opening,
        "title": told.title,
        "timezone": told.timezone,
        "started": told.start,
        "ended": told.end,
        "break_minutes": 0,
        "minutes": told.minutes,
        "cents_per_hour": told.pay_cents_per_hour,
        "currency": told.currency,
        "code": Code.ENTERED,
        "words": "",
        "state": HoursState.CONFIRMED,
        "stated": told.end,
        "answered": told.end,
    }
