"""Files read into an instance: all or nothing, the same file twice is once, and hers stays hers."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from instance.agenda import service as agenda
from instance.consent import service as consent
from instance.csvfile import csv_text
from instance.errors import NotFound
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.people import service as people
from instance.people.models import Person
from instance.spreadsheets.columns import Sheet
from instance.spreadsheets.service import What, jobs_listing, people_listing
from instance.viewer import Viewer
from tests.instance.spreadsheets.coops import HEAD, JOBS, MEI, add_groups, found

DATA = Path(__file__).parents[3] / "instance" / "demo" / "data"
ODD = Path(__file__).parents[2] / "data"


async def test_people_become_members_with_what_the_file_says(coop):
    report = await coop.take(HEAD + MEI)
    assert report.faults == ()
    assert report.done
    assert report.counts["created"] == 1
    mei = await coop.person("mei")
    assert (mei.name, mei.phone, mei.district) == ("陳美玲", "0103 0001", "sha-tin")
    assert dict(mei.skills) == {"home-care": 2, "pruning": 2}
    async with coop.database.reading() as tx:
        assert await groups.is_member(tx, coop.group, mei.iri)
        receipt = await consent.receipt(tx, mei.iri, coop.group)
    assert set(receipt.fields) == {"name", "phone", "skills", "district"}
    assert receipt.source is consent.Source.PAPER


async def test_what_was_agreed_on_paper_reaches_the_matcher_and_nothing_else(coop, world, clock):
    await coop.take(HEAD + MEI + MEI.replace("mei", "wai").replace("2026-12-01", ""))
    clock.advance(minutes=5)
    await world.settle()
    async with coop.database.reading() as tx:
        shared = await groups.shares(tx, coop.group)
    mei = await coop.person("mei")
    assert [one.person for one in shared if one.fields] == [mei.iri]


async def test_a_dry_run_changes_no_row(coop):
    before = await coop.rows()
    report = await coop.take(HEAD + MEI, dry_run=True)
    assert [one.what for one in report.outcomes] == [What.CREATED]
    assert not report.done
    assert await coop.rows() == before


async def test_one_bad_row_imports_nothing_at_all(coop):
    before = await coop.rows()
    report = await coop.take(HEAD + MEI + MEI.replace("mei", "wai").replace("Pruning", "Prunnning"))
    assert [str(one) for one in report.faults] == [
        "line 3, skills: 'Prunnning' is not known; did you mean 'prunning'?"
    ]
    assert not report.done
    assert await coop.rows() == before


async def test_the_same_files_twice_are_once(world, clock):
    coop = await found(world, clock, "green")
    names = [
        one for one in (DATA / "groups.csv").read_text().splitlines() if one.startswith("green")
    ]
    await add_groups(coop, *[one.split(",")[1] for one in names[1:]])
    for sheet in Sheet:
        data = (DATA / f"green_{sheet}.csv").read_bytes()
        first = await coop.take(data, sheet)
        assert first.faults == ()
        assert first.done
        rows = await coop.rows()
        again = await coop.take(data, sheet)
        assert again.faults == ()
        assert {one.what for one in again.outcomes} == {What.UNCHANGED}
        assert await coop.rows() == rows


async def test_a_person_in_two_groups_of_the_file_joins_both(coop):
    await add_groups(coop, "night")
    await coop.take(HEAD + MEI.replace(",care,", ",care; Night,"))
    async with coop.database.reading() as tx:
        found = await groups.belongings(tx, (await coop.person("mei")).iri)
    assert {one.name for one in found} == {"Care", "Night"}


async def test_a_group_that_does_not_exist_is_refused_with_the_one_that_does(coop):
    await add_groups(coop, "night")
    report = await coop.take(HEAD + MEI.replace(",care,", ",care; nihgt,"))
    assert [str(one) for one in report.faults] == [
        "line 2, groups: there is no group 'nihgt' here; did you mean 'night'?"
    ]


async def test_every_bad_row_of_the_odd_file_is_refused_and_a_mere_lack_of_agreement_is_not(coop):
    report = await coop.take((ODD / "people_bad_rows.csv").read_bytes())
    refused = {one.line for one in report.faults}
    assert len(refused) == 31
    assert {one.name.partition("(")[2] for one in report.outcomes} == {
        "good_first)",
        "good_last)",
        "no_agreement)",
    }
    assert any("has not agreed on paper" in str(one) for one in report.remarks)


async def test_a_changed_row_changes_that_and_nothing_else(coop):
    await coop.take(HEAD + MEI)
    report = await coop.take(HEAD + MEI.replace("0103 0001", "0103 0009"))
    assert [(one.what, one.details) for one in report.outcomes] == [(What.CHANGED, ("phone",))]
    assert (await coop.person("mei")).phone == "0103 0009"


async def test_what_she_has_taken_into_her_own_hands_is_not_overwritten(coop):
    await coop.take(HEAD + MEI)
    mei = await coop.person("mei")
    async with coop.database.transaction() as tx:
        await consent.keep(tx, mei.iri, coop.group)
        await people.change_person(tx, mei.iri, phone="0103 0007")
    report = await coop.take(HEAD + MEI)
    assert [one.what for one in report.outcomes] == [What.KEPT]
    assert (await coop.person("mei")).phone == "0103 0007"


async def test_an_agreement_that_she_ended_is_not_revived_by_the_old_paper(coop, clock):
    await coop.take(HEAD + MEI)
    mei = await coop.person("mei")
    async with coop.database.transaction() as tx:
        await consent.end(tx, mei.iri, coop.group)
    await coop.take(HEAD + MEI)
    await coop.take(HEAD + MEI.replace("2026-12-01", "yes"))
    async with coop.database.reading() as tx:
        assert await consent.shared_fields(tx, mei.iri, coop.group) == frozenset()
    clock.advance(days=2)
    await coop.take(HEAD + MEI.replace("2026-12-01", "2027-01-02"))
    async with coop.database.reading() as tx:
        assert "skills" in await consent.shared_fields(tx, mei.iri, coop.group)


async def test_a_leader_cannot_make_administrators_or_change_those_who_lead(coop):
    await coop.take(HEAD + MEI.replace(",member,", ",leader,"))
    mei = await coop.person("mei")
    coop.viewer = Viewer(mei.iri, mei.name, "mei", "en")
    raised = await coop.take(
        HEAD + MEI.replace("mei", "wai").replace(",member,", ",administrator,")
    )
    assert "only an administrator" in str(raised.faults[0])
    taken = await coop.take(HEAD + MEI.replace("陳美玲,mei", "Admin,ines"))
    assert [one.what for one in taken.outcomes] == [What.CHANGED]  # an agreement, nothing more
    assert (await coop.person("ines")).phone is None


async def _leads_another_group(coop):
    """Make Eve the leader of a second group, and have her do what follows."""
    async with coop.database.transaction() as tx:
        eve = await people.add_person(tx, people.NewPerson("eve", "Eve"))
        coop.group = await groups.create_group(tx, "other", "Other")
        await people.grant(tx, eve, coop.group, people.Role.LEADER, "test")
    coop.viewer = Viewer(eve, "Eve", "eve", "en")
    return coop.group


async def test_account_takeover_by_import_is_refused(coop):
    """A leader who lists somebody else's member would lead her, and could sign in as her."""
    await coop.take(HEAD + MEI)
    other = await _leads_another_group(coop)
    report = await coop.take(HEAD + MEI.replace(",care,", ",other,").replace("2026-12-01", ""))
    assert [one.column for one in report.faults] == ["handle"]
    assert "send her an invitation" in str(report.faults[0])
    async with coop.database.reading() as tx:
        assert not await groups.is_member(tx, other, (await coop.person("mei")).iri)


