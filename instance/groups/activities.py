"""What groups and homes say to each other about belonging and sharing."""

from __future__ import annotations

from collections.abc import Mapping

from federation import Activity, Document, FederationError, Forbidden, Iri, Malformed, TryLater
from instance import wire
from instance.db import Database, Tx
from instance.errors import Invalid
from instance.groups import belonging, membership, moving, sharing
from instance.groups.documents import (
    read_fields,
    read_group,
    read_person,
    read_share,
    share_document,
    stamp_document,
    stamp_proves,
)
from instance.groups.events import (
    JoinAnswered,
    JoinWritten,
    LeaveWritten,
    MemberRemoved,
    MembershipTaken,
    PersonAsked,
)
from instance.groups.finding import Address, group_named, read_address
from instance.groups.founding import is_here, require_group
from instance.groups.models import Belonging, MemberState
from instance.groups.views import FoundGroup, FoundPerson, Shared, found_here
from instance.people import service as people

MOST_TEXT = 1000

# Finding ----------------------------------------------------------------------------------------


async def find_group(database: Database, address: str) -> FoundGroup:
    """Find a group by its address; fetched outside any transaction, signed by this instance.

    Raises Invalid, with a sentence, for an address that leads to no group that takes members.
    """
    asked = read_address(address, database.settings)
    if asked.here:
        async with database.reading() as tx:
            known = await group_named(tx, asked)
        if known is None:
            raise Invalid("There is no group at %(address)s.", field="address", address=address)
        return found_here(known)
    document = await _fetch(database, asked)
    try:
        return read_group(document)
    except ValueError as error:
        raise Invalid(
            "What is at %(address)s takes no members this way.", field="address", address=address
        ) from error


async def find_person(database: Database, address: str) -> FoundPerson:
    """Find somebody's account by its address, here or elsewhere, as it is now. Raises Invalid."""
    document = await _fetch(database, read_address(address, database.settings))
    try:
        return read_person(document)
    except ValueError as error:
        raise Invalid(
            "There is no account at %(address)s.", field="address", address=address
        ) from error


async def _fetch(database: Database, asked: Address) -> Document:
    try:
        return await database.federation.find(asked.text)
    except FederationError as error:
        raise Invalid(
            "Nothing answers at %(address)s. Is it written rightly?",
            field="address",
            address=asked.text,
        ) from error


# At the group: what members and those who ask say ------------------------------------------------


async def receive_join(tx: Tx, activity: Activity) -> None:
    """Write down that the sender asks to join a group here, with what she offers to share."""
    group = await _group_here(tx, activity.object_id)
    said = activity.document
    message = said.get("content", said.get("participationMessage"))  # the latter is Mobilizon's
    link, offered = said.get("instrument"), said.get("share")
    shared = None
    if isinstance(offered, Mapping):
        shared = _read_share(offered, activity, group)
    row = await membership.record_join(
        tx,
        group,
        activity.actor,
        activity.id,
        offered=read_fields(activity.document.get("fields")),
        message=message[:MOST_TEXT] if isinstance(message, str) else "",
        link=link[:200] if isinstance(link, str) else "",
    )
    if row is not None and shared is not None and isinstance(offered, Mapping):
        await sharing.record_share(tx, row, Iri(str(offered["id"])), shared)


async def receive_leave(tx: Tx, activity: Activity) -> None:
    """Write down that the sender leaves a group here, or asks no more."""
    group = await _group_here(tx, activity.object_id)
    join = activity.document.get("inReplyTo")
    await membership.record_leave(
        tx, group, activity.actor, Iri(join) if isinstance(join, str) else None
    )


async def receive_undo_join(tx: Tx, activity: Activity) -> None:
    """Write down that the sender takes back having asked."""
    join = activity.object
    if join.get("actor") != activity.actor:
        raise Forbidden("Only who asked takes it back.")
    group = await _group_here(tx, _id_of(join.get("object")))
    await membership.record_leave(tx, group, activity.actor, activity.object_id)


async def receive_accepted_invite(tx: Tx, activity: Activity) -> None:
    """Take in somebody whom a group here had asked, and who says yes without a Join (Mobilizon)."""
    group = await _group_here(tx, _id_of(activity.object.get("object")))
    if not await membership.record_invite_accepted(tx, group, activity.actor):
        raise Forbidden("This group had not asked her to join.")


async def receive_rejected_invite(tx: Tx, activity: Activity) -> None:
    """Write down that somebody whom a group here had asked does not want to join."""
    group = await _group_here(tx, _id_of(activity.object.get("object")))
    await membership.record_invite_rejected(tx, group, activity.actor)


