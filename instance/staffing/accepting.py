"""Act on the plan of a week: everything is asked again, and what has become illegal is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

import matching
from federation import Iri
from instance.db import Tx
from instance.groups import service as groups
from instance.people import service as people
from instance.staffing import openings, placements
from instance.staffing.inviting import LEAST_NOTICE, Inviting, write_all
from instance.staffing.models import Placement, ShortlistRow
from instance.staffing.openings import OpeningToFill
from instance.staffing.placement import ASKED
from instance.staffing.week import bounds, subject_of, week_asking
from instance.staffing.week_views import Refused, WeekAsked
from instance.staffing.weekly import choice_of
from instance.transparency import service as transparency
from instance.viewer import Viewer

Pair = tuple[str, str]
"""An opening, and a person."""

BUSY = {"not_free", "near_a_promise", "near_each_other", "over_the_cap"}
"""Faults that would tell where else somebody works: a leader reads "not free then"."""


async def accept_week(
    tx: Tx,
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
    all the same. The number of queries does not grow with people or places. Raises NotFound for
    everybody but leaders.
    """
    await people.require_leader(tx, viewer, group)
    codes = await _suggested(tx, subject_of(group, monday))
    wanted = [pair for pair in codes if chosen is None or choice_of(*pair) in chosen]
    await placements.lock_all(tx, (Iri(opening) for opening, _ in wanted))
    week = bounds(monday, ZoneInfo(tx.settings.timezone))
    filled = {str(one.opening): one for one in await openings.own_between(tx, group, *week)}
    already = await _asked(tx, group, wanted)
    left = [pair for pair in wanted if pair not in already]
    problem = (await week_asking(tx, viewer, group, monday)).problem
    refused = _refused(problem, left, filled, tx.now)
    sent = [
        Inviting(
            filled[opening],
            Iri(person),
            min(tx.now + patience, filled[opening].start - LEAST_NOTICE),
            (codes[opening, person],),
        )
        for opening, person in left
        if (opening, person) not in refused
    ]
    decision = await _note(tx, viewer, group, monday, len(sent)) if sent else None
    gone = len(chosen) - len(wanted) if chosen is not None else 0
    return WeekAsked(
        invites=tuple(await write_all(tx, sent, decision=decision)),
        already=len(already),
        gone=gone,
        refused=await _told(tx, group, refused, filled),
    )


async def _suggested(tx: Tx, subject: Iri) -> dict[Pair, str]:
    rows = await tx.session.execute(
        sa.select(ShortlistRow.opening, ShortlistRow.person, ShortlistRow.code)
        .where(ShortlistRow.subject == subject)
        .order_by(ShortlistRow.opening, ShortlistRow.person)
    )
    return {(row.opening, row.person): row.code for row in rows}


async def _asked(tx: Tx, group: Iri, wanted: Iterable[Pair]) -> set[Pair]:
    """Return which of these were asked already."""
    pairs = set(wanted)
    rows = await tx.session.execute(
        sa.select(Placement.opening, Placement.person).where(
            Placement.group == group,
            Placement.opening.in_({opening for opening, _ in pairs}),
            Placement.agreement == "",
            Placement.state.in_(ASKED),
        )
    )
    return pairs & {(row.opening, row.person) for row in rows}


def _refused(
    problem: matching.Problem,
    wanted: Sequence[Pair],
    filled: Mapping[str, OpeningToFill],
    now: datetime,
) -> dict[Pair, str]:
    """Say of whom nobody may be asked any more, with the word for why."""
    places = {one.id: one.places for one in problem.openings}
    known = {one.id for one in problem.workers}
    refused: dict[Pair, str] = {}
    for opening, person in wanted:
        if opening not in filled:
            refused[opening, person] = "called_off"
        elif filled[opening].start <= now + LEAST_NOTICE:
            refused[opening, person] = "too_late"
        elif person not in known:
            refused[opening, person] = "shares_nothing"
        elif opening not in places:
            refused[opening, person] = "place_taken"
    left = [pair for pair in wanted if pair not in refused]
    refused |= dict(_illegal(problem, left))
    given: Counter[str] = Counter()
    for opening, person in wanted:
        if (opening, person) not in refused:
            given[opening] += 1
            if given[opening] > places[opening]:
                refused[opening, person] = "place_taken"
    return refused


def _illegal(problem: matching.Problem, wanted: Sequence[Pair]) -> Iterator[tuple[Pair, str]]:
    """Hold what was suggested against the rules as they are now, until what is left is legal."""
    left = list(wanted)
    while left:
        found = dict(_faults(problem, left))
        if not found:
            return
        yield from found.items()
        left = [pair for pair in left if pair not in found]


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
        subject=subject_of(group, monday),
    )


async def _told(
    tx: Tx, group: Iri, refused: Mapping[Pair, str], filled: Mapping[str, OpeningToFill]
) -> tuple[Refused, ...]:
    names = await groups.names_for(tx, group, {Iri(person) for _, person in refused})
    return tuple(
        Refused(
            name=names[Iri(person)],
            code=code,
            title=filled[opening].title if opening in filled else "",
            start=filled[opening].start if opening in filled else None,
        )
        for (opening, person), code in refused.items()
    )
