"""What homes share about members with groups: written here for ours, kept here for our groups."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.agenda import service as agenda
from instance.agenda.events import AvailabilityChanged
from instance.consent import service as consent
from instance.consent.events import SharingAgreed, SharingEnded
from instance.db import Tx
from instance.groups.belonging import belonging_of
from instance.groups.events import BelongingBegan, ShareReceived
from instance.groups.membership import forget, membership_of
from instance.groups.models import Belonging, EndedShare, MemberShare, Membership, MemberState
from instance.groups.views import MemberView, Shared
from instance.people import service as people
from instance.people.events import PersonChanged

PUSH = "groups.push_share"
DEBOUNCE = timedelta(seconds=30)
REFRESH = timedelta(days=7)
AHEAD = timedelta(weeks=6)
# What a leader sees of somebody who asks to join: enough to decide, and no more.
DECIDING = frozenset({"name", "skills", "certificates", "languages", "district"})


# At a person's home ------------------------------------------------------------------------------


async def shared_by(tx: Tx, person: Iri, group: Iri) -> Shared | None:
    """Return what a person shares with a group now, exactly the agreed fields; None for nothing.

    Windows reach six weeks ahead and hold no reasons.
    """
    fields = await consent.shared_fields(tx, person, group)
    return await _value(tx, person, fields) if fields else None


async def offered_by(tx: Tx, person: Iri, group: Iri) -> Shared:
    """Return of the agreed fields those by which a leader decides on a request to join."""
    fields = await consent.shared_fields(tx, person, group)
    return await _value(tx, person, fields & DECIDING)


async def belonging(tx: Tx, key: str) -> Belonging | None:
    """Return a belonging's row by its id, or None."""
    return await tx.get(Belonging, key)


async def belonging_by_share(tx: Tx, share: str) -> Belonging | None:
    """Return the belonging whose shared document has this id, or None."""
    chosen = sa.select(Belonging).where(Belonging.share == share)
    return (await tx.session.execute(chosen)).scalar_one_or_none()


async def push_soon(tx: Tx, event: AvailabilityChanged | PersonChanged) -> None:
    """Have what a person shares sent again within half a minute, however much changes in it."""
    chosen = sa.select(Belonging.id).where(
        Belonging.person == event.person, Belonging.state == MemberState.MEMBER
    )
    for key in (await tx.session.execute(chosen)).scalars():
        await _schedule(tx, key, tx.now + DEBOUNCE)


async def push_now(tx: Tx, event: SharingAgreed | SharingEnded | BelongingBegan) -> None:
    """Have what a person shares with one group sent again at once, or taken back."""
    row = await belonging_of(tx, event.person, event.group)
    if row is not None and (row.sent is not None or row.state is MemberState.MEMBER):
        await _schedule(tx, row.id, tx.now)


async def refresh_later(tx: Tx, row: Belonging) -> None:
    """Have the weeks ahead sent again before they run out."""
    if row.state is MemberState.MEMBER:
        await _schedule(tx, row.id, tx.now + REFRESH)


async def _schedule(tx: Tx, key: str, at: datetime) -> None:
    waiting = await tx.get(due.Due, (PUSH, key))
    if waiting is None or waiting.at > at:
        await due.schedule(tx, at, PUSH, key)


async def _value(tx: Tx, person: Iri, fields: frozenset[str]) -> Shared:
    known = await people.require_person(tx, person)
    windows: tuple[tuple[datetime, datetime], ...] = ()
    if "availability" in fields:
        free = await agenda.free_windows(tx, person, tx.now, tx.now + AHEAD)
        windows = tuple((one.start, one.end) for one in free)
    return Shared(
        person=person,
        fields=fields,
        as_of=tx.now,
        name=known.name if "name" in fields else None,
        phone=known.phone if "phone" in fields else None,
        email=known.email if "email" in fields else None,
        district=known.district if "district" in fields else None,
        weekly_minutes=known.weekly_minutes if "weekly_hours" in fields else None,
        adult=known.adult if "availability" in fields else None,
        skills=known.skills if "skills" in fields else (),
        certificates=known.certificates if "certificates" in fields else (),
        languages=known.languages if "languages" in fields else (),
        windows=windows,
    )


