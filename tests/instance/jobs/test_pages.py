"""The pages and the JSON of jobs: what is typed, what is refused, what is lost: nothing."""

from __future__ import annotations

import re

import msgspec
import pytest

from instance.jobs import service as jobs

FORM = {
    "title": "Office cleaning",
    "description": "Two floors.",
    "district": "Sha Tin",
    "pay": "68.50",
    "worker_percent": "90",
    "insurance_percent": "4",
    "levy_percent": "6",
    "fund_percent": "0",
    "break_minutes": "15",
    "bring": "black shoes",
    "contact_name": "Mei",
    "contact_phone": "+852 0101 0001",
    "customer": "Dandelion House",
    "address": "21st floor, Dandelion House",
    "door": "code 4711",
    "audience": "public",
    "language": "en",
    "shifts.0.day": "2027-01-09",
    "shifts.0.start": "22:00",
    "shifts.0.end": "06:00",
    "shifts.0.openings.0.skill": "home carer",
    "shifts.0.openings.0.count": "2",
    "shifts.0.openings.0.level": "1",
    "shifts.0.openings.0.certificates": "First aid certificate",
    "shifts.0.openings.0.languages": "廣東話；English",  # noqa: RUF001  as it is typed in Chinese
    "shifts.1.day": "2027-01-10",
    "shifts.1.start": "09:00",
    "shifts.1.end": "12:30",
    "shifts.1.openings.0.skill": "home-carer",
    "shifts.1.openings.0.count": "1",
    "shifts.1.openings.1.skill": "Home carer",
    "shifts.1.openings.1.count": "3",
}
ENTRY = {
    "title": "Office cleaning",
    "pay": 68.5,
    "levy_percent": 6,
    "customer": "Dandelion House",
    "shifts": [
        {
            "day": "2027-01-09",
            "start": "22:00",
            "end": "06:00",
            "openings": [{"skill": "home-carer", "count": 2, "languages": ["language-yue"]}],
        }
    ],
}


async def posted(care):
    async with care.database.reading() as tx:
        return await jobs.jobs(tx, care.group)


def value(page, name):
    """Return what a field of the form holds."""
    tag = re.search(rf'<input[^>]*\sname="{re.escape(name)}"[^>]*>', page)
    assert tag, name
    return re.search(r'\svalue="([^"]*)"', tag[0])[1]


async def test_a_leader_posts_a_job_with_a_form(care):
    browser = await care.browser(care.leader)
    status, headers, _ = await browser.ask("/jobs", FORM)
    (job,) = await posted(care)

    assert (status, headers["Location"]) == (303, f"/jobs/{job.token}")
    night, morning = job.shifts
    assert (night.start.isoformat(), night.minutes) == ("2027-01-09T14:00:00+00:00", 480)
    assert [one.count for one in morning.openings] == [1, 3]
    wanted = night.openings[0]
    assert (wanted.count, wanted.level) == (2, 1)
    assert (wanted.certificates, wanted.languages) == (
        ("first-aid-certificate",),
        ("language-yue", "language-en"),
    )
    assert (job.pay_cents_per_hour, job.worker_percent, job.levy_percent) == (6850, 90, 6)
    assert (job.district, job.door) == ("sha-tin", "code 4711")


