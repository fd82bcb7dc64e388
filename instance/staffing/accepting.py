"""Act on the plan of a week: everything is asked again, and what has become illegal is refused."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec
import sqlalchemy as sa

import matching
from federation import Iri
from instance.db import Database, Tx
from instance.groups import service as groups
from instance.people import service as people
from instance.staffing import openings, placements
from instance.staffing.inviting import LEAST_NOTICE, Inviting, write_all
from instance.staffing.models import Placement, ShortlistRow
from instance.staffing.openings import OpeningToFill
from instance.staffing.placement import ASKED
from instance.staffing.reasons import week_subject
from instance.staffing.week import week_asking
from instance.staffing.week_views import Refused, WeekAsked
from instance.staffing.weekly import choice_of
from instance.transparency import service as transparency
from instance.viewer import Viewer

Pair = tuple[str, str]
"""An opening, and a person."""

AT_ONCE = 25
"""So many are asked in one transaction: a tenth of a second of writing, in which others wait."""

BUSY = {"not_free", "near_a_promise", "near_each_other", "over_the_cap"}
"""Faults that would tell where else somebody works: a leader reads "not free then"."""


async def accept_week(
    database: Database,
    viewer: Viewer,
    group: Iri,
    monday: date,
    chosen: Collection[str] | None,
    patience: timedelta,
) -> WeekAsked:
    """Ask those whom the plan of a week suggests: all, or those chosen by the ids of suggestions.

    An answer is awaited for so long, and no longer than until shortly before the shift. Whoever was
    asked already is not asked again, so that doing it twice does nothing more. Who is no longer
    suggested, able, free, or wanted there is refused with the word for why; the others are asked
    all the same. Reads in one transaction, holds the suggestions against the rules in none, and
    asks in some, each short, so that others get their turn. The number of queries of each does not
    grow with people or places. Raises NotFound for everybody but leaders.
    """
    async with database.reading() as tx:
        problem = (await week_asking(tx, viewer, group, monday)).problem
        codes = await _suggested(tx, week_subject(group, monday))
        wanted = [pair for pair in codes if chosen is None or choice_of(*pair) in chosen]
        already = await _standing(tx, group, wanted)
    left = [pair for pair in wanted if pair not in already.asked]
    refused = await asyncio.to_thread(_illegal, problem, left)
    left = [pair for pair in left if pair not in refused]
    invites: list[Iri] = []
    for first in range(0, len(left), AT_ONCE):
        async with database.transaction() as tx:
            some = {pair: codes[pair] for pair in left[first : first + AT_ONCE]}
            found = await _ask(tx, viewer, group, monday, some, patience)
        invites += found.invites
        refused |= found.refused
    async with database.reading() as tx:
        told = await _told(tx, group, refused)
    return WeekAsked(
        invites=tuple(invites),
        already=len(wanted) - len(invites) - len(refused),
        gone=0 if chosen is None else len(chosen) - len(wanted),
        refused=told,
    )


class _Found(msgspec.Struct, frozen=True):
    invites: Sequence[Iri]
    refused: Mapping[Pair, str]


async def _ask(
    tx: Tx,
    viewer: Viewer,
    group: Iri,
    monday: date,
    wanted: Mapping[Pair, str],
    patience: timedelta,
) -> _Found:
    """Ask some of them, unless they were asked meanwhile or what they are asked for has gone."""
    await people.require_leader(tx, viewer, group)
    await placements.lock_all(tx, (Iri(opening) for opening, _ in wanted))
    keys: set[openings.Key] = {(Iri(opening), None) for opening, _ in wanted}
    filled = {str(iri): one for (iri, _), one in (await openings.several(tx, keys)).items()}
    standing = await _standing(tx, group, wanted)
    sharing = await groups.sharing(tx, group, {Iri(person) for _, person in wanted})
    refused: dict[Pair, str] = {}
    sent = []
    for (opening, person), code in wanted.items():
        if (opening, person) in standing.asked:
            continue
        why = _gone(filled.get(opening), standing.occupied[opening], tx.now)
        if not why and person not in sharing:
            why = "shares_nothing"
        if why:
            refused[opening, person] = why
            continue
        standing.occupied[opening] += 1
        until = min(tx.now + patience, filled[opening].start - LEAST_NOTICE)
        sent.append(Inviting(filled[opening], Iri(person), until, (code,)))
    decision = await _note(tx, viewer, group, monday, len(sent)) if sent else None
    return _Found(await write_all(tx, sent, decision=decision), refused)


def _gone(filled: OpeningToFill | None, occupied: int, now: datetime) -> str:
    """Say why nobody can be asked for a place any more; nothing while somebody can."""
    if filled is None:
        return "called_off"
    if filled.start <= now + LEAST_NOTICE:
        return "too_late"
    return "place_taken" if occupied >= filled.places else ""


async def _suggested(tx: Tx, subject: Iri) -> dict[Pair, str]:
    rows = await tx.session.execute(
        sa.select(ShortlistRow.opening, ShortlistRow.person, ShortlistRow.code)
        .where(ShortlistRow.subject == subject)
        .order_by(ShortlistRow.opening, ShortlistRow.person)
    )
    return {(row.opening, row.person): row.code for row in rows}


class _Standing(msgspec.Struct, frozen=True):
    """Who was asked for which opening, and how many of its places are taken or asked for."""

    asked: set[Pair]
    occupied: Counter[str]


async def _standing(tx: Tx, group: Iri, wanted: Iterable[Pair]) -> _Standing:
    rows = await tx.session.execute(
        sa.select(Placement.opening, Placement.person, Placement.invite, Placement.replaces).where(
            Placement.group == group,
            Placement.opening.in_({opening for opening, _ in wanted}),
            Placement.agreement == "",
            Placement.state.in_(ASKED),
        )
    )
    found = rows.all()
    replaced = {row.replaces for row in found}
    return _Standing(
        {(row.opening, row.person) for row in found},
        # a placement and the one it replaces are one place
        Counter(row.opening for row in found if row.invite not in replaced),
    )


def _illegal(problem: matching.Problem, wanted: Sequence[Pair]) -> dict[Pair, str]:
    """Hold what was suggested against the rules as they are now, until what is left is legal.

    Openings and people that are not in the question any more are left to be looked at later.
    """
    known = {one.id for one in problem.openings}, {one.id for one in problem.workers}
    left = [pair for pair in wanted if pair[0] in known[0] and pair[1] in known[1]]
    refused: dict[Pair, str] = {}
    while found := dict(_faults(problem, left)):
        refused |= found
        left = [pair for pair in left if pair not in found]
    return refused


def _faults(problem: matching.Problem, wanted: Sequence[Pair]) -> Iterator[tuple[Pair, str]]:
    suggested = [matching.Assignment(opening=opening, worker=person) for opening, person in wanted]
    plan = matching.Plan(
        problem=problem.id,
        problem_hash="",
        rule_version=matching.RULE_VERSION,
        seed=problem.seed,
        tier="fair",
        assignments=tuple(suggested),
        unfilled=(),
    )
    last = {person: opening for opening, person in wanted}
    for fault in matching.check(problem, plan):
        if fault.worker is not None:
            opening = fault.opening or last[fault.worker]
            yield (opening, fault.worker), _word(fault.code)


def _word(code: str) -> str:
    if code in BUSY:
        return "not_free"
    return "answered" if code == "already_asked" else "not_able"


async def _note(tx: Tx, viewer: Viewer, group: Iri, monday: date, number: int) -> str:
    return await transparency.note(
        tx,
        "staffing.invited",
        by=viewer.person,
        group=group,
        text="%(people)s people were asked to fill places of a week, as its plan suggested.",
        people=number,
        subject=week_subject(group, monday),
    )


async def _told(tx: Tx, group: Iri, refused: Mapping[Pair, str]) -> tuple[Refused, ...]:
    if not refused:
        return ()
    names = await groups.names_for(tx, group, {Iri(person) for _, person in refused})
    keys: set[openings.Key] = {(Iri(opening), None) for opening, _ in refused}
    filled = await openings.several(tx, keys)
    places = {str(iri): one for (iri, _), one in filled.items()}
    return tuple(
        Refused(
            name=names[Iri(person)],
            code=code,
            title=places[opening].title if opening in places else "",
            start=places[opening].start if opening in places else None,
        )
        for (opening, person), code in refused.items()
    )
