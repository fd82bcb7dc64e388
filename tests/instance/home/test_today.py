"""The leader's board, its events, and where administrators start."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import timedelta

import pytest

from instance.agenda import service as agenda
from instance.home.routes import live
from instance.people import service as people
from instance.records import service as records
from instance.staffing import service as staffing
from instance.viewer import Viewer
from tests.instance.records.shift import PAY, lent_shift, own_shift


def line_of(page, title):
    return page.partition(title)[2].partition("</article>")[0]


@pytest.fixture
async def board(world):
    shift = await own_shift(world, over=False)
    job = await shift.served.post_job(places=2, days=2, title="Bath and breakfast", **PAY)
    return shift, job


def day_of(shift):
    return shift.promise.start.date().isoformat()


async def test_what_is_open_stands_first_and_leads_to_finding_people(board):
    shift, job = board

    status, _, page = await shift.served.ask(f"/today?day={day_of(shift)}")

    assert status == 200
    assert page.index("Bath and breakfast") < page.index("Morning at home")
    assert f'href="/jobs/{job.iri.rpartition("/")[2]}/staffing"' in page
    assert "Ana Pérez" in line_of(page, "Morning at home")


async def test_a_day_without_work_leads_to_the_days_that_lack_people(board):
    shift, _ = board
    day = shift.promise.start.date()

    _, _, page = await shift.served.ask(f"/today?day={day - timedelta(days=1)}")

    assert "No shift begins on this day" in page
    assert f'href="/today?day={day}"' in page
    coming = page.partition('id="coming"')[2].partition("</section>")[0]
    assert ": 2" in coming, "two places of the bath, and none of the morning that is filled"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "soon"])
@pytest.mark.parametrize("page", ["/today?day=", "/week?from="])
async def test_a_day_that_no_calendar_reaches_is_today(board, page, day):
    shift, _ = board
    assert (await shift.served.ask(f"{page}{day}"))[0] == 200


async def test_how_far_an_invitation_has_come_is_counted(board, world):
    shift, job = board
    bo = await shift.served.add_worker("bo", "Wong Lan")
    await shift.served.act(staffing.invite, job.shifts[0].openings[0].iri, [bo])
    await world.settle()

    _, _, page = await shift.served.ask(f"/today?day={day_of(shift)}")
    assert "1 asked, no answer yet" in line_of(page, "Bath and breakfast")
    async with shift.served.database.transaction() as tx:
        (asked,) = await agenda.invitations(tx, bo)
        await agenda.answer(tx, Viewer(bo, "Bo", "bo", "en"), asked.invite, yes=True)
    await world.settle()

    _, _, page = await shift.served.ask(f"/today?day={day_of(shift)}")
    assert "1 of 2 places" in line_of(page, "Bath and breakfast")
    assert "Wong Lan" in line_of(page, "Bath and breakfast")


async def test_the_borrower_sees_who_was_named_and_the_lender_whom_it_sends(world):
    shift = await lent_shift(world, over=False)

    _, _, at_borrower = await shift.served.ask(f"/today?day={day_of(shift)}")
    _, _, at_lender = await shift.home.ask(f"/today?day={day_of(shift)}")

    assert "ana@wash.test" in line_of(at_borrower, "Morning at home")
    assert "lent to Care Co-op" in line_of(at_lender, "Morning at home")
    assert "Ana Pérez" in line_of(at_lender, "Morning at home")


async def test_before_anybody_said_yes_the_borrower_is_told_no_name(world):
    shift = await lent_shift(world, over=False, workers=2)
    await shift.home.add_worker("bo", "Wong Lan")

    for path in ("/today?day=" + day_of(shift), "/notices", "/hours", "/mail"):
        _, _, page = await shift.served.ask(path)
        assert "bo@" not in page
        assert "Wong Lan" not in page


async def test_an_ally_that_cannot_be_reached_is_shown_as_such(world, clock):
    shift = await lent_shift(world)
    world.network.vanish("care.test")
    await shift.enter()
    await world.settle()

    _, _, page = await shift.home.ask("/today")
    status, _, peers = await shift.home.ask("/peers")

    assert "Not heard from care.test since" in page
    assert status == 200
    assert "care.test" in peers
    assert "Nothing is lost" in peers


async def test_nobody_who_leads_nothing_sees_the_board_or_the_administration(board):
    shift, _ = board
    shift.served.leader = shift.person
    for path in ("/today", "/admin", "/peers", "/hours", "/hours.csv", "/mail"):
        assert (await shift.served.ask(path))[0] == 404


async def test_administrators_see_groups_and_what_to_do_next(board):
    shift, _ = board
    async with shift.served.database.transaction() as tx:
        await people.grant(
            tx, shift.served.leader, shift.served.group, people.Role.ADMINISTRATOR, "init"
        )

    status, _, page = await shift.served.ask("/admin")

    assert status == 200
    assert "Care Co-op" in page
    assert "Set a server for e-mail" in page


async def test_the_board_says_when_it_has_changed(board, monkeypatch):
    shift, job = board
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.05)
    async with shift.served.database.transaction() as tx:
        from instance.people import sessions

        cookie = await sessions.start(tx, shift.served.leader, "password", "test")
    bo = await shift.served.add_worker("bo", "Wong Lan")
    async with (
        shift.served.world.network.client() as client,
        client.get(
            f"{shift.served.origin}/today/events?day={day_of(shift)}",
            headers={"Cookie": f"ayni_session={cookie}"},
        ) as stream,
    ):
        assert stream.content_type == "text/event-stream"
        assert await stream.content.readline() == b"retry: 5000\n"
        await shift.served.act(staffing.invite, job.shifts[0].openings[0].iri, [bo])
        async with asyncio.timeout(20):
            while await stream.content.readline() != b"data: changed\n":
                pass


async def test_confirmed_hours_are_downloaded_for_payroll_and_no_cell_is_a_formula(world):
    shift = await own_shift(world)
    async with shift.home.database.transaction() as tx:
        await people.change_person(tx, shift.person, name="=cmd()")
    shift.world.clock.advance(minutes=1)
    await world.settle()
    await shift.enter()
    await world.settle()
    await shift.leads(records.confirm, (await shift.waiting()).id)
    day = shift.promise.start.date()

    status, headers, text = await shift.served.ask(
        f"/hours.csv?first={day}&last={day + timedelta(days=1)}"
    )

    assert status == 200
    assert headers["Content-Disposition"] == 'attachment; filename="hours.csv"'
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert row["name"] == "'=cmd()"
    assert (row["minutes"], row["pay"], row["currency"]) == ("225", "283.13", "HKD")
    assert (row["start"], row["end"], row["break_minutes"]) == ("09:30", "13:30", "15")
    assert (row["insurance"], row["price"], row["disputed_minutes"]) == ("0.00", "283.13", "0")


async def test_what_is_disputed_stands_in_columns_of_its_own_and_the_rest_is_paid(world):
    shift = await own_shift(world)
    await shift.enter()
    await world.settle()
    await shift.leads(records.correct, (await shift.waiting()).id, 180, "You left early.")
    await world.settle()
    (corrected,) = (await shift.mine()).waiting
    await shift.does(records.dispute, corrected.id, "I stayed.")
    await world.settle()
    day = shift.promise.start.date()

    _, _, text = await shift.served.ask(f"/hours.csv?first={day}&last={day + timedelta(days=1)}")

    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    paid = sorted((row["minutes"], row["disputed_minutes"]) for row in rows)
    assert paid == [("0", "45"), ("180", "0")]
    assert sorted((row["pay"], row["disputed_pay"]) for row in rows) == [
        ("0.00", "56.63"),
        ("226.50", "0.00"),
    ]


async def test_a_leader_confirms_and_corrects_on_the_page(world):
    shift = await own_shift(world)
    await shift.enter()
    await world.settle()
    row = await shift.waiting()

    status, _, page = await shift.served.ask(
        f"/hours/{row.id}/correct", {"hours": "3", "minutes": "45", "words": "x"}
    )
    assert status == 422
    assert "These are the hours that she stated." in page
    status, _, _ = await shift.served.ask(
        f"/hours/{row.id}/correct", {"hours": "3", "minutes": "0", "words": "You left."}
    )
    assert status == 303
    _, _, page = await shift.served.ask("/hours")
    assert "You left." in page
    assert (await shift.served.ask(f"/hours/{row.id}/confirm", {}))[0] == 303
    status, _, page = await shift.served.ask(f"/hours/{row.id}/confirm", {})
    assert "These hours were confirmed or changed meanwhile." in page


async def test_a_worker_enters_corrects_and_reads_her_hours_on_her_page(world):
    shift = await own_shift(world)
    shift.home.leader = shift.person
    _, _, page = await shift.home.ask("/record")
    assert 'value="09:30"' in page

    form = {"start": "09:30", "end": "14:00", "break_minutes": "15"}
    status, _, _ = await shift.home.ask(f"/record/shifts/{shift.promise.id}", form)
    assert status == 303
    _, _, page = await shift.home.ask("/record")
    assert "4 h 15" in page
    status, _, page = await shift.home.ask(
        f"/record/shifts/{shift.promise.id}", {**form, "end": "late"}
    )
    assert status == 422
    assert "Please write the time of day as in 08:00." in page
