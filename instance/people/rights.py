"""Who may do what: rights are rows, so that a vote can take them away."""

from __future__ import annotations

import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import Forbidden, NotFound
from instance.network import service as network
from instance.people.events import RightGranted, RightRevoked
from instance.people.models import Right, Role
from instance.people.views import RightView
from instance.transparency import service as transparency
from instance.viewer import Viewer

LEADING = (Role.LEADER, Role.ADMINISTRATOR)


async def grant(tx: Tx, person: Iri, group: Iri, role: Role, source: str) -> None:
    """Give somebody a role in a group; `source` says by whose word: an IRI, `init`, a vote."""
    role = Role(role)
    if await tx.get(Right, (person, group, role, source)):
        return
    tx.session.add(Right(person=person, group=group, role=role, source=source, since=tx.now))
    tx.emit(RightGranted(person, group, role.value))
    if role is not Role.MEMBER:
        await _note(tx, "people.granted", "Somebody became %(role)s.", person, group, role, source)


async def revoke(tx: Tx, person: Iri, group: Iri, role: Role, source: str | None = None) -> None:
    """Take a role in a group away: what one source gave, or with None all that any gave."""
    role = Role(role)
    given = sa.delete(Right).where(Right.person == person, Right.group == group, Right.role == role)
    if source is not None:
        given = given.where(Right.source == source)
    gone = (await tx.session.execute(given.returning(Right.source))).all()
    if not gone:
        return
    tx.emit(RightRevoked(person, group, role.value))
    if role is not Role.MEMBER:
        text = "Somebody is no longer %(role)s."
        await _note(tx, "people.revoked", text, person, group, role, source or gone[0].source)


async def leaders_of(tx: Tx, group: Iri) -> tuple[Iri, ...]:
    """Return who may act as the group, those who have done so longest first."""
    chosen = (
        sa.select(Right.person, sa.func.min(Right.since).label("since"))
        .where(Right.group == group, Right.role.in_(LEADING))
        .group_by(Right.person)
        .order_by(sa.text("since"), Right.person)
    )
    return tuple(Iri(row.person) for row in await tx.session.execute(chosen))


async def is_leader(tx: Tx, person: Iri, group: Iri) -> bool:
    """Tell whether somebody may act as the group: its leader or administrator."""
    chosen = sa.select(Right.person).where(
        Right.person == person, Right.group == group, Right.role.in_(LEADING)
    )
    return (await tx.session.execute(chosen.limit(1))).first() is not None


async def require_leader(tx: Tx, viewer: Viewer, group: Iri) -> None:
    """Let nobody but a group's leaders pass.

    Raises NotFound for others: they are not told that it exists. Raises Forbidden for a leader's
    token without the scope `group:<id>:lead` or `admin`.
    """
    if not await is_leader(tx, viewer.person, group):
        raise NotFound
    wanted = f"group:{group.rpartition('/')[2]}:lead"
    if not (viewer.in_scope(wanted) or viewer.in_scope("admin")):
        raise Forbidden("This token was not given the scope %(scope)s.", scope=wanted)


async def require_administrator(tx: Tx, viewer: Viewer) -> None:
    """Let nobody but the co-op's administrators pass; raise NotFound, or Forbidden for a token."""
    if not await is_administrator(tx, viewer.person):
        raise NotFound
    if not viewer.in_scope("admin"):
        raise Forbidden("This token was not given the scope %(scope)s.", scope="admin")


async def is_administrator(tx: Tx, person: Iri) -> bool:
    """Tell whether somebody looks after this co-op's server."""
    chosen = sa.select(Right.person).where(Right.person == person, Right.role == Role.ADMINISTRATOR)
    return (await tx.session.execute(chosen.limit(1))).first() is not None


async def administrators(tx: Tx) -> tuple[Iri, ...]:
    """Return who looks after this co-op's server, those who have done so longest first."""
    chosen = sa.select(Right.person, sa.func.min(Right.since).label("since"))
    chosen = chosen.where(Right.role == Role.ADMINISTRATOR).group_by(Right.person)
    found = await tx.session.execute(chosen.order_by(sa.text("since"), Right.person))
    return tuple(Iri(row.person) for row in found)


async def rights_of(tx: Tx, person: Iri) -> list[RightView]:
    """List what somebody may do here, by group."""
    chosen = sa.select(Right).where(Right.person == person).order_by(Right.since, Right.group)
    rows = (await tx.session.execute(chosen)).scalars().all()
    names = await network.names_of(tx, {row.group for row in rows})
    return [
        RightView(
            Iri(row.group),
            names.get(row.group, (row.group, ""))[1] or names.get(row.group, (row.group, ""))[0],
            row.role,
            row.source,
            row.since,
        )
        for row in rows
    ]


async def leads_somebody(tx: Tx, viewer: Viewer, person: Iri) -> Iri | None:
    """Return a group that the viewer leads and that the person belongs to, or None."""
    led = sa.select(Right.group).where(Right.person == viewer.person, Right.role.in_(LEADING))
    chosen = sa.select(Right.group).where(Right.person == person, Right.group.in_(led))
    row = (await tx.session.execute(chosen.order_by(Right.group).limit(1))).first()
    return Iri(row.group) if row else None


async def audited_by(tx: Tx, person: Iri) -> frozenset[Iri]:
    """Return the groups that somebody audits."""
    chosen = sa.select(Right.group).where(Right.person == person, Right.role == Role.AUDITOR)
    return frozenset(Iri(row.group) for row in await tx.session.execute(chosen))


async def leads_anything(tx: Tx, person: Iri) -> bool:
    """Tell whether somebody leads or administers any group here."""
    chosen = sa.select(Right.person).where(Right.person == person, Right.role.in_(LEADING))
    return (await tx.session.execute(chosen.limit(1))).first() is not None


async def _note(
    tx: Tx, kind: str, text: str, person: Iri, group: Iri, role: Role, source: str
) -> None:
    by = Iri(source) if source.startswith(("http://", "https://")) else group
    await transparency.note(tx, kind, by=by, group=group, about=person, text=text, role=role.value)
