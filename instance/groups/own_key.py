"""A key of a person's own: made here, handed to her, kept by nobody but her (FEP-c390)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from federation import Iri
from instance import wire
from instance.consent import service as consent
from instance.db import Tx
from instance.errors import Conflict, Invalid, NotFound
from instance.groups import moving
from instance.groups.documents import expected_document, left_document
from instance.groups.keyfile import HeldKey, Key, KeyFile, new_key, stated
from instance.groups.membership import handle_of
from instance.groups.models import Belonging, MemberState
from instance.language import N_, translate
from instance.network import service as network
from instance.viewer import Viewer

READ_ME = N_(
    "This is your own key. Keep this file where only you can read it, and a copy of it somewhere "
    "else. When the server of your co-op is gone for good, you bring your groups to an account at "
    "another co-op with it. Show it to nobody: whoever has it could take your place in your groups."
)


async def own_key(tx: Tx, person: Iri) -> datetime | None:
    """Return since when a person has the key that she has, or None."""
    statement = await network.identity_of(tx, person)
    return wire.moment_of(statement["proof"]["created"]) if statement else None


async def make_key(tx: Tx, viewer: Viewer, *, sure: bool = False) -> KeyFile:
    """Make a key for a person and return the file of it, which is kept nowhere here.

    In place of a key that she has only when she is `sure`. Raises Conflict.
    """
    person = viewer.in_person().person
    if not sure and await network.identity_of(tx, person):
        raise Conflict("You have a key already. A new one makes its file worthless.", field="sure")
    return await hand_over(tx, viewer, new_key())


async def renew_file(tx: Tx, viewer: Viewer, held: HeldKey) -> KeyFile:
    """Return the file of a person's key as it is today, if what she brings is her key.

    Raises Invalid for another key, NotFound when she has none.
    """
    person = viewer.in_person().person
    statement = await network.identity_of(tx, person)
    if statement is None:
        raise NotFound
    if statement["subject"] != held.key.did_key:
        raise Invalid("This file is good, but its key is not that of this account.", field="file")
    return await _file(tx, viewer, held.key, statement)


async def remove_key(tx: Tx, viewer: Viewer, *, sure: bool = False) -> None:
    """Let a person have no key any more: its file is worthless from now on. Raises Invalid."""
    person = viewer.in_person().person
    if not sure:
        raise Invalid("Tick that you are sure.", field="sure")
    if await network.identity_of(tx, person):
        await network.state_identity(tx, person, None)


async def hand_over(tx: Tx, viewer: Viewer, key: Key) -> KeyFile:
    """Let a key say that it is this person's, and return the file of it."""
    statement = await network.identity_of(tx, viewer.person)
    if statement is None or statement["subject"] != key.did_key:
        statement = stated(viewer.person, key, tx.now)
        await network.state_identity(tx, viewer.person, statement)
    return await _file(tx, viewer, key, statement)


async def _file(tx: Tx, viewer: Viewer, key: Key, statement: Mapping[str, Any]) -> KeyFile:
    return KeyFile(
        read_me=translate(viewer.language, READ_ME),
        handle=await handle_of(tx, viewer.person),
        secret_key_multibase=key.secret_multibase,
        statement=dict(statement),
        groups=await _groups(tx, viewer.person),
    )


async def _groups(tx: Tx, person: Iri) -> list[dict[str, Any]]:
    """List the groups a person belongs to, and those that she takes over from another account."""
    chosen = sa.select(Belonging).where(
        Belonging.person == person, Belonging.state == MemberState.MEMBER
    )
    rows = (await tx.session.scalars(chosen.order_by(Belonging.group))).all()
    listed = {
        row.group: left_document(row, await consent.receipt(tx, person, Iri(row.group)), tx.now)
        for row in rows
    }
    for one in await moving.expected(tx, person):
        listed.setdefault(one.group, expected_document(one))
    return list(listed.values())
