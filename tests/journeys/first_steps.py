"""The first four steps of the story: belonging, allies, a job, and people for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from tests.instance.notices.mail_server import MailServer
from tests.journeys.story import Coop, Job, found_coop, record

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


class Story:
    """The three co-ops, and what one step leaves to the next."""

    care: Coop
    wash: Coop
    green: Coop
    job: Job
    lent: Job
    least_repeated = 6

    def __init__(self, world, mail: MailServer) -> None:
        self.world, self.mail = world, mail
        self.said = []

    async def settle(self) -> None:
        await self.world.settle()


@asynccontextmanager
async def found_story(world) -> AsyncIterator[Story]:
    """Found the three co-ops, and keep all that they say to each other."""
    server = MailServer()
    port = await server.start()
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_from": "wash@mail.example"}
    story = Story(world, server)
    story.said = record(world)
    story.care = await found_coop(world, "care", "Shatin Care Commune", "koel")
    story.wash = await found_coop(world, "wash", "Kwun Tong Clean & Wash", "heron", **mail)
    story.green = await found_coop(world, "green", "Green Hands", "mangrove")
    yield story
    await server.stop()


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
    assert problem["code"] == "terms.minutes_limit"
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
    assert problem["code"] == "terms.minutes_limit"
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


def shift(day: str, start: str, end: str, *openings: tuple) -> dict:
    """Return a shift as a leader types it: each opening is a skill, a count and certificates."""
    kinds = [
        {"skill": skill, "count": count, "certificates": list(certificates)}
        for skill, count, *certificates in openings
    ]
    return {"day": day, "start": start, "end": end, "openings": kinds}
