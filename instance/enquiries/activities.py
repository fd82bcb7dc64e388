"""Enquiries on the wire: notes that reply to a job or mention a group, and the notes in answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

import msgspec

from federation import PUBLIC, Activity, Document, Forbidden, Iri, Malformed, Standing
from instance.db import Tx
from instance.enquiries import service
from instance.enquiries.events import LineWritten, OfferAnswered
from instance.enquiries.offers import offer
from instance.enquiries.views import EnquiryView, LineView
from instance.errors import DomainError
from instance.jobs import service as jobs
from instance.language import translate
from instance.notes import (
    KINDS,
    MOST_TEXT,
    HeardNote,
    iri_in,
    iris_in,
    is_for_somebody,
    many,
    read_note,
)
from instance.plaintext import plain_text
from instance.wire import context, envelope, instant, minutes_of, moment_of

NOTES = tuple((verb, kind) for verb in ("Create", "Update") for kind in KINDS)
DELETED = tuple(("Delete", kind) for kind in (*KINDS, "Tombstone", "*"))
PRIMARY = "#primary"


async def receive_note(tx: Tx, activity: Activity) -> None:
    """Keep a note that asks or answers something here; only its author can send or change it."""
    if activity.type == "Create" and not is_for_somebody(activity.object):
        return
    limited = tx.federation.standings.of(activity.actor) is Standing.LIMITED
    note = read_note(activity, tx.now, quiet=limited)
    try:
        await service.hear(tx, note)
    except DomainError as error:
        raise Forbidden(error.message) from error


async def receive_intent(tx: Tx, activity: Activity) -> None:
    """Keep what somebody needs or offers: as an enquiry of each group here that it is meant for.

    Work that a group needs, said to everybody, is a job to whoever follows that group.
    """
    document = {**activity.document, **activity.object}
    limited = tx.federation.standings.of(activity.actor) is Standing.LIMITED
    note = read_intent(activity, tx.now, quiet=limited)
    try:
        await service.hear(tx, note)
        if jobs.is_published(document):
            await jobs.hear_published(tx, document, activity.actor)
    except DomainError as error:
        raise Forbidden(error.message) from error
    except ValueError as error:
        raise Malformed(f"This cannot be read: {error}") from error


async def receive_deleted(tx: Tx, activity: Activity) -> None:
    """Empty a note that its author deleted; anything else is none of ours."""
    try:
        await service.forget_note(tx, activity.object_id, activity.actor)
    except DomainError as error:
        raise Forbidden(error.message) from error


def is_offer(activity: Activity) -> bool:
    """Tell whether an Offer, or its Undo, is of work on a published job as a whole (FEP-0837)."""
    agreement = activity.object
    if activity.type == "Undo":
        agreement = agreement.get("object", {})
    return isinstance(agreement, Mapping) and bool(_offered_on(agreement))


async def receive_offer(tx: Tx, activity: Activity) -> None:
    """Keep what somebody offers to do of a job here, in words, for its leaders to answer."""
    agreement = activity.object
    said = _moment(activity.document.get("published")) or tx.now
    note = HeardNote(
        iri=Iri(activity.id),
        author=activity.actor,
        text=_words_of_offer(activity, agreement, tx.settings.language),
        language="",
        reply_to=_offered_on(agreement),
        named=(),
        said=said,
        version=said,
        quiet=tx.federation.standings.of(activity.actor) is Standing.LIMITED,
    )
    try:
        await service.hear(tx, note)
    except DomainError as error:
        raise Forbidden(error.message) from error


async def receive_undone_offer(tx: Tx, activity: Activity) -> None:
    """Empty an offer that is taken back; one not heard yet never counts."""
    store = tx.federation.store.inbox
    if activity.object.get("actor") != activity.actor:
        raise Malformed("Only who offered takes it back.")
    if not await store.was_seen(tx, activity.object_id):
        await store.withdraw(tx, activity.object_id)
        return
    await receive_deleted(tx, activity)


async def send_line(tx: Tx, happened: LineWritten) -> None:
    """Send a note to the other side, and to nobody else."""
    enquiry = await service.enquiry(tx, happened.enquiry)
    if enquiry is None:
        return
    line = next(one for one in enquiry.lines if one.iri == happened.line)
    note = note_document(enquiry, line)
    to = list(note["to"])
    create = envelope(tx, "Create", Iri(note["attributedTo"]), note, to=to)
    await tx.send(create, conversation=f"{tx.origin}/enquiries/{enquiry.id}")


async def send_offer_answer(tx: Tx, happened: OfferAnswered) -> None:
    """Answer an offer as servers with a marketplace read it; a yes brings what is agreed."""
    enquiry, made = await service.enquiry(tx, happened.enquiry), await offer(tx, happened.offer)
    if enquiry is None or made is None:
        return
    line = next(one for one in enquiry.lines if one.iri == happened.line)
    said = envelope(
        tx,
        "Accept" if happened.accepted else "Reject",
        enquiry.group,
        happened.offer,
        to=[enquiry.asker],
        content=_html(line.text),
        result=_agreed(made["object"], happened.line, enquiry.group) if happened.accepted else None,
    )
    talk = f"{tx.origin}/enquiries/{enquiry.id}"
    await tx.send({**said, "id": happened.line}, conversation=talk)


async def served_note(tx: Tx, iri: Iri, reader: Iri) -> dict[str, Any] | None:
    """Return a note of ours for the one to whom it was sent."""
    found = await service.line_for(tx, iri, reader)
    return {"@context": context(tx.origin), **note_document(*found)} if found else None


def note_document(enquiry: EnquiryView, line: LineView) -> dict[str, Any]:
    """Write a note as every microblog shows it: a direct message that mentions the other side."""
    author, reader = enquiry.asker, enquiry.group
    if line.by_group:
        author, reader = reader, author
    handle = f"@{enquiry.other}"
    mention = f'<a href="{escape(reader)}" class="u-url mention">{escape(handle)}</a> '
    content = _html(line.text, mention)
    written: dict[str, Any] = {
        "id": line.iri,
        "type": "Note",
        "attributedTo": author,
        "to": [reader],
        "cc": [],
        "content": content,
        "contentMap": {line.language: content},
        "published": instant(line.said),
        "tag": [{"type": "Mention", "href": reader, "name": handle}],
    }
    if answered := _answered(enquiry, line):
        written["inReplyTo"] = answered
    return written


def _html(text: str, before: str = "") -> str:
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
    words = [escape(part).replace("\n", "<br>") for part in paragraphs]
    return "".join(f"<p>{'' if at else before}{one}</p>" for at, one in enumerate(words))


def _agreed(offered: Document, answer: Iri, group: Iri) -> dict[str, Any]:
    """Write what was offered as agreed, quantities as they were offered (FEP-0837)."""
    agreed: dict[str, Any] = {"type": "Agreement", "id": f"{answer}#agreement"}
    agreed["attributedTo"] = group
    for name, part in (("stipulates", PRIMARY), ("stipulatesReciprocal", "#reciprocal")):
        promised = next(iter(many(offered.get(name))), None)
        if isinstance(promised, Mapping):
            agreed[name] = {"id": f"{answer}{part}", "type": "Commitment", **_promised(promised)}
    return agreed


def _promised(commitment: Document) -> dict[str, Any]:
    quantity = commitment.get("resourceQuantity")
    found: dict[str, Any] = {"satisfies": iri_in(commitment.get("satisfies"))}
    if isinstance(quantity, Mapping):
        parts = {name: quantity.get(name) for name in ("hasUnit", "hasNumericalValue")}
        found["resourceQuantity"] = {name: str(part)[:50] for name, part in parts.items() if part}
    return found


def read_intent(activity: Activity, now: datetime, *, quiet: bool = False) -> HeardNote:
    """Read an Intent or a Proposal as a note to whom it is sent, public or not."""
    note = read_note(activity, now, quiet=quiet)
    document = activity.object
    if not document.get("content"):
        said = {"name": document.get("name"), "content": _escaped(document.get("summary"))}
        note = msgspec.structs.replace(note, text=plain_text(said, MOST_TEXT)[0])
    named = [*activity.addressees(), *iris_in(document.get("context"))]
    meant = tuple(Iri(one) for one in dict.fromkeys(named) if one != PUBLIC)
    return msgspec.structs.replace(note, reply_to="", named=meant)


def _escaped(text: object) -> str:
    return escape(text).replace("\n", "<br>") if isinstance(text, str) else ""


def _answered(enquiry: EnquiryView, line: LineView) -> str:
    before = enquiry.lines[: enquiry.lines.index(line)]
    theirs = [one.iri for one in before if one.by_group != line.by_group and not one.gone]
    return theirs[-1] if theirs else enquiry.job


def _offered_on(agreement: Document) -> str:
    promised = next(iter(many(agreement.get("stipulates"))), None)
    satisfies = iri_in(promised.get("satisfies")) if isinstance(promised, Mapping) else ""
    return satisfies.removesuffix(PRIMARY) if satisfies.endswith(PRIMARY) else ""


def _words_of_offer(activity: Activity, agreement: Document, language: str) -> str:
    promised: Any = next(iter(many(agreement.get("stipulates"))), {})
    try:
        minutes = minutes_of(promised.get("resourceQuantity"))
    except Malformed:
        minutes = 0
    said = translate(language, "I offer to take this on.")
    if minutes:
        hours = f"{minutes / 60:g}"
        said = translate(language, "I offer %(hours)s hours of this work.", hours=hours)
    more, _ = plain_text({"content": activity.document.get("content")}, MOST_TEXT)
    return f"{said}\n{more}".strip()


def _moment(value: object) -> datetime | None:
    return moment_of(value) if isinstance(value, str) else None
