"""What there is to fill, put as a question to matching: from what the group may know, no more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

import matching
from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import NotFound
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.ledger import service as ledger
from instance.loans import service as loans
from instance.minutes import interval, last_minute, midnight
from instance.policy import service as policy
from instance.skills import service as skills
from instance.staffing import openings, past, standing
from instance.staffing.openings import OpeningToFill

LEAST: Mapping[str, tuple[int, matching.CoarseCount]] = {
    "1–2": (1, "1–2"),  # noqa: RUF001  # the dash that pages show
    "3–5": (3, "3–5"),  # noqa: RUF001  # the same
    "6+": (6, "6+"),
}
READ = frozenset(
    {"skills", "certificates", "languages", "district", "weekly_hours", "availability"}
)
"""The fields of what members share that matching may ask for."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What one group has to fill: a job of its own, or what a loan promised an ally.

    `subject` is the job's address, or the Agreement's; `instead` says that allies have promised
    these places and look for people still.
    """

    subject: Iri
    group: Iri
    title: str
    district: str
    seed: str
    openings: tuple[OpeningToFill, ...]
    agreement: Iri | None = None
    borrower: str = ""
    instead: bool = False


class Asking(msgspec.Struct, frozen=True):
    """A problem, with what it was made from.

    `instead` is what pages say where matching knows less, by (person, opening). Of `hidden`
    members nothing is known; `painted` are those whose free hours are known, whenever they are.
    `read` are the fields that were read of what each member shares. `heard` is what allies that
    can be asked last said, and when.
    """

    work: Work
    problem: matching.Problem
    instead: Mapping[tuple[str, str], str]
    hidden: tuple[Iri, ...]
    painted: frozenset[Iri]
    read: Mapping[Iri, frozenset[str]]
    heard: Mapping[Iri, alliances.CapacityView]


async def work_at(tx: Tx, subject: Iri) -> Work:
    """Return a job of ours, or what we lend by an Agreement; raise NotFound."""
    job = await jobs.job(tx, subject)
    if job is not None:
        return Work(
            subject=job.iri,
            group=job.group,
            title=job.title,
            district=job.district,
            seed=job.lot_seed,
            openings=tuple(await openings.openings_of(tx, job)),
        )
    loan = await loans.loan(tx, subject, loans.Side.LENDER)
    if loan.state is not loans.LoanState.STANDING or loan.agreement is None:
        raise NotFound
    lent = await loans.lent_openings(tx, loan.group)
    return Work(
        subject=loan.agreement,
        group=loan.group,
        title=loan.ask.title,
        district=loan.ask.district,
        seed=loan.agreement,
        openings=tuple(openings.lent(one) for one in lent if one.agreement == loan.agreement),
        agreement=loan.agreement,
        borrower=loan.ally_name,
    )


async def asking(tx: Tx, work: Work, *, afresh: bool = False) -> Asking:
    """Load the question for the places that are open and can still be asked for.

    `afresh` asks as if nobody had been asked for these places: who has one stands as planned, and
    is free for it. The number of queries does not grow with members, openings or what stands; it
    grows with the allies, of whom a group has a handful.
    """
    known = await standing.known(tx, work.group, work.openings, work.agreement)
    placed, taken = (standing.placed(known), {}) if afresh else ({}, known.taken)
    wanted = standing.wanted_of(work.openings, taken, tx.now)
    zone = ZoneInfo(tx.settings.timezone)
    shares = await groups.shares(tx, work.group)
    first = min((one.start for one in wanted), default=tx.now)
    before = await past.history(tx, work.group, first, without={at for _, at in placed})
    people = {one.person for one in shares}
    asked = {} if afresh else standing.asked_for(known.latest, wanted)
    heard, allies = await _allies(tx, work, wanted)
    workers = _unplaced(_workers(shares, work.group, wanted, before, zone), placed)
    places = tuple(_opening(one, taken.get(one.opening, 0)) for one in wanted)
    problem = matching.Problem(
        id=work.subject,
        group=work.group,
        seed=work.seed,
        openings=places,
        workers=workers,
        districts=_districts({one.district for one in places} | {one.district for one in workers}),
        rules=await _rules(tx, wanted, zone),
        allies=allies,
        standing=_planned(placed, people, {one.opening for one in wanted}),
        asked=_asked(asked, people),
    )
    return Asking(
        work,
        problem,
        {key: code for key, (_, code) in asked.items() if code},
        tuple(one for one in await groups.persons(tx, work.group) if one not in people),
        frozenset(one.person for one in shares if one.windows),
        {one.person: READ & one.fields for one in shares},
        heard,
    )


# Values for matching -----------------------------------------------------------------------------


def _opening(one: OpeningToFill, taken: int) -> matching.Opening:
    hours = interval(one.start, one.end)
    return matching.Opening(
        id=one.opening,
        job=one.job,
        shift=f"{one.job} {hours.start}",
        interval=hours,
        count=one.places,
        requirement=matching.Requirement(
            skill=one.skill,
            level=one.level or None,
            certificates=one.certificates,
            languages=one.languages,
        ),
        district=_district(one.district),
        taken=taken,
    )


class _About(msgspec.Struct, frozen=True):
    """What some openings ask for, and from when to when they lie; no `hours` where none is."""

    skills: frozenset[str]
    certificates: frozenset[str]
    languages: frozenset[str]
    hours: tuple[datetime, datetime] | None

    @classmethod
    def all_of(cls, wanted: Sequence[OpeningToFill]) -> _About:
        return cls(
            frozenset(one.skill for one in wanted),
            frozenset(key for one in wanted for key in one.certificates),
            frozenset(key for one in wanted for key in one.languages),
            (min(one.start for one in wanted), max(one.end for one in wanted)) if wanted else None,
        )


def _workers(
    shares: Iterable[groups.MemberShare],
    group: Iri,
    wanted: Sequence[OpeningToFill],
    before: past.History,
    zone: ZoneInfo,
) -> Iterable[matching.Worker]:
    about = _About.all_of(wanted)
    return (_worker(one, group, about, before, zone) for one in shares)


def _worker(
    share: groups.MemberShare,
    group: Iri,
    about: _About,
    before: past.History,
    zone: ZoneInfo,
) -> matching.Worker:
    """Return what matching is told of a member: nothing that these openings do not ask for."""
    return matching.Worker(
        id=share.person,
        groups=(group,),
        age_ok=share.adult is not False,
        skills=tuple(
            matching.HeldSkill(key, level)
            for key, level in skills.held_for(share.skills, about.skills)
        ),
        certificates=tuple(
            matching.HeldCertificate(key, last_minute(last, zone))
            for key, last in share.certificates
            if key in about.certificates
        ),
        languages=tuple(about.languages.intersection(share.languages)),
        free=_free(share.windows, about),
        promised=tuple(interval(*one) for one in before.promised.get(share.person, ())),
        district=_district(share.district or ""),
        minutes_wanted=share.weekly_minutes or 0,
        minutes_had=before.minutes.get(share.person, 0),
    )


def _planned(
    placed: Iterable[tuple[str, str]], people: Collection[str], wanted: Collection[str]
) -> tuple[matching.Standing, ...]:
    return tuple(
        matching.Standing(worker=person, opening=opening, kind="planned")
        for person, opening in placed
        if person in people and opening in wanted
    )


def _unplaced(
    workers: Iterable[matching.Worker],
    placed: Mapping[tuple[str, str], tuple[datetime, datetime]],
) -> tuple[matching.Worker, ...]:
    """Return people who are free again for the places that they have."""
    hers: dict[str, list[matching.Interval]] = {}
    for (person, _), hours in placed.items():
        hers.setdefault(person, []).append(interval(*hours))
    replace = msgspec.structs.replace
    return tuple(
        replace(one, free=(*one.free, *hers[one.id])) if one.id in hers else one for one in workers
    )


def _free(
    windows: Iterable[tuple[datetime, datetime]], about: _About
) -> tuple[matching.Interval, ...]:
    """Return the part of free hours that these openings ask about, and no more of her time."""
    if about.hours is None:
        return ()
    first, last = about.hours
    cut = ((max(start, first), min(end, last)) for start, end in windows)
    return tuple(interval(start, end) for start, end in cut if start < end)


async def _rules(tx: Tx, wanted: Sequence[OpeningToFill], zone: ZoneInfo) -> matching.Rules:
    rules = await policy.rules(tx)
    days = [moment.astimezone(zone).date() for one in wanted for moment in (one.start, one.end)]
    mondays = {day - timedelta(days=day.weekday()) for day in days}
    return matching.Rules(
        policy=f"{rules.pack_id} {rules.version}",
        rest_minutes=rules.rest_minutes,
        weekly_cap_minutes=rules.weekly_cap_minutes,
        weeks=tuple(
            interval(midnight(day, zone), midnight(day + timedelta(days=7), zone))
            for day in mondays
        ),
    )


async def _allies(
    tx: Tx, work: Work, wanted: Sequence[OpeningToFill]
) -> tuple[Mapping[Iri, alliances.CapacityView], tuple[matching.AllyCapacity, ...]]:
    """Load what allies last said, and what could be borrowed: nothing of what is lent on."""
    group, lent = work.group, work.instead or work.agreement is not None
    allies = [] if lent else await alliances.allies(tx, group)
    heard = await alliances.heard_from(tx, group, [one.ally for one in allies])
    owed = {
        one.counter: one.amount
        for one in await ledger.balances(tx, group)
        if one.unit == ledger.MINUTES
    }
    keys = {one.skill for one in wanted}
    found = []
    for ally in allies:  # a handful
        left = await loans.minutes_left(tx, group, ally.ally, "borrow")
        found.append(
            matching.AllyCapacity(
                group=ally.ally,
                alliance=ally.alliance,
                minutes_left=max(left, 0),
                counts=tuple(one for key in keys for one in _counts(heard[ally.ally].counts, key)),
                owed_minutes=owed.get(ally.ally, 0),
            )
        )
    return heard, tuple(found)


def _asked(
    asked: Mapping[tuple[str, str], standing.State], people: Collection[Iri]
) -> tuple[matching.Asked, ...]:
    return tuple(
        matching.Asked(worker=person, opening=opening, state=state)
        for (person, opening), (state, _) in asked.items()
        if person in people
    )


def _counts(counts: Iterable[alliances.Count], key: str) -> list[matching.CapacityCount]:
    """Return an ally's counts for a skill; of those for an occupation's skills, the largest."""
    best: dict[tuple[datetime, datetime], matching.CapacityCount] = {}
    fitting = skills.vocabulary().fitting(key)
    for one in counts:
        if one.skill not in fitting or one.label not in LEAST or one.start >= one.end:
            continue
        least, label = LEAST[one.label]
        known = best.get((one.start, one.end))
        if known is None or known.at_least < least:
            best[one.start, one.end] = matching.CapacityCount(
                skill=key, window=interval(one.start, one.end), at_least=least, label=label
            )
    return list(best.values())


def _districts(keys: Iterable[str | None]) -> tuple[matching.District, ...]:
    middles = [skills.places().middle(key) for key in sorted(filter(None, keys))]
    return tuple(matching.District(one.key, one.east, one.north) for one in middles if one)


def _district(key: str) -> str | None:
    """Return the district of a place: how near is near is no finer than that."""
    if not key:
        return None
    place = skills.places().find(key)
    return skills.places().district_key(place.key if place else key)
