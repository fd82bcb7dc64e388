"""Seven of the eight steps in the running demonstration, by its JSON API and its printed tokens.

The eighth, hours and balances, begins with work that the demonstration has had done already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import aiohttp

from federation.fetch import GuardedResolver, Reach
from tests.journeys.first_steps import SHARED, TERMS
from tests.journeys.story import Coop, Job, Speaker

PATIENCE = 400  # seconds, for a machine that has much else to do
CARE = "home-care"


class Story:
    """The three co-ops as the demonstration's first line describes them."""

    def __init__(self, instances: list[dict[str, Any]]) -> None:
        self.care, self.wash, self.green = [_coop(one) for one in instances]

    async def tell(self) -> None:
        """Let the steps happen, one after the other."""
        await self.a_worker_joins_elsewhere()
        await self.two_accounts_become_one()
        await self.two_co_ops_become_allies()
        await self.a_job_is_posted()
        await self.people_are_found()
        await self.an_ally_lends()
        await self.two_yeses_in_the_same_second()
        await self.things_change()

    # 1 -----------------------------------------------------------------------------------------

    async def a_worker_joins_elsewhere(self) -> None:
        peony, koel, base = self.green.peony, self.care.koel, f"/groups/{self.care.token}/members"
        before = (await peony.get("/week"))["groups"]
        await peony.joins(f"care@{self.care.host}", *SHARED)
        [request] = await until(lambda: part(koel.get(base), "requests"), bool)
        await koel.post(f"{base}/{request['membership']}/accept")
        await until(lambda: part(peony.get("/week"), "groups"), lambda now: now == before + 1)

    async def two_accounts_become_one(self) -> None:
        """Somebody whom two co-ops had both imported keeps one of her two accounts."""
        old, kept = self.wash.azalea, self.green.peony
        await old.post("/me/home/name", address=f"peony@{self.green.host}")
        await kept.post("/me/home/confirm", address=f"azalea@{self.wash.host}")
        await old.post("/me/home/move")

        async def her_groups() -> set[str]:
            return {one["name"] for one in (await kept.get("/groups"))["mine"]}

        await until(her_groups, lambda found: any("Kwun Tong" in one for one in found))

    # 2 -----------------------------------------------------------------------------------------

    async def two_co_ops_become_allies(self) -> None:
        koel, heron = self.care.koel, self.wash.heron
        address = f"wash@{self.wash.host}"
        made = await koel.post("/allies/new", group=self.care.group, address=address, **TERMS)
        [offer] = await until(lambda: part(heron.get("/allies"), "waiting"), bool)
        await heron.post(f"/allies/{offer['id']}/accept")

        async def ours() -> dict[str, Any]:
            return (await koel.get(f"/allies/{made['id']}"))["alliance"]

        signed = await until(ours, lambda found: found["state"] == "active")
        theirs = (await heron.get(f"/allies/{offer['id']}"))["alliance"]
        assert signed["text"] == theirs["text"]

    # 3, 4 --------------------------------------------------------------------------------------

    async def a_job_is_posted(self) -> None:
        board = (await self.care.koel.get("/jobs"))["board"]
        self.job = Job(
            self.care.koel, next(one["job"] for one in board if "出院首日照顧" in one["title"])
        )
        private = await self.job.read()
        places = [one["count"] for shift in private["shifts"] for one in shift["openings"]]
        assert sum(places) == 5
        self.start = private["shifts"][0]["start"]

    async def people_are_found(self) -> None:
        found = await self.job.find()
        assert sum(one["unfilled"] for one in found.values()) == 2
        [self.opening] = [key for key, one in found.items() if one["unfilled"] == 2]
        for opening, one in found.items():
            for suggested in one["suggested"]:
                await self.job.invite(opening, suggested["person"])
        ask = {"ally": self.wash.group, "places": {self.opening.rpartition("#")[2]: 2}}
        page = await self.care.koel.get(f"{self.job.path}/ask")
        await self.care.koel.post(f"{self.job.path}/ask", **ask, until=page["until"])

    # 5 -----------------------------------------------------------------------------------------

    async def an_ally_lends(self) -> None:
        koel, heron = self.care.koel, self.wash.heron
        [ask] = await until(lambda: part(heron.get("/allies/requests"), "asked_of_us"), bool)
        assert (await heron.get(f"/allies/requests/{ask['id']}"))["coverage"]
        made = await heron.post(f"/allies/requests/{ask['id']}/offer", places=[2])
        [offered] = await until(lambda: part(koel.get("/allies/requests"), "offered_to_us"), bool)
        await koel.post(f"/loans/{offered['id']}/accept")

        self.lent = Job(heron, f"{self.wash.origin}/loans/{made['id']}")
        loan = f"/loans/{made['id']}"
        await until(lambda: part(heron.get(loan), "loan"), lambda now: now["state"] == "standing")
        suggested = (await self.lent.find())[self.opening]["suggested"][:2]
        by_iri = {one.iri: one for one in self.wash.people.values()}
        self.borrowed = [by_iri[one["person"]] for one in suggested]
        await self.lent.invite(self.opening, *(one.iri for one in self.borrowed))
        for one in self.borrowed:
            await self.says_yes(one)
        line = await until(lambda: self.job.at(self.opening), lambda found: found["named"] == 2)
        assert {one["name"].partition("@")[0] for one in line["people"]} == {
            one.username for one in self.borrowed
        }

    async def says_yes(self, person: Speaker) -> None:
        """Wait until somebody is asked, and say yes to whatever she is asked."""
        for one in await until(person.invitations, bool):
            await person.post(f"/invitations/{one['id']}/answer", answer="yes")

    # 6 -----------------------------------------------------------------------------------------

    async def two_yeses_in_the_same_second(self) -> None:
        peony, day = self.green.peony, self.start[:10]
        jobs = [
            await leader.posts(
                title="Evening visit",
                pay="70",
                audience="members",
                shifts=[_shift(day, *hours)],
            )
            for leader, hours in (
                (self.care.koel, ("19:00", "21:00")),
                (self.green.cypress, ("20:00", "22:00")),
            )
        ]
        for job in jobs:
            await job.invite(await job.opening(), peony.iri)
        asked = await until(peony.invitations, lambda found: len(found) == 2)
        answers = await asyncio.gather(
            *(peony.post(f"/invitations/{one['id']}/answer", answer="yes") for one in asked)
        )
        assert sorted(one["state"] for one in answers) == ["held", "refused"]

        async def places() -> list[tuple[int, int]]:
            lines = [await job.at(await job.opening()) for job in jobs]
            return sorted((one["confirmed"], one["open"]) for one in lines)

        await until(places, lambda found: found == [(0, 1), (1, 0)])

    # 7 -----------------------------------------------------------------------------------------

    async def things_change(self) -> None:
        koel, heron, leaver = self.care.koel, self.wash.heron, self.borrowed[0]
        await leaver.post("/me/concierge", leader=heron.iri)
        promise = await self._promise_of(leaver)
        await leaver.post(f"/invitations/{promise['id']}/withdraw")

        async def both_boards() -> tuple[int, int]:
            ours, theirs = [await one.at(self.opening) for one in (self.job, self.lent)]
            return ours["named"], theirs["open"]

        await until(both_boards, lambda found: found == (1, 1))
        day = self.start[:10]
        moved = {"day": day, "start": "09:30", "end": "13:30"}
        await koel.post(f"{self.job.path}/shifts/1/move", **moved)
        [asked] = await until(self.borrowed[1].invitations, bool)
        assert asked["old_start"] != asked["start"]
        await self.borrowed[1].answers()
        line = await until(
            lambda: self.job.at(self.opening),
            lambda found: found["named"] == 1 and found["start"] == asked["start"],
        )
        assert line["wanted"] == 2
        await koel.post(f"{self.job.path}/shifts/2/call-off")
        assert len((await self.job.read())["shifts"]) == 2

    async def _promise_of(self, person: Speaker) -> dict[str, Any]:
        [found] = [
            one
            for one in await person.promises(self.start[:10])
            if one["start"] == self.start and one["state"] == "confirmed"
        ]
        return found


