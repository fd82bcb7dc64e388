"""My week: asked, answered in two taps, promised, painted; the e-mail's link; the telephone."""

from __future__ import annotations

import gzip
import re
from datetime import date, timedelta

from instance.agenda import service as agenda
from instance.app import POSTMAN
from instance.consent import service as consent
from instance.home import service as home
from instance.people import service as people
from instance.transparency import service as transparency
from tests.instance.jobs.commune import Browser
from tests.instance.notices.mail_server import MailServer
from tests.instance.records.shift import PAY, promised


async def test_a_yes_from_the_week_takes_one_press_and_is_confirmed(asked, world):
    browser = await asked.browser()
    status, _, page = await browser.ask("/week")
    assert status == 200
    action = re.search(r'action="(/invitations/\w+/answer)"', page)[1]
    assert "HK$283.13" in page
    assert "Flat 8" not in page

    status, headers, _ = await browser.ask(action, {"answer": "yes"})
    assert (status, headers["Location"]) == (303, action.removesuffix("/answer"))
    assert "Held for you" in (await browser.ask(headers["Location"]))[2]
    await world.settle()

    _, _, page = await browser.ask(headers["Location"])
    assert ": you are expected." in page
    assert "Flat 8, Sunny House" in page
    assert "+852 9999 0002" in page


async def test_a_no_costs_nothing_and_later_keeps_the_question(asked):
    browser = await asked.browser()
    identifier = (await asked.week()).invitations[0].id
    await browser.ask(f"/invitations/{identifier}/answer", {"answer": "later"})
    assert await asked.state() == (["invited"], [])

    await browser.ask(f"/invitations/{identifier}/answer", {"answer": "no"})

    assert await asked.state() == ([], [])


async def test_an_answer_that_is_none_is_refused_and_the_question_stands_again(asked):
    browser = await asked.browser()
    identifier = (await asked.week()).invitations[0].id

    status, _, page = await browser.ask(f"/invitations/{identifier}/answer", {"answer": "perhaps"})

    assert status == 422
    assert "Please answer yes or no." in page
    assert "Yes, I&#39;ll come" in page or "Yes, I'll come" in page


async def test_what_clashes_is_said_before_the_button(asked, world):
    await promised(
        world,
        asked.coop,
        (await asked.coop.post_job(places=1, days=2, **PAY)).shifts[0].openings[0].iri,
        asked.person,
    )

    _, _, page = await (await asked.browser()).ask("/week")

    assert "You have promised this time already." in page
    assert 'value="yes"' not in page


async def test_dropping_out_is_one_press_and_the_leaders_learn_of_it(asked, world):
    identifier = (await asked.week()).invitations[0].id
    async with asked.coop.database.transaction() as tx:
        await home.answer(tx, asked.viewer, identifier, True)
    await world.settle()
    browser = await asked.browser()

    status, _, _ = await browser.ask(f"/invitations/{identifier}/withdraw", {})
    await world.settle()

    assert status == 303
    _, _, board = await (await asked.browser(asked.coop.leader)).ask("/notices")
    assert "A place is open again: Morning at home" in board
    assert "Ana Pérez cannot come." in board


async def test_nobody_reads_or_answers_what_another_is_asked(asked):
    identifier = (await asked.week()).invitations[0].id
    eve = await asked.browser(asked.coop.leader)

    assert (await eve.ask(f"/invitations/{identifier}"))[0] == 404
    assert (await eve.ask(f"/invitations/{identifier}/answer", {"answer": "yes"}))[0] == 404
    assert await asked.state() == (["invited"], [])


async def test_whom_she_named_reads_and_enters_her_answer_by_telephone(asked):
    async with asked.coop.database.transaction() as tx:
        await people.change_person(tx, asked.person, phone="+852 5555 1234")
        await consent.name_concierge(tx, asked.person, asked.coop.leader)
    browser = await asked.browser(asked.coop.leader)
    _, _, page = await browser.ask("/week")
    assert "To be rung up" in page
    assert "+852 5555 1234" in page
    action = re.search(r'action="(/invitations/\w+/answer)"', page)[1]

    assert (await browser.ask(action, {"answer": "yes"}))[0] == 303

    assert await asked.state() == ([], ["held"])


