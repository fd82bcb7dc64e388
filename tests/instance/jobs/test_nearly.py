"""What somebody meets of what jobs ask for, in words, and what she nearly could do."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from instance.jobs.nearly import MOST_NEARLY
from instance.jobs.views import NewOpening
from instance.people import service as people
from tests.instance.staffing.stage import Page, a_job, hire, staff, take_in
from tests.staged import coop, join

FIRST_AID = "first-aid-certificate"
CANTONESE = "language-yue"


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)


@pytest.fixture
async def care(world):
    return await coop(world, "care")


async def shown(world, one, person, path):
    """Return a page and its JSON twin as somebody reads it."""
    page = await Page(world, one).of(person)
    _, _, text = await page.ask(path)
    path, _, query = path.partition("?")
    _, _, twin = await page.ask(f"{path}.json" + (f"?{query}" if query else ""))
    return text, msgspec.json.decode(twin)


async def test_a_jobs_page_says_what_she_meets_what_is_missing_and_what_to_do(
    world, care, tomorrow
):
    [ana] = await staff(world, care, "ana", languages=(CANTONESE,))
    needs = {"certificates": (FIRST_AID,), "languages": (CANTONESE,)}
    job = await a_job(
        care,
        tomorrow,
        NewOpening("ironing", 1, 2, **needs),
        NewOpening("ironing", 1),
        NewOpening("oral-care", 1, 3),
    )
    text, twin = await shown(world, care, ana, f"/jobs/{job.token}")

    assert "You meet 3 of 4: Ironing, experienced, Cantonese." in text
    assert "Missing: First aid certificate." in text
    assert "If you hold it, enter it." in text
    assert "You meet all that is asked for." in text
    assert text.count("You meet") == 2
    one, all_of_it, neither = twin["fits"]
    assert one["missing"] == [["certificate", FIRST_AID, 0]]
    assert all_of_it["missing"] == []
    assert [kind for kind, _, _ in neither["missing"]] == ["skill", "level"]


async def test_each_kind_of_what_is_missing_has_its_own_advice(world, care, tomorrow):
    soon = tomorrow.date() - timedelta(days=1)
    [ana] = await staff(world, care, "ana", certificates=((FIRST_AID, soon),))
    for opening, said in (
        (NewOpening("ironing", 1, 3), "Missing: able to teach it. If you can do it, say so."),
        (NewOpening("oral-care", 1), "Missing: Oral care. If you can do it, say so."),
        (NewOpening("ironing", 1, languages=(CANTONESE,)), "If you speak it, say so."),
        (NewOpening("ironing", 1, certificates=(FIRST_AID,)), "Yours runs out too soon"),
    ):
        job = await a_job(care, tomorrow, opening)
        text, _ = await shown(world, care, ana, f"/jobs/{job.token}")
        assert said in " ".join(text.split())


async def test_the_list_of_jobs_names_what_she_is_free_for_and_lacks_one_thing_of(
    world, care, tomorrow
):
    await hire(care, "ana")
    await hire(care, "idle", free=False)
    await take_in(world, care)
    ana, idle = [(await care.ask(people.person_named, name)).iri for name in ("ana", "idle")]
    await a_job(care, tomorrow, NewOpening("ironing", 1, certificates=(FIRST_AID,)), title="Near")
    await a_job(care, tomorrow, NewOpening("ironing", 1), title="Fits")
    await a_job(care, tomorrow, NewOpening("oral-care", 1, 2), title="Far")
    await a_job(care, tomorrow, NewOpening("oral-care", 1), title="Nothing of it")
    await world.settle()

    text, twin = await shown(world, care, ana, "/jobs")
    assert [one["title"] for one in twin["nearly"]] == ["Near"]
    assert "Nearly for you" in text
    text, twin = await shown(world, care, idle, "/jobs")
    assert twin["nearly"] == []
    assert "Nearly for you" not in text


async def test_what_she_nearly_could_do_at_another_co_op_is_named_as_well(world, care, tomorrow):
    away = await coop(world, "away")
    ana = await away.worker("ana")
    await join(world, away, care, ana)
    job = await a_job(care, tomorrow, NewOpening("ironing", 1, certificates=(FIRST_AID,)))
    await world.settle()

    _, twin = await shown(world, away, ana, "/jobs")
    assert [one["title"] for one in twin["nearly"]] == [job.title]
    text, _ = await shown(world, away, ana, f"/jobs/elsewhere?job={job.iri}")
    assert "Missing: First aid certificate." in text


async def test_of_very_many_the_next_are_named(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    for day in range(MOST_NEARLY + 1):
        opening = NewOpening("ironing", 1, certificates=(FIRST_AID,))
        await a_job(care, tomorrow + timedelta(days=day), opening)
    await world.settle()
    _, twin = await shown(world, care, ana, "/jobs")
    starts = [one["start"] for one in twin["nearly"]]
    assert len(starts) == MOST_NEARLY
    assert starts == sorted(starts)


async def test_leaders_read_nothing_of_what_they_meet(world, care, tomorrow):
    job = await a_job(care, tomorrow)
    _, twin = await shown(world, care, care.leader, f"/jobs/{job.token}")
    assert twin["fits"] == []
