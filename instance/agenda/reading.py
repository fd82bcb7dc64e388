"""Promises as others see them: lists of views, details and what stands against a yes included."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from federation import Iri
from instance.agenda.clash import Clash
from instance.agenda.models import EarlyUndo, Inviter, Promise, PromiseDetails, touches
from instance.agenda.promise import TAKES_TIME, PromiseState
from instance.agenda.standing import standing
from instance.agenda.views import PromiseView
from instance.db import Tx
from instance.errors import NotFound
from instance.skills import service as skills
from instance.split import read_split

MOST_LISTED = 500


async def promise(tx: Tx, invite: Iri) -> PromiseView | None:
    """Return one invitation and what became of it, by the Invite's id."""
    return await _one(tx, Promise.invite == invite)


async def promise_at(tx: Tx, identifier: str) -> PromiseView:
    """Return an invitation by its own id here; raise NotFound."""
    found = await _one(tx, Promise.id == identifier)
    if found is None:
        raise NotFound
    return found


async def state_of(tx: Tx, invite: Iri) -> PromiseState | None:
    """Return how far an invitation has come at home; None for one nobody has heard of."""
    found = await tx.session.scalars(sa.select(Promise.state).where(Promise.invite == invite))
    state = found.one_or_none()
    if state is None and await tx.get(EarlyUndo, invite) is not None:
        return PromiseState.CALLED_OFF
    return state


async def promises(
    tx: Tx,
    person: Iri,
    start: datetime,
    end: datetime,
    states: Collection[PromiseState] = TAKES_TIME,
) -> Sequence[PromiseView]:
    """List what she has promised (or been asked, by `states`) that touches a stretch of time."""
    where = (
        Promise.person == person,
        Promise.state.in_(states),
        touches(start, end),
    )
    return await _many(tx, *where)


async def week_of(
    tx: Tx, person: Iri, start: datetime, end: datetime, states: Collection[PromiseState]
) -> tuple[list[PromiseView], list[PromiseView]]:
    """List what she may still answer, and what of these states touches a stretch of time."""
    open_still = sa.and_(Promise.state == PromiseState.INVITED, Promise.reply_by > tx.now)
    shown = sa.and_(Promise.state.in_(states), touches(start, end))
    found = await _many(tx, Promise.person == person, sa.or_(open_still, shown))
    asked = [one for one in found if one.state is PromiseState.INVITED]
    return asked, [one for one in found if one.state is not PromiseState.INVITED]


async def invites_between(
    tx: Tx, person: Iri, start: datetime, end: datetime, states: Collection[PromiseState]
) -> Sequence[str]:
    """List the Invites of these states that touch a stretch of time, and nothing else of them."""
    chosen = sa.select(Promise.invite).where(
        Promise.person == person,
        Promise.state.in_(states),
        touches(start, end),
    )
    return (await tx.session.scalars(chosen.limit(MOST_LISTED))).all()


async def invitations(tx: Tx, person: Iri) -> Sequence[PromiseView]:
    """List what she may still answer, the soonest shift first, each with what stands against it."""
    return await _many(
        tx,
        Promise.person == person,
        Promise.state == PromiseState.INVITED,
        Promise.reply_by > tx.now,
    )


async def count_invitations(tx: Tx, person: Iri) -> int:
    """Count what she may still answer."""
    counted = sa.select(sa.func.count()).where(
        Promise.person == person,
        Promise.state == PromiseState.INVITED,
        Promise.reply_by > tx.now,
    )
    return int((await tx.session.execute(counted)).scalar_one())


async def _one(tx: Tx, where: sa.ColumnElement[bool]) -> PromiseView | None:
    found = await _many(tx, where)
    return found[0] if found else None


async def _many(tx: Tx, *where: sa.ColumnElement[bool]) -> Sequence[PromiseView]:
    statement = sa.select(Promise).where(*where).order_by(Promise.starts, Promise.invite)
    rows = (await tx.session.scalars(statement.limit(MOST_LISTED))).all()
    if not rows:
        return []
    details, names = await _details(tx, rows), await _names(tx, rows)
    against = await _against(tx, rows)
    return [
        _view(
            row,
            names.get((row.person, row.group), ""),
            details.get(row.invite),
            against.get(row.invite, ()),
        )
        for row in rows
    ]


async def _details(tx: Tx, rows: Sequence[Promise]) -> Mapping[str, dict[str, Any]]:
    told = [row.invite for row in rows if row.state in TAKES_TIME]
    if not told:
        return {}
    found = await tx.session.execute(
        sa.select(PromiseDetails.invite, PromiseDetails.document).where(
            PromiseDetails.invite.in_(told)
        )
    )
    return {one.invite: one.document for one in found}


async def _names(tx: Tx, rows: Sequence[Promise]) -> Mapping[tuple[str, str], str]:
    people = {row.person for row in rows}
    found = await tx.session.execute(
        sa.select(Inviter.person, Inviter.group, Inviter.name).where(Inviter.person.in_(people))
    )
    return {(one.person, one.group): one.name for one in found}


async def _against(tx: Tx, rows: Sequence[Promise]) -> Mapping[str, tuple[Clash, ...]]:
    found: dict[str, tuple[Clash, ...]] = {}
    asked = [row for row in rows if row.state is PromiseState.INVITED]
    for person in {row.person for row in asked}:
        found |= await standing(tx, [row for row in asked if row.person == person])
    return found


def _view(
    row: Promise, name: str, details: dict[str, Any] | None, against: tuple[Clash, ...]
) -> PromiseView:
    offered = row.offered
    paid = offered.get("reciprocal")
    return PromiseView(
        id=row.id,
        invite=Iri(row.invite),
        person=Iri(row.person),
        group=Iri(row.group),
        group_name=name,
        receiver=Iri(row.receiver),
        state=row.state,
        code=row.code,
        start=row.starts,
        end=row.ends,
        timezone=_text(offered, "timezone"),
        minutes=row.minutes,
        break_minutes=row.break_minutes,
        title=_text(offered, "name"),
        district=_district(offered),
        job=_text(offered, "job"),
        opening=_text(offered, "satisfies"),
        skill=skills.key_of(_text(offered, "resourceConformsTo")),
        agreement=_text(offered, "inScopeOf") or None,
        reply_by=row.reply_by,
        hold_until=row.hold_until,
        replaces=Iri(row.replaces) if row.replaces else None,
        pay_cents_per_hour=row.pay_cents_per_hour,
        currency=row.currency,
        why=tuple(str(one) for one in why) if isinstance(why := offered.get("why"), list) else (),
        invited=row.invited,
        changed=row.changed,
        commitment=f"{row.create}#commitment" if row.create else None,
        details=details,
        clashes=against,
        split=read_split(paid.get("split")) if isinstance(paid, Mapping) else (),
    )


def _text(offered: Mapping[str, Any], name: str) -> str:
    value = offered.get(name)
    return value if isinstance(value, str) else ""


def _district(offered: Mapping[str, Any]) -> str:
    place = offered.get("location")
    return _text(place, "name") if isinstance(place, dict) else ""