# At the group ------------------------------------------------------------------------------------


async def shares(tx: Tx, group: Iri) -> list[Shared]:
    """Return what the members of a group here share with it: what the matcher may see."""
    chosen = (
        sa.select(MemberShare, Membership.person)
        .join(Membership, Membership.id == MemberShare.membership)
        .where(Membership.group == group, Membership.state == MemberState.MEMBER)
        .order_by(Membership.person)
    )
    return [_shared(row, Iri(person)) for row, person in await tx.session.execute(chosen)]


async def sharing(tx: Tx, group: Iri, persons: Collection[Iri]) -> set[Iri]:
    """Return which of these people belong to a group here and share something with it."""
    chosen = (
        sa.select(Membership.person)
        .join(MemberShare, Membership.id == MemberShare.membership)
        .where(
            Membership.group == group,
            Membership.state == MemberState.MEMBER,
            Membership.person.in_(persons),
        )
    )
    return {Iri(one) for one in await tx.session.scalars(chosen)}


async def share_of(tx: Tx, group: Iri, person: Iri) -> Shared | None:
    """Return what one member shares with a group here, or None."""
    row = await membership_of(tx, group, person)
    share = await tx.get(MemberShare, row.id) if row else None
    if row is None or share is None or row.state is not MemberState.MEMBER:
        return None
    return _shared(share, person)


async def note_shown(tx: Tx, group: Iri, reader: Iri, shown: Iterable[MemberView]) -> None:
    """Note for members whose home is here that a leader was shown what they share."""
    read = {
        one.person: one.fields
        for one in shown
        if one.fields and one.person.startswith(f"{tx.origin}/") and one.person != reader
    }
    await consent.note_reads(tx, group, reader, read)


async def record_share(tx: Tx, row: Membership, iri: Iri, shared: Shared) -> None:
    """Keep what a home shares about a member, unless something newer is known already."""
    kept = await tx.get(MemberShare, row.id)
    if kept is not None and kept.as_of > shared.as_of:
        return
    if await tx.get(EndedShare, iri):
        return
    if kept is None:
        kept = MemberShare(membership=row.id)
        tx.session.add(kept)
    kept.iri, kept.fields, kept.as_of = iri, sorted(shared.fields), shared.as_of
    for name in ("name", "phone", "email", "district", "weekly_minutes", "adult"):
        setattr(kept, name, getattr(shared, name))
    kept.skills = [list(one) for one in shared.skills]
    kept.certificates = [
        [key, until.isoformat() if until else None] for key, until in shared.certificates
    ]
    kept.languages = list(shared.languages)
    kept.windows = [[start.isoformat(), end.isoformat()] for start, end in shared.windows]
    if row.state is MemberState.MEMBER:
        tx.emit(ShareReceived(Iri(row.group), Iri(row.person)))


async def forget_share(tx: Tx, person: Iri, iri: Iri) -> None:
    """Forget what a person shared under an id; only what is hers, and forgetting twice is once."""
    chosen = (
        sa.select(Membership, MemberShare.iri)
        .outerjoin(MemberShare, MemberShare.membership == Membership.id)
        .where(Membership.person == person)
    )
    rows = (await tx.session.execute(chosen)).all()
    if rows and await tx.get(EndedShare, iri) is None:
        tx.session.add(EndedShare(iri=iri, at=tx.now))
    for row, kept in rows:
        if kept == iri:
            await forget(tx, row)
            tx.emit(ShareReceived(Iri(row.group), person))


def _shared(row: MemberShare, person: Iri) -> Shared:
    return Shared(
        person=person,
        fields=frozenset(row.fields),
        as_of=row.as_of,
        name=row.name,
        phone=row.phone,
        email=row.email,
        district=row.district,
        weekly_minutes=row.weekly_minutes,
        adult=row.adult,
        skills=tuple((str(key), int(level)) for key, level in row.skills),
        certificates=tuple(
            (str(key), date.fromisoformat(until) if until else None)
            for key, until in row.certificates
        ),
        languages=tuple(row.languages),
        windows=tuple(
            (datetime.fromisoformat(start), datetime.fromisoformat(end))
            for start, end in row.windows
        ),
    )
