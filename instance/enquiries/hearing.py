"""What notes from anywhere mean here: a question to a group, a word more, an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.enquiries.events import EnquiryAnswered, EnquiryReceived
from instance.enquiries.models import Enquiry, EnquiryLine, EnquiryState, Side
from instance.enquiries.views import HeardNote
from instance.errors import Forbidden
from instance.groups import service as groups
from instance.jobs import service as jobs

KEPT = timedelta(days=90)
FORGET = "enquiries.forget"
MOST_LINES = 100
MOST_OF_AN_ORIGIN = 200
MOST_OF_A_GROUP = 2_000
MOST_MENTIONED = 5


async def hear(tx: Tx, note: HeardNote) -> None:
    """Put a note where it belongs; one that answers and mentions nothing of ours changes nothing.

    A note heard before is changed, if this version is a newer one. Emits EnquiryReceived or
    EnquiryAnswered when it is now the other side's turn. Raises Forbidden when the note is another
    author's, or when somebody writes more than is kept here.
    """
    known = await _lines(tx, note.iri)
    if known:
        for enquiry, line in known:
            _change(enquiry, line, note)
        return
    if await jobs.was_deleted(tx, note.iri):
        return
    for enquiry in await _meant(tx, note):
        await _append(tx, enquiry, note)


async def forget_note(tx: Tx, iri: Iri, author: Iri) -> None:
    """Empty a note that its author deleted; an enquiry of which nothing is left goes with it."""
    for enquiry, line in await _lines(tx, iri):
        if author != _author(enquiry, line):
            raise Forbidden("Only who wrote a note deletes it.")
        line.text, line.gone = "", True
        # what is left is counted by the database
        await tx.session.flush()
        left = sa.select(EnquiryLine.iri).where(
            EnquiryLine.enquiry == enquiry.id, EnquiryLine.gone.is_(False)
        )
        if (await tx.session.execute(left.limit(1))).first() is None:
            await _drop(tx, enquiry.id)


async def forget(tx: Tx, identifier: str) -> None:
    """Forget an enquiry about which nobody has said anything for 90 days."""
    row = await tx.get(Enquiry, identifier)
    if row is not None and row.changed + KEPT > tx.now:
        await due.schedule(tx, row.changed + KEPT, FORGET, identifier)
    elif row is not None:
        await _drop(tx, identifier)


async def add_line(tx: Tx, enquiry: Enquiry, line: HeardNote, *, by_group: bool) -> None:
    """Write the next note of an enquiry; raises Forbidden when there are too many."""
    counted = sa.select(sa.func.count()).where(EnquiryLine.enquiry == enquiry.id)
    number = int((await tx.session.execute(counted)).scalar_one())
    if number >= MOST_LINES:
        raise Forbidden("More is said here than is kept. Please go on by telephone or e-mail.")
    tx.session.add(
        EnquiryLine(
            enquiry=enquiry.id,
            iri=line.iri,
            seq=number + 1,
            by_group=by_group,
            text=line.text,
            language=line.language,
            said=line.said,
            version=line.version,
            gone=False,
        )
    )
    enquiry.changed = tx.now
    await due.schedule(tx, tx.now + KEPT, FORGET, enquiry.id)


async def opened(tx: Tx, side: Side, group: Iri, asker: Iri, job: str, title: str) -> Enquiry:
    """Return the enquiry of a person to a group about a job, a new one if there is none.

    Raises Forbidden when its origin, or anybody, asks more than is kept here.
    """
    chosen = sa.select(Enquiry).where(
        Enquiry.side == side,
        Enquiry.group_iri == group,
        Enquiry.asker == asker,
        Enquiry.job == job,
    )
    row = (await tx.session.scalars(chosen)).first()
    if row is not None:
        return row
    other = asker if side is Side.GROUP else group
    await _refuse_flood(tx, side, group, _origin(other))
    row = Enquiry(
        id=tx.federation.new_id("enquiries").rpartition("/")[2],
        side=side,
        group_iri=group,
        asker=asker,
        job=job,
        title=title[:300],
        other=await groups.handle_of(tx, other),
        origin=_origin(other),
        state=EnquiryState.CLOSED,  # nothing waits until the first note stands
        opened=tx.now,
        changed=tx.now,
    )
    tx.session.add(row)
    # its notes name this row, and no relationship tells the session so
    await tx.session.flush()
    return row


async def _append(tx: Tx, enquiry: Enquiry, note: HeardNote) -> None:
    by_group = enquiry.side is Side.ASKER
    await add_line(tx, enquiry, note, by_group=by_group)
    turned = EnquiryState.ANSWERED if by_group else EnquiryState.WAITING
    if enquiry.state is turned:
        return
    enquiry.state = turned
    if note.quiet:
        return  # kept for who looks, and nobody is disturbed
    happened = EnquiryAnswered if by_group else EnquiryReceived
    tx.emit(happened(enquiry.id, note.iri))


async def _meant(tx: Tx, note: HeardNote) -> list[Enquiry]:
    """Find the enquiries that a new note belongs to, opening one where it is the first."""
    going_on = [
        enquiry for enquiry, _ in await _lines(tx, note.reply_to) if note.author == _other(enquiry)
    ]
    if going_on:
        return going_on
    job = await jobs.job(tx, note.reply_to) if note.reply_to else None
    if job is not None and job.group != note.author:
        return [await opened(tx, Side.GROUP, job.group, note.author, job.iri, job.title)]
    return [
        await opened(tx, Side.GROUP, group, note.author, "", "")
        for group in note.named[:MOST_MENTIONED]
        if group != note.author and await groups.group(tx, group) is not None
    ]


def _change(enquiry: Enquiry, line: EnquiryLine, note: HeardNote) -> None:
    if note.author != _author(enquiry, line):
        raise Forbidden("Only who wrote a note changes it.")
    if line.gone or note.version <= line.version:
        return
    line.text, line.language, line.version = note.text, note.language, note.version


async def _lines(tx: Tx, iri: str) -> Sequence[tuple[Enquiry, EnquiryLine]]:
    if not iri:
        return ()
    chosen = (
        sa.select(Enquiry, EnquiryLine)
        .join(EnquiryLine, EnquiryLine.enquiry == Enquiry.id)
        .where(EnquiryLine.iri == iri)
    )
    return [(one, line) for one, line in await tx.session.execute(chosen)]


async def _refuse_flood(tx: Tx, side: Side, group: Iri, origin: str) -> None:
    ours = sa.select(sa.func.count()).where(Enquiry.side == side, Enquiry.group_iri == group)
    for most, chosen in (
        (MOST_OF_A_GROUP, ours),
        (MOST_OF_AN_ORIGIN, ours.where(Enquiry.origin == origin)),
    ):
        if origin != tx.origin and (await tx.session.execute(chosen)).scalar_one() >= most:
            raise Forbidden("More is asked of this group than is kept here.")


async def _drop(tx: Tx, identifier: str) -> None:
    await tx.session.execute(sa.delete(EnquiryLine).where(EnquiryLine.enquiry == identifier))
    await tx.session.execute(sa.delete(Enquiry).where(Enquiry.id == identifier))
    await due.cancel(tx, FORGET, identifier)


def _origin(iri: str) -> str:
    return "/".join(iri.split("/")[:3])


def _author(enquiry: Enquiry, line: EnquiryLine) -> str:
    return enquiry.group_iri if line.by_group else enquiry.asker


def _other(enquiry: Enquiry) -> str:
    return enquiry.asker if enquiry.side is Side.GROUP else enquiry.group_iri
