"""How evenly a group's coming hours would be shared out, and what another order would change."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import sqlalchemy as sa

import matching
from federation import Iri
from instance.alliances import service as alliances
from instance.db import Database, Tx
from instance.groups import service as groups
from instance.staffing import ahead
from instance.staffing.evenness_views import EvennessView, OrderLine, WaitingLine
from instance.staffing.models import Placement
from instance.staffing.past import YES
from instance.staffing.problem import Asking
from instance.staffing.remembered import Remembered
from instance.viewer import Viewer

if TYPE_CHECKING:
    from matching.report import Exchange, Shared


class _Found(msgspec.Struct, frozen=True):
    shared: Shared
    exchanges: tuple[Exchange, ...]


def _found(problem: matching.Problem) -> _Found:
    from matching.report import exchanges, report

    shared = report(problem, matching.plan(problem)).everybody
    return _Found(shared, exchanges(problem))


_FOUND: Final = Remembered(_found)


async def evenness(database: Database, viewer: Viewer, group: Iri) -> EvennessView:
    """Tell a leader how evenly her group shares out hours; NotFound for everybody else.

    Reads in one transaction, computes in none, and notes in another that what members share was
    read. Where computing takes its time the view has no figures yet, and is to be asked for again.
    """
    async with database.reading() as tx:
        asked = await ahead.coming(tx, viewer, group)
        name = await alliances.name_of(tx, group)
    found = await _FOUND.within(asked.problem, ahead.PATIENCE) if asked.work.openings else None
    view = EvennessView(
        group=group,
        group_name=name,
        weeks=ahead.WEEKS,
        coming=len(asked.work.openings),
        hidden=len(asked.hidden),
        priorities=tuple(one for one in asked.problem.priorities if one != "fill"),
    )
    if found is None:
        return view
    async with database.transaction() as tx:
        await ahead.note_read(tx, viewer, asked)
        waiting = await _waiting(tx, asked, found.shared)
    return msgspec.structs.replace(view, **_figures(asked, found), waiting=waiting)


def _figures(asked: Asking, found: _Found) -> dict[str, Any]:
    shared = found.shared
    return {
        "ready": True,
        "people": shared.people,
        "suggestions": shared.suggestions,
        "minutes_planned": shared.minutes_planned,
        "minutes_free": shared.minutes_free,
        "before": shared.before,
        "after": shared.spread,
        "waiting_more": shared.waiting_more,
        "orders": tuple(
            OrderLine(
                number=number,
                in_force=one.priorities == asked.problem.priorities,
                priorities=tuple(each for each in one.priorities if each != "fill"),
                filled=one.filled,
                gini=one.spread.gini,
                least=one.spread.deciles[0] if one.spread.deciles else 0.0,
                metres=one.metres,
            )
            for number, one in enumerate(found.exchanges, 1)
        ),
    }


async def _waiting(tx: Tx, asked: Asking, shared: Shared) -> tuple[WaitingLine, ...]:
    """Name those who asked for hours and get none: who never worked here first, then by when."""
    persons = {Iri(one.worker) for one in shared.waiting}
    names = await groups.names_for(tx, asked.work.group, persons)
    worked = await _last_worked(tx, asked.work.group, persons)
    lines = [
        WaitingLine(names[Iri(one.worker)], one.minutes_wanted, worked.get(one.worker))
        for one in shared.waiting
    ]
    return tuple(sorted(lines, key=_longest))


def _longest(one: WaitingLine) -> tuple[bool, float, int, str]:
    worked = one.worked.timestamp() if one.worked else 0.0
    return one.worked is not None, worked, -one.minutes_wanted, one.name


async def _last_worked(tx: Tx, group: Iri, persons: set[Iri]) -> dict[str, datetime]:
    chosen = (
        sa.select(Placement.person, sa.func.max(Placement.ends).label("worked"))
        .where(
            Placement.group == group,
            Placement.person.in_(persons),
            Placement.state.in_(YES),
            Placement.ends <= tx.now,
        )
        .group_by(Placement.person)
    )
    return {row.person: row.worked for row in await tx.session.execute(chosen)}
