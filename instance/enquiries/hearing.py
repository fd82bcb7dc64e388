"""What notes from anywhere mean here: a question to a group, a word more, an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from federation import Iri
from instance import due
from instance.db import Tx
from instance.enquiries.events import EnquiryAnswered, EnquiryReceived
from instance.enquiries.models import Enquiry, EnquiryLine, EnquiryState, Side
from instance.errors import Forbidden
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.network import service as network
from instance.notes import HeardNote

KEPT = timedelta(days=90)
FORGET = "enquiries.forget"
MOST_LINES = 100
MOST_OF_AN_ORIGIN = 200
MOST_OF_A_GROUP = 2_000
MOST_MENTIONED = 5

_counted = aliased(EnquiryLine)
_NOTES = (sa.select(sa.func.count()).where(_counted.enquiry == Enquiry.id).scalar_subquery()).label(
    "notes"
)


class _Asked(NamedTuple):
    """An enquiry, how many notes it has, and its group's name, if that was looked up already."""

    enquiry: Enquiry
    notes: int
    group_name: str = ""


async def hear(tx: Tx, note: HeardNote) -> None:
    """Put a note where it belongs; one that answers and mentions nothing of ours changes nothing.

    A note heard before is changed, if this version is a newer one. Emits EnquiryReceived or
    EnquiryAnswered when it is now the other side's turn. Raises Forbidden when the note is another
    author's, or when somebody writes more than is kept here.
    """
    written = await _lines(tx, note.iri, note.reply_to)
    known = [(asked, line) for asked, line in written if line.iri == note.iri]
    if known:
        for asked, line in known:
            _change(asked.enquiry, line, note)
        return
    if await jobs.was_deleted(tx, note.iri):
        return
    going_on = [asked for asked, _ in written if note.author == _other(asked.enquiry)]
    for asked in going_on or await _meant(tx, note):
        await _append(tx, asked, note)


async def forget_note(tx: Tx, iri: Iri, author: Iri) -> None:
    """Empty a note that its author deleted; an enquiry of which nothing is left goes with it."""
    for (enquiry, _, _), line in await _lines(tx, iri):
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
    await _write(tx, _Asked(enquiry, number), line, by_group=by_group)


async def opened(tx: Tx, side: Side, group: Iri, asker: Iri, job: str, title: str) -> Enquiry:
    """Return the enquiry of a person to a group about a job, a new one if there is none.

    Raises Forbidden when its origin, or anybody, asks more than is kept here.
    """
    found = await _standing(tx, side, [group], asker, job)
    return found[0].enquiry if found else await _open(tx, side, group, asker, job, title)


async def _standing(
    tx: Tx, side: Side, among: Sequence[Iri], asker: Iri, job: str
) -> Sequence[_Asked]:
    """Find what somebody has asked these groups about a job."""
    chosen = sa.select(Enquiry, _NOTES).where(
        Enquiry.side == side,
        Enquiry.group_iri.in_(among),
        Enquiry.asker == asker,
        Enquiry.job == job,
    )
    return [_Asked(*row) for row in await tx.session.execute(chosen)]


