"""Tell people what concerns them, and send it by e-mail, too, where it matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import NotFound
from instance.notices import sending
from instance.notices.channels import forget_devices
from instance.notices.kinds import KINDS
from instance.notices.mailing import MailToSend, claim, mails, promise_behind, settle
from instance.notices.models import Channel, Mail, Notice
from instance.notices.words import Worded, worded
from instance.paging import turned_to
from instance.people import service as people
from instance.people.events import SignInLinkMade
from instance.viewer import Viewer

__all__ = [
    "FORGET",
    "MailToSend",
    "claim",
    "count_unread",
    "forget",
    "is_unseen",
    "mails",
    "notices",
    "open_notice",
    "promise_behind",
    "read_all",
    "seen",
    "send_sign_in_link",
    "settle",
    "tell",
    "tell_leaders",
    "withdraw",
]

FORGET = "notices.forget"
KEEP = timedelta(days=90)
PAGE = 50


class NoticeView(msgspec.Struct, frozen=True):
    """A notice as its reader sees it; `late` says that the time to act on it is over."""

    id: str
    kind: str
    words: Worded
    link: str
    made: datetime
    read: bool
    late: bool


class NoticesView(msgspec.Struct, frozen=True):
    """A page of somebody's notices, unread ones first; pages are counted from 1."""

    notices: tuple[NoticeView, ...]
    unread: int
    page: int
    pages: int


async def tell(
    tx: Tx,
    persons: Iterable[Iri],
    kind: str,
    values: Mapping[str, Any],
    link: str,
    *,
    until: datetime | None = None,
) -> None:
    """Tell people whose home is here something; others are told by their own homes.

    `values` are facts as JSON has them, named as the kind's sentences want. With `until` a
    message that could not be sent by then is not sent at all.
    """
    await _tell(tx, await people.readers(tx, persons), kind, values, link, until)


async def tell_leaders(
    tx: Tx,
    group: Iri,
    kind: str,
    values: Mapping[str, Any],
    link: str,
    *,
    until: datetime | None = None,
) -> None:
    """Tell the leaders of a group who live here something."""
    await _tell(tx, await people.leading_readers(tx, group), kind, values, link, until)


async def send_sign_in_link(tx: Tx, made: SignInLinkMade) -> None:
    """Send somebody the link she asked for, by e-mail alone: as a notice it would be of no use."""
    until = tx.now + timedelta(minutes=made.minutes)
    values = {"span_minutes": made.minutes}
    for person in await people.readers(tx, [made.person]):
        if person.email:
            made_of = _notice(tx, person.iri, "sign_in", values, made.url, until)
            tx.session.add(sending.message(tx, person, made_of, Channel.MAIL, person.email))


async def count_unread(tx: Tx, person: Iri) -> int:
    """Count what somebody has not read yet."""
    unread = sa.select(sa.func.count()).where(Notice.person == person, Notice.read.is_(None))
    return int((await tx.session.execute(unread)).scalar_one())


async def notices(tx: Tx, viewer: Viewer, page: int = 1) -> NoticesView:
    """Return a page of what somebody was told: what she has not read first, then the newest."""
    mine = Notice.person == viewer.person
    counted = sa.select(sa.func.count()).select_from(Notice).where(mine)
    total = int((await tx.session.execute(counted)).scalar_one())
    page, pages = turned_to(page, total, PAGE)
    chosen = (
        sa.select(Notice)
        .where(mine)
        .order_by(Notice.read.is_not(None), Notice.made.desc(), Notice.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    rows = (await tx.session.scalars(chosen)).all()
    views = tuple(_view(tx, row, viewer.language) for row in rows)
    return NoticesView(views, await count_unread(tx, viewer.person), page, pages)


async def open_notice(tx: Tx, viewer: Viewer, identifier: str) -> str:
    """Mark a notice as read and return where it leads; raises NotFound for somebody else's."""
    row = await tx.get(Notice, identifier)
    if row is None or row.person != viewer.person:
        raise NotFound
    row.read = row.read or tx.now
    return row.link


async def seen(tx: Tx, person: Iri, link: str) -> None:
    """Mark as read what somebody was told of a page that she looks at."""
    shown = sa.update(Notice).where(
        Notice.link == link, Notice.person == person, Notice.read.is_(None)
    )
    await tx.session.execute(shown.values(read=tx.now))


async def is_unseen(tx: Tx, person: Iri, link: str) -> bool:
    """Tell whether somebody was told of a page and has not read it."""
    unread = sa.select(Notice.id).where(
        Notice.link == link, Notice.person == person, Notice.read.is_(None)
    )
    return (await tx.session.execute(unread.limit(1))).first() is not None


async def read_all(tx: Tx, viewer: Viewer) -> None:
    """Mark everything that somebody was told as read."""
    unread = sa.update(Notice).where(Notice.person == viewer.person, Notice.read.is_(None))
    await tx.session.execute(unread.values(read=tx.now))


async def withdraw(tx: Tx, kind: str, link: str) -> None:
    """Take back what people were told of something that is gone: all of one kind and link."""
    about = sa.delete(Notice).where(Notice.kind == kind, Notice.link == link)
    await tx.session.execute(about)


async def forget(tx: Tx, day: str) -> None:
    """Forget the notices and e-mails of one day, when its time is over."""
    first = datetime.combine(datetime.fromisoformat(day).date(), time(), UTC)
    last = first + timedelta(days=1)
    for table in (Notice, Mail):
        await tx.session.execute(sa.delete(table).where(table.made >= first, table.made < last))
    await forget_devices(tx)


async def _tell(
    tx: Tx,
    told: Sequence[people.Reader],
    kind: str,
    values: Mapping[str, Any],
    link: str,
    until: datetime | None,
) -> None:
    if not told:
        return
    pairs = [(one, _notice(tx, one.iri, kind, values, link, until)) for one in told]
    if KINDS[kind].sent:
        await sending.send(tx, pairs)
    tx.session.add_all([notice for _, notice in pairs])
    await _forget_some_day(tx)


async def _forget_some_day(tx: Tx) -> None:
    midnight = datetime.combine(tx.now.date(), time(), UTC) + timedelta(days=1)
    await due.schedule_once(tx, midnight + KEEP, FORGET, tx.now.date().isoformat())


def _notice(
    tx: Tx,
    person: Iri,
    kind: str,
    values: Mapping[str, Any],
    link: str,
    until: datetime | None = None,
) -> Notice:
    return Notice(
        id=sending.new_id(tx),
        person=person,
        kind=kind,
        values=dict(values),
        link=link,
        made=tx.now,
        until=until,
    )


def _view(tx: Tx, row: Notice, language: str) -> NoticeView:
    words = worded(row.kind, row.values, language, tx.settings)
    by = row.values.get("by")
    late = bool(by) and datetime.fromisoformat(str(by)) <= tx.now
    return NoticeView(row.id, row.kind, words, row.link, row.made, row.read is not None, late)
