"""Reports over the wire: Flag, by the instance and never by a person, and what is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from federation import Activity, FederationError, Forbidden, Iri, Malformed, origin_of
from instance import wire
from instance.db import Database, Tx
from instance.errors import DomainError, Invalid, NotFound
from instance.moderation import reporting
from instance.moderation.events import ReportAnswered, ReportWritten
from instance.moderation.models import ReportState
from instance.network import service as network

_TAG = re.compile(r"<[^<>]*>")
_ANSWERS = {ReportState.ACTED: "Accept", ReportState.DISMISSED: "Reject"}


class Reported(msgspec.Struct, frozen=True):
    """Whom a report is about, and the addresses that it names: hers first."""

    actor: Iri
    objects: tuple[Iri, ...]


async def find_reported(database: Database, address: str) -> Reported:
    """Find whose an address is, here or elsewhere; raise Invalid when nobody can be found."""
    address = address.strip()
    try:
        if "://" not in address:
            found = Iri(str((await database.federation.find(address))["id"]))
            return Reported(found, (found,))
        if origin_of(address) == database.settings.origin:
            return Reported(Iri(address), (Iri(address),))
        document = await database.federation.actors.get(Iri(address))
    except FederationError as error:
        raise Invalid("Nothing was found at this address.", field="address") from error
    found = Iri(str(document["id"]))
    if "inbox" in document:
        return Reported(found, (found,))
    owner = _owner(document)
    return Reported(owner, (owner, found))


async def receive_flag(tx: Tx, activity: Activity) -> None:
    """Keep a report about somebody or something of ours."""
    named = activity.document["object"]
    objects = [_iri(one) for one in (named if isinstance(named, list) else [named])]
    words = _plain(activity.document.get("content"))
    try:
        await reporting.record(tx, activity.id, activity.actor, objects, words)
    except NotFound as error:
        raise Forbidden("Nothing of this is ours.") from error
    except DomainError as error:
        raise Forbidden(error.message) from error


async def receive_accept(tx: Tx, activity: Activity) -> None:
    """Note that something was done about what we reported."""
    await _note_answer(tx, activity, ReportState.ACTED)


async def receive_reject(tx: Tx, activity: Activity) -> None:
    """Note that nothing is done about what we reported."""
    await _note_answer(tx, activity, ReportState.DISMISSED)


async def send_flag(tx: Tx, event: ReportWritten) -> None:
    """Tell the host of an account what is reported of it; who reported it is not said."""
    row = await reporting.require_row(tx, event.report)
    sender = network.instance_actor(tx.origin)
    inner = row.objects if len(row.objects) > 1 else row.objects[0]
    flag = wire.envelope(tx, "Flag", sender, inner, to=[event.actor], content=row.words)
    await tx.send({**flag, "id": row.activity}, conversation=row.activity)


async def send_answer(tx: Tx, event: ReportAnswered) -> None:
    """Tell who reported something what became of it; reports made here have nobody to tell."""
    row = await reporting.require_row(tx, event.report)
    sender = network.instance_actor(tx.origin)
    if row.by == sender:
        return
    flag = {"id": row.activity, "type": "Flag", "actor": row.by, "object": row.objects}
    answer = wire.envelope(tx, _ANSWERS[row.state], sender, flag, to=[row.by], content=row.note)
    await tx.send(answer, conversation=row.activity)


async def _note_answer(tx: Tx, activity: Activity, state: ReportState) -> None:
    words = _plain(activity.document.get("content"))
    try:
        await reporting.note_answer(tx, activity.object_id, activity.actor, state, words)
    except DomainError as error:
        raise Forbidden("This answers no report of ours.") from error


def _owner(document: Mapping[str, object]) -> Iri:
    """Return who published a document; a fetched document's owner is of its own host."""
    owner = document.get("attributedTo", document.get("actor"))
    if isinstance(owner, list) and owner:
        owner = owner[0]
    try:
        return _iri(owner)
    except Malformed as error:
        raise Invalid("This address does not say whose it is.", field="address") from error


def _iri(value: object) -> Iri:
    if isinstance(value, Mapping):
        value = value.get("id")
    if not isinstance(value, str):
        raise Malformed("A report names addresses.")
    origin_of(value)
    return Iri(value)


def _plain(value: object) -> str:
    return _TAG.sub(" ", value)[: reporting.MOST_WORDS] if isinstance(value, str) else ""
