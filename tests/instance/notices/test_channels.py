"""Each in her own order, outside her quiet time, and on to the next channel while unread."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from aiohttp import web

from instance import due
from instance.app import DUE, POSTMAN
from instance.notices import channels, sending
from instance.notices import service as notices
from instance.notices.channels import Ways
from instance.notices.models import Channel, Mail, MailState, Notice
from instance.people import service as people
from tests.instance.jobs.commune import found
from tests.instance.notices.test_notices import SHIFT

SECRET = "a secret of the co-op's gateway"
PHONE = "+852 5555 0101"


class Gateway:
    """The co-op's gateway for texts: a real HTTP server that checks who writes to it."""

    def __init__(self):
        self.texts = []
        self.answers = []

    def application(self):
        app = web.Application()
        app.router.add_post("/texts", self._take)
        return app

    async def _take(self, request):
        body, given = await request.read(), request.headers
        signed = f"{given['Ayni-Time']}.".encode() + body
        known = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(known, given["Ayni-Signature"]):
            return web.Response(status=401)
        if self.answers:
            return web.Response(status=self.answers.pop(0))
        self.texts.append(json.loads(body))
        return web.Response(status=202)


@pytest.fixture
async def gateway(world):
    made = Gateway()
    await world.network.serve("texts.test", made.application())
    return made


@pytest.fixture
async def care(world, gateway):
    commune = await found(
        world, text_gateway="http://texts.test/texts", text_secret=SECRET, smtp_host="127.0.0.1"
    )
    async with commune.database.transaction() as tx:
        await people.change_person(tx, commune.member, email="ana@mail.example", phone=PHONE)
    await world.settle()
    return commune


async def change(care, act, *given, **named):
    async with care.database.transaction() as tx:
        await act(tx, care.viewer(care.member), *given, **named)


async def ask(care, **more):
    async with care.database.transaction() as tx:
        until = tx.now + timedelta(hours=20)
        values = {**SHIFT, **more}
        await notices.tell(tx, [care.member], "invited", values, "/invitations/abc", until=until)


async def sent(care):
    """List by which channels something is on its way, oldest first."""
    async with care.database.reading() as tx:
        chosen = sa.select(Mail.channel).where(Mail.kind == "invited")
        return list(await tx.session.scalars(chosen.order_by(Mail.made, Mail.id)))


async def later(care, clock, **span):
    clock.advance(**span)
    while await due.step(care.database, DUE):
        pass


async def test_what_is_unread_after_two_minutes_goes_on_to_the_next_channel(care, clock):
    await change(care, channels.switch, Channel.TEXT, on=True)
    await ask(care)
    assert await sent(care) == [Channel.MAIL]
    await later(care, clock, seconds=119)
    assert await sent(care) == [Channel.MAIL]
    await later(care, clock, seconds=1)
    assert await sent(care) == [Channel.MAIL, Channel.TEXT]
    await later(care, clock, hours=1)
    assert len(await sent(care)) == 2


async def test_reading_it_stops_the_next_channel(care, clock):
    await change(care, channels.switch, Channel.TEXT, on=True)
    await ask(care)
    async with care.database.transaction() as tx:
        await notices.seen(tx, care.member, "/invitations/abc")
    await later(care, clock, minutes=5)
    assert await sent(care) == [Channel.MAIL]


async def test_the_next_channel_is_tried_once_however_often_and_late_it_is_due(care, clock):
    await change(care, channels.switch, Channel.TEXT, on=True)
    await ask(care)
    async with care.database.reading() as tx:
        [notice] = await tx.session.scalars(sa.select(Notice.id).where(Notice.kind == "invited"))
    clock.advance(hours=1)
    for _ in range(2):
        await later(care, clock, seconds=1)
    assert await sent(care) == [Channel.MAIL, Channel.TEXT]
    async with care.database.transaction() as tx:
        await sending.send_next(tx, f"{notice} 7")  # a channel she has no more
    assert len(await sent(care)) == 2


async def test_texts_are_sent_to_nobody_who_did_not_ask_for_them(care, clock):
    await ask(care)
    await later(care, clock, minutes=5)
    assert await sent(care) == [Channel.MAIL]


async def test_the_order_is_hers(care):
    await change(care, channels.switch, Channel.TEXT, on=True)
    await change(care, channels.move, Channel.TEXT, up=True)
    await ask(care)
    assert await sent(care) == [Channel.TEXT]


