"""Enquiries: read, answered, closed, and asked by people here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.enquiries import offers
from instance.enquiries.events import LineWritten, OfferAnswered
from instance.enquiries.hearing import FORGET, add_line, forget, forget_note, hear, opened
from instance.enquiries.models import Enquiry, EnquiryLine, EnquiryState, Side
from instance.enquiries.views import EnquiriesPage, EnquiryView, LineView
from instance.errors import Conflict, Invalid, NotFound
from instance.language import translate
from instance.network import service as network
from instance.notes import MOST_TEXT, HeardNote
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer

__all__ = [
    "FORGET",
    "answer",
    "answer_offer",
    "ask",
    "close",
    "count_waiting",
    "enquiries",
    "enquiry",
    "forget",
    "forget_note",
    "hear",
    "line_for",
    "read_enquiry",
]

MOST_SHOWN = 200


async def enquiries(tx: Tx, viewer: Viewer) -> EnquiriesPage:
    """List what the viewer's groups are asked, those that wait first, and what she asked."""
    ours = sa.and_(Enquiry.side == Side.GROUP, Enquiry.group_iri.in_(viewer.leads))
    mine = sa.and_(Enquiry.side == Side.ASKER, Enquiry.asker == viewer.person)
    return EnquiriesPage(tuple(await _chosen(tx, ours)), tuple(await _chosen(tx, mine)))


async def count_waiting(tx: Tx, viewer: Viewer) -> int:
    """Count what waits for an answer of the groups that somebody leads."""
    waiting = sa.select(sa.func.count()).where(
        Enquiry.side == Side.GROUP,
        Enquiry.group_iri.in_(viewer.leads),
        Enquiry.state == EnquiryState.WAITING,
    )
    return int((await tx.session.execute(waiting)).scalar_one())


async def read_enquiry(tx: Tx, viewer: Viewer, identifier: str) -> EnquiryView:
    """Return an enquiry with its notes; NotFound unless she leads its group or asked it."""
    view = await _view(tx, await _hers(tx, viewer, identifier))
    if view.side is Side.ASKER:
        return view
    return msgspec.structs.replace(view, offer=await offers.waiting_offer(tx, view.lines))


async def enquiry(tx: Tx, identifier: str) -> EnquiryView | None:
    """Return an enquiry with its notes, for whoever is told of it."""
    row = await tx.get(Enquiry, identifier)
    return await _view(tx, row) if row is not None else None


async def answer(tx: Tx, viewer: Viewer, identifier: str, text: str) -> None:
    """Write the next note of an enquiry, for the group or for who asks; emits LineWritten.

    Raises NotFound unless it is hers, Invalid for an empty or endless text.
    """
    row = await _hers(tx, viewer, identifier)
    if row.side is Side.GROUP:
        row.state = EnquiryState.ANSWERED
        said = "An enquiry was answered."
        group = Iri(row.group_iri)
        await transparency.note(tx, "enquiries.answered", by=viewer.person, group=group, text=said)
    else:
        row.state = EnquiryState.WAITING
    await _write(tx, row, viewer, text)


async def answer_offer(
    tx: Tx, viewer: Viewer, identifier: str, text: str, *, accepted: bool
) -> None:
    """Say yes or no to what somebody offers to do, perhaps in words; emits OfferAnswered.

    Raises NotFound unless the viewer leads the group, Conflict when no offer waits.
    """
    view = await read_enquiry(tx, viewer, identifier)
    row = await _hers(tx, viewer, identifier)
    if not view.offer:
        raise Conflict("No offer waits for an answer here.")
    row.state, group = EnquiryState.ANSWERED, Iri(row.group_iri)
    said = "An offer was accepted." if accepted else "An offer was declined."
    await transparency.note(tx, "enquiries.answered", by=viewer.person, group=group, text=said)
    usual = "Yes, we agree to your offer." if accepted else "No, thank you."
    words = text.strip() or translate(viewer.language, usual)
    line = await _line(tx, row, viewer, words, tx.federation.new_id())
    tx.emit(OfferAnswered(row.id, line, Iri(view.offer), accepted))


async def ask(tx: Tx, viewer: Viewer, group: Iri, job: Iri, title: str, text: str) -> str:
    """Ask a group about a job of its own, wherever it lives; returns the enquiry's id.

    Emits LineWritten. Raises Invalid for an empty or endless text.
    """
    row = await opened(tx, Side.ASKER, group, viewer.person, job, title)
    row.state = EnquiryState.WAITING
    await _write(tx, row, viewer, text)
    return row.id


