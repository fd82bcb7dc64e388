"""Where nobody is free for a place: who of those at work could move to it, and who comes instead.

It moves as few as can be, and nobody without her own yes: she is asked for the new place, and what
she has promised stands until she has promised that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

import matching
from federation import Iri
from instance import due
from instance.db import Database, Tx
from instance.errors import Conflict, NotFound
from instance.groups import service as groups
from instance.people import service as people
from instance.staffing import openings, standing
from instance.staffing.cover import Wanted
from instance.staffing.cover_views import MoveAt
from instance.staffing.inviting import ask_to_move
from instance.staffing.models import Placement, ShortlistRow
from instance.staffing.placement import TAKES_PLACE, PlacementState
from instance.staffing.problem import Asking, Work, asking
from instance.staffing.reasons import TURN
from instance.staffing.shortlist import FORGET_SHORTLIST, KEPT, take
from instance.viewer import Viewer

if TYPE_CHECKING:
    from matching.repair import Move

AROUND = timedelta(hours=18)
"""So long before and after a place, those who could move to it may be at work elsewhere."""


async def find_moves(database: Database, viewer: Viewer, wanted: Wanted) -> None:
    """Find the fewest moves that would fill a place for which nobody is free, and keep them."""
    async with database.reading() as tx:
        asked = await _question(tx, viewer, wanted)
    plan, moves = await asyncio.to_thread(_moves, asked.problem, wanted.filled.opening)
    async with database.transaction() as tx:
        await people.require_leader(tx, viewer, wanted.work.group)
        subject = asked.work.subject
        await tx.session.execute(sa.delete(ShortlistRow).where(ShortlistRow.subject == subject))
        if not moves:
            return
        await take(tx, viewer, asked, plan, "Moves of %(people)s people were looked at.")
        rows = [_row(subject, number, one) for number, one in enumerate(moves)]
        await tx.session.execute(sa.insert(ShortlistRow), rows)
        await due.schedule(tx, wanted.filled.end + KEPT, FORGET_SHORTLIST, subject)


def _row(subject: Iri, number: int, one: Move) -> dict[str, Any]:
    return {
        "subject": subject,
        "opening": one.takes,
        "person": one.worker,
        "suggested": True,
        "code": "would_move",
        "values": {"leaves": one.leaves or "", TURN: str(number)},
    }


async def moves_at(tx: Tx, wanted: Wanted) -> tuple[MoveAt, ...]:
    """Return the moves that were last found for an opening, the one to it first."""
    rows = await tx.session.scalars(
        sa.select(ShortlistRow).where(ShortlistRow.subject == _subject(wanted))
    )
    found = sorted(rows.all(), key=lambda one: -int(one.values[TURN]))
    names = await groups.names_for(tx, wanted.work.group, {Iri(one.person) for one in found})
    keys = {(Iri(one.opening), None) for one in found}
    keys |= {(Iri(one.values["leaves"]), None) for one in found if one.values["leaves"]}
    places = {str(iri): one for (iri, _), one in (await openings.several(tx, keys)).items()}
    if any(one.opening not in places for one in found):
        return ()
    return tuple(
        _move_at(one, names[Iri(one.person)], wanted.filled.opening, places) for one in found
    )


def _move_at(
    row: ShortlistRow, name: str, here: str, places: Mapping[str, openings.OpeningToFill]
) -> MoveAt:
    left = places.get(row.values["leaves"])
    return MoveAt(
        person=Iri(row.person),
        name=name,
        here=row.opening == here,
        takes=places[row.opening].title,
        takes_start=places[row.opening].start,
        leaves=left.title if left else "",
        leaves_start=left.start if left else None,
    )


async def ask_move(tx: Tx, viewer: Viewer, wanted: Wanted, person: Iri) -> None:
    """Ask somebody to leave the place that she has and take this one, as was found.

    Raises NotFound for a move that was not found, Conflict once she has no such place any more.
    """
    row = await tx.get(ShortlistRow, (_subject(wanted), wanted.filled.opening, person))
    if row is None or not row.values["leaves"]:
        raise NotFound
    held = await tx.session.scalars(
        sa.select(Placement.invite).where(
            Placement.opening == row.values["leaves"],
            Placement.agreement == "",
            Placement.group == wanted.work.group,
            Placement.person == person,
            Placement.state == PlacementState.CONFIRMED,
        )
    )
    older = held.first()
    if older is None:
        raise Conflict("She has no place any more that she could leave.")
    await ask_to_move(tx, viewer, wanted.filled, person, Iri(older))


def _subject(wanted: Wanted) -> Iri:
    return Iri(f"{wanted.filled.opening}-moves")


async def _question(tx: Tx, viewer: Viewer, wanted: Wanted) -> Asking:
    """Put the hours around a place as a question in which all who have a place could move."""
    filled, group = wanted.filled, wanted.work.group
    await people.require_leader(tx, viewer, group)
    around = await openings.own_between(tx, group, filled.start - AROUND, filled.end + AROUND)
    work = Work(
        subject=_subject(wanted),
        group=group,
        title="",
        district="",
        seed=wanted.work.seed,
        openings=tuple(around),
    )
    found = await asking(tx, work, afresh=True)
    known = await standing.known(tx, group, around, None)
    present = {one.id for one in found.problem.workers}
    refused = tuple(
        matching.Asked(worker=one, opening=filled.opening, state="declined")
        for one in sorted(_not_again(known, filled) & present)
    )
    return msgspec.structs.replace(
        found, problem=msgspec.structs.replace(found.problem, asked=refused, allies=())
    )


def _not_again(known: standing.Known, filled: openings.OpeningToFill) -> set[str]:
    """Return those who were asked for a place and have not taken it."""
    return {
        row.person
        for (_, opening), row in known.latest.items()
        if opening == filled.opening and row.state not in TAKES_PLACE
    }


def _moves(problem: matching.Problem, opening: str) -> tuple[matching.Plan, tuple[Move, ...]]:
    """Return what stands, and the moves that fill an opening where nobody is simply free."""
    stands = matching.Plan(
        problem=problem.id,
        problem_hash=matching.problem_hash(problem),
        rule_version=matching.RULE_VERSION,
        seed=problem.seed,
        tier="fair",
        assignments=tuple(
            sorted(
                matching.Assignment(opening=one.opening, worker=one.worker)
                for one in problem.standing
            )
        ),
        unfilled=(),
    )
    try:
        mended = matching.resident(problem, stands).more_places(opening, 0)
    except (KeyError, ValueError):
        return stands, ()  # the place is not open, or what stands is no longer what rules allow
    return stands, mended.moves if any(one.leaves for one in mended.moves) else ()
