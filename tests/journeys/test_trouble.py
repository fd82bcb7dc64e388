"""Servers that are killed, and servers that are away: nothing is lost, nothing happens twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.processes import Ahead, Server, free_ports, in_trouble, until
from tests.journeys.story import found_coop

WORKERS = ("gardenia", "lotus", "starfish")
SHIFT = {"start": "09:00", "end": "12:00"}


@pytest.fixture
async def pair(tmp_path):
    clock = Ahead(tmp_path / "ahead")
    servers = [
        Server(tmp_path, name, port, clock)
        for name, port in zip(("care", "wash"), free_ports(2), strict=True)
    ]
    try:
        for server, leader in zip(servers, ("koel", "heron"), strict=True):
            await server.found(leader)
            await server.start()
        yield servers
    finally:
        for server in servers:
            await server.stop()


async def test_a_lender_that_is_killed_loses_nothing_and_does_nothing_twice(pair):
    care, wash = pair
    await workers_come(wash)
    await they_become_allies(care, wash)
    day = (datetime.now(ZoneInfo("Asia/Hong_Kong")) + timedelta(days=2)).date().isoformat()
    job, loan, opening = await three_are_lent(care, wash, day)
    await wash.post(
        f"/loans/{loan}/staffing/invite",
        "heron",
        opening=opening,
        people=await addresses_of(wash, loan, opening),
    )
    await in_trouble(wash, 7, 3, *(says_yes(wash, one) for one in WORKERS))

    async def all_are_named():
        page = await care.get(f"{job}/staffing", "koel")
        return page["openings"][0]["named"] == 3

    await until(all_are_named)
    [line] = (await care.get(f"{job}/staffing", "koel"))["openings"]
    assert len({one["person"] for one in line["people"]}) == 3
    [lent] = (await wash.get(f"/loans/{loan}/staffing", "heron"))["openings"]
    assert (lent["confirmed"], lent["open"], lent["past"]) == (3, 0, [])

    wash.clock.move(3 * 86_400)
    await in_trouble(
        wash,
        11,
        2,
        hours_are_confirmed(care),
        *(enters_hours(wash, one) for one in WORKERS),
    )
    await until(lambda: balances_are(care, wash, 3 * 180))
    await until(lambda: nothing_is_on_its_way(care, wash))
    for one in WORKERS:
        record = await wash.get("/record", one)
        assert [done["minutes"] for done in record["confirmed"]] == [180]
        assert (record["waiting"], record["to_enter"]) == ([], [])
    assert await balances_are(care, wash, 3 * 180)
    assert wash.killed == 5


async def workers_come(wash: Server) -> None:
    people = "\n".join(f"{one},{one},{one}@mail.example,ironing,yes,yes" for one in WORKERS)
    free = "\n".join(f"{one},{day},0:00,24:00" for one in WORKERS for day in DAYS)
    for sheet, text in (
        ("people", f"name,handle,email,skills,adult,agreed_on_paper\n{people}"),
        ("availability", f"handle,weekday,from,to\n{free}"),
    ):
        given = {"group": wash.group, "sheet": sheet, "text": text, "confirm": True}
        assert (await wash.post("/import", "heron", **given))["done"]
    for one in WORKERS:
        await wash.gives_a_token(one)


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


async def they_become_allies(care: Server, wash: Server) -> None:
    terms = {"insurer": "Harbour Mutual", "rate": "75", "notice_hours": 1}
    await care.post("/allies/new", "koel", group=care.group, address=wash.group, **terms)

    async def offered():
        return (await wash.get("/allies", "heron"))["waiting"]

    [terms] = await until(offered)
    await wash.post(f"/allies/{terms['id']}/accept", "heron")

    async def allied():
        return (await care.get("/allies", "koel"))["active"]

    await until(allied)


async def three_are_lent(care: Server, wash: Server, day: str) -> tuple[str, str, str]:
    places = {"openings": [{"skill": "ironing", "count": 3}]}
    posted = await care.post(
        "/jobs", "koel", title="Ironing day", pay="75", shifts=[{"day": day, **SHIFT, **places}]
    )
    job = posted["iri"].removeprefix(care.origin)
    until_when = f"{(datetime.fromisoformat(day) - timedelta(days=1)).date()}T00:00"
    await care.post(f"{job}/ask", "koel", ally=wash.group, places={"o1": 3}, until=until_when)

    async def asked():
        return (await wash.get("/allies/requests", "heron"))["asked_of_us"]

    [ask] = await until(asked)
    made = await wash.post(f"/allies/requests/{ask['id']}/offer", "heron", places=[3])

    async def offered():
        return (await care.get("/allies/requests", "koel"))["offered_to_us"]

    [loan] = await until(offered)
    await care.post(f"/loans/{loan['id']}/accept", "koel")

    async def lent():
        found = (await wash.get("/allies/requests", "heron"))["lent"]
        return [one for one in found if one["state"] == "standing"]

    await until(lent)
    return job, made["id"], ask["places"][0]["opening"]


async def addresses_of(wash: Server, loan: str, opening: str) -> list[str]:
    found = await wash.post(f"/loans/{loan}/staffing/find", "heron")
    return [one["person"] for at in found["openings"] for one in at["suggested"]]


async def says_yes(wash: Server, worker: str) -> None:
    async def asked():
        return (await wash.get("/week", worker))["invitations"]

    await until(asked)
    while waiting := await asked():
        await wash.press(f"/invitations/{waiting[0]['id']}/answer", worker, answer="yes")


async def enters_hours(wash: Server, worker: str) -> None:
    async def over():
        return (await wash.get("/record", worker))["to_enter"]

    await until(over)
    while left := await over():
        await wash.press(f"/record/shifts/{left[0]['promise']}", worker, **SHIFT)


async def hours_are_confirmed(care: Server) -> None:
    confirmed: set[str] = set()
    while len(confirmed) < 3:
        for one in await until(lambda: hours_waiting(care)):
            if one["id"] not in confirmed:
                await care.post(f"/hours/{one['id']}/confirm", "koel")
                confirmed.add(one["id"])


async def hours_waiting(care: Server) -> list:
    return (await care.get("/hours", "koel"))["to_confirm"]


async def balances_are(care: Server, wash: Server, minutes: int) -> bool:
    ours, theirs = await balance(care, "koel", wash), await balance(wash, "heron", care)
    return (ours, theirs) == (-minutes, minutes)


async def balance(server: Server, leader: str, counter: Server) -> int:
    accounts = (await server.get("/balances", leader))["accounts"]
    return sum(
        one["amount"]
        for one in accounts
        if (one["counter"], one["unit"]) == (counter.group, "minutes")
    )


async def nothing_is_on_its_way(care: Server, wash: Server) -> bool:
    pages = [await care.get("/peers", "koel"), await wash.get("/peers", "heron")]
    return not any(peer["waiting"] for page in pages for peer in page["peers"])


async def test_while_a_peer_is_away_work_goes_on_and_everything_arrives_when_it_is_back(any_world):
    care = await found_coop(any_world, "care", "Care", "koel")
    green = await found_coop(any_world, "green", "Green", "mangrove")
    await green.imports("Seh Mei Lin,peony,peony@mail.example,,ironing,,30,yes,yes")
    await care.imports("Poon Siu,poon,poon@mail.example,,ironing,,30,yes,yes")
    await green.peony.joins("@care@care.test", "name", "skills", "availability")
    await any_world.settle()
    await care.koel.takes_in()
    await any_world.settle()

    way_back = any_world.network.vanish("green.test")
    gone = any_world.clock()
    places = [{"skill": "ironing", "count": 2}]
    job = await care.koel.posts(
        title="Ironing", shifts=[{"day": "2027-01-08", **SHIFT, "openings": places}]
    )
    opening = await job.opening()
    found = (await job.find())[opening]["suggested"]
    assert len(found) == 2
    await job.invite(opening, *(one["person"] for one in found))
    any_world.clock.advance(minutes=1)
    await any_world.settle()
    await care.poon.answers()
    await any_world.settle()
    assert await job.states(opening) == {"Poon Siu": "confirmed", "Seh Mei Lin": "invited"}
    [peer] = (await care.koel.get("/peers"))["peers"]
    assert peer["origin"] == green.origin
    assert gone <= datetime.fromisoformat(peer["failing_since"]) <= any_world.clock()
    assert peer["waiting"] >= 2
    assert [one["origin"] for one in (await care.koel.get("/today"))["unheard"]] == [green.origin]

    any_world.network.names["green.test"] = way_back
    any_world.clock.advance(hours=1)
    await any_world.settle()
    await green.peony.answers(group="Care")
    await any_world.settle()
    assert set((await job.states(opening)).values()) == {"confirmed"}
    [peer] = (await care.koel.get("/peers"))["peers"]
    assert (peer["failing_since"], peer["waiting"]) == (None, 0)
