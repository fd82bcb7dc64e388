"""Two accounts become one: she names her home, confirms there, and her memberships follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from federation import Iri
from instance.consent import service as consent
from instance.db import Tx
from instance.errors import Conflict, Invalid, NotFound
from instance.groups.belonging import begin, belonging_of, belongings, move_away
from instance.groups.events import AccountMoved, MemberMoved, MembershipTaken
from instance.groups.membership import forget, handle_of, membership_of, stamp_of
from instance.groups.models import (
    Belonging,
    Membership,
    MemberState,
    NamedHome,
    Takeover,
)
from instance.groups.views import FoundPerson, NamedHomeView, home_of
from instance.network import service as network
from instance.people import service as people
from instance.viewer import Viewer

COOLDOWN = timedelta(days=7)
MOST_ALIASES = 10


# At the account that is left (X) -----------------------------------------------------------------


async def name_home(tx: Tx, viewer: Viewer, home: FoundPerson) -> None:
    """Write down which other account of hers a person wants to keep. Raises Invalid, Conflict."""
    if home.iri == viewer.person:
        raise Invalid("This is the account you are signed in to.", field="address")
    row = await tx.get(NamedHome, viewer.person)
    if row is not None and row.moved is not None:
        raise Conflict("You have moved already.")
    if row is None:
        row = NamedHome(person=viewer.person)
        tx.session.add(row)
    row.home, row.handle, row.named = home.iri, home.handle, tx.now


async def named_home(tx: Tx, person: Iri) -> NamedHomeView | None:
    """Return which account a person wants to keep instead of this one, or None."""
    row = await tx.get(NamedHome, person)
    return NamedHomeView(Iri(row.home), row.handle, row.named, row.moved) if row else None


async def forget_home(tx: Tx, viewer: Viewer) -> None:
    """Let a person keep this account after all. Raises Conflict once she has moved."""
    row = await tx.get(NamedHome, viewer.person)
    if row is not None and row.moved is not None:
        raise Conflict("You have moved already.")
    if row is not None:
        await tx.session.delete(row)


async def move(tx: Tx, viewer: Viewer, home: FoundPerson) -> None:
    """Let a person go by the account she named, which says by itself that it is hers too.

    `home` is that account as its own server describes it now. Her memberships here are told, and
    what she shared from here ends. Raises NotFound when she named none, Conflict when the other
    account does not name this one.
    """
    row = await tx.get(NamedHome, viewer.person)
    if row is None or row.home != home.iri:
        raise NotFound
    if row.moved is not None:
        raise Conflict("You have moved already.")
    if viewer.person not in home.also_known_as:
        raise Conflict("%(name)s has not confirmed yet that both are you.", name=home.handle)
    row.moved = tx.now
    await network.change_actor(tx, viewer.person, moved_to=home.iri)
    tx.emit(AccountMoved(viewer.person, home.iri))


async def leave_behind(tx: Tx, person: Iri) -> list[tuple[Belonging, consent.Receipt | None]]:
    """End what a person who moves shares from here; returns her belongings with the receipts."""
    rows = await move_away(tx, person)
    left = [(row, await consent.receipt(tx, person, Iri(row.group))) for row in rows]
    for row in rows:
        await consent.end(tx, person, Iri(row.group))
    return left


# At the account that stays (Y) -------------------------------------------------------------------


async def confirm_alias(tx: Tx, viewer: Viewer, other: FoundPerson) -> None:
    """Let a person here say that another account is hers too. Raises Invalid."""
    if other.iri == viewer.person:
        raise Invalid("This is the account you are signed in to.", field="address")
    await people.require_person(tx, viewer.person)
    known = await aliases_of(tx, viewer.person)
    if other.iri in known:
        return
    if len(known) >= MOST_ALIASES:
        raise Invalid("No more than ten accounts can be one.", field="address")
    await network.change_actor(tx, viewer.person, also_known_as=[*known, other.iri])


async def aliases_of(tx: Tx, person: Iri) -> tuple[str, ...]:
    """Return the other accounts that a person here says are hers."""
    found = await network.require_actor(tx, person)
    also = found.extra.get("alsoKnownAs", ())
    return tuple(str(one) for one in also) if isinstance(also, Sequence) else ()


async def expect_takeovers(
    tx: Tx, person: Iri, old: Iri, left: Iterable[tuple[Iri, str, Sequence[str], datetime]]
) -> None:
    """Write down which groups may hand over to a person here what another account had there.

    `left` holds, for each group, its IRI, its name, the agreed fields and until when.
    """
    for group, name, fields, until in left:
        row = await tx.get(Takeover, (person, group))
        if row is None:
            row = Takeover(person=person, group=group)
            tx.session.add(row)
        row.old, row.group_name, row.fields, row.until = old, name[:200], list(fields), until


async def expected(tx: Tx, person: Iri) -> list[Takeover]:
    """List what a person here has yet to take over from other accounts, by the groups' names."""
    chosen = sa.select(Takeover).where(Takeover.person == person)
    found = await tx.session.scalars(chosen.order_by(Takeover.group_name, Takeover.group))
    return list(found)