async def test_a_week_is_painted_and_every_week_can_be_like_it(asked):
    browser = await asked.browser()
    view = await asked.week()
    fields = {"monday": view.monday.isoformat(), "free[]": f"{view.monday}/night", "always": "1"}

    assert (await browser.ask("/week/free", fields))[0] == 303

    for weeks in (0, 1, 5):
        later = await asked.week(view.monday + timedelta(weeks=weeks))
        assert later.squares == (f"{later.monday}/night",)
    painted = await asked.coop.see(agenda.painted, asked.person)
    assert {(one.weekday, one.start_minute, one.end_minute) for one in painted.week} == {
        (0, 1320, 1440),
        (1, 0, 300),
    }


async def test_a_week_can_be_made_like_the_one_before(asked):
    browser = await asked.browser()
    view = await asked.week()
    following = view.monday + timedelta(days=7)
    await browser.ask(
        "/week/free", {"monday": view.monday.isoformat(), "free[]": f"{view.monday}/evening"}
    )

    await browser.ask("/week/copy", {"monday": following.isoformat()})

    assert (await asked.week(following)).squares == (f"{following}/evening",)


async def test_days_off_are_taken_and_taken_back(asked):
    browser = await asked.browser()
    await browser.ask("/week/days-off", {"first": "2027-01-08", "last": "2027-01-09"})
    (off,) = (await asked.week()).days_off
    assert (off.first, off.last) == (date(2027, 1, 8), date(2027, 1, 9))

    await browser.ask(f"/week/days-off/{off.id}/end", {})

    assert (await asked.week()).days_off == ()


async def test_the_week_is_light_and_speaks_no_word_of_the_machinery(asked):
    _, _, page = await (await asked.browser()).ask("/week")

    assert len(gzip.compress(page.encode())) < 15_000
    words = re.sub(r"<[^>]+>", " ", page)
    assert not re.search(r"\b(instance|actor|federat\w*|node|credential)\b", words, re.IGNORECASE)


async def test_the_link_of_an_e_mail_answers_in_two_taps_without_signing_in(
    asked, world, monkeypatch
):
    server = MailServer()
    port = await server.start()
    settings = asked.coop.database.settings
    for name, value in (("smtp_host", "127.0.0.1"), ("smtp_port", port)):
        monkeypatch.setattr(
            asked.coop.database,
            "settings",
            type(settings)(
                **{
                    **{
                        one: getattr(asked.coop.database.settings, one)
                        for one in settings.__dataclass_fields__
                    },
                    name: value,
                }
            ),
        )
    async with asked.coop.database.transaction() as tx:
        await people.change_person(tx, asked.person, email="ana@mail.example")
    other = await asked.coop.post_job(places=1, days=3, title="Bath and breakfast", **PAY)
    await asked.ask(other)
    await asked.coop.running.app[POSTMAN].step()
    await server.stop()
    path = re.search(r"http://care\.test(/answer/\S+)", server.mails[0].get_content())[1]
    stranger = Browser(asked.coop, "")

    status, headers, page = await stranger.ask(path)
    assert (status, headers["Referrer-Policy"]) == (200, "same-origin")
    assert "Bath and breakfast" in page
    assert "Morning at home" not in page
    status, headers, _ = await stranger.ask(path, {"answer": "yes"})
    assert (status, headers["Location"]) == (303, path)
    assert "Set-Cookie" not in headers or "ayni_session" not in headers["Set-Cookie"]
    await world.settle()

    assert ": you are expected." in (await stranger.ask(path))[2]
    assert (await stranger.ask("/week"))[0] == 303
    assert (await stranger.ask(f"/answer/{'x' * 43}"))[0] == 404


async def test_a_leader_enters_by_telephone_what_she_was_allowed_to_and_the_log_keeps_it(asked):
    leader = await asked.browser(asked.coop.leader)
    assert "Nobody has named you" in (await leader.ask("/by-telephone"))[2]
    async with asked.coop.database.transaction() as tx:
        await consent.name_concierge(tx, asked.person, asked.coop.leader)
    _, _, page = await leader.ask("/by-telephone")
    action = re.search(r'action="(/invitations/\w+/answer)"', page)[1]
    await leader.ask(action, {"answer": "yes"})
    await asked.world.settle()
    _, _, page = await leader.ask("/by-telephone")
    assert "She cannot come" in page
    back = re.search(r'action="(/invitations/\w+/withdraw)"', page)[1]
    assert (await leader.ask(back, {}))[0] == 303

    assert await asked.state() == ([], [])
    async with asked.coop.database.reading() as tx:
        about = await transparency.about(tx, asked.person)
    entered = [one for one in about if one.kind == "agenda.by_telephone"]
    assert [one.by for one in entered] == [asked.coop.leader] * 2
    herself = await asked.browser()
    assert (await herself.ask("/by-telephone"))[0] == 404