async def test_a_program_posts_a_job_with_a_token(care):
    token = await care.token(care.leader, f"group:{care.group.rpartition('/')[2]}:lead")
    browser = await care.browser()
    status, _, text = await browser.ask("/jobs.json", json=ENTRY, Authorization=f"Bearer {token}")
    (job,) = await posted(care)

    assert (status, msgspec.json.decode(text)) == (201, {"iri": job.iri})
    assert job.worker_percent == 94


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        ({"title": ""}, "title", "title"),
        ({"pay": "a lot"}, "pay", "number"),
        ({"pay": "1.005"}, "pay", "number"),
        ({"worker_percent": "80"}, "worker_percent", "90 percent"),
        ({"worker_percent": "most"}, "worker_percent", "whole number"),
        ({"district": "Atlantis"}, "district", "district"),
        ({"audience": "aliens"}, "audience", "who is told"),
        ({"shifts.0.day": "tomorrow"}, "shifts.0.day", "day"),
        ({"shifts.0.day": "2020-01-09"}, "shifts.0.start", "past"),
        ({"shifts.0.start": "late"}, "shifts.0.start", "time"),
        ({"shifts.1.openings.1.count": "0"}, "shifts.1.openings.1.count", "Between 1"),
        ({"shifts.1.openings.0.skill": "<b>juggling"}, "shifts.1.openings.0.skill", "juggling"),
        (
            {"shifts.0.openings.0.certificates": "First aid certificate; charm"},
            "shifts.0.openings.0.certificates",
            "charm",
        ),
    ],
)
async def test_a_refused_form_names_the_field_and_loses_nothing(care, change, field, word):
    browser = await care.browser(care.leader)
    entered = {**FORM, **change}
    status, _, text = await browser.ask("/jobs", entered)

    assert status == 422
    assert await posted(care) == []
    error = re.search(rf'id="error-{re.escape(field)}">.*?</p>', text, re.DOTALL)
    assert error, field
    assert word in error[0]
    for name in ("bring", "door", "shifts.1.day", "shifts.1.openings.1.skill", "customer"):
        assert value(text, name) == entered[name].replace("<", "&lt;")
    assert "<b>juggling" not in text


async def test_a_program_is_told_which_field_is_wrong(care):
    token = await care.token(care.leader, f"group:{care.group.rpartition('/')[2]}:lead")
    wrong = {**ENTRY, "worker_percent": 50}
    browser = await care.browser()
    status, headers, text = await browser.ask(
        "/jobs.json", json=wrong, Authorization=f"Bearer {token}"
    )
    problem = msgspec.json.decode(text)

    assert (status, problem["field"]) == (422, "worker_percent")
    assert headers["Content-Type"].startswith("application/problem+json")


async def test_rows_are_added_and_taken_out_without_script(care):
    browser = await care.browser(care.leader)
    half = {name: value for name, value in FORM.items() if not name.startswith("shifts.1")}
    _, _, one_more = await browser.ask("/jobs", {**half, "more": "shift"})
    _, _, place = await browser.ask("/jobs", {**FORM, "more": "opening.0"})
    _, _, less = await browser.ask("/jobs", {**FORM, "less": "shift.0"})
    _, _, fewer = await browser.ask("/jobs", {**FORM, "less": "opening.1.0"})

    assert value(one_more, "shifts.1.start") == "22:00"
    assert value(one_more, "shifts.1.openings.0.skill") == "home carer"
    assert value(place, "shifts.0.openings.1.skill") == ""
    assert value(place, "door") == "code 4711"
    assert (value(less, "shifts.0.day"), "shifts.1.day" in less) == ("2027-01-10", False)
    assert value(fewer, "shifts.1.openings.0.count") == "3"
    assert await posted(care) == []


@pytest.mark.parametrize("button", ["opening.99", "opening.x", "shift.9.9", "nonsense", "opening"])
async def test_a_button_that_nobody_made_changes_nothing(care, button):
    browser = await care.browser(care.leader)
    for kind in ("more", "less"):
        status, _, _ = await browser.ask("/jobs", {**FORM, kind: button})
        assert status == 200
    assert await posted(care) == []


async def test_a_leader_changes_a_job(care):
    iri = await care.post()
    browser = await care.browser(care.leader)
    _, _, form = await browser.ask(f"{iri}/edit")
    assert (value(form, "pay"), value(form, "door")) == ("75.5", "gate code 4711")
    change = {
        **{name: FORM[name] for name in FORM if "shifts" not in name},
        "pay": "80",
    }
    status, _, _ = await browser.ask(iri, change)
    job = await care.job(iri)

    assert status == 303
    assert (job.title, job.pay_cents_per_hour, job.customer) == (
        "Office cleaning",
        8000,
        "Dandelion House",
    )
    status, _, text = await browser.ask(iri, {**change, "pay": "60"})
    assert (status, "rise, not fall" in text) == (422, True)


async def test_a_program_changes_one_thing_and_leaves_the_rest(care):
    iri = await care.post()
    token = await care.token(care.leader, f"group:{care.group.rpartition('/')[2]}:lead")
    browser = await care.browser()
    status, _, _ = await browser.ask(
        f"{iri}.json", json={"bring": "boots"}, Authorization=f"Bearer {token}"
    )
    job = await care.job(iri)

    assert (status, job.bring, job.title) == (200, "boots", "First day home from hospital")


