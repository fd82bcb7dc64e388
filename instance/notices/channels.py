"""In which order somebody is reached beyond the page, when not, and on which devices."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.agenda import service as agenda
from instance.db import Tx
from instance.errors import Invalid, NotFound
from instance.notices import webpush
from instance.notices.models import Channel, PushDevice, PushKey, Reaching
from instance.people import service as people
from instance.people.service import Reader
from instance.viewer import Viewer

DEFAULT = (Channel.PUSH, Channel.MAIL, Channel.TEXT)
DAY = 24 * 60
MOST_DEVICES = 10
MOST_ADDRESS = 1_000
UNKNOWN = ZoneInfo("UTC")
"""The clock of somebody who has no quiet time: it is not looked at."""


class Ways(msgspec.Struct, frozen=True):
    """How one person is reached: channels in her order, her quiet time, her devices."""

    channels: tuple[Channel, ...] = DEFAULT
    off: tuple[Channel, ...] = (Channel.TEXT,)
    quiet: tuple[int, int] | None = None
    urgent: bool = False
    zone: ZoneInfo = UNKNOWN
    devices: tuple[str, ...] = ()

    def usable(self, person: Reader, *, texts: bool) -> tuple[Channel, ...]:
        """Return the channels by which she can be reached, in her order."""
        has = {
            Channel.PUSH: bool(self.devices),
            Channel.MAIL: bool(person.email),
            Channel.TEXT: bool(person.phone) and texts,
        }
        return tuple(one for one in self.channels if one not in self.off and has[one])

    def quiet_end(self, now: datetime) -> datetime | None:
        """Return when her quiet time ends, if it is quiet now by her own clock."""
        if self.quiet is None:
            return None
        first, last = self.quiet
        local = now.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        inside = first <= minute < last if first < last else minute >= first or minute < last
        if first == last or not inside:
            return None
        day = local.date() + timedelta(days=int(minute >= last))
        ends = datetime.combine(day, time(last // 60, last % 60), self.zone)
        # An hour that the clock has twice is quiet twice.
        moments = (ends.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        return next((one for one in moments if one > now), None)


class DeviceView(msgspec.Struct, frozen=True):
    """A device that shows messages; `here` is the one that asks."""

    id: str
    name: str
    made: datetime
    here: bool


class ChannelLine(msgspec.Struct, frozen=True):
    """One channel as its person sees it: whether it is on, and whether it can reach her."""

    channel: Channel
    on: bool
    usable: bool
    address: str


class ReachingView(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody is reached. `quiet_from` and `quiet_until` are such as 22:00, or empty."""

    channels: tuple[ChannelLine, ...]
    quiet_from: str
    quiet_until: str
    timezone: str
    urgent: bool
    devices: tuple[DeviceView, ...]
    push_key: str


async def ways(tx: Tx, persons: Iterable[Iri]) -> dict[Iri, Ways]:
    """Return how people are reached: one statement, more only where something is set."""
    wanted = sorted(set(persons))
    hers = Reaching.person == PushDevice.person  # whoever has a device has a row of her own, too
    chosen = sa.select(Reaching, PushDevice).join(PushDevice, hers, isouter=True)
    found = (await tx.session.execute(chosen.where(Reaching.person.in_(wanted)))).all()
    rows = {row.person: row for row, _ in found}
    held = await _living(tx, [device for _, device in found if device is not None])
    quiet = {Iri(row.person) for row in rows.values() if row.quiet_from is not None}
    zones = await agenda.zones_of(tx, quiet)
    return {
        one: _ways(rows.get(one), zones.get(one), [each.id for each in held if each.person == one])
        for one in wanted
    }


async def reaching(tx: Tx, viewer: Viewer) -> ReachingView:
    """Return how the viewer is reached, as her own page shows it."""
    found = (await ways(tx, [viewer.person]))[viewer.person]
    [person] = await people.readers(tx, [viewer.person])
    here = people.hash_of(viewer.session)
    devices = [
        DeviceView(one.id, one.name, one.made, one.session == here)
        for one in await _devices(tx, [viewer.person])
    ]
    address = {Channel.MAIL: person.email or "", Channel.TEXT: person.phone or ""}
    texts = bool(tx.settings.text_gateway)
    can = msgspec.structs.replace(found, off=()).usable(person, texts=texts)
    first, last = (_clock(one) for one in found.quiet) if found.quiet else ("", "")
    return ReachingView(
        channels=tuple(
            ChannelLine(one, one not in found.off, one in can, address.get(one, ""))
            for one in found.channels
            if one is not Channel.TEXT or texts
        ),
        quiet_from=first,
        quiet_until=last,
        timezone=(await agenda.zone_of(tx, viewer.person)).key,
        urgent=found.urgent,
        devices=tuple(devices),
        push_key=await push_key(tx),
    )


async def move(tx: Tx, viewer: Viewer, channel: Channel, *, up: bool) -> None:
    """Try a channel one place earlier or later; at either end nothing changes."""
    row = await _row(tx, viewer.person)
    order = list(row.channels)
    place = order.index(channel)
    other = place - 1 if up else place + 1
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
        row.channels = order


async def switch(tx: Tx, viewer: Viewer, channel: Channel, *, on: bool) -> None:
    """Use a channel, or leave it out."""
    row = await _row(tx, viewer.person)
    row.off = sorted({*row.off, channel.value} - ({channel.value} if on else set()))