async def test_a_text_says_all_that_is_needed_and_is_signed(care, gateway):
    await change(care, channels.switch, Channel.TEXT, on=True)
    await change(care, channels.switch, Channel.MAIL, on=False)
    await ask(care)
    await care.running.app[POSTMAN].step()

    [text] = gateway.texts
    assert text["to"] == PHONE
    for words in ("Care Commune asks you: Home care", "When: ", "Where: ", "Pay: HK$283.13"):
        assert words in text["text"]
    assert "http://care.test/answer/" in text["text"]
    assert len(text["text"]) <= 600


async def test_a_busy_gateway_is_tried_again_and_one_that_refuses_is_not(care, gateway, clock):
    await change(care, channels.switch, Channel.TEXT, on=True)
    await change(care, channels.switch, Channel.MAIL, on=False)
    gateway.answers = [503]
    await ask(care)
    await care.running.app[POSTMAN].step()
    assert gateway.texts == []
    clock.advance(seconds=31)
    await care.running.app[POSTMAN].step()
    assert len(gateway.texts) == 1

    gateway.answers = [422]
    await ask(care, title="Another")
    await care.running.app[POSTMAN].step()
    async with care.database.reading() as tx:
        states = list(await tx.session.scalars(sa.select(Mail.state).where(Mail.attempts == 1)))
    assert states == [MailState.FAILED]


async def test_in_a_quiet_time_nothing_is_sent_and_what_is_of_use_comes_after(care, clock):
    local = clock().astimezone(ZoneInfo("Asia/Hong_Kong"))
    first, last = local - timedelta(minutes=30), local + timedelta(minutes=30)
    await change(care, channels.be_quiet, f"{first:%H:%M}", f"{last:%H:%M}", urgent=False)
    await ask(care)
    assert await sent(care) == []
    await later(care, clock, minutes=29)
    assert await sent(care) == []
    await later(care, clock, minutes=1)
    assert await sent(care) == [Channel.MAIL]


async def test_urgent_work_breaks_the_quiet_time_of_whoever_allows_it(care, clock):
    local = clock().astimezone(ZoneInfo("Asia/Hong_Kong"))
    quiet = f"{local - timedelta(minutes=30):%H:%M}", f"{local + timedelta(minutes=30):%H:%M}"
    await change(care, channels.be_quiet, *quiet, urgent=True)
    await ask(care, start=(clock() + timedelta(hours=13)).isoformat())
    assert await sent(care) == []
    await ask(care, start=(clock() + timedelta(hours=2)).isoformat())
    assert await sent(care) == [Channel.MAIL]


async def test_what_is_of_no_use_after_the_quiet_time_is_not_sent(care, clock):
    local = clock().astimezone(ZoneInfo("Asia/Hong_Kong"))
    first, last = local - timedelta(minutes=1), local - timedelta(minutes=2)
    await change(care, channels.be_quiet, f"{first:%H:%M}", f"{last:%H:%M}", urgent=False)
    await ask(care)
    await later(care, clock, hours=24)
    assert await sent(care) == []


MADRID = Ways(quiet=(22 * 60, 6 * 60), zone=ZoneInfo("Europe/Madrid"))


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2027-01-10T20:59Z", None),
        ("2027-01-10T21:00Z", "2027-01-11T05:00Z"),
        ("2027-01-11T04:59Z", "2027-01-11T05:00Z"),
        ("2027-01-11T05:00Z", None),
        ("2027-03-27T22:00Z", "2027-03-28T04:00Z"),  # the night that is an hour shorter
        ("2027-10-30T21:00Z", "2027-10-31T05:00Z"),  # and the one that is an hour longer
    ],
)
def test_a_quiet_night_ends_by_her_own_clock(now, ends):
    found = MADRID.quiet_end(datetime.fromisoformat(now))
    assert found == (datetime.fromisoformat(ends) if ends else None)


def test_an_hour_that_the_clock_has_twice_is_quiet_twice():
    ways = Ways(quiet=(2 * 60, 2 * 60 + 45), zone=ZoneInfo("Europe/Madrid"))
    second = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)  # 02:30 for the second time
    assert ways.quiet_end(second) == datetime(2027, 10, 31, 1, 45, tzinfo=UTC)


async def test_the_page_moves_switches_and_sends_a_test_message(care, gateway):
    browser = await care.browser(care.member)
    await browser.ask("/me/messages/switch", {"channel": "text", "to": "on"})
    await browser.ask("/me/messages/move", {"channel": "text", "to": "up"})
    status, _, page = await browser.ask("/me/messages")
    assert status == 200
    assert page.index("E-mail</b>") > page.index("Text message</b>")
    await browser.ask("/me/messages/test", {})
    await care.running.app[POSTMAN].step()
    assert "This is a test message." in gateway.texts[0]["text"]
    answered = await browser.ask("/me/messages/test", {})
    assert answered[0] == 429
