"""A week copied into the next: previewed, published once, and never what is there already."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from instance.errors import Conflict, NotFound
from instance.jobs import copying, repeating
from instance.jobs import service as jobs
from instance.jobs.recurrence import Rule, moments, monday_of
from instance.jobs.views import NewOpening, NewShift

HONG_KONG = ZoneInfo("Asia/Hong_Kong")


def at(day, start=time(8), end=time(12)):
    return NewShift(*moments(day, start, end, HONG_KONG), (NewOpening("home-carer", 2, 1),))


@pytest.fixture
async def week(care):
    """Two jobs of next week, one of which repeats; the Monday after is given."""
    monday = monday_of(care.now.date()) + timedelta(weeks=1)
    days = [monday, monday + timedelta(days=6)]
    await care.post(shifts=(at(days[0]), at(days[1], time(22), time(6))))
    rule = Rule(("TU",), times=1)
    new = care.new_job(title="Repeats", shifts=(at(monday + timedelta(days=1)),))
    await care.act(repeating.repeat_job, care.group, new, rule)
    return monday + timedelta(weeks=1)


async def shown(care, monday, viewer=None):
    async with care.database.reading() as tx:
        return await copying.week_copy(tx, viewer or care.viewer(), care.group, monday)


async def test_the_preview_says_what_happens_to_each_shift(care, week):
    view = await shown(care, week)

    assert [(one.title, one.fate) for one in view.shifts] == [
        ("First day home from hospital", "new"),
        ("Repeats", "repeats"),
        ("First day home from hospital", "new"),
    ]
    assert view.new == 2
    assert f"{view.shifts[2].start.astimezone(HONG_KONG):%a %H:%M}" == "Sun 22:00"


async def test_a_week_is_copied_whole_and_only_once(care, week):
    assert await care.act(copying.copy_week, care.group, week) == 1
    with pytest.raises(Conflict):
        await care.act(copying.copy_week, care.group, week)

    async with care.database.reading() as tx:
        found = await jobs.jobs(tx, care.group)
    first, copy = [one for one in found if one.title != "Repeats"]
    assert [one.start for one in copy.shifts] == [
        one.start + timedelta(weeks=1) for one in first.shifts
    ]
    same = "description pay_cents_per_hour levy_percent customer door bring audience".split()
    assert [getattr(copy, one) for one in same] == [getattr(first, one) for one in same]
    assert copy.shifts[0].openings[0].level == first.shifts[0].openings[0].level
    assert {one.fate for one in (await shown(care, week)).shifts} == {"there", "repeats"}


async def test_what_was_called_off_there_does_not_come_back(care, week):
    await care.act(copying.copy_week, care.group, week)
    async with care.database.reading() as tx:
        copy = (await jobs.jobs(tx, care.group))[-1]
    await care.act(jobs.call_off_job, copy.iri)

    with pytest.raises(Conflict):
        await care.act(copying.copy_week, care.group, week)


async def test_hours_in_the_past_are_not_published(care, week):
    care.world.clock.advance(weeks=3)

    assert {one.fate for one in (await shown(care, week)).shifts} == {"past", "repeats"}
    with pytest.raises(Conflict):
        await care.act(copying.copy_week, care.group, week)


async def test_pages_lead_from_the_preview_to_the_board_and_are_for_leaders_only(care, week):
    browser = await care.browser(care.leader)
    path = f"{care.group.removeprefix(care.origin)}/copy-week"
    _, _, page = await browser.ask(f"{path}?week={week}")
    assert "Publish 2 shifts" in page
    assert "Repeats by itself" in page
    status, headers, _ = await browser.ask(path, {"monday": week.isoformat()})
    assert (status, headers["Location"]) == (
        303,
        f"{path.replace('copy-week', 'board')}?week={week}",
    )
    status, _, again = await browser.ask(f"{path}?week={week}", {"monday": week.isoformat()})
    assert status == 422
    assert "nothing to copy" in again

    member = await care.browser(care.member)
    assert (await member.ask(f"{path}?week={week}"))[0] == 404
    assert (await member.ask(path, {"monday": week.isoformat()}))[0] == 404
    with pytest.raises(NotFound):
        await shown(care, week, care.viewer(care.member))