async def be_quiet(
    tx: Tx, viewer: Viewer, quiet_from: str, quiet_until: str, *, urgent: bool
) -> None:
    """Set the quiet time by two clock times such as 22:00, or end it with two empty ones."""
    row = await _row(tx, viewer.person)
    row.quiet_from = _minute(quiet_from, "quiet_from")
    row.quiet_until = _minute(quiet_until, "quiet_until")
    if (row.quiet_from is None) != (row.quiet_until is None):
        missing = "quiet_from" if row.quiet_from is None else "quiet_until"
        raise Invalid("A quiet time has a beginning and an end.", field=missing)
    row.urgent = urgent


async def add_device(tx: Tx, viewer: Viewer, endpoint: str, public: str, secret: str) -> str:
    """Have messages shown by the browser that asks; raise Invalid for what no browser gives."""
    if len(endpoint) > MOST_ADDRESS or not endpoint.startswith(("https://", "http://")):
        raise Invalid("This browser gave no address for messages.", field="endpoint")
    try:
        webpush.read_public(_bytes(public))
        webpush.check_secret(_bytes(secret))
    except ValueError as error:
        raise Invalid("This browser gave no key for messages.", field="public") from error
    await tx.session.execute(sa.delete(PushDevice).where(PushDevice.endpoint == endpoint))
    held = await _devices(tx, [viewer.person])
    if len(held) >= MOST_DEVICES:
        raise Invalid("Ten devices are enough: take one out first.")
    await _row(tx, viewer.person)
    row = PushDevice(
        id=secrets.token_hex(10),
        person=viewer.person,
        session=people.hash_of(viewer.session),
        name=await people.device_of(tx, viewer.session),
        endpoint=endpoint,
        public=public,
        secret=secret,
        made=tx.now,
    )
    tx.session.add(row)
    return row.id


async def end_device(tx: Tx, viewer: Viewer, identifier: str) -> None:
    """Show no messages on a device any more; raise NotFound when it is not hers."""
    mine = sa.and_(PushDevice.person == viewer.person, PushDevice.id == identifier)
    ended = sa.delete(PushDevice).where(mine).returning(PushDevice.id)
    if (await tx.session.execute(ended)).first() is None:
        raise NotFound


async def device(tx: Tx, identifier: str) -> webpush.Device | None:
    """Return where and how a device is written to, or None when it is gone."""
    row = await tx.get(PushDevice, identifier)
    return webpush.Device(row.endpoint, _bytes(row.public), _bytes(row.secret)) if row else None


async def drop_device(tx: Tx, identifier: str) -> None:
    """Forget a device that its push service knows no more."""
    await tx.session.execute(sa.delete(PushDevice).where(PushDevice.id == identifier))


async def forget_devices(tx: Tx) -> None:
    """Forget the devices on which nobody is signed in any more."""
    rows = (await tx.session.execute(sa.select(PushDevice.person, PushDevice.session))).all()
    alive = await people.living(tx, {Iri(one.person) for one in rows})
    over = sorted({one.session for one in rows} - alive)
    await tx.session.execute(sa.delete(PushDevice).where(PushDevice.session.in_(over)))


async def ensure_push_key(tx: Tx) -> None:
    """Make the key by which push services know this instance, the first time it starts."""
    if (await tx.session.scalars(sa.select(PushKey.public).limit(1))).first() is None:
        public, pem = webpush.make_key()
        tx.session.add(PushKey(public=public, pem=pem, made=tx.now))


async def push_key(tx: Tx) -> str:
    """Return the public half of that key as browsers want it, or nothing."""
    return (await tx.session.scalars(sa.select(PushKey.public))).first() or ""


async def push_pem(tx: Tx) -> str:
    """Return the private half of that key."""
    return (await tx.session.scalars(sa.select(PushKey.pem))).one()


async def _devices(tx: Tx, persons: Sequence[Iri]) -> list[PushDevice]:
    """Return the devices on which these people are still signed in."""
    chosen = sa.select(PushDevice).where(PushDevice.person.in_(persons))
    return await _living(tx, (await tx.session.scalars(chosen)).all())


async def _living(tx: Tx, devices: Sequence[PushDevice]) -> list[PushDevice]:
    alive = await people.living(tx, {Iri(one.person) for one in devices})
    living = [one for one in devices if one.session in alive]
    return sorted(living, key=lambda one: (one.made, one.id))


async def _row(tx: Tx, person: Iri) -> Reaching:
    row = await tx.get(Reaching, person)
    if row is None:
        off = [Channel.TEXT.value]
        row = Reaching(person=person, channels=[*DEFAULT], off=off, urgent=False)
        tx.session.add(row)
    return row


def _ways(row: Reaching | None, zone: ZoneInfo | None, devices: list[str]) -> Ways:
    if row is None:
        return Ways(devices=tuple(devices))
    quiet = None
    if row.quiet_from is not None and row.quiet_until is not None:
        quiet = (row.quiet_from, row.quiet_until)
    return Ways(
        channels=tuple(Channel(one) for one in row.channels),
        off=tuple(Channel(one) for one in row.off),
        quiet=quiet,
        urgent=row.urgent,
        zone=zone or UNKNOWN,
        devices=tuple(devices),
    )


def _minute(text: str, field: str) -> int | None:
    if not text:
        return None
    try:
        read = time.fromisoformat(text)
    except ValueError as error:
        raise Invalid("Write a time such as 22:00.", field=field) from error
    return read.hour * 60 + read.minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise ValueError(text) from error
