"""Two co-ops that may become allies, and a group of another make, for tests of lending."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from federation import Iri
from instance.agenda import service as agenda
from instance.alliances import service as alliances
from instance.alliances.terms import terms_document
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.people import service as people
from instance.people import sessions
from instance.viewer import Viewer

SKILL = "home-care"
TERMS = alliances.Terms(
    minutes_limit_lend=40 * 60,
    minutes_limit_borrow=30 * 60,
    rate_cents_per_hour=7_500,
    currency="HKD",
    levy_percent=5,
    lending_mode=alliances.LendingMode.SERVICE_SUBCONTRACT,
    employer=alliances.Employer.LENDER,
    insurer="Harbour Mutual, policy 4711",
    notice_minutes=12 * 60,
    text="Tea is shared.",
)


@dataclass
class Coop:
    """One instance with a group and its leader."""

    world: object
    running: object
    group: Iri
    leader: Iri

    @property
    def origin(self):
        return self.running.origin

    @property
    def database(self):
        return self.running.database

    @property
    def now(self) -> datetime:
        return self.world.clock()

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.leader, "Mei", "mei", "en", leads=(self.group,))

    async def act(self, act, *given, **more):
        """Let the leader do something."""
        async with self.database.transaction() as tx:
            return await act(tx, self.viewer, *given, **more)

    async def see(self, read, *given, **more):
        """Read something."""
        async with self.database.reading() as tx:
            return await read(tx, *given, **more)

    async def post_job(self, places=2, days=5, **more) -> jobs.JobView:
        """Publish a job of one shift, 09:30 to 13:30 on the place's clock."""
        start = self.now.replace(hour=1, minute=30, second=0, microsecond=0) + timedelta(days=days)
        shift = jobs.NewShift(
            start, start + timedelta(hours=4), (jobs.NewOpening(SKILL, places, 1),)
        )
        told = {"title": "Morning at home", "district": "sha-tin-district", "shifts": (shift,)}
        iri = await self.act(jobs.post_job, self.group, jobs.NewJob(**{**told, **more}))
        return await self.see(jobs.require_job, iri)

    async def add_worker(self, username, name, level=2) -> Iri:
        """Take in a member who can care and is free every morning."""
        async with self.database.transaction() as tx:
            new = people.NewPerson(username, name, skills=((SKILL, level),))
            person = await people.add_person(tx, new)
            week = [agenda.Hours(day, 9 * 60, 15 * 60) for day in range(7)]
            await agenda.paint_week(tx, person, week)
        fields = ("name", "skills", "availability", "languages")
        await self.act(
            groups.add_by_import, self.group, person, fields, agreed_on_paper=self.now.date()
        )
        await self.world.settle()
        self.world.clock.advance(seconds=60)
        await self.world.settle()
        return person

    async def ask(self, path, fields=None, *, json=None, accept="text/html", signed_in=True):
        """Ask as the leader's browser does; returns status, headers and text."""
        headers = {"Accept": accept}
        if signed_in:
            async with self.database.transaction() as tx:
                cookie = await sessions.start(tx, self.leader, "password", "test")
            digest = hashlib.sha256(f"csrf:{cookie}".encode()).hexdigest()[:32]
            headers |= {"Cookie": f"ayni_session={cookie}", "X-CSRF-Token": digest}
            fields = {**fields, "csrf": digest} if fields is not None else None
        if json is not None:
            headers["Content-Type"] = "application/json"
            fields = msgspec.json.encode(json)
        async with (
            self.world.network.client() as client,
            client.request(
                "GET" if fields is None else "POST",
                self.origin + path,
                headers=headers,
                data=fields,
                allow_redirects=False,
            ) as answer,
        ):
            return answer.status, answer.headers, await answer.text()


async def found(world, name, **settings) -> Coop:
    """Start an instance with one group and its leader."""
    running = await world.instance(name, **settings)
    async with running.database.transaction() as tx:
        group = await groups.create_group(tx, name, f"{name.title()} Co-op")
        leader = await people.add_person(tx, people.NewPerson(f"lead_{name}", "Chan Mei Ling"))
        await people.grant(tx, leader, group, people.Role.LEADER, "init")
    return Coop(world, running, group, leader)


async def allied(world, terms=TERMS) -> tuple[Coop, Coop]:
    """Two co-ops in alliance: the borrower, who offered the terms, and the lender."""
    borrower, lender = await found(world, "care"), await found(world, "wash")
    await borrower.act(alliances.offer, borrower.group, lender.group, terms)
    await world.settle()
    (offered,) = await lender.act(alliances.alliances, lender.group)
    await lender.act(alliances.accept, offered.id)
    await world.settle()
    return borrower, lender


class Stranger:
    """A group on a server of another make that speaks our words about alliances."""

    def __init__(self, world, remote, name="green"):
        self.world = world
        self.remote = remote
        self.group = remote.actor(name, kind="Group")

    def offer(self, to, terms=TERMS, **more):
        """Write an Offer of terms, signed."""
        activity = self.remote.activity("Offer", self.group, None, to=[to])
        document = terms_document(
            terms,
            subject=self.group,
            other=to,
            offer=activity["id"],
            at=self.world.clock(),
            context=activity["@context"],
        )
        return {**activity, "object": self.remote.proven({**document, **more}, self.group)}

    async def say(self, activity, to, signer=None):
        """Send an activity and let it take effect; returns the status."""
        status = await self.remote.post(f"{to}/inbox", activity, signer=signer or self.group)
        await self.world.settle()
        return status

    async def ally_with(self, coop: Coop, terms=TERMS):
        """Become a co-op's ally: it accepts our terms."""
        await self.say(self.offer(coop.group, terms), coop.group)
        every = await coop.act(alliances.alliances, coop.group)
        offered = next(one for one in every if one.ally == self.group)
        await coop.act(alliances.accept, offered.id)
        await self.world.settle()
        self.remote.received.clear()
