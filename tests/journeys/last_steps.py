"""The last four steps of the story: an ally lends, two yeses at once, trouble, and hours."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

from instance.app import POSTMAN
from tests.journeys.first_steps import (
    CARE,
    CUSTOMER,
    DAY,
    DISINFECT,
    MONDAY,
    SUNDAY,
    Story,
    a_job_is_posted,
    a_worker_joins_elsewhere,
    people_are_found,
    people_come_by_lists,
    shift,
    two_accounts_become_one,
    two_co_ops_become_allies,
)
from tests.journeys.story import Job, say_again


async def tell(story: Story) -> None:
    """Let all eight steps happen."""
    await people_come_by_lists(story)
    await a_worker_joins_elsewhere(story)
    await two_accounts_become_one(story)
    await two_co_ops_become_allies(story)
    await a_job_is_posted(story)
    await people_are_found(story)
    await an_ally_lends(story)
    await two_yeses_in_the_same_second(story)
    await things_change(story)
    await hours_are_worked(story)


# 5. The ally lends -------------------------------------------------------------------------------


async def an_ally_lends(story: Story) -> None:
    koel, heron = story.care.koel, story.wash.heron
    d = await story.job.opening(4)
    [ask] = [
        one
        for one in (await heron.get("/allies/requests"))["asked_of_us"]
        if one["job"] == story.job.iri
    ]
    card = await heron.get(f"/allies/requests/{ask['id']}")
    assert (card["coverage"][0]["free"], card["coverage"][0]["needed"]) == (3, 0)
    made = await heron.post(f"/allies/requests/{ask['id']}/offer", places=[2])
    await story.settle()
    [offered] = (await koel.get("/allies/requests"))["offered_to_us"]
    await koel.post(f"/loans/{offered['id']}/accept")
    await story.settle()

    story.lent = Job(heron, f"{story.wash.origin}/loans/{made['id']}")
    found = (await story.lent.find())[d]
    assert len(found["suggested"]) == 2
    await heron.post(f"{story.lent.path}/staffing/auto-confirm", opening=d, on=False)
    await story.lent.invite(d, story.wash.gardenia.iri, story.wash.lotus.iri)
    await story.settle()
    await they_answer_by_the_link_in_the_mail(story)
    await story.settle()
    assert set((await story.lent.states(d)).values()) == {"answered"}
    for one in (story.wash.gardenia, story.wash.lotus):
        assert [one["state"] for one in await one.promises(MONDAY)] == ["held"]
    await care_knows_no_name(story)

    for one in (await story.lent.at(d))["people"]:
        await heron.post(f"{story.lent.path}/staffing/confirm", invite=one["invite"])
    await story.settle()
    line = await story.job.at(d)
    assert (line["wanted"], line["promised"], line["named"], line["open"]) == (2, 0, 2, 0)
    names = {one["name"] for one in line["people"]}
    assert names == {"gardenia@wash.test", "lotus@wash.test"}
    [hers] = await story.wash.gardenia.promises(MONDAY)
    assert (hers["state"], hers["address"]) == ("confirmed", CUSTOMER[1])


async def they_answer_by_the_link_in_the_mail(story: Story) -> None:
    await story.wash.running.app[POSTMAN].step()
    for person in (story.wash.gardenia, story.wash.lotus):
        address = f"{person.username}@mail.example"
        [mail] = [
            one
            for one in story.mail.mails
            if address in one["To"] and "/answer/" in one.get_content()
        ]
        link = re.search(r"http://wash\.test/answer/\S+", mail.get_content())[0]
        shown = await story.wash.call("GET", link)
        assert shown["invitation"]["title"] == "First day home from hospital"
        assert shown["invitation"]["borrower"] == "Shatin Care Commune"
        said = await story.wash.call("POST", link, json={"answer": "yes"})
        assert said["state"] == "held"


async def care_knows_no_name(story: Story) -> None:
    """Nothing that care was sent, stores or can fetch names a worker of the lender's."""
    stored = await story.care.everything_stored()
    heard = [one.heard_by("care.test") for one in story.said]
    urls = set(re.findall(r"http://wash\.test/[A-Za-z0-9/_.?=&#-]+", stored))
    urls |= {f"{story.wash.group}{one}" for one in ("/outbox", "/followers", "/affiliations")}
    fetched = [await story.care.fetch_as_group(one) for one in sorted(urls)]
    assert any(fetched)
    for worker, name in (
        (story.wash.gardenia, "Cheung Ga Yan"),
        (story.wash.lotus, "Ngai Lin Fa"),
        (story.wash.starfish, "Hoi Sing"),
    ):
        for secret in (worker.iri, worker.username, name):
            assert secret not in stored
            assert not [one for one in (*heard, *fetched) if secret in one]


