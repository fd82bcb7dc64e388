"""Messages as rows: taken by one sender at a time, tried again, and never lost.

A mail is taken in one commit, handed to the server, and marked as sent in the next. A program that
dies in between leaves it to be taken again when the lease is over, so that single mail may arrive
twice, under the same Message-ID; none is lost.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import NotFound
from instance.notices.models import AnswerLink, Channel, Mail, MailState
from instance.notices.words import Worded, worded
from instance.paging import turned_to
from instance.people import service as people
from instance.settings import Settings
from instance.viewer import Viewer

LEASE = timedelta(minutes=5)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=2)
MOST_TRIES = 15
BATCH = 20
PAGE = 50
LINK_MINUTES = 60

INVITATION = "/invitations/"
FOR_HER_ALONE = frozenset({"address", "door", "contact", "bring", "words"})
"""Facts that stand in a mail and that administrators, who see what was sent, do not read."""


class MakeLink(Protocol):
    """Makes an address that signs somebody in, once; `to` is the path it leads to."""

    async def __call__(self, tx: Tx, person: Iri, minutes: int, purpose: str, to: str) -> str:
        """Return the address."""


class MailToSend(msgspec.Struct, frozen=True):
    """One message that its taker is to send now."""

    id: str
    channel: Channel
    address: str
    name: str
    language: str
    kind: str
    values: dict[str, Any]
    link: str
    attempts: int
    made: datetime
    until: datetime | None


class MailView(msgspec.Struct, frozen=True):
    """An e-mail as administrators see it: no link that signs in, no address of a customer."""

    id: str
    channel: Channel
    name: str
    address: str
    language: str
    kind: str
    words: Worded
    link: str
    state: MailState
    made: datetime
    sent: datetime | None
    attempts: int
    reason: str


class MailsView(msgspec.Struct, frozen=True):
    """A page of the e-mails of this co-op, newest first."""

    mails: tuple[MailView, ...]
    server: str
    waiting: int
    page: int
    pages: int


async def is_waiting(tx: Tx) -> bool:
    """Tell whether a message is due, without writing anything."""
    ready = sa.and_(Mail.state == MailState.WAITING, Mail.next_try <= tx.now)
    return (await tx.session.execute(sa.select(Mail.id).where(ready).limit(1))).first() is not None


async def claim(tx: Tx, make_link: MakeLink) -> Sequence[MailToSend]:
    """Take the messages that are due, for the time of a lease; close those that came too late."""
    waiting = Mail.state == MailState.WAITING
    late = sa.update(Mail).where(waiting, Mail.until < tx.now)
    await tx.session.execute(late.values(state=MailState.LATE, link=_bare()))
    due = sa.select(Mail.id).where(waiting, Mail.next_try <= tx.now).order_by(Mail.next_try)
    # Not as a subquery, which PostgreSQL may run anew for each row, beginning its limit anew.
    chosen = due.limit(BATCH).with_for_update(skip_locked=True).cte()
    taken = (
        sa.update(Mail)
        .where(Mail.id.in_(sa.select(chosen)))
        .values(next_try=tx.now + LEASE, attempts=Mail.attempts + 1)
        .returning(Mail)
    )
    rows = (await tx.session.scalars(taken)).all()
    names = await people.people(tx, {row.person for row in rows})
    return [await _to_send(tx, row, names, make_link) for row in rows]


async def settle(tx: Tx, mail: MailToSend, failure: str = "", *, final: bool = False) -> None:
    """Note that a mail was sent, or why not and when it is tried again."""
    row = await tx.get(Mail, mail.id)
    if row is None or row.state is not MailState.WAITING or row.attempts != mail.attempts:
        return
    row.reason = failure[:500]
    if not failure:
        row.state, row.sent = MailState.SENT, tx.now
    elif final or row.attempts >= MOST_TRIES:
        row.state = MailState.FAILED
    else:
        row.next_try = tx.now + min(FIRST_WAIT * 2 ** (row.attempts - 1), LONGEST_WAIT)
    if row.state is not MailState.WAITING and row.kind == "sign_in":
        row.link = ""


async def mails(tx: Tx, viewer: Viewer, page: int = 1) -> MailsView:
    """Return a page of the e-mails of this co-op, for its administrators; NotFound for others."""
    await people.require_administrator(tx, viewer)
    counted = sa.select(sa.func.count()).select_from(Mail)
    total = int((await tx.session.execute(counted)).scalar_one())
    page, pages = turned_to(page, total, PAGE)
    chosen = sa.select(Mail).order_by(Mail.made.desc(), Mail.id)
    rows = (await tx.session.scalars(chosen.limit(PAGE).offset((page - 1) * PAGE))).all()
    waiting = counted.where(Mail.state == MailState.WAITING)
    names = await people.people(tx, {row.person for row in rows})
    return MailsView(
        mails=tuple(_view(tx.settings, row, names) for row in rows),
        server=tx.settings.smtp_host,
        waiting=int((await tx.session.execute(waiting)).scalar_one()),
        page=page,
        pages=pages,
    )


def subject_of(mail: MailToSend, settings: Settings) -> str:
    """Return a mail's subject, in one line."""
    return worded(mail.kind, mail.values, mail.language, settings).title


