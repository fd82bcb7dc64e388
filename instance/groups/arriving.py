"""Coming from a server that is gone: a key of her own says at a new home who somebody was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import Conflict, Invalid
from instance.groups import moving, own_key
from instance.groups.events import AccountArrived
from instance.groups.keyfile import HeldKey, KeyFile
from instance.groups.models import Membership, MemberState
from instance.groups.views import FoundGroup, FoundPerson, home_of
from instance.network import service as network
from instance.viewer import Viewer

MOST_GROUPS = 50

Left = tuple[Iri, str, Sequence[str], datetime]


async def arrive(tx: Tx, viewer: Viewer, held: HeldKey, named: Sequence[FoundGroup]) -> KeyFile:
    """Let a person be at this account who she was at another, whose key she brings.

    The groups in her file, those she `named` besides, and those here that the other account
    belongs to are told; each moves her membership if it knows the key as the other account's.
    Returns the file of the key for this account. Raises Invalid, or Conflict when this account
    has another key.
    """
    person = viewer.in_person().person
    if held.account == person:
        raise Invalid("This is the file of the account that you are signed in to.", field="file")
    if home_of(held.account) == tx.origin:
        raise Invalid(
            "Your other account is at this co-op, too. Sign in to it, and make both one there.",
            field="file",
        )
    stated = await network.identity_of(tx, person)
    if stated and stated["subject"] != held.key.did_key:
        raise Conflict(
            "This account has another key. Remove that one first, under My own key.", field="file"
        )
    left = await _left(tx, held, named)
    await moving.confirm_alias(tx, viewer, FoundPerson(held.account, held.handle, ()))
    await moving.expect_takeovers(tx, person, held.account, left)
    tx.emit(AccountArrived(held.account, person, tuple(group for group, *_ in left)))
    return await own_key.hand_over(tx, viewer, held.key)


async def _left(tx: Tx, held: HeldKey, named: Sequence[FoundGroup]) -> list[Left]:
    """List the groups to tell; those at the server that is gone are gone with it."""
    found: dict[Iri, Left] = {one[0]: one for one in held.groups}
    for one in named:
        found.setdefault(one.iri, (one.iri, one.name, (), tx.now))
    chosen = sa.select(Membership.group).where(
        Membership.person == held.account, Membership.state == MemberState.MEMBER
    )
    here = await network.names_of(tx, await tx.session.scalars(chosen))
    for iri, (username, name) in here.items():
        found.setdefault(Iri(iri), (Iri(iri), name or username, (), tx.now))
    left = [one for one in found.values() if home_of(one[0]) != home_of(held.account)]
    if len(left) > MOST_GROUPS:
        raise Invalid("No more than fifty groups can follow at once.", field="groups")
    return left
