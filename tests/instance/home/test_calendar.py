"""My shifts in another program's calendar: by a secret address, and never more than is hers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar

from instance.home import service as home
from instance.jobs import service as jobs
from instance.people import service as people
from instance.people import sessions
from tests.instance.alliances.pair import SKILL, found
from tests.instance.home.conftest import Asked
from tests.instance.jobs.commune import Browser
from tests.instance.records.shift import promised


async def address_of(browser):
    status, _, page = await browser.ask("/week/calendar", {})
    assert status == 200
    return re.search(r"<code[^>]*>(http://care\.test(/calendar/[\w-]{43}\.ics))</code>", page)[2]


async def read(asked, path):
    """Read a calendar as a program does that knows nothing but the address."""
    return await Browser(asked.coop, "").ask(path)


def events(text):
    return Calendar.from_ical(text).events


async def test_what_is_promised_stands_in_the_calendar_and_what_is_asked_does_not(asked, world):
    browser = await asked.browser()
    path = await address_of(browser)
    assert events((await read(asked, path))[2]) == []

    identifier = (await asked.week()).invitations[0].id
    async with asked.coop.database.transaction() as tx:
        await home.answer(tx, asked.viewer, identifier, yes=True)
    (held,) = events((await read(asked, path))[2])
    assert held["STATUS"] == "TENTATIVE"
    assert held["SUMMARY"].endswith("(not confirmed yet)")

    await world.settle()
    status, headers, text = await read(asked, path)
    assert status == 200
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = events(text)
    assert (event["STATUS"], event["UID"]) == ("CONFIRMED", f"{identifier}@care.test")
    shift = asked.job.shifts[0]
    assert (event.start.astimezone(UTC), event.end.astimezone(UTC)) == (shift.start, shift.end)
    assert event.start.tzinfo.key == shift.timezone
    assert "HK$283.13" in event["DESCRIPTION"]
    assert f"/invitations/{identifier}" in event["DESCRIPTION"]


async def test_the_door_and_who_is_worked_for_stay_here(asked, world):
    browser = await asked.browser()
    path = await address_of(browser)
    identifier = (await asked.week()).invitations[0].id
    async with asked.coop.database.transaction() as tx:
        await home.answer(tx, asked.viewer, identifier, yes=True)
    await world.settle()

    _, _, text = await read(asked, path)

    for secret in ("Flat 8", "Sunny House", "Wong", "9999 0002"):
        assert secret not in text.replace("\r\n ", "")


async def test_a_promise_that_is_taken_back_is_gone_from_the_calendar(asked, world):
    browser = await asked.browser()
    path = await address_of(browser)
    identifier = (await asked.week()).invitations[0].id
    async with asked.coop.database.transaction() as tx:
        await home.answer(tx, asked.viewer, identifier, yes=True)
        await home.withdraw(tx, asked.viewer, identifier)
    assert events((await read(asked, path))[2]) == []


async def test_that_it_was_read_is_noted_once_in_a_while(asked, clock):
    path = await address_of(await asked.browser())

    async def seen():
        async with asked.coop.database.reading() as tx:
            return (await people.calendar(tx, asked.person)).seen

    assert await seen() is None
    await read(asked, path)
    first = await seen()
    assert first == clock()
    clock.advance(hours=1)
    await read(asked, path)
    assert await seen() == first
    clock.advance(hours=12)
    await read(asked, path)
    assert await seen() == clock()


async def test_an_address_that_was_ended_or_replaced_or_guessed_leads_nowhere(asked):
    browser = await asked.browser()
    first = await address_of(browser)
    second = await address_of(browser)
    assert [(await read(asked, one))[0] for one in (first, second)] == [404, 200]
    assert (await browser.ask("/week/calendar/end", {}))[0] == 303
    guessed = f"/calendar/{'a' * 43}.ics"
    assert [(await read(asked, one))[0] for one in (second, guessed)] == [404, 404]


async def test_the_address_is_no_key_to_anything_else(asked):
    browser = await asked.browser()
    held = (await address_of(browser)).split("/")[2].removesuffix(".ics")
    async with asked.coop.database.transaction() as tx:
        assert await sessions.viewer_by_token(tx, held) == (None, False)
        assert await sessions.tokens(tx, asked.person) == []
        bearer = await sessions.make_token(tx, asked.person, ["self"], "payroll")
        assert await people.person_of_calendar(tx, bearer) == (None, False)


async def test_a_night_over_the_change_of_clocks_is_written_by_the_clock_of_the_place(world):
    coop = await found(world, "care", timezone="Europe/Berlin")
    person = await coop.add_worker("ana", "Ana Pérez")
    zone = ZoneInfo("Europe/Berlin")
    year = coop.now.year + (coop.now.month > 2)
    start = datetime(year, 3, 31, 22, tzinfo=zone)
    start -= timedelta(days=(start.weekday() - 5) % 7)  # the last Saturday of March
    end = start + timedelta(hours=8)  # by the clock
    shift = jobs.NewShift(
        start.astimezone(UTC), end.astimezone(UTC), (jobs.NewOpening(SKILL, 1, 1),)
    )
    job = await coop.post_job(shifts=(shift,))
    await promised(world, coop, job.shifts[0].openings[0].iri, person)
    path = await address_of(await Asked(world, coop, person, job).browser())
    coop.world.clock.advance(days=(start - coop.now).days - 30)

    _, _, text = await Browser(coop, "").ask(path)

    assert f"DTSTART;TZID=Europe/Berlin:{start:%Y%m%dT220000}" in text
    assert f"DTEND;TZID=Europe/Berlin:{end:%Y%m%dT060000}" in text
    assert "BEGIN:DAYLIGHT" in text
    (event,) = events(text)
    assert event.end.astimezone(UTC) - event.start.astimezone(UTC) == timedelta(hours=7)