async def receive_share(tx: Tx, activity: Activity) -> None:
    """Keep what a member's home shares about her with a group here."""
    group = await _group_here(tx, _id_of(activity.object.get("audience")))
    shared = _read_share(activity.object, activity, group)
    row = await membership.membership_of(tx, group, activity.actor)
    if row is None or row.state in {MemberState.ASKED, MemberState.INVITED}:
        raise TryLater("Nobody of that name is a member yet.")
    if row.state is not MemberState.MEMBER:
        raise Forbidden("The membership has ended.")
    await sharing.record_share(tx, row, activity.object_id, shared)


async def receive_share_end(tx: Tx, activity: Activity) -> None:
    """Forget what a member shared, because her home says so."""
    if not activity.owns(activity.object):
        raise Forbidden("Only who shared it takes it back.")
    await sharing.forget_share(tx, activity.actor, activity.object_id)


# At a person's home: what groups say -------------------------------------------------------------


async def receive_accept(tx: Tx, activity: Activity) -> None:
    """Write down that a group took in somebody here who had asked it."""
    join = activity.object
    if not stamp_proves(activity.document.get("result"), activity.actor, str(join.get("actor"))):
        raise Malformed("The answer carries no proof of membership.")
    if not await belonging.record_accept(tx, activity.actor, Iri(str(join.get("id")))):
        raise TryLater("Nobody here asked this group.")


async def receive_reject(tx: Tx, activity: Activity) -> None:
    """Write down that a group did not take in somebody here, or no longer."""
    if not await belonging.record_reject(tx, activity.actor, activity.object_id):
        raise TryLater("Nobody here asked this group.")


async def receive_remove(tx: Tx, activity: Activity) -> None:
    """Write down that a group removed somebody here."""
    if _id_of(activity.document.get("target")) != f"{activity.actor}/affiliations":
        return
    await belonging.record_remove(tx, activity.actor, activity.object_id)


async def receive_invite(tx: Tx, activity: Activity) -> None:
    """Write down that a group asks somebody here to join it."""
    group, person = activity.object, _id_of(activity.document.get("target"))
    if activity.object_id != activity.actor:
        raise Forbidden("Only a group itself asks people to join it.")
    if await people.person(tx, person) is None:
        raise Forbidden("Nobody of that name lives here.")
    name = str(group.get("name") or group.get("preferredUsername") or activity.actor)[:200]
    handle = await membership.handle_of(tx, activity.actor)
    await belonging.record_invite(tx, activity.actor, person, name=name, handle=handle)


async def receive_undone_invite(tx: Tx, activity: Activity) -> None:
    """Write down that a group asks somebody here no more; an Invite yet to come is not heard."""
    invite = activity.object
    if _id_of(invite.get("object")) != activity.actor or invite.get("actor") != activity.actor:
        raise Forbidden("Only a group itself takes back having asked.")
    store = tx.federation.store.inbox
    if not await store.was_seen(tx, activity.object_id):
        await store.withdraw(tx, activity.object_id)
        return
    await belonging.record_not_invited(tx, activity.actor, _id_of(invite.get("target")))


async def receive_add(tx: Tx, activity: Activity) -> None:
    """Take over a membership that another account of hers had in a group."""
    if _id_of(activity.document.get("target")) != f"{activity.actor}/affiliations":
        return
    person = activity.object_id
    if not stamp_proves(activity.document.get("result"), activity.actor, person):
        raise Malformed("The list carries no proof of membership.")
    old = activity.document.get("origin")
    if not await moving.take_over(tx, activity.actor, person, old):
        raise TryLater("No account has handed this membership over yet.")


# What we say -------------------------------------------------------------------------------------


async def send_join(tx: Tx, event: JoinWritten) -> None:
    """Ask a group, with the fields she agreed to and those values by which it decides."""
    row = await _belonging(tx, event.belonging)
    person, group = Iri(row.person), Iri(row.group)
    shared = await sharing.offered_by(tx, person, group)
    activity = wire.envelope(
        tx,
        "Join",
        person,
        group,
        to=[group],
        id=row.join,
        fields=list(event.fields),
        share=share_document(tx.origin, Iri(row.share), group, shared),
        content=event.message or None,
        instrument=event.link,
    )
    await tx.send(activity, conversation=_talk(row.group, row.person))


async def send_leave(tx: Tx, event: LeaveWritten) -> None:
    """Tell a group that a person here leaves it, or asks no more."""
    row = await _belonging(tx, event.belonging)
    activity = wire.envelope(
        tx, "Leave", Iri(row.person), row.group, to=[row.group], inReplyTo=row.join
    )
    await tx.send(activity, conversation=_talk(row.group, row.person))


