"""Who of a leader's other groups could fill a place: asked about as if it were theirs to fill."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Database, Tx
from instance.errors import Conflict
from instance.groups import service as groups
from instance.loans import service as loans
from instance.people import service as people
from instance.staffing import cascade, placements
from instance.staffing.cover import Wanted, fragment, in_turn
from instance.staffing.cover_views import GroupAt
from instance.staffing.inviting import LEAST_NOTICE
from instance.staffing.openings import OpeningToFill
from instance.staffing.problem import Asking, Work, asking
from instance.staffing.shortlist import REMEMBERED, keep, shortlist
from instance.staffing.waves import Waves
from instance.viewer import Viewer

ANSWER_BY = timedelta(hours=1)


async def find_in_own_groups(database: Database, viewer: Viewer, wanted: Wanted) -> None:
    """Suggest people of the groups that the viewer leads besides, and that may lend to this one.

    Reads in one transaction, computes in none, and keeps the answers in another, as `find_people`
    does. Members of both groups are left to the group itself.
    """
    async with database.reading() as tx:
        questions = [
            await _question(tx, wanted, group)
            for group, _ in await _allied(tx, viewer, wanted)  # a leader leads a few groups
        ]
    problems = [one.problem for one in questions]
    answers = await asyncio.to_thread(lambda: [REMEMBERED.answer(one) for one in problems])
    async with database.transaction() as tx:
        for asked, answer in zip(questions, answers, strict=True):
            await people.require_leader(tx, viewer, asked.work.group)
            await keep(tx, viewer, asked, answer)


async def own_groups(tx: Tx, viewer: Viewer, wanted: Wanted) -> tuple[GroupAt, ...]:
    """Return the groups that the viewer leads besides, and who of them could come."""
    if wanted.work.agreement is not None:
        return ()  # what is filled for an ally is not lent on
    allied = dict(await _allied(tx, viewer, wanted))
    others = [one for one in viewer.leads if one != wanted.work.group]
    lent = await loans.loans_at(tx, [wanted.filled.opening], loans.Side.LENDER)
    pages = {one.group: f"/loans/{one.id}/cover/{fragment(wanted.filled.opening)}" for one in lent}
    found = []
    for group in others:  # a few
        name = allied.get(group) or await alliances.name_of(tx, group)
        kept = await shortlist(tx, _work(wanted, group)) if group in allied else None
        able = in_turn(kept.at(wanted.filled.opening)) if kept else []
        found.append(
            GroupAt(
                group=group,
                name=name,
                allied=group in allied,
                able=tuple(able),
                page=pages.get(group, ""),
            )
        )
    return tuple(found)


async def ask_own_group(
    tx: Tx, viewer: Viewer, wanted: Wanted, group: Iri, waves: Waves, *, now: bool
) -> str:
    """Borrow the open places from another group of the viewer's, and begin to ask its people.

    Returns the page on which that goes on. Raises NotFound for a group that she does not lead, and
    what a loan, or a cascade, raises.
    """
    opening = wanted.filled.opening
    await people.require_leader(tx, viewer, group)
    kept = await shortlist(tx, _work(wanted, group))
    able = in_turn(kept.at(opening)) if kept else []
    room = wanted.filled.places - await placements.taken(tx, opening, None)
    places = min(room, len(able))
    if places <= 0:
        raise Conflict("There is nobody left to ask.")
    until = min(tx.now + ANSWER_BY, wanted.filled.start - LEAST_NOTICE)
    agreement = await loans.lend_among_own(
        tx, viewer, wanted.work.group, group, wanted.filled.job, {opening: places}, until
    )
    waves = msgspec.structs.replace(waves, allies=False)
    await cascade.begin(tx, viewer, opening, agreement, _work(wanted, group).subject, waves)
    if now:
        await cascade.send_now(tx, viewer, opening, agreement)
    lent = await loans.loan(tx, agreement, loans.Side.LENDER)
    return f"/loans/{lent.id}/cover/{fragment(opening)}"


def _work(wanted: Wanted, group: Iri) -> Work:
    """Put an opening as if it were another group's to fill."""
    here: OpeningToFill = msgspec.structs.replace(wanted.filled, group=group, promises=())
    return msgspec.structs.replace(
        wanted.work,
        subject=Iri(f"{wanted.filled.opening}-by-{group.rpartition('/')[2]}"),
        group=group,
        openings=(here,),
    )


async def _question(tx: Tx, wanted: Wanted, group: Iri) -> Asking:
    found = await asking(tx, _work(wanted, group))
    ours = set(await groups.persons(tx, wanted.work.group))
    theirs = tuple(one for one in found.problem.workers if one.id not in ours)
    return msgspec.structs.replace(
        found,
        problem=msgspec.structs.replace(found.problem, workers=theirs, allies=(), asked=()),
        hidden=tuple(one for one in found.hidden if one not in ours),
    )


async def _allied(tx: Tx, viewer: Viewer, wanted: Wanted) -> Sequence[tuple[Iri, str]]:
    """List the groups that the viewer leads besides and that are allies of this one."""
    led = set(viewer.leads) - {wanted.work.group}
    known = await alliances.allies(tx, wanted.work.group) if led else []
    return [(one.ally, one.name) for one in known if one.ally in led]