def _bare() -> sa.Case[str]:
    """Empty the link of a mail whose link is a secret."""
    return sa.case((Mail.kind == "sign_in", ""), else_=Mail.link)


async def _to_send(
    tx: Tx, row: Mail, names: dict[Iri, people.PersonView], make_link: MakeLink
) -> MailToSend:
    link = row.link if row.link.startswith(tx.origin) else f"{tx.origin}{row.link}"
    if row.link.startswith(INVITATION):
        link = await _answer_link(tx, row)
    elif row.signs_in:
        link = await make_link(tx, Iri(row.person), LINK_MINUTES, "mail", row.link)
    person = names.get(Iri(row.person))
    return MailToSend(
        id=row.id,
        channel=row.channel,
        address=row.address,
        name=person.name if person else "",
        language=row.language,
        kind=row.kind,
        values=row.values,
        link=link,
        attempts=row.attempts,
        made=row.made,
        until=row.until,
    )


async def _answer_link(tx: Tx, row: Mail) -> str:
    """Make the secret with which one invitation is answered, until nobody wants an answer."""
    held = secrets.token_urlsafe(32)
    await tx.session.execute(sa.delete(AnswerLink).where(AnswerLink.expires <= tx.now))
    tx.session.add(
        AnswerLink(
            hash=_hash_of(held),
            person=row.person,
            promise=row.link.removeprefix(INVITATION),
            expires=row.until or tx.now + timedelta(minutes=LINK_MINUTES),
        )
    )
    return f"{tx.origin}/answer/{held}"


async def promise_behind(tx: Tx, held: str) -> tuple[Iri, str]:
    """Return whose invitation a link from an e-mail answers, and which; raise NotFound."""
    row = await tx.get(AnswerLink, _hash_of(held))
    if row is None or row.expires <= tx.now:
        raise NotFound
    return Iri(row.person), row.promise


def _hash_of(held: str) -> str:
    return hashlib.sha256(held.encode()).hexdigest()


def _view(settings: Settings, row: Mail, names: dict[Iri, people.PersonView]) -> MailView:
    person = names.get(Iri(row.person))
    secret = row.kind == "sign_in"
    told = {name: value for name, value in row.values.items() if name not in FOR_HER_ALONE}
    return MailView(
        id=row.id,
        channel=row.channel,
        name=person.name if person else "",
        address="" if row.channel is Channel.PUSH else row.address,
        language=row.language,
        kind=row.kind,
        words=worded(row.kind, told, row.language, settings),
        link="" if secret else f"{settings.origin}{row.link}",
        state=row.state,
        made=row.made,
        sent=row.sent,
        attempts=row.attempts,
        reason=row.reason,
    )