async def until(look: Callable[[], Awaitable[Any]], right: Callable[[Any], Any]) -> Any:
    """Look again and again until it is right: messages take as long as the machine lets them."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await look()
            if right(found):
                return found
            await asyncio.sleep(0.2)


async def part(asked: Awaitable[dict[str, Any]], name: str) -> Any:
    """Return one part of an answer."""
    return (await asked)[name]


class _Loopback:
    """Opens clients for which every name under .localhost is this machine."""

    def client(self, **more: Any) -> aiohttp.ClientSession:
        resolver = GuardedResolver(Reach(plain_http=True, loopback=True))
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=resolver), **more)


def _coop(instance: dict[str, Any]) -> Coop:
    running = SimpleNamespace(origin=instance["origin"])
    key = instance["origin"].partition("://")[2].partition(".")[0]
    [group] = [one["id"] for one in instance["groups"] if one["username"] == key]
    coop = Coop(SimpleNamespace(network=_Loopback()), running, group)
    coop.people = {
        one["username"]: Speaker(coop, one["id"], one["username"], one["token"])
        for one in instance["people"]
    }
    return coop


def _shift(day: str, start: str, end: str) -> dict[str, Any]:
    opening = {"skill": CARE, "count": 1}
    return {"day": day, "start": start, "end": end, "openings": [opening]}