async def take_over(tx: Tx, group: Iri, person: Iri, old: object) -> bool:
    """Let a group hand over what an `old` account had there; False when none of hers announced it.

    What the old account shared with the group is shared on, for her to keep or to end. A group
    that was not told itself counts beside one on the same server that was: who joined it after
    she saved her key's file could not name it, and that server has moved all she had there.
    """
    row = await tx.get(Takeover, (person, group))
    if row is None:
        known = await belonging_of(tx, person, group)
        if known is not None and known.state is MemberState.MEMBER:
            return True
        if not await _was_told_beside(tx, person, group, old):
            return False
        handle = await handle_of(tx, group)
        await begin(tx, person, group, name=handle, handle=handle)
        return True
    had = await belonging_of(tx, person, group)
    shared = await consent.receipt(tx, person, group)
    name = row.group_name
    await begin(tx, person, group, name=name, handle=had.group_handle if had else "")
    if shared is None and row.fields and row.until > tx.now:
        await consent.agree(
            tx,
            person,
            group,
            row.fields,
            row.until,
            consent.Source.MOVED,
            group_name=name,
            asked=[consent.Asked(one) for one in row.fields],
        )
    await tx.session.delete(row)
    return True


async def _was_told_beside(tx: Tx, person: Iri, group: Iri, old: object) -> bool:
    """Tell whether a group's server moves what an account had that this person says was hers."""
    if old not in await aliases_of(tx, person):
        return False
    hers = [one.group for one in await expected(tx, person)]
    hers += [one.group for one in await belongings(tx, person)]
    return home_of(group) in {home_of(one) for one in hers}


# At a group --------------------------------------------------------------------------------------


async def rekey(tx: Tx, old: Iri, new: FoundPerson) -> int:
    """Let the memberships of one account in groups here be those of another; returns how many.

    Rights beyond membership do not follow: leaders give them anew. A membership that was re-keyed
    less than seven days ago stays as it is.
    """
    chosen = sa.select(Membership).where(
        Membership.person == old, Membership.state == MemberState.MEMBER
    )
    count = 0
    for row in (await tx.session.execute(chosen)).scalars().all():
        if row.moved is not None and row.moved > tx.now - COOLDOWN:
            continue
        await _rekey_one(tx, row, old, new)
        count += 1
    return count


async def _rekey_one(tx: Tx, row: Membership, old: Iri, home: FoundPerson) -> None:
    group, new = Iri(row.group), home.iri
    await people.revoke(tx, old, group, people.Role.MEMBER)
    if await people.leaders_of(tx, group) != (old,):  # the last leader stays one until another is
        await people.revoke(tx, old, group, people.Role.LEADER)
    await forget(tx, row)
    target = await membership_of(tx, group, new)
    if target is None:
        row.person, row.handle = new, home.handle
        target = row
    else:
        row.state, row.ended = MemberState.MOVED, tx.now
        if target.state is not MemberState.MEMBER:
            target.state, target.since, target.ended = MemberState.MEMBER, row.since, None
    target.moved = tx.now
    await people.grant(tx, new, group, people.Role.MEMBER, stamp_of(target))
    tx.emit(MemberMoved(group, old, new))
    tx.emit(MembershipTaken(target.id, old))