async def _open(tx: Tx, side: Side, group: Iri, asker: Iri, job: str, title: str) -> Enquiry:
    other = asker if side is Side.GROUP else group
    await _refuse_flood(tx, side, group, _origin(other))
    identifier = tx.federation.new_id("enquiries").rpartition("/")[2]
    # each further note puts this off, once it is due
    await due.schedule(tx, tx.now + KEPT, FORGET, identifier)
    row = Enquiry(
        id=identifier,
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
    return row


async def _append(tx: Tx, asked: _Asked, note: HeardNote) -> None:
    enquiry = asked.enquiry
    by_group = enquiry.side is Side.ASKER
    turned = EnquiryState.ANSWERED if by_group else EnquiryState.WAITING
    turns = enquiry.state is not turned
    enquiry.state = turned
    await _write(tx, asked, note, by_group=by_group)
    if not turns or note.quiet:
        return  # kept for who looks, and nobody is disturbed
    group, asker = Iri(enquiry.group_iri), Iri(enquiry.asker)
    name = asked.group_name or await _name_of(tx, enquiry)
    if by_group:
        tx.emit(EnquiryAnswered(enquiry.id, name, asker, enquiry.title, note.text))
    else:
        other, title = enquiry.other, enquiry.title
        tx.emit(EnquiryReceived(enquiry.id, group, name, asker, other, title, note.text))


async def _write(tx: Tx, asked: _Asked, line: HeardNote, *, by_group: bool) -> None:
    enquiry = asked.enquiry
    if asked.notes >= MOST_LINES:
        raise Forbidden("More is said here than is kept. Please go on by telephone or e-mail.")
    enquiry.changed = tx.now
    # its notes name this row, and no relationship tells the session so
    await tx.session.flush()
    tx.session.add(
        EnquiryLine(
            enquiry=enquiry.id,
            iri=line.iri,
            seq=asked.notes + 1,
            by_group=by_group,
            text=line.text,
            language=line.language,
            said=line.said,
            version=line.version,
            gone=False,
        )
    )


async def _meant(tx: Tx, note: HeardNote) -> Sequence[_Asked]:
    """Find the enquiries that a new note begins or goes on with, by whom or what it names."""
    asker, side = note.author, Side.GROUP
    job = await jobs.headline(tx, note.reply_to) if note.reply_to else None
    if job is not None and job.group != asker:
        found = await _standing(tx, side, [job.group], asker, note.reply_to)
        if found:
            return found
        return [_Asked(await _open(tx, side, job.group, asker, note.reply_to, job.title), 0)]
    named = [one for one in note.named[:MOST_MENTIONED] if one != asker]
    standing = await _standing(tx, side, named, asker, "") if named else ()
    unasked = set(named) - {Iri(one.enquiry.group_iri) for one in standing}
    here = await network.names_of(tx, unasked, network.ActorKind.GROUP)
    new = [
        _Asked(await _open(tx, side, Iri(group), asker, "", ""), 0, name)
        for group, (_, name) in here.items()
    ]
    return [*standing, *new]


async def _name_of(tx: Tx, enquiry: Enquiry) -> str:
    """Return what the group of an enquiry is called; one elsewhere by its address."""
    names = await network.names_of(tx, [enquiry.group_iri])
    return names.get(enquiry.group_iri, ("", enquiry.other))[1]


def _change(enquiry: Enquiry, line: EnquiryLine, note: HeardNote) -> None:
    if note.author != _author(enquiry, line):
        raise Forbidden("Only who wrote a note changes it.")
    if line.gone or note.version <= line.version:
        return
    line.text, line.language, line.version = note.text, note.language, note.version


async def _lines(tx: Tx, *iris: str) -> Sequence[tuple[_Asked, EnquiryLine]]:
    """Find the notes with these ids, each with every enquiry that it belongs to."""
    chosen = (
        sa.select(Enquiry, _NOTES, EnquiryLine)
        .join(EnquiryLine, EnquiryLine.enquiry == Enquiry.id)
        .where(EnquiryLine.iri.in_(sorted(filter(None, iris))))
    )
    found = await tx.session.execute(chosen)
    return [(_Asked(enquiry, notes), line) for enquiry, notes, line in found]


async def _refuse_flood(tx: Tx, side: Side, group: Iri, origin: str) -> None:
    if origin == tx.origin:
        return
    counted = sa.select(sa.func.count(), sa.func.count().filter(Enquiry.origin == origin))
    chosen = counted.where(Enquiry.side == side, Enquiry.group_iri == group)
    of_group, of_origin = (await tx.session.execute(chosen)).one()
    if of_group >= MOST_OF_A_GROUP or of_origin >= MOST_OF_AN_ORIGIN:
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