async def test_whoever_holds_her_own_account_is_not_made_a_member_by_a_list(coop):
    await coop.take(HEAD + MEI)
    await add_groups(coop, "night")
    mei = await coop.person("mei")
    async with coop.database.transaction() as tx:
        await consent.keep(tx, mei.iri, coop.group)
    report = await coop.take(HEAD + MEI.replace(",care,", ",care; night,"))
    assert [one.column for one in report.faults] == ["handle"]


async def test_paper_agrees_to_nothing_for_whoever_has_a_password(coop, clock):
    await coop.take(HEAD + MEI)
    mei = await coop.person("mei")
    async with coop.database.transaction() as tx:
        await consent.end(tx, mei.iri, coop.group)
    async with coop.database.transaction() as tx:
        (await tx.get(Person, mei.iri)).password = "kept"
    clock.advance(days=2)
    await coop.take(HEAD + MEI.replace("2026-12-01", "2027-01-02"))
    async with coop.database.reading() as tx:
        assert await consent.shared_fields(tx, mei.iri, coop.group) == frozenset()


async def test_nobody_who_leads_no_group_imports(coop):
    await coop.take(HEAD + MEI)
    mei = await coop.person("mei")
    coop.viewer = Viewer(mei.iri, mei.name, "mei", "en")
    with pytest.raises(NotFound):
        await coop.take(HEAD + MEI, dry_run=True)


async def test_a_handle_that_is_taken_by_a_group_is_refused(coop):
    report = await coop.take(HEAD + MEI.replace("mei", "care", 1))
    assert "is taken" in str(report.faults[0])


