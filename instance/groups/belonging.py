"""The groups that people here belong to, wherever those live: the person's own side of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from federation import Iri
from instance.agenda import service as agenda
from instance.consent import service as consent
from instance.db import Tx
from instance.errors import Conflict, Invalid, NotFound
from instance.groups.events import (
    BelongingBegan,
    BelongingEnded,
    BelongingRefused,
    GroupInvited,
    JoinWritten,
    LeaveWritten,
)
from instance.groups.founding import require_group
from instance.groups.models import Belonging as Row
from instance.groups.models import MemberState
from instance.groups.views import Belonging, FoundGroup, found_here, home_of
from instance.people import service as people
from instance.viewer import Viewer

SHOWN = (MemberState.MEMBER, MemberState.ASKED, MemberState.INVITED)
MOST_INVITED = 20


async def belongings(tx: Tx, person: Iri) -> list[Belonging]:
    """List the groups somebody here belongs to, wherever they live, by name."""
    return [one for one in await standings(tx, person) if one.state is MemberState.MEMBER]


async def count_belongings(tx: Tx, person: Iri) -> int:
    """Count the groups somebody here belongs to."""
    counted = sa.select(sa.func.count()).where(
        Row.person == person, Row.state == MemberState.MEMBER
    )
    return int((await tx.session.execute(counted)).scalar_one())


async def standings(tx: Tx, person: Iri) -> list[Belonging]:
    """List belongings, and the groups she asked to join or that asked her, by name."""
    chosen = sa.select(Row).where(Row.person == person, Row.state.in_(SHOWN))
    rows = (await tx.session.execute(chosen.order_by(Row.group_name, Row.group))).scalars().all()
    rights = await people.rights_of(tx, person)
    led = {
        one.group for one in rights if one.role in {people.Role.LEADER, people.Role.ADMINISTRATOR}
    }
    return [
        Belonging(
            group=Iri(row.group),
            name=row.group_name,
            handle=row.group_handle,
            role="leader" if row.group in led else "member",
            state=row.state,
            origin=home_of(row.group),
            since=row.since,
            asked=row.asked,
        )
        for row in rows
    ]


async def people_in(tx: Tx, group: Iri) -> list[Iri]:
    """Name the people here who belong to a group, wherever it lives."""
    chosen = sa.select(Row.person).where(Row.group == group, Row.state == MemberState.MEMBER)
    return [Iri(one) for one in await tx.session.scalars(chosen.order_by(Row.person))]


async def belonging_of(tx: Tx, person: str, group: str) -> Row | None:
    """Return the row of somebody here and a group, or None."""
    chosen = sa.select(Row).where(Row.person == person, Row.group == group)
    return (await tx.session.execute(chosen)).scalar_one_or_none()


async def ask_to_join(
    tx: Tx,
    person: Iri,
    group: FoundGroup | Iri,
    fields: Iterable[str],
    *,
    message: str = "",
    link: str | None = None,
) -> None:
    """Ask a group, here or elsewhere, to be taken in, agreeing to share exactly these fields.

    `group` is what its own home says of it; for one whose home is here its address will do.

    Raises Invalid for a field that the group did not ask for or an essential one left out, and
    Conflict when she is a member already.
    """
    await people.require_person(tx, person)
    if not isinstance(group, FoundGroup):
        group = found_here(await require_group(tx, group))
    if len(message) > 1000:
        raise Invalid("Please say it in at most 1000 letters.", field="message")
    row = await _row(tx, person, group.iri)
    if row.state is MemberState.MEMBER:
        raise Conflict("You are a member of %(name)s already.", name=group.name)
    row.group_name, row.group_handle = group.name, group.handle
    row.state, row.asked, row.ended = MemberState.ASKED, tx.now, None
    row.join = tx.federation.new_id()
    chosen = await _agree(tx, person, group, fields)
    tx.emit(JoinWritten(row.id, chosen, message, link))


async def share_again(tx: Tx, person: Iri, group: FoundGroup, fields: Iterable[str]) -> None:
    """Let a member share with her group anew, after the agreement ended or ran out.

    Raises NotFound for a group that she is no member of, Invalid as `ask_to_join` does.
    """
    row = await belonging_of(tx, person, group.iri)
    if row is None or row.state is not MemberState.MEMBER:
        raise NotFound
    await _agree(tx, person, group, fields)


async def leave(tx: Tx, viewer: Viewer, group: Iri) -> None:
    """Leave a group, take back having asked, or say no to being asked. Raises NotFound."""
    row = await belonging_of(tx, viewer.person, group)
    if row is None or row.state not in SHOWN:
        raise NotFound
    if row.group.startswith(f"{tx.origin}/") and await people.leaders_of(tx, group) == (
        viewer.person,
    ):
        raise Conflict("A group keeps at least one leader: name another one first.")
    await _end(tx, row, MemberState.LEFT)
    tx.emit(LeaveWritten(row.id))


async def begin(tx: Tx, person: Iri, group: Iri, *, name: str, handle: str) -> None:
    """Write down that somebody here belongs to a group from now on; doing so again is harmless."""
    row = await _row(tx, person, group)
    row.group_name, row.group_handle = name, handle
    if row.state is MemberState.MEMBER:
        return
    row.state, row.since, row.ended = MemberState.MEMBER, tx.now, None
    await agenda.allow_inviter(tx, person, group, name)
    tx.emit(BelongingBegan(person, group))


async def record_accept(tx: Tx, group: Iri, join: Iri) -> bool:
    """Write down that a group took somebody here in; False when nobody here wrote that Join."""
    row = await _joined(tx, join)
    if row is None or row.group != group:
        return False
    if row.state is MemberState.ASKED:
        await begin(tx, Iri(row.person), group, name=row.group_name, handle=row.group_handle)
    return True


async def record_reject(tx: Tx, group: Iri, join: Iri) -> bool:
    """Write down that a group refused somebody here; False when nobody here wrote that Join."""
    row = await _joined(tx, join)
    if row is None or row.group != group:
        return False
    if row.state is MemberState.ASKED:
        await _end(tx, row, MemberState.REFUSED)
        tx.emit(BelongingRefused(Iri(row.person), group))
    elif row.state is MemberState.MEMBER:
        await record_remove(tx, group, Iri(row.person))
    return True


async def record_remove(tx: Tx, group: Iri, person: Iri) -> None:
    """Write down that a group removed somebody here."""
    row = await belonging_of(tx, person, group)
    if row is not None and row.state is MemberState.MEMBER:
        await _end(tx, row, MemberState.REMOVED)


async def record_invite(tx: Tx, group: Iri, person: Iri, *, name: str, handle: str) -> None:
    """Write down that a group asks somebody here to join; beyond a number they are dropped."""
    chosen = sa.select(sa.func.count()).where(
        Row.person == person, Row.state == MemberState.INVITED
    )
    if (await tx.session.execute(chosen)).scalar_one() >= MOST_INVITED:
        return
    row = await _row(tx, person, group)
    if row.state in {MemberState.MEMBER, MemberState.ASKED, MemberState.INVITED}:
        return
    row.group_name, row.group_handle = name, handle
    row.state, row.asked, row.ended = MemberState.INVITED, tx.now, None
    tx.emit(GroupInvited(person, group))


async def record_not_invited(tx: Tx, group: Iri, person: Iri) -> None:
    """Write down that a group asks somebody here no more; what she has answered stands."""
    row = await belonging_of(tx, person, group)
    if row is not None and row.state is MemberState.INVITED:
        row.state, row.ended = MemberState.LEFT, tx.now


async def move_away(tx: Tx, person: Iri) -> list[Row]:
    """End every belonging of somebody who goes by another account now; returns them."""
    chosen = sa.select(Row).where(Row.person == person, Row.state == MemberState.MEMBER)
    rows = list((await tx.session.execute(chosen.order_by(Row.group))).scalars())
    for row in rows:
        row.state, row.ended = MemberState.MOVED, tx.now
    return rows


async def _agree(tx: Tx, person: Iri, group: FoundGroup, fields: Iterable[str]) -> tuple[str, ...]:
    chosen = tuple(sorted(set(fields)))
    if not set(chosen) <= {one.field for one in group.asked}:
        raise Invalid("The group did not ask for this.", field="fields")
    if missing := [one for one in group.asked if one.essential and one.field not in chosen]:
        label = missing[0].about.label
        raise Invalid("The group cannot do without: %(name)s.", field="fields", name=label)
    await consent.agree(
        tx,
        person,
        group.iri,
        chosen,
        tx.now + timedelta(days=group.asked_days),
        consent.Source.JOIN,
        group_name=group.name,
        asked=group.asked,
    )
    return chosen


async def _row(tx: Tx, person: Iri, group: Iri) -> Row:
    row = await belonging_of(tx, person, group)
    if row is None:
        row = Row(
            id=tx.federation.new_id("belongings").rpartition("/")[2],
            person=person,
            group=group,
            group_name=group,
            group_handle="",
            state=MemberState.LEFT,
            share=tx.federation.new_id("shares"),
            asked=tx.now,
        )
        tx.session.add(row)
    return row


async def _joined(tx: Tx, join: Iri) -> Row | None:
    chosen = sa.select(Row).where(Row.join == join)
    return (await tx.session.execute(chosen)).scalars().first()


async def _end(tx: Tx, row: Row, state: MemberState) -> None:
    belonged = row.state is MemberState.MEMBER
    person, group = Iri(row.person), Iri(row.group)
    row.state, row.ended = state, tx.now
    await agenda.forbid_inviter(tx, person, group)
    await consent.end(tx, person, group)
    if belonged:
        tx.emit(BelongingEnded(person, group))
