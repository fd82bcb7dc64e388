"""What people are told: facts kept, words made when they read, in their language."""

from __future__ import annotations

import ast
import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from instance.catalogue import _in_python
from instance.errors import NotFound
from instance.notices import kinds
from instance.notices import service as notices
from instance.notices.kinds import KINDS
from instance.notices.words import worded
from instance.settings import Settings

SETTINGS = Settings(origin="https://care.example", name="Care", database="sqlite+aiosqlite://")
SHIFT = {
    "title": "Home care",
    "group": "Care Commune",
    "start": "2027-01-05T00:00:00+00:00",
    "end": "2027-01-05T04:00:00+00:00",
    "timezone": "Asia/Hong_Kong",
    "place": "Sha Tin",
    "minutes": 225,
    "cents": 28313,
    "currency": "HKD",
    "by": "2027-01-04T22:12:00+00:00",
}


async def told(care, kind="invited", values=SHIFT, link="/invitations/abc"):
    async with care.database.transaction() as tx:
        await notices.tell(tx, [care.member], kind, values, link)


async def read(care, person=None, page=1):
    async with care.database.reading() as tx:
        return await notices.notices(tx, care.viewer(person or care.member), page)


def test_an_invitation_says_all_that_is_needed_to_decide():
    words = worded("invited", SHIFT, "en", SETTINGS)

    assert words.title == "Care Commune asks you: Home care"
    assert words.lines == (
        "When: Tue, 5 January 08:00\N{EN DASH}12:00",
        "Where: Sha Tin",
        "Working time: 3 h 45",
        "Pay: HK$283.13, all of it for you",
        "Please answer by Tue, 5 January 06:12. A no costs you nothing and keeps your turn.",
    )


def test_a_warning_stands_only_where_something_clashes():
    words = worded("invited", {**SHIFT, "clash": True}, "en", SETTINGS)

    assert any("overlaps" in line for line in words.lines)


def test_a_fact_that_looks_like_a_place_for_a_fact_is_said_as_it_is():
    words = worded("invited", {**SHIFT, "title": "%(cents)s %s"}, "en", SETTINGS)

    assert words.title == "Care Commune asks you: %(cents)s %s"


def test_every_kind_can_be_said_and_its_sentences_reach_the_translators():
    source = Path(kinds.__file__).read_text(encoding="utf-8")
    catalogue = {message for _, message in _in_python(ast.parse(source))}
    for kind, known in KINDS.items():
        lines = [one if isinstance(one, str) else one[1] for one in known.lines]
        assert worded(kind, SHIFT, "en", SETTINGS).title
        assert [one for one in (known.title, *lines) if one not in catalogue] == []


async def test_what_is_unread_stands_first_and_is_counted(care, clock):
    await told(care)
    told_first = {one.kind for one in (await read(care)).notices}
    async with care.database.transaction() as tx:
        await notices.read_all(tx, care.viewer(care.member))
    clock.advance(minutes=1)
    await told(care, "joined", {"group": "Green Hands"}, "/groups")

    view = await read(care)

    assert "invited" in told_first
    assert (view.unread, view.notices[0].kind) == (1, "joined")
    status, _, text = await (await care.browser(care.member)).ask("/notices")
    assert status == 200
    assert "You are a member of Green Hands now." in text
    assert '<b>1<span class="unseen"> unread' in text


async def test_opening_a_notice_marks_it_as_read_and_leads_on(care):
    await told(care)
    identifier = next(one.id for one in (await read(care)).notices if one.kind == "invited")
    browser = await care.browser(care.member)

    status, headers, _ = await browser.ask(f"/notices/{identifier}")

    assert (status, headers["Location"]) == (303, "/invitations/abc")
    assert {one.id: one.read for one in (await read(care)).notices}[identifier]


async def test_nobody_opens_what_was_told_to_somebody_else(care):
    await told(care)
    identifier = next(one.id for one in (await read(care)).notices if one.kind == "invited")

    status, _, _ = await (await care.browser(care.leader)).ask(f"/notices/{identifier}")

    assert status == 404
    async with care.database.transaction() as tx:
        with pytest.raises(NotFound):
            await notices.open_notice(tx, care.viewer(), identifier)


async def test_notices_are_forgotten_after_ninety_days(care, world, clock):
    await told(care)
    clock.advance(days=89)
    await world.settle()
    assert (await read(care)).notices
    clock.advance(days=3)
    await world.settle()

    assert (await read(care)).notices == ()


async def test_people_whose_home_is_elsewhere_are_told_by_their_own_home(care):
    async with care.database.transaction() as tx:
        await notices.tell(tx, ["http://green.test/people/x"], "joined", {"group": "G"}, "")


async def test_joining_is_told_to_the_leaders_and_then_to_the_worker(care):
    kinds = {one.kind for one in (await read(care)).notices}
    led = {one.kind for one in (await read(care, care.leader)).notices}

    assert kinds == {"joined"}
    assert led == {"join_asked"}


def test_moments_are_written_in_the_zone_of_the_place():
    values = {**SHIFT, "timezone": "Europe/Lisbon"}

    words = worded("invited", values, "en", SETTINGS)

    assert words.lines[0] == "When: Tue, 5 January 00:00\N{EN DASH}04:00"
    assert datetime.fromisoformat(SHIFT["start"]) == datetime(2027, 1, 5, tzinfo=UTC)


async def test_a_list_that_the_page_shows_in_parts_is_one_file(care, world):
    async with care.database.transaction() as tx:
        for number in range(notices.PAGE + 5):
            values = SHIFT | {"title": f"=Round {number:03}"}
            await notices.tell(tx, [care.member], "invited", values, f"/invitations/{number}")
    browser = await care.browser(care.member)

    status, headers, text = await browser.ask("/notices/notices.csv?page=2")
    told = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    rows = [one for one in told if "=Round" in one["words.title"]]

    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert len({one["words.title"] for one in rows}) == len(rows) == notices.PAGE + 5
    _, _, page = await browser.ask("/notices?page=2")
    assert 'href="/notices/notices.csv?page=2"' in page
    status, _, _ = await (await care.browser()).ask("/notices/notices.csv")
    assert status == 303


async def test_a_page_without_anything_in_its_lists_offers_no_file(care):
    browser = await care.browser(care.member)

    assert "/me/sessions.csv" in (await browser.ask("/me"))[2]
    assert "/me/tokens/tokens.csv" not in (await browser.ask("/me/tokens"))[2]
