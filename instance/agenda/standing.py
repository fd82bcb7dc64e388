"""What stands against an invitation, asked of everything she has promised anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa

from federation import Iri
from instance.agenda.availability import zone_of
from instance.agenda.clash import Clash, clashes
from instance.agenda.models import Promise, touches
from instance.agenda.promise import TAKES_TIME, PromiseState
from instance.agenda.windows import Window
from instance.db import Tx
from instance.network import service as network
from instance.policy import service as policy

AROUND = timedelta(days=8)
"""How far from a shift other promises still matter: a week, and the days it cuts."""

BEFORE_START = timedelta(minutes=1)
"""A hold ends, and an answer is due, so long before the shift starts."""


async def accounts_of(tx: Tx, person: str) -> tuple[str, ...]:
    """Name the person's account and those here from which she moved to it."""
    return (person, *await network.moved_from(tx, Iri(person)))


async def gives_way(tx: Tx, row: Promise) -> Promise | None:
    """Return the confirmed promise that an invitation replaces, if its `replaces` counts.

    It does when it names an earlier Invite of the same group to the same person, and both the
    time to answer and the hold end before the old shift starts.
    """
    older = await tx.get(Promise, row.replaces) if row.replaces else None
    if older is None or older.group != row.group or older.state is not PromiseState.CONFIRMED:
        return None
    in_time = row.reply_by < older.starts and tx.now < older.starts - BEFORE_START
    if in_time and older.person in await accounts_of(tx, row.person):
        return older
    return None


async def standing(tx: Tx, rows: Sequence[Promise]) -> Mapping[str, tuple[Clash, ...]]:
    """Find what stands against each of one person's invitations, by the Invite's id."""
    if not rows:
        return {}
    person = rows[0].person
    found = await tx.session.execute(
        sa.select(Promise.invite, Promise.starts, Promise.ends).where(
            Promise.person.in_(await accounts_of(tx, person)),
            Promise.state.in_(TAKES_TIME),
            touches(
                min(row.starts for row in rows) - AROUND, max(row.ends for row in rows) + AROUND
            ),
        )
    )
    taken = [(one.invite, Window(one.starts, one.ends)) for one in found]
    rules, zone = await policy.rules(tx), await zone_of(tx, Iri(person))
    against = {}
    for row in rows:
        older = await gives_way(tx, row)
        but = {row.invite, older.invite if older else None}
        others = [window for invite, window in taken if invite not in but]
        against[row.invite] = clashes(Window(row.starts, row.ends), others, rules, zone)
    return against
