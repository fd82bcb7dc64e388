"""Sends what people are told by their channels: the first one now, the next while it is unread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.agenda import service as agenda
from instance.db import Tx
from instance.errors import NotFound, TooMany
from instance.notices import channels
from instance.notices.channels import Ways
from instance.notices.kinds import KINDS
from instance.notices.models import Channel, Mail, MailState, Notice
from instance.people import service as people
from instance.people.service import Reader
from instance.viewer import Viewer

NEXT = "notices.next"
TRIAL = "trial"
AGAIN = timedelta(minutes=1)
UNREAD = timedelta(minutes=2)
"""How long a channel has before the next one is tried."""
SOON = timedelta(hours=12)
"""Work that begins within this time is urgent."""


async def send(tx: Tx, told: Sequence[tuple[Reader, Notice]]) -> None:
    """Send notices by their readers' first channels, now or when a quiet time is over."""
    ways = await channels.ways(tx, [one.iri for one, _ in told])
    moments: dict[str, datetime] = {}
    for person, notice in told:
        moments |= _step(tx, notice, person, ways[person.iri], 0)
    await due.schedule_all(tx, NEXT, moments)


async def send_next(tx: Tx, key: str) -> None:
    """Send a notice by its reader's next channel, unless she has read it or it was answered."""
    identifier, _, number = key.partition(" ")
    notice = await tx.get(Notice, identifier)
    if notice is None or notice.read or not await _is_open(tx, notice):
        return
    for person in await people.readers(tx, [Iri(notice.person)]):
        ways = (await channels.ways(tx, [person.iri]))[person.iri]
        await due.schedule_all(tx, NEXT, _step(tx, notice, person, ways, int(number)))


async def trial(tx: Tx, viewer: Viewer) -> None:
    """Send the viewer a test message by every channel that is on, quiet time or not.

    Raises TooMany for a second one within a minute: texts cost money.
    """
    mine = sa.and_(Notice.person == viewer.person, Notice.kind == TRIAL)
    lately = sa.select(Notice.id).where(mine, Notice.made > tx.now - AGAIN)
    if (await tx.session.execute(lately.limit(1))).first() is not None:
        raise TooMany("One test message a minute is enough.")
    [person] = await people.readers(tx, [viewer.person])
    ways = (await channels.ways(tx, [viewer.person]))[viewer.person]
    notice = Notice(
        id=new_id(tx),
        person=viewer.person,
        kind=TRIAL,
        values={},
        link="/me/messages",
        made=tx.now,
        until=tx.now + timedelta(hours=1),
    )
    tx.session.add(notice)
    for channel in ways.usable(person, texts=bool(tx.settings.text_gateway)):
        tx.session.add_all(messages(tx, person, notice, ways, channel))


def message(tx: Tx, person: Reader, notice: Notice, channel: Channel, address: str) -> Mail:
    """Return the row of one message on its way."""
    sending = bool(tx.settings.smtp_host) or channel is not Channel.MAIL
    secret = notice.kind == "sign_in"
    link = notice.link if channel is not Channel.PUSH else f"/notices/{notice.id}"
    return Mail(
        id=new_id(tx),
        person=person.iri,
        channel=channel,
        address=address,
        language=person.language,
        kind=notice.kind,
        values=notice.values,
        link=link if sending or not secret else "",
        signs_in=KINDS[notice.kind].signs_in and channel is not Channel.PUSH,
        state=MailState.WAITING if sending else MailState.KEPT,
        made=tx.now,
        until=notice.until,
        next_try=tx.now,
    )


def messages(tx: Tx, person: Reader, notice: Notice, ways: Ways, channel: Channel) -> list[Mail]:
    """Return what is sent by one channel: a push goes to each of her devices."""
    addresses = {
        Channel.MAIL: (person.email or "",),
        Channel.TEXT: (person.phone or "",),
        Channel.PUSH: ways.devices,
    }
    return [message(tx, person, notice, channel, one) for one in addresses[channel]]


def new_id(tx: Tx) -> str:
    """Return an id for a notice or a message."""
    return tx.federation.new_id("notices").rpartition("/")[2]


def _step(tx: Tx, notice: Notice, person: Reader, ways: Ways, number: int) -> dict[str, datetime]:
    """Send by one channel, counted from 0; return what is due for this notice, and when."""
    chosen = ways.usable(person, texts=bool(tx.settings.text_gateway))
    if number >= len(chosen) or (notice.until and notice.until <= tx.now):
        return {}
    pause = None if ways.urgent and _is_urgent(notice, tx.now) else ways.quiet_end(tx.now)
    if pause is not None:
        return {f"{notice.id} {number}": pause}
    tx.session.add_all(messages(tx, person, notice, ways, chosen[number]))
    if not KINDS[notice.kind].insists or number + 1 == len(chosen):
        return {}
    return {f"{notice.id} {number + 1}": tx.now + UNREAD}


def _is_urgent(notice: Notice, now: datetime) -> bool:
    """Tell whether it wants something done, and is about work that begins soon."""
    start = notice.values.get("start")
    if not start or not KINDS[notice.kind].insists:
        return False
    return datetime.fromisoformat(str(start)) <= now + SOON


async def _is_open(tx: Tx, notice: Notice) -> bool:
    """Tell whether an invitation still waits for its answer; of other notices nothing is known."""
    asked = notice.values.get("promise")
    if not asked:
        return True
    try:
        return (await agenda.promise_at(tx, str(asked))).state is agenda.PromiseState.INVITED
    except NotFound:
        return False
