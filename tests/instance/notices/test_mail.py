"""E-mail: kept without a server, tried again, never sent twice, and no secret is shown."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from instance.app import POSTMAN
from instance.errors import NotFound
from instance.notices import service as notices
from instance.notices.models import AnswerLink, Mail, MailState
from instance.people import signin
from tests.instance.notices.test_notices import SHIFT


async def ask(care, minutes=30):
    async with care.database.transaction() as tx:
        until = tx.now + timedelta(minutes=minutes)
        await notices.tell(tx, [care.member], "invited", SHIFT, "/invitations/abc", until=until)


async def step(care):
    return await care.running.app[POSTMAN].step()


async def rows(care):
    async with care.database.reading() as tx:
        return (await tx.session.scalars(sa.select(Mail).where(Mail.kind != "joined"))).all()


async def test_without_a_server_mail_is_kept_and_administrators_read_it(care):
    await ask(care)
    assert not await step(care)

    status, _, text = await (await care.browser(care.leader)).ask("/mail")

    assert status == 200
    assert "Not sent: no server is set" in text
    assert "Care Commune asks you: Home care" in text
    assert "Pay: HK$283.13" in text
    assert "/answer/" not in text
    assert "/sign-in/" not in text


async def test_nobody_but_administrators_reads_mail(care):
    status, _, _ = await (await care.browser(care.member)).ask("/mail")

    assert status == 404
    async with care.database.reading() as tx:
        with pytest.raises(NotFound):
            await notices.mails(tx, care.viewer(care.member))


async def test_a_mail_is_sent_once_and_says_everything(mailing, server):
    await ask(mailing)

    assert await step(mailing)
    assert not await step(mailing)

    [mail] = server.mails
    assert mail["Subject"] == "Care Commune asks you: Home care"
    assert mail["To"] == "ana@mail.example"
    assert mail["From"] == "Care <care@mail.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    assert "Hello Ana Pérez," in text
    assert "When: Tue, 5 January 08:00\N{EN DASH}12:00" in text
    assert [one.state for one in await rows(mailing)] == [MailState.SENT]


async def test_the_link_in_an_invitation_answers_it_and_nothing_else(mailing, server):
    await ask(mailing)
    await step(mailing)

    held = re.search(r"http://care\.test/answer/(\S+)", server.mails[0].get_content())[1]

    async with mailing.database.reading() as tx:
        assert await notices.promise_behind(tx, held) == (mailing.member, "abc")
        assert not await signin.link_works(tx, held)
        kept = (await tx.session.scalars(sa.select(AnswerLink.hash))).all()
    assert held not in str(kept)
    assert held not in str([one.link for one in await rows(mailing)])


async def test_a_link_from_a_mail_answers_nothing_when_its_time_is_over(mailing, server, clock):
    await ask(mailing)
    await step(mailing)
    held = re.search(r"/answer/(\S+)", server.mails[0].get_content())[1]
    clock.advance(minutes=31)

    async with mailing.database.reading() as tx:
        with pytest.raises(NotFound):
            await notices.promise_behind(tx, held)


async def test_a_busy_server_is_tried_again_later_under_the_same_message_id(mailing, server, clock):
    server.answers = ["451 busy"]
    await ask(mailing)

    await step(mailing)
    assert server.mails == []
    assert not await step(mailing)
    [row] = await rows(mailing)
    assert (row.state, row.attempts) == (MailState.WAITING, 1)
    assert "busy" in row.reason
    clock.advance(seconds=31)
    await step(mailing)

    [mail] = server.mails
    assert mail["Message-ID"] == f"<{row.id}@care.test>"


async def test_an_address_that_does_not_exist_is_given_up_at_once(mailing, server, clock):
    server.answers = ["550 nobody"]
    await ask(mailing)

    await step(mailing)
    clock.advance(hours=3)
    await step(mailing)

    assert server.tried == 1
    [row] = await rows(mailing)
    assert (row.state, row.sent) == (MailState.FAILED, None)


async def test_an_invitation_that_nobody_waits_for_any_more_is_not_sent(mailing, server, clock):
    server.answers = ["451 busy"]
    await ask(mailing, minutes=10)
    await step(mailing)
    clock.advance(minutes=11)
    await step(mailing)

    assert server.mails == []
    assert [one.state for one in await rows(mailing)] == [MailState.LATE]


async def test_a_server_that_does_not_answer_loses_nothing(mailing, server, clock):
    await ask(mailing)
    await server.stop()

    await step(mailing)

    [row] = await rows(mailing)
    assert (row.state, row.attempts) == (MailState.WAITING, 1)


async def test_a_link_to_sign_in_is_mailed_and_forgotten(mailing, server):
    async with mailing.database.transaction() as tx:
        await signin.ask_for_link(tx, "ana", signin.Asking("127.0.0.1"))

    await step(mailing)

    held = re.search(r"http://care\.test/sign-in/(\S+)", server.mails[0].get_content())[1]
    async with mailing.database.reading() as tx:
        assert await signin.link_works(tx, held)
    assert [one.link for one in await rows(mailing)] == [""]


async def test_a_name_with_a_line_break_adds_no_header(mailing, server):
    async with mailing.database.transaction() as tx:
        values = {**SHIFT, "title": "x\r\nBcc: eve@mail.example"}
        await notices.tell(tx, [mailing.member], "invited", values, "/week")
    await step(mailing)

    [mail] = server.mails
    assert mail["Bcc"] is None
    assert mail["Subject"].endswith("x Bcc: eve@mail.example")
