"""A co-op with two people and a group that one of them leads."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
import pytest

from federation import Iri
from instance.network import service as network
from instance.people import passwords, rights, sessions, signin
from instance.people import service as people
from instance.people.models import Person, Role

PASSWORD = "lantern river copper"


@dataclass
class Coop:
    """An instance, and who is there."""

    running: object
    client: aiohttp.ClientSession
    group: Iri
    mei: Iri
    ana: Iri

    @property
    def origin(self):
        return self.running.origin

    @property
    def database(self):
        return self.running.database

    async def link(self, person, **more):
        async with self.database.transaction() as tx:
            return await signin.make_link(tx, person, **more)

    async def cookie(self, person, way="password"):
        async with self.database.transaction() as tx:
            return await sessions.start(tx, person, way, "Firefox, Linux")

    async def token(self, person, *scopes):
        async with self.database.transaction() as tx:
            return await signin.make_token(tx, person, scopes, "test")

    async def browser(self, person=None):
        """Return a browser of its own, in which somebody may be signed in already."""
        return Browser(self, await self.cookie(person) if person else "")


class Browser:
    """Keeps cookies, sends what a browser sends, and fills in the CSRF token."""

    def __init__(self, coop, cookie=""):
        self.coop = coop
        self.cookies = {"ayni_session": cookie} if cookie else {}

    @property
    def cookie(self):
        return self.cookies.get("ayni_session", "")

    async def get(self, path, **headers):
        return await self._send("GET", path, None, headers)

    async def post(self, path, fields=None, **headers):
        import hashlib

        fields = dict(fields or {})
        if self.cookie and "csrf" not in fields:
            fields["csrf"] = hashlib.sha256(f"csrf:{self.cookie}".encode()).hexdigest()[:32]
        headers.setdefault("Origin", self.coop.origin)
        return await self._send("POST", path, fields, headers)

    async def _send(self, method, path, fields, headers):
        headers = {"Accept": "text/html", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        async with self.coop.client.request(
            method, self.coop.origin + path, data=fields, headers=headers, allow_redirects=False
        ) as answer:
            text = await answer.text()
            for name, morsel in answer.cookies.items():
                if morsel.value:
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)
            return Answer(answer.status, dict(answer.headers), text, answer.cookies)


@dataclass
class Answer:
    status: int
    headers: dict
    text: str
    cookies: object

    @property
    def to(self):
        return self.headers.get("Location", "")


@pytest.fixture
async def coop(world):
    running = await world.instance("care")
    async with running.database.transaction() as tx:
        kind = network.ActorKind.GROUP
        group = await network.create_actor(tx, kind, "commune", name="Shatin Care")
        mei = await people.add_person(
            tx, people.NewPerson("mei", "Chan Mei Ling", email="mei@mail.example")
        )
        ana = await people.add_person(tx, people.NewPerson("ana", "Ana Pérez"))
        await rights.grant(tx, mei, group, Role.LEADER, "init")
        await rights.grant(tx, mei, group, Role.MEMBER, "init")
        await rights.grant(tx, ana, group, Role.MEMBER, "init")
    async with world.network.client(cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield Coop(running, client, group, mei, ana)


@pytest.fixture
async def with_passwords(coop):
    kept = await passwords.hashed(PASSWORD)
    async with coop.database.transaction() as tx:
        for iri in (coop.mei, coop.ana):
            (await tx.get(Person, iri)).password = kept
    return coop
