"""Finding people: who is suggested, who is passed over and why, and no second draw."""

from __future__ import annotations

from datetime import timedelta

import pytest

import matching
from instance.alliances import capacity as heard_capacity
from instance.alliances import service as alliances
from instance.consent import service as consent
from instance.errors import NotFound
from instance.jobs import service as jobs
from instance.jobs.views import NewOpening
from instance.people import service as people
from instance.staffing import service as staffing
from instance.staffing.problem import asking, work_at
from instance.transparency import service as transparency
from tests.instance.staffing.stage import Counting, a_job, hire, staff, take_in
from tests.staged import ally, coop, join, lend, viewer


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)


@pytest.fixture
async def care(world):
    return await coop(world, "care")


async def find(one, subject):
    """Let the leader find people."""
    return await staffing.find_people(one.database, one.view, subject)


async def question(one, subject):
    """Return the problem as matching would be asked it."""
    async with one.database.reading() as tx:
        return (await asking(tx, await work_at(tx, subject))).problem


FIRST_AID = "first-aid-certificate"


def names(candidates):
    return {one.name for one in candidates}


async def test_own_members_are_suggested_and_two_places_stay_open_with_a_reason(
    any_world, tomorrow
):
    care = await coop(any_world, "care")
    await staff(any_world, care, "ana", "bea", "cem")
    job = await a_job(care, tomorrow, NewOpening("ironing", 5))

    first = await find(care, job.iri)
    again = await find(care, job.iri)
    [found] = again.openings

    assert first.openings == again.openings
    assert names(found.suggested) == {"Ana", "Bea", "Cem"}
    assert {one.code for one in found.suggested} == {"free_and_qualified"}
    assert (found.unfilled, found.code, found.values) == (2, "too_few_eligible", {"eligible": "3"})


async def test_members_of_another_home_are_suggested_like_those_at_home(world, care, tomorrow):
    away = await coop(world, "away")
    ana = await away.worker("ana")
    await join(world, away, care, ana)
    job = await a_job(care, tomorrow)

    [found] = (await find(care, job.iri)).openings
    assert [one.person for one in found.suggested] == [ana]


async def test_everybody_who_is_passed_over_has_exactly_one_reason(world, care, tomorrow):
    await hire(care, "able", skills=(("ironing", 3),), certificates=((FIRST_AID, None),))
    await hire(care, "unskilled", skills=(("oral-care", 3),))
    await hire(care, "beginner", skills=(("ironing", 1),))
    await hire(care, "uncertified")
    await hire(care, "silent", free=False)
    await hire(care, "lapsed", certificates=((FIRST_AID, tomorrow.date()),))
    hidden = await hire(care, "hidden", certificates=((FIRST_AID, None),))
    await take_in(world, care)
    await care.do(consent.end, hidden, care.group)
    await world.settle()
    wanted = NewOpening("ironing", 1, 2, certificates=(FIRST_AID,))
    later = tomorrow + timedelta(days=1)
    job = await a_job(care, later, wanted)

    [found] = (await find(care, job.iri)).openings
    assert names(found.suggested) == {"Able"}
    assert {one.name: one.code for one in found.passed_over} == {
        "Unskilled": "missing_skill",
        "Beginner": "skill_level",
        "Uncertified": "missing_certificate",
        "Silent": "missing_certificate",
        "Lapsed": "certificate_expires",
        "hidden@care.test": "shares_nothing",
    }
    assert len(found.suggested) + len(found.passed_over) == 7


