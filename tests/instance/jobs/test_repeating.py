"""Jobs that repeat: weeks are published ahead and only once, and follow what is changed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from instance.errors import Conflict, Invalid, NotFound
from instance.jobs import repeated, repeating
from instance.jobs import service as jobs
from instance.jobs.recurrence import Rule, days_between, moments, monday_of
from instance.jobs.views import NewOpening, NewShift
from tests.instance.jobs.commune import found
from tests.instance.jobs.test_pages import FORM

MONDAYS = Rule(("MO", "TH"))
HONG_KONG = ZoneInfo("Asia/Hong_Kong")


def first_monday(coop) -> date:
    return monday_of(coop.now.date()) + timedelta(weeks=1)


def at(day, zone=HONG_KONG, start=time(8), end=time(12)):
    return NewShift(*moments(day, start, end, zone), (NewOpening("home-carer", 2),))


async def repeat(coop, rule=MONDAYS, day=None, **more):
    day = day or first_monday(coop)
    new = coop.new_job(**{"shifts": (at(day),), **more})
    return await coop.act(repeating.repeat_job, coop.group, new, rule)


async def seen(coop, iri):
    async with coop.database.reading() as tx:
        return await repeated.repeating(tx, coop.viewer(), iri)


async def published(coop):
    async with coop.database.reading() as tx:
        return await jobs.jobs(tx, coop.group)


async def shifts(coop):
    return [one for job in await published(coop) for one in job.standing]


async def later(coop, **time):
    coop.world.clock.advance(**time)
    await coop.world.settle()


def test_a_rule_has_its_days_and_not_those_left_out():
    every_second = Rule(("MO", "WE"), every=2, until=date(2027, 2, 1))
    begins, end = date(2027, 1, 5), date(2028, 1, 1)

    assert days_between(every_second.text(), begins, ["2027-01-20"], begins, end) == [
        date(2027, 1, 6),
        date(2027, 1, 18),
        date(2027, 2, 1),
    ]
    three = Rule(("TU",), times=3).text()
    assert len(days_between(three, begins, ["2027-01-12"], begins, end)) == 2


@pytest.mark.parametrize(
    ("day", "utc"),
    [(date(2027, 3, 27), "08:00"), (date(2027, 3, 28), "07:00"), (date(2027, 10, 31), "08:00")],
)
def test_hours_stay_the_same_on_the_wall_when_clocks_change(day, utc):
    zone = ZoneInfo("Europe/Berlin")
    start, end = moments(day, time(9), time(17), zone)

    assert f"{start:%H:%M}" == utc
    assert [f"{one.astimezone(zone):%H:%M}" for one in (start, end)] == ["09:00", "17:00"]


def test_a_time_that_the_clocks_leave_out_is_read_as_rfc_5545_says():
    zone = ZoneInfo("Europe/Berlin")
    start, _ = moments(date(2027, 3, 28), time(2, 30), time(6), zone)
    twice, _ = moments(date(2027, 10, 31), time(2, 30), time(6), zone)

    assert start == datetime(2027, 3, 28, 3, 30, tzinfo=zone)
    assert twice.utcoffset() == timedelta(0)
    assert f"{twice:%H:%M}" == "00:30"


async def test_the_coming_weeks_are_published_a_job_each_and_the_others_in_time(care):
    await repeat(care)
    first = await published(care)

    assert len(first) == repeating.WEEKS_AHEAD
    assert [len(one.shifts) for one in first] == [2] * len(first)
    await later(care, weeks=1)
    assert len(await published(care)) == len(first) + 1
    await later(care, weeks=3)
    starts = [one.start for one in await shifts(care)]
    assert len(starts) == len(set(starts)) == 2 * (len(first) + 4)


async def test_what_is_due_twice_or_late_publishes_nothing_twice_and_nothing_past(care):
    iri = await repeat(care)
    for _ in range(2):
        async with care.database.transaction() as tx:
            await repeating.repeat_due(tx, iri)
    assert len(await published(care)) == repeating.WEEKS_AHEAD

    care.world.clock.advance(weeks=20)
    await care.world.settle()
    assert all(one.updated == one.published for one in await published(care))
    new = [one for one in await shifts(care) if one.start > care.now]
    assert len(new) in range(12, 15)
    gap = [
        one for one in await shifts(care) if care.now - timedelta(weeks=8) < one.start < care.now
    ]
    assert gap == []


async def test_it_ends_after_so_many_times_and_nothing_is_due_any_more(care):
    iri = await repeat(care, Rule(("MO", "TH"), times=3))
    await later(care, weeks=10)

    assert len(await shifts(care)) == 3
    assert (await seen(care, iri)).over


async def test_members_elsewhere_hear_of_each_week_as_of_any_job(world, care):
    away = await found(world, "away")
    await repeat(away)
    await world.settle()
    async with away.database.reading() as tx:
        told = await jobs.known_jobs(tx, [away.group], exact=True)

    assert len(told) == repeating.WEEKS_AHEAD


async def test_a_day_left_out_is_called_off_and_can_be_taken_in_again(care):
    iri = await repeat(care)
    day = first_monday(care) + timedelta(weeks=1)
    before = len(await shifts(care))
    await care.act(repeating.leave_out, iri, day)
    assert len(await shifts(care)) == before - 1
    far = first_monday(care) + timedelta(weeks=10)
    await care.act(repeating.leave_out, iri, far)
    await later(care, weeks=6)
    assert far not in {one.start.astimezone(HONG_KONG).date() for one in await shifts(care)}

    async with care.database.transaction() as tx:
        await repeating.leave_out(tx, care.viewer(), iri, far, out=False)
    assert far in {one.start.astimezone(HONG_KONG).date() for one in await shifts(care)}
    with pytest.raises(NotFound):
        await care.act(repeating.leave_out, iri, far + timedelta(days=1))


async def test_another_rule_calls_off_adds_and_moves_but_not_what_was_moved_by_hand(care):
    iri = await repeat(care)
    week = first_monday(care)
    jobs_there = await published(care)
    by_hand = jobs_there[1].shifts[0]
    hours = [one + timedelta(hours=5) for one in (by_hand.start, by_hand.end)]
    await care.act(jobs.move_shift, by_hand.id, *hours)
    details = {"title": "Home again", "door": "gate code 4712"}
    rule = Rule(("MO", "TU"))
    await care.act(repeating.change_repeating, iri, rule, [(time(9), time(13))], details)

    days = {one.start.astimezone(HONG_KONG).weekday() for one in await shifts(care)}
    assert days == {0, 1}
    starts = {one.start for one in await shifts(care)}
    assert moments(week, time(9), time(13), HONG_KONG)[0] in starts
    assert hours[0] in starts
    assert {one.title for one in await published(care)} == {"Home again"}
    assert len(starts) == 2 * repeating.WEEKS_AHEAD


async def test_a_shift_called_off_by_hand_does_not_come_back(care):
    iri = await repeat(care)
    gone = (await published(care))[0].shifts[0]
    await care.act(jobs.call_off_shift, gone.id)
    async with care.database.transaction() as tx:
        await repeating.repeat_due(tx, iri)

    assert gone.start not in {one.start for one in await shifts(care)}


async def test_stopping_publishes_no_more_and_calls_off_only_when_asked_to(care):
    iri, other = await repeat(care), await repeat(care, title="Another")
    async with care.database.transaction() as tx:
        await repeating.stop_repeating(tx, care.viewer(), iri, published=False)
        await repeating.stop_repeating(tx, care.viewer(), other, published=True)
    await later(care, days=5)

    there = await published(care)
    assert {one.title for one in there} == {"First day home from hospital"}
    assert len(there) == repeating.WEEKS_AHEAD
    with pytest.raises(Conflict):
        await care.act(repeating.leave_out, iri, first_monday(care))


async def test_only_leaders_of_the_group_see_and_change_it(world, care):
    iri = await repeat(care)
    stranger = care.viewer(care.member)
    for act, given in (
        (repeating.leave_out, (iri, first_monday(care))),
        (repeating.repeat_job, (care.group, care.new_job(), MONDAYS)),
    ):
        with pytest.raises(NotFound):
            await care.act(act, *given, viewer=stranger)
    browser = await care.browser(care.member)
    path = iri.removeprefix(care.origin)
    assert (await browser.ask(path))[0] == 404
    assert (await browser.ask("/jobs/repeating"))[0] == 404


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule(()), "repeat_days"),
        (Rule(("MO",), every=0), "repeat_every"),
        (Rule(("MO",), until=date(2020, 1, 1)), "repeat_until"),
        (Rule(("MO",), times=9_000), "repeat_times"),
        (Rule(("MO",), until=date(2030, 1, 1), times=2), "repeat_times"),
    ],
)
async def test_a_rule_that_cannot_be_kept_is_refused_at_its_field(care, rule, field):
    with pytest.raises(Invalid) as refused:
        await repeat(care, rule)

    assert refused.value.field == field
    assert await published(care) == []


async def test_the_form_says_it_in_plain_words_and_a_template_types_nothing_twice(care):
    browser = await care.browser(care.leader)
    once = {name: value for name, value in FORM.items() if not name.startswith("shifts.1")}
    form = {**once, "repeat_every": "1", "repeat_days[]": "SA"}
    status, headers, _ = await browser.ask("/jobs", form)
    assert status == 303
    assert headers["Location"].startswith("/jobs/repeating/")
    _, _, page = await browser.ask(headers["Location"])
    assert "Every week: Saturday." in page
    _, _, edit = await browser.ask(headers["Location"] + "/edit")
    assert "Dandelion House" in edit

    job = (await published(care))[0]
    _, _, again = await browser.ask(f"/jobs/new?from={job.token}")
    for words in ("Office cleaning", "Dandelion House", "code 4711", "68.5", "22:00", "06:00"):
        assert words in again
    assert "This is one week of a job that repeats." in (await browser.ask(f"/jobs/{job.token}"))[2]
    outsider = await care.browser(care.member)
    assert (await outsider.ask(f"/jobs/new?from={job.token}"))[0] == 404


async def test_the_form_is_refused_without_how_often_and_keeps_the_ticks(care):
    browser = await care.browser(care.leader)
    status, _, page = await browser.ask("/jobs", {**FORM, "repeat_days[]": "SA"})

    assert status == 422
    assert 'value="SA" checked' in page
    assert await published(care) == []


async def test_its_pages_change_leave_out_and_stop_it(care):
    iri = await repeat(care)
    browser = await care.browser(care.leader)
    path, day = iri.removeprefix(care.origin), first_monday(care).isoformat()
    assert (await browser.ask(f"{path}/leave-out", {"day": day}))[0] == 303
    assert "Take in again" in (await browser.ask(path))[2]
    assert (await browser.ask(f"{path}/take-in", {"day": day}))[0] == 303
    asked = await browser.ask(f"{path}/stop")
    assert asked[0] == 200
    assert (await browser.ask(f"{path}/stop", {"published": "true"}))[0] == 303
    assert await shifts(care) == []
    assert "repeats no more" in (await browser.ask(path))[2]
    assert (await browser.ask("/jobs/repeating"))[0] == 200
