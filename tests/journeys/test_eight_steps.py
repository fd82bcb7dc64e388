"""Three co-ops lend each other labour, from the first handshake to equal balances.

Everything that people do here they do through the JSON API, with their own tokens.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

import msgspec
import pytest

from instance.app import POSTMAN
from tests.instance.notices.mail_server import MailServer
from tests.journeys.story import Coop, Job, found_coop, record, say_again

DAY, SUNDAY, MONDAY = "2027-01-09", "2027-01-10", "2027-01-04"
CUSTOMER = ("Granny Ho", "Flat 8, Fir Estate", "0102 0001", "door code 4711")
CARE, DISINFECT = "home-care", "disinfection-after-discharge"
SHARED = ("name", "skills", "weekly_hours", "availability")
TERMS = {
    "hours_lend": 40,
    "hours_borrow": 8,
    "rate": "75",
    "levy_percent": 5,
    "insurer": "Harbour Mutual, policy 4711",
    "notice_hours": 2,
}


@pytest.fixture
async def story(any_world):
    server = MailServer()
    port = await server.start()
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_from": "wash@mail.example"}
    told = Story(any_world, server)
    told.said = record(any_world)
    told.care = await found_coop(any_world, "care", "Shatin Care Commune", "koel")
    told.wash = await found_coop(any_world, "wash", "Kwun Tong Clean & Wash", "heron", **mail)
    told.green = await found_coop(any_world, "green", "Green Hands", "mangrove")
    yield told
    await server.stop()


class Story:
    """The three co-ops, and what one step leaves to the next."""

    care: Coop
    wash: Coop
    green: Coop
    job: Job
    lent: Job

    def __init__(self, world, mail: MailServer) -> None:
        self.world, self.mail = world, mail
        self.said = []

    async def settle(self) -> None:
        await self.world.settle()


async def test_three_co_ops_lend_each_other_labour(story):
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


async def people_come_by_lists(story: Story) -> None:
    first_aid = "First aid certificate 2029-03-02"
    await story.care.imports(
        f"Tolo Wong,tolo,tolo@mail.example,,Home care,{first_aid},30,yes,yes",
        "Poon Siu,poon,,0101 0009,Home care,,30,yes,yes",
        "Mei Chan,mei,mei@mail.example,,Home care,,30,yes,yes",
    )
    await story.care.imports("Siu Ma,siu,,0101 0010,Home care,,10,yes,yes", free="20:00-22:00")
    infection = "Infection control certificate 2029-01-01"
    await story.wash.imports(
        f"Cheung Ga Yan,gardenia,gardenia@mail.example,,{DISINFECT},{infection},40,yes,yes",
        f"Ngai Lin Fa,lotus,lotus@mail.example,,{DISINFECT},{infection},40,yes,yes",
        f"Hoi Sing,starfish,starfish@mail.example,,{DISINFECT},{infection},40,yes,yes",
    )
    await story.green.imports(
        "Seh Mei Lin,peony,peony@mail.example,,Home care;weeding,,30,yes,yes",
        "Mei Chan,mei,mei@mail.example,,Home care;weeding,,30,yes,yes",
    )
    await story.settle()


# 1. A worker of one co-op joins another; two accounts become one ---------------------------------


async def a_worker_joins_elsewhere(story: Story) -> None:
    care, peony = story.care, story.green.peony
    asked = (await peony.get("/groups/find", address="@care@care.test"))["group"]
    assert asked["name"] == "Shatin Care Commune"
    assert {"name", "skills", "availability"} <= {one["field"] for one in asked["asked"]}

    await peony.joins("@care@care.test", *SHARED)
    await peony.joins("@wash@wash.test", *SHARED)
    await story.settle()
    [request] = (await care.koel.get(f"/groups/{care.token}/members"))["requests"]
    assert (request["name"], request["handle"]) == ("Seh Mei Lin", "peony@green.test")
    assert sorted(request["offered"]) == sorted(SHARED)
    assert await care.koel.takes_in() == ["Seh Mei Lin"]
    assert await story.wash.heron.takes_in() == ["Seh Mei Lin"]
    await story.settle()

    members = (await care.koel.get(f"/groups/{care.token}/members"))["members"]
    [hers] = [one for one in members if one["person"] == peony.iri]
    assert (hers["name"], hers["phone"], hers["email"]) == ("Seh Mei Lin", None, None)
    assert (await peony.get("/week"))["groups"] == 3
    names = {one["name"] for one in (await peony.get("/groups"))["mine"]}
    assert names == {"Green Hands", "Shatin Care Commune", "Kwun Tong Clean & Wash"}


async def two_accounts_become_one(story: Story) -> None:
    care, green = story.care, story.green
    tea = await care.koel.posts(
        title="Tea morning",
        pay="75",
        shifts=[shift("2027-01-08", "09:00", "11:00", (CARE, 1))],
    )
    opening = await tea.opening()
    await tea.invite(opening, care.mei.iri)
    await story.settle()
    await care.mei.answers()
    await story.settle()
    assert await tea.states(opening) == {"Mei Chan": "confirmed"}

    await care.mei.post("/me/home/name", address="mei@green.test")
    await green.mei.post("/me/home/confirm", address="mei@care.test")
    await care.mei.post("/me/home/move")
    await story.settle()

    members = (await care.koel.get(f"/groups/{care.token}/members"))["members"]
    assert [one["person"] for one in members if one["name"] == "Mei Chan"] == [green.mei.iri]
    await green.mei.answers(group="Shatin")
    await story.settle()
    [promise] = await green.mei.promises(MONDAY)
    assert (promise["title"], promise["state"]) == ("Tea morning", "confirmed")
    assert [one["state"] for one in await care.mei.promises(MONDAY)] == ["called_off"]
    line = await tea.at(opening)
    assert (line["wanted"], line["confirmed"], line["open"]) == (1, 1, 0)
    assert [one["person"] for one in line["people"]] == [green.mei.iri]


# 2. Two co-ops become allies ---------------------------------------------------------------------


async def two_co_ops_become_allies(story: Story) -> None:
    koel, heron = story.care.koel, story.wash.heron
    offered = await koel.post(
        "/allies/new", group=story.care.group, address="@wash@wash.test", **TERMS
    )
    await story.settle()
    [waiting] = (await heron.get("/allies"))["waiting"]
    assert waiting["terms"]["minutes_limit_lend"] == 8 * 60
    await heron.post(f"/allies/{waiting['id']}/accept")
    await story.settle()

    ours = (await koel.get(f"/allies/{offered['id']}"))["alliance"]
    theirs = (await heron.get(f"/allies/{waiting['id']}"))["alliance"]
    assert (ours["state"], theirs["state"]) == ("active", "active")
    assert ours["text"].encode() == theirs["text"].encode()
    for side in (ours, theirs):
        assert side["signed_by_us"]
        assert side["signed_by_them"]
    await a_broken_term_is_refused_on_both_sides(story)


async def a_broken_term_is_refused_on_both_sides(story: Story) -> None:
    koel, heron = story.care.koel, story.wash.heron
    move = await koel.posts(
        title="Moving week",
        pay="75",
        shifts=[
            shift("2027-01-12", "08:00", "14:00", (DISINFECT, 2)),
            shift("2027-01-13", "08:00", "14:00", (DISINFECT, 1)),
        ],
    )
    until = "2027-01-06T12:00:00Z"
    ask = {"ally": story.wash.group, "until": until}
    problem = await koel.refused(f"{move.path}/ask", places={"o1": 2}, **ask)
    assert problem["title"] == "terms.minutes_limit"
    assert "limit" in problem["detail"]

    await koel.post(f"{move.path}/ask", places={"o1": 1}, **ask)
    await koel.post(f"{move.path}/ask", places={"o2": 1}, **ask)
    await story.settle()
    first, second = (await heron.get("/allies/requests"))["asked_of_us"]
    await heron.post(f"/allies/requests/{first['id']}/offer", places=[1])
    await story.settle()
    [loan] = (await koel.get("/allies/requests"))["offered_to_us"]
    await koel.post(f"/loans/{loan['id']}/accept")
    await story.settle()
    problem = await heron.refused(f"/allies/requests/{second['id']}/offer", places=[1])
    assert problem["title"] == "terms.minutes_limit"
    assert "limit" in problem["detail"]

    await koel.post(f"/loans/{loan['id']}/end", reason="We manage ourselves.")
    await koel.post(f"{move.path}/call-off")
    await story.settle()
    assert (await heron.get("/allies/requests"))["lent"] == []


# 3. A job is posted ------------------------------------------------------------------------------


async def a_job_is_posted(story: Story) -> None:
    care, remote = story.care, await story.world.remote()
    ana = remote.actor("ana")
    status, found = await remote.get(
        f"{care.origin}/.well-known/webfinger?resource=acct:care@care.test"
    )
    assert (status, found["links"][0]["href"]) == (200, care.group)
    follow = remote.activity("Follow", ana, care.group)
    assert await remote.post(f"{care.group}/inbox", follow, signer=ana) == 202
    await story.settle()

    story.job = await care.koel.posts(
        title="First day home from hospital",
        description="Somebody comes home and wants company.",
        district="Sha Tin",
        pay="75",
        levy_percent=5,
        break_minutes=15,
        bring="Indoor shoes",
        contact_name="Koel Leung",
        contact_phone="0101 0001",
        customer=CUSTOMER[0],
        address=CUSTOMER[1],
        customer_phone=CUSTOMER[2],
        door=CUSTOMER[3],
        shifts=[
            shift(DAY, "09:00", "13:00", (CARE, 1, "First aid"), (CARE, 1)),
            shift(DAY, "14:00", "18:00", (CARE, 1), (DISINFECT, 2, "Infection control")),
        ],
    )
    await story.settle()

    [seen] = [
        one
        for one in (await story.green.peony.get("/jobs"))["mine"]
        if one["posting"]["iri"] == story.job.iri
    ]
    assert seen["posting"]["shifts"][0]["start"] == "2027-01-09T01:00:00Z"
    [note] = [one["object"] for one in remote.received if one["type"] == "Create"]
    assert (note["type"], note["id"]) == ("Note", story.job.iri)
    assert "First day home from hospital" in note["content"]
    assert "morning" in note["content"]
    to_stranger = msgspec.json.encode(remote.received).decode()
    for hour in ("09:00", "13:00", "T01:00", "T05:00"):
        assert hour not in to_stranger.replace(note["published"], "")
    assert any("Sha Tin" in one for one in (note["content"], str(note.get("location"))))
    nobody_outside_knows_the_customer(story, to_stranger)


def nobody_outside_knows_the_customer(story: Story, *texts: str) -> None:
    """No byte that care's server said to any other holds a word of the customer's."""
    heard = [one.heard_by(host) for one in story.said for host in ("wash.test", "green.test")]
    for secret in CUSTOMER:
        assert not [one for one in (*heard, *texts) if secret in one]


# 4. People are found -----------------------------------------------------------------------------


async def people_are_found(story: Story) -> None:
    koel, care = story.care.koel, story.care
    await koel.post("/allies/refresh")
    a, b, c, d = [await story.job.opening(number) for number in (1, 2, 3, 4)]
    found = await story.job.find()

    suggested = {
        opening: [one["name"] for one in found[opening]["suggested"]] for opening in (a, b, c, d)
    }
    assert suggested[a] == ["Tolo Wong"]
    assert sorted(suggested[b] + suggested[c]) == ["Poon Siu", "Seh Mei Lin"]
    assert suggested[d] == []
    assert found[d]["unfilled"] == 2
    assert all(one["code"] for at in found.values() for one in at["suggested"])
    passed = {one["name"]: one["code"] for one in found[b]["passed_over"]}
    assert passed["Siu Ma"] == "not_free"
    assert passed["Mei Chan"] == "others_first"
    assert {one["code"] for one in found[d]["passed_over"]} == {"missing_skill", "shares_nothing"}
    [ally] = found[d]["allies"]
    assert (ally["group"], ally["label"]) == (story.wash.group, "3–5")  # noqa: RUF001

    for opening in (a, b, c):
        await story.job.invite(opening, found[opening]["suggested"][0]["person"])
    await story.settle()
    await care.tolo.answers()
    await story.green.peony.answers(group="Shatin")
    await story.settle()
    assert await story.job.states(a) == {"Tolo Wong": "confirmed"}
    [mine] = [one for one in await care.tolo.promises(MONDAY) if one["start"].startswith(DAY)]
    assert (mine["address"], mine["customer"]) == (CUSTOMER[1], CUSTOMER[0])

    number = d.rpartition("#")[2]
    page = await koel.get(f"{story.job.path}/ask")
    assert page["allies"][0]["counts"]
    await koel.post(
        f"{story.job.path}/ask",
        ally=story.wash.group,
        places={number: 2},
        until="2027-01-06T12:00:00Z",
    )
    await story.settle()


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
    assert len(again) >= 6
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


def shift(day: str, start: str, end: str, *openings: tuple) -> dict:
    """Return a shift as a leader types it: each opening is a skill, a count and certificates."""
    kinds = [
        {"skill": skill, "count": count, "certificates": list(certificates)}
        for skill, count, *certificates in openings
    ]
    return {"day": day, "start": start, "end": end, "openings": kinds}