# 6. Two yeses in the same second -----------------------------------------------------------------


async def two_yeses_in_the_same_second(story: Story) -> None:
    peony = story.green.peony
    jobs = [
        await leader.posts(
            title=title, pay="70", audience="members", shifts=[shift(SUNDAY, *hours, (CARE, 1))]
        )
        for leader, title, hours in (
            (story.care.koel, "Sunday lunch", ("10:00", "14:00")),
            (story.wash.heron, "Sunday visit", ("12:00", "16:00")),
        )
    ]
    for job in jobs:
        await job.invite(await job.opening(), peony.iri)
    await story.settle()
    other_device = await story.green.gives_a_token("peony")
    asked = await peony.invitations()
    assert {one["group_name"] for one in asked} == {
        "Shatin Care Commune",
        "Kwun Tong Clean & Wash",
    }
    answers = await asyncio.gather(
        *(
            device.post(f"/invitations/{one['id']}/answer", answer="yes")
            for device, one in zip((peony, other_device), asked, strict=True)
        )
    )
    assert sorted(one["state"] for one in answers) == ["held", "refused"]
    await story.settle()

    lines = [await job.at(await job.opening()) for job in jobs]
    assert sorted((one["confirmed"], one["open"]) for one in lines) == [(0, 1), (1, 0)]
    [lost] = [one for one in lines if one["open"]]
    [no] = lost["past"]
    assert (no["name"], no["state"]) == ("Seh Mei Lin", "refused")
    [loser] = [job for job, line in zip(jobs, lines, strict=True) if line["open"]]
    [at] = (await loser.find()).values()
    assert {one["name"]: one["code"] for one in at["passed_over"]}["Seh Mei Lin"] == "not_free"
    told = await loser.leader.coop.everything_stored()
    winner = jobs[1 - jobs.index(loser)]
    title = (await winner.read())["title"]
    assert title not in told
    held = [one for one in await peony.promises(MONDAY) if one["start"].startswith(SUNDAY)]
    assert [one["state"] for one in held] == ["confirmed"]

    # a shift is called off, and her time is hers again
    await winner.leader.post(f"{winner.path}/shifts/1/call-off")
    await story.settle()
    held = [one for one in await peony.promises(MONDAY) if one["start"].startswith(SUNDAY)]
    assert [one["state"] for one in held] == ["called_off"]


# 7. Somebody is rung up, somebody drops out, a shift is moved ------------------------------------


async def things_change(story: Story) -> None:
    await somebody_is_rung_up(story)
    await somebody_drops_out(story)
    await a_shift_is_moved(story)


async def somebody_is_rung_up(story: Story) -> None:
    koel, poon = story.care.koel, story.care.poon
    [asked] = await poon.invitations()
    problem = await koel.refused(f"/invitations/{asked['id']}/answer", answer="yes")
    assert problem["status"] == 404
    await poon.post("/me/concierge", leader=koel.iri)
    [ring] = (await koel.get("/week"))["to_ring"]
    assert ring["person_name"] == "Poon Siu"
    assert "0101 0009" in ring["phone"]
    await koel.post(f"/invitations/{ring['id']}/answer", answer="yes")
    await story.settle()
    assert [one["state"] for one in await poon.promises(MONDAY)] == ["confirmed"]


async def somebody_drops_out(story: Story) -> None:
    d, heron, gardenia = await story.job.opening(4), story.wash.heron, story.wash.gardenia
    [promise] = await gardenia.promises(MONDAY)
    await gardenia.post(f"/invitations/{promise['id']}/withdraw")
    await story.settle()

    ours = await story.care.koel.board(DAY, DISINFECT)
    assert (ours["promised"], ours["come"]) == (1, ["lotus@wash.test"])
    theirs = await heron.board(DAY, DISINFECT)
    assert (theirs["open"], theirs["come"]) == (1, ["Ngai Lin Fa"])
    assert theirs["dropped_out"] == ["Cheung Ga Yan"]
    found = (await story.lent.find())[d]
    assert [one["name"] for one in found["suggested"]] == ["Hoi Sing"]
    assert {one["name"]: one["code"] for one in found["passed_over"]}["Cheung Ga Yan"] == "said_no"
    await heron.post(f"{story.lent.path}/staffing/auto-confirm", opening=d, on=True)
    await story.lent.invite(d, story.wash.starfish.iri)
    await story.settle()
    await story.wash.starfish.answers()
    await story.settle()
    names = {one["name"] for one in (await story.job.at(d))["people"]}
    assert names == {"lotus@wash.test", "starfish@wash.test"}


