"""The board of a group's week: what is open in words, rows by page, and few queries."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa

from instance.home import board as boards
from instance.people import sessions
from instance.staffing import service as staffing
from instance.staffing.models import Placement
from tests.instance.jobs.commune import Browser
from tests.staged import ally, coop, join, lend
from tests.statements import heard


@pytest.fixture
def start(clock):
    """Nine in the morning, Hong Kong, of next week's Tuesday."""
    now = clock().replace(hour=1, minute=0, second=0, microsecond=0)
    return now + timedelta(days=8 - now.weekday())


async def staffed(world, start, people=3, days=2):
    """A week on each of whose days all come but one, whose place is open."""
    care = await coop(world, "care")
    workers = [await care.worker(f"w{number}") for number in range(people)]
    await join(world, care, care, *workers)
    starts = [start + timedelta(days=day) for day in range(days)]
    for opening in await care.openings(*starts, places=people + 1):
        await care.lead(staffing.invite, opening, workers)
    await world.settle()
    for invite, worker in await care.ask(_asked):
        await care.answer(invite, worker)
    await world.settle()
    return care


async def _asked(tx):
    rows = (await tx.session.scalars(sa.select(Placement))).all()
    return [(one.invite, one.person) for one in rows]


async def shown(care, start, by="jobs", page=1):
    monday = start.date() - timedelta(days=start.weekday())
    async with care.database.reading() as tx:
        return await boards.week_board(tx, care.view, care.group, monday, by, page)


async def browser(care, person):
    async with care.database.transaction() as tx:
        cookie = await sessions.start(tx, person, "password", "test")
    return Browser(care, cookie)


async def test_a_row_for_each_job_with_who_comes_and_what_is_open_each_day(world, start):
    care = await staffed(world, start)
    view = await shown(care, start)

    (row,) = view.rows
    assert (row.name, row.open, view.open, view.people) == ("Home from hospital", 2, 2, 3)
    assert [one.come for one in row.places] == [("W0", "W1", "W2")] * 2
    (cover,) = view.cover
    assert [(one.come, one.wanted) for one in cover.days][1:3] == [(3, 4), (3, 4)]
    people = await shown(care, start, "people")
    assert [(one.name, one.minutes) for one in people.rows] == [
        ("W0", 480),
        ("W1", 480),
        ("W2", 480),
    ]
    assert people.lacking.open == 2


async def test_what_is_open_is_said_in_words_and_leads_to_finding_people(world, start):
    care = await staffed(world, start, people=1, days=1)
    care.world = world
    page = await browser(care, care.leader)
    path = f"{care.group.removeprefix(care.origin)}/board?week={start.date()}"
    status, _, jobs = await page.ask(path)

    assert status == 200
    assert "1 place open" in jobs
    assert "/staffing#o1" in jobs
    assert '<th scope="row">' in jobs
    assert jobs.count('<th scope="col">') == 8
    assert "1 of 2" in jobs
    _, _, people = await page.ask(path + "&by=people")
    assert "Open places" in people
    assert "Fir Estate" not in people
    stranger = await browser(care, (await care.ask(_asked))[0][1])
    assert (await stranger.ask(path))[0] == 404


async def test_queries_do_not_grow_with_the_week(world, start):
    care = await staffed(world, start, people=1, days=1)
    with heard() as few:
        await shown(care, start, "people")
    other = await staffed_like(world, start)
    with heard() as many:
        await shown(other, start, "people")

    assert len(many) == len(few)


async def staffed_like(world, start):
    more = await coop(world, "more")
    workers = [await more.worker(f"v{number}") for number in range(4)]
    await join(world, more, more, *workers)
    for hour in (0, 5):
        starts = [start + timedelta(days=day, hours=hour) for day in range(4)]
        for opening in await more.openings(*starts, places=5):
            await more.lead(staffing.invite, opening, workers)
    return more


async def test_a_page_holds_so_many_rows_and_no_more(world, start, monkeypatch):
    monkeypatch.setattr(boards, "SIZE", 2)
    care = await staffed(world, start)
    view = await shown(care, start, "people", 2)

    assert (view.page, view.pages, [one.name for one in view.rows]) == (2, 2, ["W2"])
    assert len(msgspec.json.encode(view)) < 20_000


async def test_places_promised_to_an_ally_stand_on_the_board_and_lead_to_the_loan(world, start):
    care, wash = await coop(world, "care"), await coop(world, "wash")
    await join(world, wash, wash, await wash.worker("bea"))
    await ally(world, care, wash)
    await lend(world, care, wash, await care.opening(start, places=2))
    view = await shown(wash, start)

    (row,) = view.rows
    assert row.detail == "Care Commune"
    assert row.places[0].page.startswith("/loans/")
    assert row.places[0].open == 1
