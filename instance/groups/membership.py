"""Who belongs to a group here: asked, taken in, refused, removed; the group's own word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import Conflict, NotFound
from instance.groups.events import (
    JoinAnswered,
    JoinAsked,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    PersonAsked,
)
from instance.groups.models import MemberShare, Membership, MemberState
from instance.groups.views import MemberView, RequestView, home_of, host_of
from instance.network import service as network
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer

MOST_WAITING = 500


async def is_member(tx: Tx, group: Iri, person: Iri) -> bool:
    """Tell whether somebody belongs to a group here."""
    row = await membership_of(tx, group, person)
    return row is not None and row.state is MemberState.MEMBER


async def membership_of(tx: Tx, group: Iri, person: Iri) -> Membership | None:
    """Return the row that says where somebody stands with a group here, or None."""
    chosen = sa.select(Membership).where(Membership.group == group, Membership.person == person)
    return (await tx.session.execute(chosen)).scalar_one_or_none()


async def membership(tx: Tx, key: str) -> Membership:
    """Return a membership's row; raise NotFound."""
    row = await tx.get(Membership, key)
    if row is None:
        raise NotFound
    return row


async def members(tx: Tx, group: Iri) -> list[MemberView]:
    """List who belongs to a group here, by the name each shares with it, else by handle."""
    leaders = frozenset(await people.leaders_of(tx, group))
    chosen = (
        sa.select(Membership, MemberShare)
        .outerjoin(MemberShare, MemberShare.membership == Membership.id)
        .where(Membership.group == group, Membership.state == MemberState.MEMBER)
    )
    found = [_member(row, share, leaders) for row, share in await tx.session.execute(chosen)]
    return sorted(found, key=lambda one: (one.role != "leader", one.name.casefold(), one.person))


async def persons(tx: Tx, group: Iri) -> list[Iri]:
    """List who belongs to a group here, in the order of their ids."""
    chosen = sa.select(Membership.person).where(
        Membership.group == group, Membership.state == MemberState.MEMBER
    )
    return [Iri(one) for one in await tx.session.scalars(chosen.order_by(Membership.person))]


async def requests(tx: Tx, group: Iri) -> list[RequestView]:
    """List who asks to join a group here, those who wait longest first."""
    chosen = (
        sa.select(Membership, MemberShare)
        .outerjoin(MemberShare, MemberShare.membership == Membership.id)
        .where(Membership.group == group, Membership.state == MemberState.ASKED)
        .order_by(Membership.asked, Membership.id)
        .limit(MOST_WAITING)
    )
    return [_request(row, share) for row, share in await tx.session.execute(chosen)]


async def request(tx: Tx, key: str) -> RequestView:
    """Return one request to join; raise NotFound."""
    row = await membership(tx, key)
    return _request(row, await tx.get(MemberShare, key))


async def name_for(tx: Tx, group: Iri, person: Iri) -> str:
    """Return what a group may call somebody: the name she shares with it, else her handle."""
    return (await names_for(tx, group, [person]))[person]


async def names_for(tx: Tx, group: Iri, persons: Iterable[Iri]) -> dict[Iri, str]:
    """Return what a group may call each of these people."""
    wanted = sorted(set(persons))
    chosen = (
        sa.select(Membership.person, Membership.handle, Membership.state, MemberShare.name)
        .outerjoin(MemberShare, MemberShare.membership == Membership.id)
        .where(Membership.group == group, Membership.person.in_(wanted))
    )
    known = {
        Iri(row.person): (row.state is MemberState.MEMBER and row.name) or row.handle
        for row in await tx.session.execute(chosen)
    }
    handles = await handles_of(tx, [one for one in wanted if not known.get(one)])
    return {one: handles.get(one) or known[one] for one in wanted}


async def handle_of(tx: Tx, person: Iri) -> str:
    """Return how somebody is addressed, as name@host, without asking anybody elsewhere."""
    return (await handles_of(tx, [person]))[person]


async def handles_of(tx: Tx, actors: Sequence[Iri]) -> dict[Iri, str]:
    """Return how each of these actors is addressed, without asking anybody elsewhere."""
    here = await network.names_of(tx, actors)
    elsewhere = sorted({one for one in actors if one not in here})
    known = await tx.federation.store.peers.known_actors(tx, elsewhere)
    usernames = {one: username for one, (username, _) in here.items()} | {
        iri: str(one.document.get("preferredUsername") or "")[:100] for iri, one in known.items()
    }
    return {one: f"{usernames.get(one) or one.rpartition('/')[2]}@{host_of(one)}" for one in actors}


