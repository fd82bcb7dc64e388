"""The page of decisions: everybody reads what was decided, few read who."""

from __future__ import annotations

import csv
import io

import pytest
import sqlalchemy as sa

from instance.people import rights
from instance.people import service as people
from instance.people.models import Role
from instance.transparency import service as transparency
from instance.transparency.models import Entry


@pytest.fixture
async def decided(coop):
    async with coop.database.transaction() as tx:
        await transparency.note(
            tx,
            "members.removed",
            by=coop.mei,
            group=coop.group,
            about=coop.ana,
            text="Somebody was removed: %(reason)s",
            reason="=cmd()",
        )
    return coop


async def names_read_by(coop, person):
    page = await (await coop.browser(person)).get("/transparency")
    row = page.text.partition("<tbody>")[2].partition("</tr>")[0]
    return [name for name in ("Chan Mei Ling", "Ana Pérez") if name in row]


async def test_a_stranger_reads_what_was_decided_and_not_who(decided):
    page = await (await decided.browser()).get("/transparency")
    assert page.status == 200
    assert "Somebody was removed: =cmd()" in page.text
    assert "Shatin Care" in page.text
    assert "The chain holds" in page.text
    assert "/people/" not in page.text
    assert await names_read_by(decided, None) == []


async def test_what_a_decision_was_about_is_told_in_json_to_whom_it_concerns_alone(decided):
    async with decided.database.transaction() as tx:
        job = f"{decided.origin}/jobs/hidden"
        await transparency.note(tx, "x", by=decided.mei, group=decided.group, text="x", job=job)
    for person, shown in ((None, False), (decided.ana, False), (decided.mei, True)):
        page = await (await decided.browser(person)).get("/transparency.json")
        assert (job in page.text) is shown


async def test_roles_are_said_in_the_language_of_whoever_reads(coop):
    browser = await coop.browser()
    page = await browser.get("/transparency", **{"Accept-Language": "zh-HK"})
    assert "有人獲任命為組長。" in page.text
    assert "leader" not in page.text.partition("<tbody>")[2].partition("</tbody>")[0]


async def test_names_are_for_the_leaders_and_for_whom_it_concerns(decided):
    both = ["Chan Mei Ling", "Ana Pérez"]
    async with decided.database.transaction() as tx:
        eve = await people.add_person(tx, people.NewPerson("eve", "Eve"))
        bob = await people.add_person(tx, people.NewPerson("bob", "Bob"))
        await rights.grant(tx, bob, decided.group, Role.AUDITOR, "init")
        await transparency.note(
            tx, "members.removed", by=decided.mei, group=decided.group, about=decided.ana
        )
    assert await names_read_by(decided, decided.mei) == both
    assert await names_read_by(decided, decided.ana) == both
    assert await names_read_by(decided, bob) == both
    assert await names_read_by(decided, eve) == []


async def test_a_broken_chain_is_said_loudly(decided):
    async with decided.database.transaction() as tx:
        await tx.session.execute(sa.update(Entry).where(Entry.seq == 1).values(text="x"))
    page = await (await decided.browser()).get("/transparency")
    assert "The chain is broken" in page.text
    assert "The chain holds" not in page.text


async def test_the_list_is_a_csv_that_no_spreadsheet_runs(decided):
    async with decided.database.transaction() as tx:
        await transparency.note(tx, "x", by=decided.mei, text="=1+1")
    page = await (await decided.browser()).get("/transparency.csv")
    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(page.text.removeprefix("\ufeff"))))
    assert rows[0]["what"] == "'=1+1"
    assert rows[1]["what"] == "Somebody was removed: =cmd()"
    assert {(row["by"], row["about"]) for row in rows[:2]} == {("", "")}


async def test_a_long_log_is_shown_page_by_page(coop):
    async with coop.database.transaction() as tx:
        for number in range(60):
            text = "Number %(number)s."
            await transparency.note(tx, "x", by=coop.mei, text=text, number=number)
    browser = await coop.browser()
    first, second = await browser.get("/transparency"), await browser.get("/transparency?page=2")
    assert "Number 59." in first.text
    assert "Number 5." not in first.text
    assert "Number 5." in second.text
    for odd in ("0", "-1", "99", "x", "9" * 30):
        assert (await browser.get(f"/transparency?page={odd}")).status == 200


async def test_an_erased_person_is_named_to_nobody(decided):
    async with decided.database.transaction() as tx:
        await transparency.erase(tx, decided.ana)
    assert await names_read_by(decided, decided.mei) == ["Chan Mei Ling"]
