"""Whom a person lets ask her: the groups she belongs to, as `groups` tells."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from federation import Iri
from instance.agenda.models import Inviter
from instance.agenda.views import InviterView
from instance.db import Tx


async def allow_inviter(tx: Tx, person: Iri, group: Iri, group_name: str) -> None:
    """Let a group ask a person of ours; saying so again renews the name."""
    row = await tx.get(Inviter, (person, group))
    if row:
        row.name = group_name
    else:
        tx.session.add(Inviter(person=person, group=group, name=group_name, since=tx.now))


async def forbid_inviter(tx: Tx, person: Iri, group: Iri) -> None:
    """Let a group no longer ask her. What she has promised to it stands."""
    here = (Inviter.person == person, Inviter.group == group)
    await tx.session.execute(sa.delete(Inviter).where(*here))


async def may_invite(tx: Tx, person: Iri, group: Iri) -> bool:
    """Tell whether a group may ask her."""
    return await tx.get(Inviter, (person, group)) is not None


async def inviters(tx: Tx, person: Iri) -> Sequence[InviterView]:
    """List the groups that may ask her, by name."""
    found = await tx.session.scalars(
        sa.select(Inviter).where(Inviter.person == person).order_by(Inviter.name, Inviter.group)
    )
    return [InviterView(Iri(one.group), one.name, one.since) for one in found]