async def test_availability_is_painted_and_then_shared_as_agreed(coop):
    await coop.take(HEAD + MEI)
    text = (
        "handle,weekday,date,from,to\nmei,Mon-Tue,,22:00,06:00\nmei,,2027-01-09,10:00,16:00\n"
        "mei,,2027-01-12,,\nmei,,2026-12-24,08:00,12:00\n"
    )
    report = await coop.take(text, Sheet.AVAILABILITY)
    assert report.faults == ()
    assert [str(one) for one in report.remarks] == ["line 5: This day has passed and is left out."]
    mei = await coop.person("mei")
    async with coop.database.reading() as tx:
        painted = await agenda.painted(tx, mei.iri)
        fields = await consent.shared_fields(tx, mei.iri, coop.group)
    hours = [(one.weekday, one.start_minute, one.end_minute) for one in painted.week]
    assert hours == [(0, 1320, 1440), (1, 0, 360), (1, 1320, 1440), (2, 0, 360)]
    assert [(one.day, one.hours) for one in painted.days] == [(date(2027, 1, 9), ((600, 960),))]
    assert [one.first for one in painted.days_off] == [date(2027, 1, 12)]
    assert "availability" in fields


async def test_availability_of_a_stranger_is_refused(coop):
    report = await coop.take("handle,weekday,from,to\nwai,Mon,08:00,12:00\n", Sheet.AVAILABILITY)
    assert "no member of this group here is called 'wai'" in str(report.faults[0])


async def test_a_name_that_is_not_shared_survives_its_own_list(coop, world, clock):
    await coop.take(HEAD + MEI.replace("2026-12-01", ""))
    clock.advance(minutes=5)
    await world.settle()
    async with coop.database.transaction() as tx:
        persons = csv_text(*await people_listing(tx, coop.viewer, coop.group))
    assert "陳美玲" not in persons
    await coop.take("".join(one for one in persons.splitlines(True) if ",ines," not in one))
    assert (await coop.person("mei")).name == "陳美玲"


async def test_rows_of_one_title_are_shifts_of_one_job(coop):
    text = (
        f"{JOBS}Round,2027-01-04,22:00,06:00,2x home care [First aid]; 1x van driver,Flat 8,72.50\n"
        "Round,2027-01-05,22:00,06:00,1x home care,Flat 8,72.50\n"
    )
    report = await coop.take(text, Sheet.JOBS)
    assert report.faults == ()
    async with coop.database.reading() as tx:
        (job,) = await jobs.jobs(tx, coop.group)
    assert job.pay_cents_per_hour == 7250
    assert [(one.start, one.minutes, one.places) for one in job.shifts] == [
        (datetime(2027, 1, 4, 14, tzinfo=UTC), 480, 3),
        (datetime(2027, 1, 5, 14, tzinfo=UTC), 480, 1),
    ]


async def test_a_job_whose_title_gives_the_customer_away_is_refused_in_the_preview(coop):
    before = await coop.rows()
    text = f"{JOBS}Round at Flat 8,2027-01-04,08:00,10:00,1x home care,Flat 8,72\n"
    report = await coop.take(text, Sheet.JOBS, dry_run=True)
    assert "line 2, title: This tells strangers" in str(report.faults[0])
    assert await coop.rows() == before


async def test_rows_that_disagree_about_their_job_are_refused(coop):
    text = (
        f"{JOBS}Round,2027-01-04,08:00,10:00,1x home care,Flat 8,72\n"
        "Round,2027-01-05,08:00,10:00,1x home care,Flat 8,73\n"
    )
    report = await coop.take(text, Sheet.JOBS)
    assert "line 3, pay_cents_per_hour: line 2 says otherwise" in str(report.faults[0])


async def test_what_is_exported_reads_in_again_and_changes_nothing(coop, world, clock):
    formula = MEI.replace("mei", "wai").replace("0103 0001", "+852 0103 0002")
    await coop.take(HEAD + MEI + formula)
    text = f"{JOBS}Round,2027-01-04,08:00,10:00,2x home care [First aid],Flat 8,72\n"
    await coop.take(text, Sheet.JOBS)
    clock.advance(minutes=5)
    await world.settle()
    async with coop.database.transaction() as tx:
        persons = csv_text(*await people_listing(tx, coop.viewer, coop.group))
        posted = csv_text(*await jobs_listing(tx, coop.viewer, coop.group))
        seen = await consent.readings(tx, (await people.person_named(tx, "mei")).iri)
    assert ",'+852 0103 0002," in persons
    assert [one.reader for one in seen] == [coop.viewer.person]
    ours = "".join(one for one in persons.splitlines(keepends=True) if ",ines," not in one)
    for text, sheet in ((ours, Sheet.PEOPLE), (posted, Sheet.JOBS)):
        report = await coop.take(text, sheet)
        assert report.faults == ()
        assert {one.what for one in report.outcomes} == {What.UNCHANGED}