async def test_what_she_promised_elsewhere_reads_not_free_then(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    first = await a_job(care, tomorrow)
    invite = await care.invite(first.shifts[0].openings[0].iri, ana)
    await world.settle()
    await care.answer(invite, ana)
    for _ in range(2):
        await world.settle()
        world.clock.advance(minutes=1)
    clashing = await a_job(care, tomorrow + timedelta(hours=2))
    too_soon = await a_job(care, tomorrow + timedelta(hours=10))

    problem = await question(care, clashing.iri)
    assert len(problem.workers[0].promised) == 1
    for job in (clashing, too_soon):
        [found] = (await find(care, job.iri)).openings
        assert [one.code for one in found.passed_over] == ["not_free"]
        assert found.passed_over[0].values == {}
        assert not found.passed_over[0].choosable


async def test_asking_again_gives_the_same_bytes_and_each_run_is_logged(world, care, tomorrow):
    await staff(world, care, "ana", "bea", "cem", "dot")
    job = await a_job(care, tomorrow, NewOpening("ironing", 2))

    first = await find(care, job.iri)
    world.clock.advance(minutes=20)
    problem = await question(care, job.iri)
    second = await find(care, job.iri)

    assert first.openings == second.openings
    assert (first.problem_hash, first.seed) == (second.problem_hash, job.lot_seed)
    again = matching.problem_from_json(matching.to_json(problem))
    assert matching.plan(again).problem_hash == second.problem_hash
    runs = [one for one in await care.ask(transparency.entries) if one.kind == "staffing.suggested"]
    assert [one.decision for one in runs] == [second.decision, first.decision]
    assert runs[0].values["problem_hash"] == first.problem_hash
    assert not any("Ana" in str(one) for one in runs)


async def test_names_and_data_that_no_opening_asks_for_change_not_a_byte(world, care, tomorrow):
    ana, bea, _ = await staff(world, care, "ana", "bea", "cem", languages=("language-yue",))
    job = await a_job(care, tomorrow, NewOpening("ironing", 2))
    before = matching.to_json(await question(care, job.iri))
    plan = matching.to_json(matching.plan(await question(care, job.iri)))

    async with care.database.transaction() as tx:
        await people.change_person(tx, ana, name="Zoltan", phone="+852 0101 0001", languages=())
        await people.change_person(tx, bea, name="Ana", email="bea@example.org")
    world.clock.advance(minutes=5)
    await world.settle()

    after = await question(care, job.iri)
    assert matching.to_json(after) == before
    assert matching.to_json(matching.plan(after)) == plan
    for word in (b"Zoltan", b"Ana", b"language-yue", b"example.org"):
        assert word not in before


async def test_an_occupation_is_filled_by_those_who_have_its_skills(world, care, tomorrow):
    await hire(care, "carer", skills=(("home-care", 2),))
    await hire(care, "cook", skills=(("ironing", 2),))
    await take_in(world, care)
    job = await a_job(care, tomorrow, NewOpening("home-carer", 1))
    [found] = (await find(care, job.iri)).openings
    assert names(found.suggested) == {"Carer"}


async def test_who_had_fewer_of_her_hours_comes_first(world, care, tomorrow):
    ana, bea = await staff(world, care, "ana", "bea")
    earlier = await a_job(care, tomorrow)
    invite = await care.invite(earlier.shifts[0].openings[0].iri, ana)
    await world.settle()
    await care.answer(invite, ana)
    await world.settle()
    later = await a_job(care, tomorrow + timedelta(days=3))

    [found] = (await find(care, later.iri)).openings
    assert [one.person for one in found.suggested] == [bea]
    [passed] = found.passed_over
    assert (passed.person, passed.code, passed.choosable) == (ana, "others_first", True)
    assert passed.values["minutes_had"] == "60"
    assert passed.values["decided_by"] == "fairness"


async def test_the_hours_of_long_ago_fade_from_week_to_week(any_world, tomorrow):
    care = await coop(any_world, "care")
    [ana] = await staff(any_world, care, "ana")
    earlier = await a_job(care, tomorrow)
    invite = await care.invite(earlier.shifts[0].openings[0].iri, ana)
    await any_world.settle()
    await care.answer(invite, ana)
    await any_world.settle()

    had = []
    for _ in range(27):
        later = await a_job(care, any_world.clock() + timedelta(days=2))
        [member] = (await question(care, later.iri)).workers
        had.append(member.minutes_had)
        any_world.clock.advance(days=7)
    assert had[:7] == [60, 45, 34, 26, 19, 15, 11]
    assert (had[25], had[26]) == (1, 0)


async def test_nobody_is_suggested_twice_and_a_no_stands_until_the_shift_moves(
    world, care, tomorrow
):
    ana, bea = await staff(world, care, "ana", "bea")
    job = await a_job(care, tomorrow, NewOpening("ironing", 3))
    opening = job.shifts[0].openings[0].iri
    await care.invite(opening, ana)
    refused = await care.invite(opening, bea)
    await world.settle()
    await care.answer(refused, bea, yes=False)
    await world.settle()

    [found] = (await find(care, job.iri)).openings
    codes = {one.person: one.code for one in found.passed_over}
    assert codes == {ana: "already_asked", bea: "said_no"}

    later = tomorrow + timedelta(hours=30)
    await care.lead(jobs.move_shift, job.shifts[0].id, later, later + timedelta(hours=4))
    await world.settle()
    [found] = (await find(care, job.iri)).openings
    assert [one.person for one in found.suggested] == [bea]


async def test_who_did_not_answer_in_time_may_be_asked_again_by_hand(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, tomorrow)
    opening = job.shifts[0].openings[0].iri
    due = world.clock() + timedelta(minutes=10)
    await care.invite(opening, ana, reply_by=due)
    await world.settle()
    world.clock.advance(minutes=12)
    await world.settle()

    [found] = (await find(care, job.iri)).openings
    [passed] = found.passed_over
    assert (passed.code, passed.choosable) == ("no_answer", True)
    await care.invite(opening, ana)


async def test_an_allys_counts_stand_beside_the_open_places(world, care, tomorrow):
    wash = await coop(world, "wash")
    await ally(world, care, wash)
    midnight = tomorrow.replace(hour=0) - timedelta(hours=8)
    async with care.database.transaction() as tx:
        counts = [
            alliances.Count(
                "ironing",
                midnight + timedelta(hours=one),
                midnight + timedelta(hours=one + 12),
                "3–5",  # noqa: RUF001  # the dash that pages show
            )
            for one in (0, 12)
        ]
        await heard_capacity.keep(tx, care.group, {wash.group: (tuple(counts), tx.now)})
    job = await a_job(care, tomorrow, NewOpening("ironing", 2))

    [found] = (await find(care, job.iri)).openings
    assert (found.unfilled, found.code) == (2, "nobody_eligible")
    assert [(one.group, one.name, one.label) for one in found.allies] == [
        (wash.group, "Wash Commune", "3–5")  # noqa: RUF001  # the same
    ]


async def test_a_lender_finds_people_for_what_it_promised(world, care, tomorrow):
    wash = await coop(world, "wash")
    await ally(world, care, wash)
    [wei] = await staff(world, wash, "wei")
    job = await a_job(care, tomorrow)
    agreement = await lend(world, care, wash, job.shifts[0].openings[0].iri)

    found = await find(wash, agreement)
    assert [one.person for one in found.openings[0].suggested] == [wei]
    assert found.subject == agreement
    with pytest.raises(NotFound):
        await find(care, agreement)


async def test_only_leaders_of_the_group_find_people(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    other = await coop(world, "other")
    job = await a_job(care, tomorrow)
    for somebody in (viewer(ana), viewer(other.leader, (other.group,))):
        with pytest.raises(NotFound):
            await staffing.find_people(care.database, somebody, job.iri)
    assert await care.ask(transparency.entries)
    assert not [
        one for one in await care.ask(transparency.entries) if one.kind == "staffing.suggested"
    ]


async def test_reading_what_members_share_is_noted_for_them(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, tomorrow)
    await find(care, job.iri)
    [read] = await care.ask(consent.readings, ana)
    assert read.reader == care.leader
    assert set(read.fields) >= {"availability", "skills"}


async def test_a_shortlist_is_forgotten_when_its_job_is_long_over(world, care, tomorrow):
    await staff(world, care, "ana")
    job = await a_job(care, tomorrow)
    await find(care, job.iri)
    async with care.database.reading() as tx:
        assert await staffing.shortlist(tx, await work_at(tx, job.iri))
    world.clock.advance(days=31)
    await world.settle()
    async with care.database.reading() as tx:
        assert await staffing.shortlist(tx, await work_at(tx, job.iri)) is None


async def test_loading_takes_as_many_queries_for_many_people_as_for_few(world, care, tomorrow):
    await staff(world, care, "ana")
    small = await a_job(care, tomorrow)
    with Counting(care.database) as few:
        await question(care, small.iri)
    for number in range(12):
        await hire(care, f"member{number}")
    await take_in(world, care)
    kinds = [NewOpening("ironing", 2, level) for level in (1, 2, 3)]
    large = await a_job(care, tomorrow, *kinds)
    with Counting(care.database) as many:
        problem = await question(care, large.iri)

    assert (len(problem.workers), len(problem.openings)) == (13, 3)
    assert many.number == few.number <= 16


async def test_a_question_asked_again_is_not_computed_again(world, care, tomorrow, monkeypatch):
    await staff(world, care, "ana", "bea")
    job = await a_job(care, tomorrow, NewOpening("ironing", 1))
    asked = []
    plan = matching.plan
    monkeypatch.setattr(matching, "plan", lambda problem: asked.append(problem) or plan(problem))
    first, again = await find(care, job.iri), await find(care, job.iri)
    computed = len(asked)
    await staff(world, care, "cem")
    await find(care, job.iri)
    assert first.openings == again.openings
    # each time the open places are asked about, and those for which allies look
    assert (computed, len(asked)) == (2, 4)


async def test_a_leader_reads_of_each_what_would_change_it(world, care, tomorrow):
    await staff(world, care, "ana", "bea", "cem")
    job = await a_job(care, tomorrow, NewOpening("ironing", 1))
    ((found,)) = (await find(care, job.iri)).openings
    told = {one.name: one.values for one in (*found.suggested, *found.passed_over)}
    changes = sorted((one["change"], one["change_places"]) for one in told.values())
    assert changes == [("fewer_places", "1"), ("more_places", "1"), ("more_places", "2")]
