"""What a leader may publish, change, move and call off, and who hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from instance.errors import Conflict, Invalid, NotFound
from instance.jobs import service as jobs
from instance.jobs.views import NewOpening, NewShift
from instance.transparency import service as transparency
from tests.instance.jobs.commune import SECRETS


async def test_a_job_is_kept_as_it_was_published(care):
    iri = await care.post()
    job = await care.job(iri)

    assert iri.startswith(f"{care.origin}/jobs/")
    assert (job.title, job.group, job.customer) == (
        "First day home from hospital",
        care.group,
        SECRETS["customer"],
    )
    assert [job.worker_percent, job.insurance_percent, job.levy_percent, job.fund_percent] == [
        92,
        3,
        5,
        0,
    ]
    assert job.shifts[0].openings[0].iri == f"{iri}#o1"
    assert job.shifts[0].id == f"{iri}#s1"
    assert job.places == 2


async def test_an_opening_is_found_by_its_address(care):
    iri = await care.post()
    async with care.database.reading() as tx:
        job, shift, opening = await jobs.opening(tx, f"{iri}#o1")
        many = await jobs.openings(tx, [f"{iri}#o1", "https://else.test/jobs/x#o1"])
        with pytest.raises(NotFound):
            await jobs.opening(tx, f"{iri}#o9")

    assert (job.iri, shift.id, opening.count) == (iri, f"{iri}#s1", 2)
    assert list(many) == [f"{iri}#o1"]


async def test_the_seed_of_the_lot_hangs_on_the_job_and_the_log(care):
    first, second = await care.job(await care.post()), await care.job(await care.post())

    assert len(first.lot_seed) == 64
    assert first.lot_seed != second.lot_seed


async def test_whoever_does_not_lead_the_group_is_told_nothing(care):
    iri = await care.post()
    for act, given in (
        (jobs.post_job, (care.group, care.new_job())),
        (jobs.call_off_job, (iri,)),
        (jobs.call_off_shift, (f"{iri}#s1",)),
        (jobs.move_shift, (f"{iri}#s1", care.now, care.now)),
    ):
        with pytest.raises(NotFound):
            await care.act(act, *given, viewer=care.viewer(care.member))


def shifts(care, **later):
    start = care.now + timedelta(days=3)
    one = {"start": start, "end": start + timedelta(hours=4), "count": 1, "skill": "home-carer"}
    one |= later
    opening = NewOpening(one["skill"], one["count"], **later.get("more", {}))
    return {"shifts": (NewShift(one["start"], one["end"], (opening,)),)}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (lambda care: {"title": "  "}, "title"),
        (lambda care: {"title": "x" * 121}, "title"),
        (lambda care: {"district": "atlantis"}, "district"),
        (lambda care: {"pay_cents_per_hour": -1}, "pay"),
        (lambda care: {"worker_percent": 90, "levy_percent": 5}, "worker_percent"),
        (lambda care: {"levy_percent": 97}, "worker_percent"),
        (lambda care: {"insurance_percent": -3}, "worker_percent"),
        (lambda care: {"break_minutes": 481}, "break_minutes"),
        (lambda care: {"description": "for madam HO of the ninth floor"}, "description"),
        (lambda care: {"title": "Clean at Flat 8, Sunny House, Fir Estate"}, "title"),
        (lambda care: {"shifts": ()}, "shifts.0.day"),
        (lambda care: shifts(care, start=care.now), "shifts.0.start"),
        (lambda care: shifts(care, end=care.now + timedelta(days=5)), "shifts.0.start"),
        (lambda care: shifts(care, count=0), "shifts.0.openings.0.count"),
        (lambda care: shifts(care, skill="flying"), "shifts.0.openings.0.skill"),
        (lambda care: shifts(care, skill="language-yue"), "shifts.0.openings.0.skill"),
        (lambda care: shifts(care, more={"level": 4}), "shifts.0.openings.0.level"),
        (
            lambda care: shifts(care, more={"certificates": ("home-carer",)}),
            "shifts.0.openings.0.certificates",
        ),
    ],
)
async def test_what_cannot_be_published_is_refused_by_its_field(care, wrong, field):
    with pytest.raises(Invalid) as refused:
        await care.post(**wrong(care))

    assert refused.value.field == field
    async with care.database.reading() as tx:
        assert await jobs.jobs(tx, care.group) == []


async def test_a_moved_shift_is_a_new_version(care):
    iri = await care.post()
    before = await care.job(iri)
    start = before.shifts[0].start + timedelta(days=1)
    await care.act(jobs.move_shift, f"{iri}#s1", start, start + timedelta(hours=3))
    after = await care.job(iri)

    assert (after.shifts[0].start, after.shifts[0].minutes) == (start, 180)
    assert after.updated > before.updated


async def test_two_changes_within_a_second_are_two_versions(care):
    iri = await care.post()
    versions = [(await care.job(iri)).updated]
    for bring in ("gloves", "boots"):
        async with care.database.transaction() as tx:
            await jobs.change_job(tx, care.viewer(), iri, bring=bring)
        versions.append((await care.job(iri)).updated)

    assert versions == sorted(set(versions))


async def test_nobody_moves_or_calls_off_a_shift_that_has_begun(care):
    iri = await care.post()
    care.world.clock.advance(days=5)
    later = care.now + timedelta(days=2)
    for act, given in (
        (jobs.move_shift, (f"{iri}#s1", later, later + timedelta(hours=1))),
        (jobs.call_off_shift, (f"{iri}#s1",)),
        (jobs.call_off_job, (iri,)),
    ):
        with pytest.raises(Conflict, match="has begun"):
            await care.act(act, *given)


async def test_a_job_without_a_standing_shift_is_called_off(care):
    start = care.now + timedelta(days=4)
    two = tuple(
        NewShift(
            start + timedelta(days=d),
            start + timedelta(days=d, hours=2),
            (NewOpening("home-carer"),),
        )
        for d in (0, 1)
    )
    iri = await care.post(shifts=two)
    await care.act(jobs.call_off_shift, f"{iri}#s1")
    half = await care.job(iri)
    await care.act(jobs.call_off_shift, f"{iri}#s2")
    whole = await care.job(iri)

    assert (half.state, [one.called_off for one in half.shifts]) == ("open", [True, False])
    assert whole.state == "called_off"
    with pytest.raises(Conflict, match="called off"):
        await care.act(jobs.call_off_job, iri)


async def test_pay_may_rise_and_not_fall(care):
    iri = await care.post()
    async with care.database.transaction() as tx:
        await jobs.change_job(tx, care.viewer(), iri, pay_cents_per_hour=8000)
    with pytest.raises(Invalid, match="rise"):
        async with care.database.transaction() as tx:
            await jobs.change_job(tx, care.viewer(), iri, pay_cents_per_hour=7999)

    assert (await care.job(iri)).pay_cents_per_hour == 8000


async def test_every_act_as_the_group_stands_in_the_log(care):
    iri = await care.post()
    await care.act(jobs.call_off_job, iri)
    async with care.database.reading() as tx:
        acts = [one.kind for one in await transparency.entries(tx)]
        verdict = await transparency.verify(tx)

    assert acts[:2] == ["jobs.called_off", "jobs.posted"]
    assert verdict.holds


async def test_jobs_are_listed_by_when_they_begin(care):
    first = await care.post()
    start = care.now + timedelta(days=1)
    soon = NewShift(start, start + timedelta(hours=2), (NewOpening("home-carer"),))
    second = await care.post(shifts=(soon,))
    async with care.database.reading() as tx:
        listed = [one.iri for one in await jobs.jobs(tx, care.group, tx.now)]
        later = [one.iri for one in await jobs.jobs(tx, since=start + timedelta(days=1))]

    assert listed == [second, first]
    assert later == [first]