async def push_share(tx: Tx, key: str) -> None:
    """Send a group what a person here shares with it, if that changed; take it back if it ended."""
    row = await sharing.belonging(tx, key)
    if row is None:
        return
    person, group = Iri(row.person), Iri(row.group)
    shared = None
    if row.state is MemberState.MEMBER:
        shared = await sharing.shared_by(tx, person, group)
    if shared is None:
        await _take_back(tx, row)
        return
    written = share_document(tx.origin, Iri(row.share), group, shared)
    await sharing.refresh_later(tx, row)
    lasting = {name: value for name, value in written.items() if name != "asOf"}
    if lasting == row.sent:
        return
    kind = "Create" if row.sent is None else "Update"
    row.sent = lasting
    activity = wire.envelope(tx, kind, person, written, to=[group])
    await tx.send(activity, conversation=_talk(group, person))


async def send_answer(tx: Tx, event: JoinAnswered) -> None:
    """Tell somebody what a group here answered her."""
    row = await membership.membership(tx, event.membership)
    group, person = Iri(row.group), Iri(row.person)
    join = {"id": row.join, "type": "Join", "actor": person, "object": group}
    accepted = event.answer == "accepted"
    activity = wire.envelope(
        tx,
        "Accept" if accepted else "Reject",
        group,
        join,
        to=[person],
        result=stamp_document(row, membership.stamp_of(row)) if accepted else None,
        decision=row.decision,
    )
    await tx.send(activity, conversation=_talk(group, person))


async def send_remove(tx: Tx, event: MemberRemoved) -> None:
    """Tell somebody that a group here removed her."""
    row = await membership.membership(tx, event.membership)
    group, person = Iri(row.group), Iri(row.person)
    target = f"{group}/affiliations"
    activity = wire.envelope(
        tx,
        "Remove",
        group,
        person,
        to=[person],
        target=target,
        origin=group,  # where Mobilizon looks for the group
        decision=row.decision,
    )
    await tx.send(activity, conversation=_talk(group, person))


async def send_invite(tx: Tx, event: PersonAsked) -> None:
    """Ask somebody, here or elsewhere, to join a group here."""
    row = await membership.membership(tx, event.membership)
    group, person = await require_group(tx, row.group), Iri(row.person)
    about = {
        "id": group.iri,
        "type": "Group",
        "name": group.name,
        "preferredUsername": group.username,
    }
    activity = wire.envelope(tx, "Invite", group.iri, about, to=[person], target=person)
    await tx.send(activity, conversation=_talk(group.iri, person))


async def send_add(tx: Tx, event: MembershipTaken) -> None:
    """Tell an account that a membership of another account of hers is hers now."""
    row = await membership.membership(tx, event.membership)
    group, person = Iri(row.group), Iri(row.person)
    activity = wire.envelope(
        tx,
        "Add",
        group,
        person,
        to=[person],
        target=f"{group}/affiliations",
        origin=event.old,
        result=stamp_document(row, membership.stamp_of(row)),
    )
    await tx.send(activity, conversation=_talk(group, person))


async def _take_back(tx: Tx, row: Belonging) -> None:
    if row.sent is None:
        return
    gone = {"id": row.share, "type": "Tombstone", "formerType": "DataShare"}
    activity = wire.envelope(tx, "Delete", Iri(row.person), gone, to=[row.group])
    row.sent, row.share = None, tx.federation.new_id("shares")
    await tx.send(activity, conversation=_talk(row.group, row.person))


# Reading -----------------------------------------------------------------------------------------


def _read_share(document: Document, activity: Activity, group: Iri) -> Shared:
    """Read a DataShare that the person it is about wrote for this group herself."""
    owned = document.get("attributedTo") == activity.actor and activity.owns(document)
    if not owned or document.get("type") != "DataShare" or document.get("audience") != group:
        raise Forbidden("Only her own home shares what a member agreed to.")
    if not isinstance(document.get("id"), str):
        raise Malformed("What is shared has an id.")
    try:
        return read_share(document, activity.actor)
    except ValueError as error:
        raise Malformed(f"This is no DataShare: {error}") from error


async def _group_here(tx: Tx, iri: Iri) -> Iri:
    if not await is_here(tx, iri):
        raise Forbidden("There is no such group here.")
    return iri


async def _belonging(tx: Tx, key: str) -> Belonging:
    row = await sharing.belonging(tx, key)
    assert row, "an event names a row that stands"
    return row


def _id_of(value: object) -> Iri:
    if isinstance(value, Mapping):
        value = value.get("id")
    if not isinstance(value, str) or not 0 < len(value) <= 2048:
        raise Malformed("An address is missing.")
    return Iri(value)


def _talk(group: str, person: str) -> str:
    return f"{group} {person}"