async def record_join(
    tx: Tx, group: Iri, person: Iri, join: Iri, *, offered: Sequence[str], message: str, link: str
) -> Membership | None:
    """Write down that somebody asks to join a group here; None when nothing is to be done.

    Whom the group had asked itself is taken in at once; a member is answered again.
    """
    row = await membership_of(tx, group, person)
    if row is not None and row.join == join:
        return None
    if row is None:
        row = Membership(id=_new_token(tx), group=group, person=person, state=MemberState.LEFT)
        row.handle = await handle_of(tx, person)
        row.asked = tx.now
        tx.session.add(row)
    row.join, row.link, row.message = join, link or None, message
    row.offered = sorted(offered)
    if row.state is MemberState.MEMBER:
        tx.emit(JoinAnswered(row.id, "accepted"))
    elif row.state is MemberState.INVITED:
        await _take_in(tx, row)
    else:
        row.state, row.asked, row.ended = MemberState.ASKED, tx.now, None
        tx.emit(JoinAsked(group, row.id))
    return row


async def accept_member(tx: Tx, viewer: Viewer, key: str) -> None:
    """Take somebody in who asked to join. Raises NotFound, or Conflict when she asks no more."""
    row = await _asked(tx, viewer, key)
    row.decision = await transparency.note(
        tx,
        "groups.accepted",
        by=viewer.person,
        group=Iri(row.group),
        about=Iri(row.person),
        text="Somebody was taken in as a member.",
    )
    await _take_in(tx, row)


async def refuse_member(tx: Tx, viewer: Viewer, key: str) -> None:
    """Refuse somebody who asked to join; what she offered is forgotten."""
    row = await _asked(tx, viewer, key)
    row.decision = await transparency.note(
        tx,
        "groups.refused",
        by=viewer.person,
        group=Iri(row.group),
        about=Iri(row.person),
        text="Somebody was not taken in as a member.",
    )
    row.state, row.ended = MemberState.REFUSED, tx.now
    await forget(tx, row)
    tx.emit(JoinAnswered(row.id, "refused"))


async def remove_member(tx: Tx, viewer: Viewer, key: str) -> None:
    """End a membership by the group's word. Raises NotFound, or Conflict for the last leader."""
    row = await membership(tx, key)
    await people.require_leader(tx, viewer, Iri(row.group))
    if row.state is not MemberState.MEMBER:
        raise NotFound
    await _keep_a_leader(tx, row)
    row.decision = await transparency.note(
        tx,
        "groups.removed",
        by=viewer.person,
        group=Iri(row.group),
        about=Iri(row.person),
        text="Somebody was removed as a member.",
    )
    await end(tx, row, MemberState.REMOVED)
    tx.emit(MemberRemoved(row.id))


async def invite_person(tx: Tx, viewer: Viewer, group: Iri, person: Iri) -> None:
    """Ask somebody, here or elsewhere, to join; if she then asks, she is taken in at once."""
    await people.require_leader(tx, viewer, group)
    row = await membership_of(tx, group, person)
    if row is None:
        row = Membership(id=_new_token(tx), group=group, person=person, offered=[])
        row.handle, row.asked, row.message = await handle_of(tx, person), tx.now, ""
        tx.session.add(row)
    elif row.state is MemberState.MEMBER:
        raise Conflict("%(name)s is a member already.", field="address", name=row.handle)
    elif row.state is MemberState.ASKED:
        raise Conflict("%(name)s has asked already: accept her.", field="address", name=row.handle)
    row.state, row.ended = MemberState.INVITED, None
    tx.emit(PersonAsked(row.id))


async def record_leave(tx: Tx, group: Iri, person: Iri, join: Iri | None) -> None:
    """Write down that somebody left a group here, or asks no more, even before her asking came."""
    row = await membership_of(tx, group, person)
    if row is None:
        row = Membership(id=_new_token(tx), group=group, person=person, message="", offered=[])
        row.handle, row.asked, row.ended = await handle_of(tx, person), tx.now, tx.now
        row.state, row.join = MemberState.LEFT, join
        tx.session.add(row)
    elif row.state in {MemberState.MEMBER, MemberState.ASKED, MemberState.INVITED}:
        await end(tx, row, MemberState.LEFT)


