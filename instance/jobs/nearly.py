"""What a reader meets of what jobs ask for, by her own account, and what she nearly could do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

import matching
from federation import Iri
from instance.agenda import service as agenda
from instance.db import Tx
from instance.jobs.views import NearJob, Need, OpeningView, OpenJob, OwnFit, PostedShift, Posting
from instance.minutes import interval, last_minute, midnight
from instance.people import service as people
from instance.skills import service as skills

MOST_NEARLY = 6
MOST_LOOKED_AT = 500


async def fits(tx: Tx, person: Iri, posting: Posting) -> tuple[OwnFit, ...]:
    """Say of each opening of a job what somebody here meets and lacks; nothing of strangers."""
    me = await people.person(tx, person)
    if me is None:
        return ()
    zone = ZoneInfo(tx.settings.timezone)
    asked = [_asked(posting, shift, one) for shift in posting.shifts for one in shift.openings]
    who = _worker(me, asked, (), zone)
    return tuple(_fit(who, one) for one in asked)


async def nearly(tx: Tx, person: Iri, found: Iterable[OpenJob]) -> tuple[NearJob, ...]:
    """List openings of some jobs that somebody here is free for and lacks one thing of.

    The next come first; those of which she meets nothing are left out. Only of jobs whose exact
    hours she may know.
    """
    me = await people.person(tx, person)
    coming = (
        (job, shift, one)
        for job in found
        for shift in job.posting.shifts
        for one in shift.openings
        if shift.start is not None and shift.start > tx.now
    )
    at = {
        one.iri: (job, shift, _asked(job.posting, shift, one))
        for job, shift, one in islice(coming, MOST_LOOKED_AT)
    }
    if me is None or not at:
        return ()
    last = max(shift.end for _, shift, _ in at.values() if shift.end)
    free = await agenda.free_windows(tx, person, tx.now, last)
    asked = [one for _, _, one in at.values()]
    who = _worker(me, asked, free, ZoneInfo(tx.settings.timezone))
    problem = matching.Problem(
        id=person,
        group=person,
        seed=person,
        openings=tuple(asked),
        workers=(who,),
        rules=matching.Rules(),
    )
    near = [one.opening for one in matching.near_matches(problem, who.id) if one.met]
    lines = [_line(who, *at[Iri(one)]) for one in near]
    return tuple(sorted(lines, key=lambda one: (one.start, one.fit.opening))[:MOST_NEARLY])


def _line(
    who: matching.Worker, job: OpenJob, shift: PostedShift, asked: matching.Opening
) -> NearJob:
    assert shift.start, "only exact hours were asked about"
    assert shift.end, "an exact shift has both"
    return NearJob(
        title=job.posting.title,
        group_name=job.group_name,
        href=job.href,
        skill=asked.requirement.skill or "",
        start=shift.start,
        end=shift.end,
        timezone=shift.timezone,
        fit=_fit(who, asked),
    )


def _fit(who: matching.Worker, asked: matching.Opening) -> OwnFit:
    lacks: list[Need] = []
    for one in matching.lacking(who, asked):
        lacks.append((one.kind, one.key, one.level if one.kind == "level" else 0))
        if one.kind == "skill" and one.level:
            lacks.append(("level", one.key, one.level))
    held = {certificate.key for certificate in who.certificates}
    return OwnFit(
        opening=Iri(asked.id),
        met=tuple(one for one in _needs(asked.requirement) if one not in lacks),
        missing=tuple(lacks),
        expiring=any(kind == "certificate" and key in held for kind, key, _ in lacks),
    )


def _needs(need: matching.Requirement) -> Sequence[Need]:
    skill, level = need.skill or "", need.level or 0
    return [
        *([("skill", skill, 0)] if skill else []),
        *([("level", skill, level)] if skill and level else []),
        *(("certificate", key, 0) for key in need.certificates),
        *(("language", key, 0) for key in need.languages),
    ]


def _asked(posting: Posting, shift: PostedShift, one: OpeningView) -> matching.Opening:
    zone = ZoneInfo(shift.timezone)
    start, end = shift.start, shift.end
    if start is None or end is None:
        start = midnight(shift.day, zone)
        end = datetime.combine(shift.day, datetime.max.time(), zone)
    return matching.Opening(
        id=one.iri,
        job=posting.iri,
        shift=shift.id,
        interval=interval(start, end),
        count=one.count,
        requirement=matching.Requirement(
            skill=one.skill or None,
            level=one.level or None,
            certificates=one.certificates,
            languages=one.languages,
        ),
        group=posting.group,
    )


def _worker(
    me: people.PersonView,
    asked: Sequence[matching.Opening],
    free: Iterable[agenda.Window],
    zone: ZoneInfo,
) -> matching.Worker:
    wanted = {one.requirement.skill for one in asked if one.requirement.skill}
    return matching.Worker(
        id=me.iri,
        groups=tuple(one.group for one in asked if one.group),
        age_ok=me.adult,
        skills=tuple(
            matching.HeldSkill(key, level) for key, level in skills.held_for(me.skills, wanted)
        ),
        certificates=tuple(
            matching.HeldCertificate(key, last_minute(last, zone)) for key, last in me.certificates
        ),
        languages=me.languages,
        free=tuple(interval(one.start, one.end) for one in free),
    )
