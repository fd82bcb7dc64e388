"""A co-op with a group, its leader and a member, for tests of jobs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from federation import Iri
from instance.groups import service as groups
from instance.groups.views import FoundGroup
from instance.jobs import service as jobs
from instance.jobs.views import NewJob, NewOpening, NewShift
from instance.people import service as people
from instance.people import sessions, signin
from instance.people.models import Role
from instance.viewer import Viewer

FIELDS = ("name", "skills")
SECRETS = {
    "customer": "Madam Ho of the ninth floor",
    "customer_phone": "+852 9999 0001",
    "address": "Flat 8, Sunny House, Fir Estate",
    "door": "gate code 4711",
    "contact_name": "Wong Siu Ming",
    "contact_phone": "+852 9999 0002",
}


@dataclass
class Commune:
    """One instance with a group; `leader` and `member` live here."""

    world: object
    running: object
    group: Iri
    leader: Iri
    member: Iri

    @property
    def database(self):
        return self.running.database

    @property
    def origin(self):
        return self.running.origin

    @property
    def now(self) -> datetime:
        return self.world.clock()

    def viewer(self, person=None, leads=None) -> Viewer:
        person = person or self.leader
        leads = (self.group,) if leads is None and person == self.leader else leads or ()
        return Viewer(person, "Mei", "mei", "en", leads=leads)

    def new_job(self, **more) -> NewJob:
        start = self.now.replace(hour=1, minute=30, second=0) + timedelta(days=5)
        shift = NewShift(
            start,
            start + timedelta(hours=4),
            (NewOpening("home-carer", 2, 1, languages=("language-yue",)),),
        )
        told = {
            "title": "First day home from hospital",
            "description": "Help somebody settle in at home.",
            "district": "sha-tin-district",
            "pay_cents_per_hour": 7550,
            "levy_percent": 5,
            "insurance_percent": 3,
            "break_minutes": 15,
            "bring": "indoor shoes",
            "shifts": (shift,),
        }
        return NewJob(**{**told, **SECRETS, **more})

    async def post(self, **more) -> Iri:
        async with self.database.transaction() as tx:
            return await jobs.post_job(tx, self.viewer(), self.group, self.new_job(**more))

    async def job(self, iri):
        async with self.database.reading() as tx:
            return await jobs.require_job(tx, iri)

    async def act(self, act, *given, viewer=None):
        async with self.database.transaction() as tx:
            return await act(tx, viewer or self.viewer(), *given)

    async def browser(self, person=None):
        cookie = ""
        if person:
            async with self.database.transaction() as tx:
                cookie = await sessions.start(tx, person, "password", "test")
        return Browser(self, cookie)

    async def token(self, person, *scopes):
        async with self.database.transaction() as tx:
            return await signin.make_token(tx, person, scopes, "test")


class Browser:
    """Asks as a browser, or with headers as given; fills in the CSRF token."""

    def __init__(self, commune: Commune, cookie: str) -> None:
        self._commune = commune
        self._cookie = cookie

    async def ask(self, path, fields=None, *, json=None, method=None, **headers):
        headers = {
            "Accept": "text/html",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if self._cookie:
            headers["Cookie"] = f"ayni_session={self._cookie}"
            digest = hashlib.sha256(f"csrf:{self._cookie}".encode()).hexdigest()[:32]
            headers["X-CSRF-Token"] = digest
            fields = {**fields, "csrf": digest} if fields is not None else None
        body = {"data": fields} if json is None else {"data": msgspec.json.encode(json)}
        if json is not None:
            headers["Content-Type"] = "application/json"
        posts = fields is not None or json is not None
        async with (
            self._commune.world.network.client() as client,
            client.request(
                method or ("POST" if posts else "GET"),
                path if path.startswith("http") else self._commune.origin + path,
                headers=headers,
                allow_redirects=False,
                **body,
            ) as answer,
        ):
            return answer.status, dict(answer.headers), await answer.text()


async def found(world, name="care", **settings) -> Commune:
    """Start an instance with a group that Mei leads and Ana belongs to."""
    running = await world.instance(name, **settings)
    async with running.database.transaction() as tx:
        group = await groups.create_group(tx, name, f"{name.title()} Commune")
        mei = await people.add_person(tx, people.NewPerson("mei", "Chan Mei Ling"))
        ana = await people.add_person(tx, people.NewPerson("ana", "Ana Pérez"))
        await people.grant(tx, mei, group, Role.LEADER, "init")
    commune = Commune(world, running, group, mei, ana)
    await join(commune, commune, ana)
    return commune


async def join(home: Commune, away: Commune, person: Iri) -> None:
    """Have somebody of one commune taken in by the group of another, by messages alone."""
    async with away.database.reading() as tx:
        view = await groups.require_group(tx, away.group)
    found_group = FoundGroup(
        iri=view.iri,
        name=view.name,
        handle=view.handle,
        about="",
        asked=view.asked,
        asked_days=view.asked_days,
        here=home is away,
    )
    wanted = [one.field for one in view.asked if one.essential]
    async with home.database.transaction() as tx:
        await groups.ask_to_join(tx, person, found_group, wanted)
    await home.world.settle()
    async with away.database.transaction() as tx:
        for one in await groups.requests(tx, away.group):
            await groups.accept_member(tx, away.viewer(), one.membership)
    await home.world.settle()