async def record_invite_accepted(tx: Tx, group: Iri, person: Iri) -> bool:
    """Take in somebody whom the group had asked; False when it had not."""
    row = await membership_of(tx, group, person)
    if row is not None and row.state is MemberState.INVITED:
        await _begin(tx, row)
    return row is not None and row.state is MemberState.MEMBER


async def record_invite_rejected(tx: Tx, group: Iri, person: Iri) -> None:
    """Write down that somebody whom the group had asked does not join; no member leaves by it."""
    row = await membership_of(tx, group, person)
    if row is not None and row.state is MemberState.INVITED:
        await end(tx, row, MemberState.LEFT)


async def add_member(tx: Tx, group: Iri, person: Iri, offered: Iterable[str]) -> Membership | None:
    """Make somebody here a member without her asking first; None when she is one already."""
    row = await membership_of(tx, group, person)
    if row is not None and row.state is MemberState.MEMBER:
        return None
    if row is None:
        row = Membership(id=_new_token(tx), group=group, person=person, message="")
        row.handle, row.asked, row.state = await handle_of(tx, person), tx.now, MemberState.LEFT
        tx.session.add(row)
    row.offered = sorted(offered)
    await _begin(tx, row)
    return row


async def end(tx: Tx, row: Membership, state: MemberState) -> None:
    """End a membership or a request: what was shared is forgotten, rights are taken away."""
    was_member = row.state is MemberState.MEMBER
    row.state, row.ended = state, tx.now
    await forget(tx, row)
    if was_member:
        for role in (people.Role.MEMBER, people.Role.LEADER):
            await people.revoke(tx, Iri(row.person), Iri(row.group), role)
        tx.emit(MemberLeft(Iri(row.group), Iri(row.person)))


async def forget(tx: Tx, row: Membership) -> None:
    """Forget what somebody shared with a group."""
    row.offered = []
    await tx.session.execute(sa.delete(MemberShare).where(MemberShare.membership == row.id))


def stamp_of(row: Membership) -> Iri:
    """Return the id of the Relationship that proves a membership."""
    return Iri(f"{row.group}/affiliations/{row.id}")


async def _asked(tx: Tx, viewer: Viewer, key: str) -> Membership:
    row = await membership(tx, key)
    await people.require_leader(tx, viewer, Iri(row.group))
    if row.state is not MemberState.ASKED:
        raise Conflict("This request has been answered already, or was taken back.")
    return row


async def _take_in(tx: Tx, row: Membership) -> None:
    await _begin(tx, row)
    tx.emit(JoinAnswered(row.id, "accepted"))


async def _begin(tx: Tx, row: Membership) -> None:
    row.state, row.since, row.ended = MemberState.MEMBER, tx.now, None
    group, person = Iri(row.group), Iri(row.person)
    await people.grant(tx, person, group, people.Role.MEMBER, stamp_of(row))
    tx.emit(MemberJoined(group, person))


async def _keep_a_leader(tx: Tx, row: Membership) -> None:
    if await people.leaders_of(tx, Iri(row.group)) == (row.person,):
        raise Conflict("A group keeps at least one leader: name another one first.")


def _member(row: Membership, share: MemberShare | None, leaders: frozenset[Iri]) -> MemberView:
    return MemberView(
        membership=row.id,
        person=Iri(row.person),
        handle=row.handle,
        name=(share and share.name) or row.handle,
        role="leader" if row.person in leaders else "member",
        since=row.since or row.asked,
        home=home_of(row.person),
        fields=tuple(share.fields) if share else (),
        district=share.district if share else None,
        phone=share.phone if share else None,
        email=share.email if share else None,
        skills=tuple((key, level) for key, level in share.skills) if share else (),
        as_of=share.as_of if share else None,
    )


def _request(row: Membership, share: MemberShare | None) -> RequestView:
    return RequestView(
        membership=row.id,
        person=Iri(row.person),
        handle=row.handle,
        name=(share and share.name) or row.handle,
        home=home_of(row.person),
        message=row.message,
        by_link=row.link is not None,
        asked=row.asked,
        offered=tuple(row.offered),
        district=share.district if share else None,
        skills=tuple((key, level) for key, level in share.skills) if share else (),
        languages=tuple(share.languages) if share else (),
    )


def _new_token(tx: Tx) -> str:
    return tx.federation.new_id("memberships").rpartition("/")[2]
