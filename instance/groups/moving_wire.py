"""What accounts that move say, and what those of ours do."""

from __future__ import annotations

from collections.abc import Iterable

from federation import (
    Activity,
    Document,
    FederationError,
    Forbidden,
    IfThere,
    Iri,
    Malformed,
    identities_of,
    origin_of,
)
from instance import wire
from instance.db import Database, Tx
from instance.errors import Invalid
from instance.groups import moving
from instance.groups.documents import left_document, read_memberships, read_person
from instance.groups.events import AccountArrived, AccountMoved
from instance.groups.keyfile import HeldKey
from instance.groups.views import FoundPerson
from instance.people import service as people


def needs_of_move(activity: Activity) -> Iterable[Iri | IfThere]:
    """Name the account that is moved to: it has to say itself that the old one is hers.

    Where that one speaks, the old account is asked too, if its server still answers.
    """
    target = _target(activity)
    if activity.actor == target:
        return [target, IfThere(activity.object_id)]
    return [target]


async def receive_move(tx: Tx, activity: Activity) -> None:
    """Re-key memberships in groups here, and expect those that come to somebody here."""
    old, target = activity.object_id, _target(activity)
    if old == target or activity.actor not in {old, target}:
        raise Forbidden("Only an account itself moves away.")
    home = _home(activity.fetched.get(target), target)
    if activity.actor == target:
        await _require_same_owner(tx, activity, old, target)
    elif old not in home.also_known_as:
        raise Forbidden("The account that is moved to does not name the old one.")
    elif await people.person(tx, target):
        try:
            listed = read_memberships(activity.document.get("memberships"))
        except ValueError as error:
            raise Malformed(f"`memberships` cannot be read: {error}") from error
        await moving.expect_takeovers(tx, target, old, listed)
    await moving.rekey(tx, old, home)


async def send_move(tx: Tx, event: AccountMoved) -> None:
    """Tell her new home what she belongs to, and each of those groups, one by one, of the move."""
    left = await moving.leave_behind(tx, event.old)
    memberships = [left_document(row, receipt, tx.now) for row, receipt in left]
    old, new = event.old, event.new
    told = wire.envelope(tx, "Move", old, old, to=[new], target=new, memberships=memberships)
    await tx.send(told, conversation=old)
    for row, _ in left:
        moved = wire.envelope(tx, "Move", old, old, to=[row.group], target=new)
        await tx.send(moved, conversation=f"{row.group} {old}")


async def send_arrival(tx: Tx, event: AccountArrived) -> None:
    """Tell groups, one by one, and who follows her, whom somebody here was (pull mode)."""
    old, new = event.old, event.new
    told = list(event.groups)
    if await tx.federation.store.peers.count_followers(tx, new):
        told.append(Iri(f"{new}/followers"))
    for one in told:
        moved = wire.envelope(tx, "Move", new, old, to=[one], target=new)
        await tx.send(moved, conversation=f"{one} {new}")


async def require_not_taken_back(database: Database, held: HeldKey) -> None:
    """Raise Invalid when an account that a key says it is answers, and names that key no more."""
    try:
        document = await database.federation.actors.get(held.account)
    except FederationError:
        return  # its server is gone, as it should be; each group asks for itself
    if held.key.did_key not in identities_of(document):
        raise Invalid(
            "%(name)s still answers, and has this key no more. Sign in there.",
            field="file",
            name=held.handle,
        )


async def _require_same_owner(tx: Tx, activity: Activity, old: Iri, target: Iri) -> None:
    """Raise Forbidden unless one key has signed that both accounts are its holder's (FEP-c390).

    What the old server says now counts, or else what it said last: it may be gone for good.
    """
    if origin_of(old) == tx.origin:
        raise Forbidden("Who has an account here moves away from here.")
    before = activity.fetched.get(old)
    if before is None:
        known = await tx.federation.store.peers.known_actor(tx, old)
        before = known.document if known else {}
    if before.get("id") != old or not (
        identities_of(before) & identities_of(activity.fetched[target])
    ):
        raise Forbidden("Nothing proves that both accounts are the same person's.")


def _home(document: Document | None, target: Iri) -> FoundPerson:
    try:
        home = read_person(document or {})
    except ValueError as error:
        raise Forbidden("What is moved to is no account.") from error
    if home.iri != target:
        raise Forbidden("What is moved to is no account.")
    return home


def _target(activity: Activity) -> Iri:
    target = activity.document.get("target")
    if isinstance(target, dict):
        target = target.get("id")
    if not isinstance(target, str) or not 0 < len(target) <= 2048:
        raise Malformed("An address is missing.")
    return Iri(target)