async def a_shift_is_moved(story: Story) -> None:
    c, d = await story.job.opening(3), await story.job.opening(4)
    [(name, state)] = (await story.job.states(c)).items()
    assert state == "confirmed"
    coming = {
        "Seh Mei Lin": (story.green.peony, False),
        "Poon Siu": (story.care.koel, True),
    }
    await story.care.koel.post(
        f"{story.job.path}/shifts/2/move", day=DAY, start="15:00", end="19:00"
    )
    await story.settle()
    for person in (story.wash.lotus, story.wash.starfish):
        [asked] = await person.invitations()
        assert (asked["old_start"], asked["start"]) == (
            "2027-01-09T06:00:00Z",
            "2027-01-09T07:00:00Z",
        )
        await person.answers()
    speaker, by_telephone = coming[name]
    if by_telephone:
        [ring] = (await speaker.get("/week"))["to_ring"]
        await speaker.post(f"/invitations/{ring['id']}/answer", answer="yes")
    else:
        await speaker.answers(group="Shatin")
    await story.settle()

    for opening, places in ((c, 1), (d, 2)):
        line = await story.job.at(opening)
        assert line["start"] == "2027-01-09T07:00:00Z"
        assert (line["wanted"], line["open"], len(line["people"])) == (places, 0, places)
    [promise] = await story.wash.lotus.promises(MONDAY)
    assert (promise["state"], promise["start"]) == ("confirmed", "2027-01-09T07:00:00Z")


# 8. The work is done -----------------------------------------------------------------------------


async def hours_are_worked(story: Story) -> None:
    koel, world = story.care.koel, story.world
    world.clock.now = datetime(2027, 1, 9, 12, tzinfo=UTC)
    await story.settle()
    after = len(story.said)
    for person in (story.wash.lotus, story.wash.starfish, story.care.tolo):
        [shift_done] = (await person.get("/record"))["to_enter"]
        assert shift_done["minutes"] == 225
        await person.post(
            f"/record/shifts/{shift_done['promise']}",
            start=shift_done["start_clock"],
            end=shift_done["end_clock"],
            break_minutes=15,
        )
    await story.settle()
    await balances_are(story, 0)

    waiting = {one["person"]: one["id"] for one in (await koel.get("/hours"))["to_confirm"]}
    assert len(waiting) == 3
    await koel.post(f"/hours/{waiting[story.wash.lotus.iri]}/confirm")
    late = {"hours": 3, "minutes": 0, "words": "You came at 15:45."}
    await koel.post(f"/hours/{waiting[story.wash.starfish.iri]}/correct", **late)
    await koel.post(f"/hours/{waiting[story.care.tolo.iri]}/correct", **late)
    await story.settle()
    await balances_are(story, 225)

    [corrected] = (await story.wash.starfish.get("/record"))["waiting"]
    await story.wash.starfish.post(f"/record/{corrected['id']}/agree")
    [corrected] = (await story.care.tolo.get("/record"))["waiting"]
    await story.care.tolo.post(f"/record/{corrected['id']}/dispute", words="I was there at nine.")
    await story.settle()
    await balances_are(story, 225 + 180)
    [open_part] = (await koel.get("/hours"))["disputed"]
    assert (open_part["minutes"], open_part["words"]) == (45, "I was there at nine.")

    before = await the_two_books(story)
    again = [one for one in story.said[after:] if one.method == "POST"]
    assert len(again) >= story.least_repeated
    statuses = {await say_again(world, one) for one in reversed(again)}
    assert statuses == {202}
    await story.settle()
    assert await the_two_books(story) == before


async def balances_are(story: Story, minutes: int) -> None:
    care, wash = story.care, story.wash
    assert await wash.heron.balance(care.group) == minutes
    assert await care.koel.balance(wash.group) == -minutes
    levy = await wash.heron.balance(care.group, "HKD")
    assert await care.koel.balance(wash.group, "HKD") == -levy


async def the_two_books(story: Story) -> list:
    return [
        (await story.care.koel.get("/balances")),
        (await story.wash.heron.get("/balances")),
        (await story.care.koel.get("/hours")),
        (await story.wash.lotus.get("/record")),
        (await story.care.tolo.get("/record")),
    ]