async def test_a_leader_moves_and_calls_off_with_forms(care):
    iri = await care.post()
    browser = await care.browser(care.leader)
    _, _, form = await browser.ask(f"{iri}/shifts/1/move")
    assert (value(form, "day"), value(form, "start")) == ("2027-01-09", "09:30")
    moved = {"day": "2027-01-10", "start": "10:00", "end": "12:00"}
    status, _, _ = await browser.ask(f"{iri}/shifts/1/move", moved)
    assert (status, (await care.job(iri)).shifts[0].start.day) == (303, 10)

    _, _, sure = await browser.ask(f"{iri}/shifts/1/call-off")
    assert "told at once" in sure
    _, _, sure = await browser.ask(f"{iri}/call-off")
    assert "cannot be undone" in sure
    status, _, _ = await browser.ask(f"{iri}/call-off", {})
    assert (status, (await care.job(iri)).state) == (303, "called_off")


async def test_a_shift_that_has_begun_is_refused_with_a_sentence(care):
    iri = await care.post()
    care.world.clock.advance(days=5)
    browser = await care.browser(care.leader)
    status, _, text = await browser.ask(f"{iri}/shifts/1/call-off", {})

    assert status == 422
    assert "has begun" in text


@pytest.mark.parametrize("path", ["/edit", "/call-off", "/shifts/1/move", "/shifts/1/call-off"])
async def test_who_does_not_lead_finds_nothing_there(care, path):
    iri = await care.post()
    member, stranger = await care.browser(care.member), await care.browser()

    assert (await member.ask(iri + path))[0] == 404
    assert (await stranger.ask(iri + path))[0] == 303
    assert (await (await care.browser(care.leader)).ask(f"{iri}/shifts/9/move"))[0] == 404


@pytest.mark.parametrize("path", ["/jobs", "/jobs/new"])
@pytest.mark.parametrize("language", ["en", "zh-Hant"])
async def test_pages_hold_one_heading_and_no_id_twice(care, path, language):
    await care.post()
    await care.world.settle()
    for person in (care.leader, care.member, None):
        browser = await care.browser(person)
        status, _, text = await browser.ask(path, Accept_Language=language)
        if path == "/jobs/new" and person != care.leader:
            assert status in {303, 404}
            continue
        assert status == 200
        assert text.count("<h1>") == 1
        identifiers = re.findall(r'\sid="([^"]+)"', text)
        assert len(identifiers) == len(set(identifiers))


async def test_a_worker_sees_the_open_jobs_of_her_groups(care):
    await care.post()
    await care.world.settle()
    _, _, text = await (await care.browser(care.member)).ask("/jobs")

    assert "Open jobs of your groups" in text
    assert "09:30" in text


async def test_a_leaders_board_downloads_as_a_table(care):
    await care.post()
    status, headers, text = await (await care.browser(care.leader)).ask("/jobs/list.csv")

    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    header, row = text.lstrip("\ufeff").splitlines()
    assert header.startswith("job,title,group,audience")
    assert "First day home from hospital,Care Commune,public,Sha Tin District" in row
    assert (await (await care.browser()).ask("/jobs/list.csv"))[0] == 303


async def test_a_page_of_a_job_is_light(care):
    import gzip

    iri = await care.post()
    leader = await care.browser(care.leader)
    for path in (iri, "/jobs", "/jobs/new"):
        _, _, text = await leader.ask(path)
        assert len(gzip.compress(text.encode())) < 15_000


async def test_a_job_of_another_co_op_is_shown_to_members_only(world, care):
    from tests.instance.jobs.commune import found, join

    wash = await found(world, "wash")
    await join(wash, care, wash.member)
    iri = await care.post(audience=jobs.Audience.MEMBERS)
    await world.settle()
    path = f"/jobs/elsewhere?job={iri}"
    status, _, text = await (await wash.browser(wash.member)).ask(path)

    assert (status, "09:30" in text, "Care Commune" in text) == (200, True, True)
    assert (await (await wash.browser(wash.leader)).ask(path))[0] == 404
    assert (await (await wash.browser()).ask(path))[0] == 303