async def close(tx: Tx, viewer: Viewer, identifier: str) -> None:
    """Put an enquiry away without an answer; a further note of the asker opens it again."""
    row = await _hers(tx, viewer, identifier)
    if row.side is Side.ASKER:
        raise NotFound
    row.state = EnquiryState.CLOSED
    said = "An enquiry was closed."
    group = Iri(row.group_iri)
    await transparency.note(tx, "enquiries.closed", by=viewer.person, group=group, text=said)


async def line_for(tx: Tx, iri: Iri, reader: Iri) -> tuple[EnquiryView, LineView] | None:
    """Return a note of ours and its enquiry, if the reader or her server is its other side."""
    chosen = (
        sa.select(Enquiry)
        .join(EnquiryLine, EnquiryLine.enquiry == Enquiry.id)
        .where(EnquiryLine.iri == iri, EnquiryLine.gone.is_(False))
    )
    for row in await tx.session.scalars(chosen):
        view = await _view(tx, row)
        line = next(one for one in view.lines if one.iri == iri)
        if reader in ({view.asker} if line.by_group else {view.group}):
            return view, line
    return None


async def _write(tx: Tx, row: Enquiry, viewer: Viewer, text: str) -> None:
    line = await _line(tx, row, viewer, text.strip(), tx.federation.new_id("notes"))
    tx.emit(LineWritten(row.id, line))


async def _line(tx: Tx, row: Enquiry, viewer: Viewer, text: str, iri: Iri) -> Iri:
    if not text:
        raise Invalid("Please write something.", field="text")
    if len(text) > MOST_TEXT:
        raise Invalid("Please write less.", field="text")
    ours = row.side is Side.GROUP
    line = HeardNote(
        iri=iri,
        author=Iri(row.group_iri if ours else row.asker),
        text=text,
        language=viewer.language,
        reply_to="",
        named=(),
        said=tx.now,
        version=tx.now,
    )
    await add_line(tx, row, line, by_group=ours)
    return iri


async def _hers(tx: Tx, viewer: Viewer, identifier: str) -> Enquiry:
    row = await tx.get(Enquiry, identifier)
    if row is None:
        raise NotFound
    if row.side is Side.GROUP:
        await people.require_leader(tx, viewer, Iri(row.group_iri))
    elif row.asker != viewer.person:
        raise NotFound
    return row


async def _chosen(tx: Tx, which: sa.ColumnElement[bool]) -> list[EnquiryView]:
    chosen = (
        sa.select(Enquiry)
        .where(which)
        .order_by(Enquiry.state != EnquiryState.WAITING, Enquiry.changed.desc(), Enquiry.id)
        .limit(MOST_SHOWN)
    )
    return await _views(tx, (await tx.session.scalars(chosen)).all())


async def _view(tx: Tx, row: Enquiry) -> EnquiryView:
    return (await _views(tx, [row]))[0]


async def _views(tx: Tx, rows: Sequence[Enquiry]) -> list[EnquiryView]:
    chosen = (
        sa.select(EnquiryLine)
        .where(EnquiryLine.enquiry.in_([row.id for row in rows]))
        .order_by(EnquiryLine.seq)
    )
    lines: dict[str, list[EnquiryLine]] = {row.id: [] for row in rows}
    for line in await tx.session.scalars(chosen):
        lines[line.enquiry].append(line)
    names = await network.names_of(tx, {row.group_iri for row in rows})
    return [_viewed(row, names, lines[row.id]) for row in rows]


def _viewed(
    row: Enquiry, names: Mapping[str, tuple[str, str]], lines: Sequence[EnquiryLine]
) -> EnquiryView:
    _, name = names.get(row.group_iri, ("", row.other))
    return EnquiryView(
        id=row.id,
        side=row.side,
        group=Iri(row.group_iri),
        group_name=name,
        asker=Iri(row.asker),
        other=row.other,
        job=row.job,
        title=row.title,
        state=row.state,
        opened=row.opened,
        changed=row.changed,
        lines=tuple(
            LineView(
                iri=Iri(one.iri),
                by_group=one.by_group,
                text=one.text,
                language=one.language,
                said=one.said,
                changed=one.version > one.said,
                gone=one.gone,
            )
            for one in lines
        ),
    )
