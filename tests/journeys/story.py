"""Words for the story of three co-ops: people speak to their co-op by its JSON API alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from aiohttp import StreamReader, web

from federation import FederationError
from instance.commands.setup import begin
from instance.db import Base
from instance.network import service as network
from instance.notices.models import Mail
from instance.people import service as people
from instance.people import sessions

HEADER = "name,handle,email,phone,skills,certificates,weekly_hours,adult,agreed_on_paper\n"


class Refused(Exception):
    """A co-op said no: the status, and what it said."""

    def __init__(self, status: int, problem: Any) -> None:
        super().__init__(status, problem)
        self.status, self.problem = status, problem


@dataclass(eq=False)
class Speaker:
    """Somebody with a token for her own co-op."""

    coop: Coop
    iri: str
    username: str
    token: str

    async def get(self, path: str, **query: str) -> Any:
        """Read something."""
        return await self.coop.call("GET", path, self.token, params=query)

    async def post(self, path: str, **body: Any) -> Any:
        """Do something."""
        return await self.coop.call("POST", path, self.token, json=body)

    async def refused(self, path: str, **body: Any) -> dict[str, Any]:
        """Try something that is refused; returns the problem."""
        try:
            done = await self.post(path, **body)
        except Refused as refused:
            return refused.problem
        raise AssertionError(f"{path} was not refused: {done}")

    # A worker's words ----------------------------------------------------------------------------

    async def invitations(self) -> list[dict[str, Any]]:
        """List what waits for her answer."""
        return (await self.get("/week"))["invitations"]

    async def promises(self, monday: str) -> list[dict[str, Any]]:
        """List what a week of hers holds."""
        week = await self.get("/week", **{"from": monday})
        return [one for day in week["days"] for one in day["promises"]]

    async def answers(self, yes: bool = True, *, group: str = "") -> dict[str, Any]:
        """Answer the one invitation that waits, or the one of a group."""
        [asked] = [one for one in await self.invitations() if group in one["group_name"]]
        word = "yes" if yes else "no"
        return await self.post(f"/invitations/{asked['id']}/answer", answer=word)

    async def joins(self, group: str, *fields: str) -> None:
        """Find a group by its address and ask it to be taken in, with the fields agreed to."""
        found = (await self.get("/groups/find", address=group))["group"]
        await self.post("/groups/join", group=found["iri"], fields=list(fields))

    # A leader's words ----------------------------------------------------------------------------

    async def takes_in(self) -> list[str]:
        """Take in everybody who asks; returns their names."""
        base = f"/groups/{self.coop.token}/members"
        requests = (await self.get(base))["requests"]
        for one in requests:
            await self.post(f"{base}/{one['membership']}/accept")
        return [one["name"] for one in requests]

    async def posts(self, **job: Any) -> Job:
        """Publish a job of her group."""
        posted = await self.post("/jobs", group=self.coop.token, **job)
        return Job(self, posted["iri"])

    async def board(self, day: str, skill: str) -> dict[str, Any]:
        """Read one line of a day's board."""
        board = await self.get("/today", day=day)
        [line] = [one for one in board["open"] + board["filled"] if one["skill"] == skill]
        return line

    async def balance(self, counter: str, unit: str = "minutes") -> int:
        """Read what another group owes hers."""
        accounts = (await self.get("/balances"))["accounts"]
        return sum(
            one["amount"] for one in accounts if one["counter"] == counter and one["unit"] == unit
        )


@dataclass(eq=False)
class Job:
    """The places of a job, or of a loan, as the leader who fills them works with them."""

    leader: Speaker
    iri: str

    @property
    def path(self) -> str:
        """Where it is, without the origin."""
        return self.iri.removeprefix(self.leader.coop.origin)

    async def read(self) -> dict[str, Any]:
        """Read all that its leader may."""
        return (await self.leader.get(self.path))["private"]

    async def opening(self, number: int = 1) -> str:
        """Return the address of an opening, counted from 1."""
        openings = [one for shift in (await self.read())["shifts"] for one in shift["openings"]]
        return openings[number - 1]["iri"]

    async def find(self) -> dict[str, dict[str, Any]]:
        """Ask matching; returns what was found by opening."""
        found = await self.leader.post(f"{self.path}/staffing/find")
        return {one["opening"]: one for one in found["openings"]}

    async def invite(self, opening: str, *persons: str) -> list[str]:
        """Ask people."""
        body = {"opening": opening, "people": list(persons)}
        return (await self.leader.post(f"{self.path}/staffing/invite", **body))["invites"]

    async def at(self, opening: str) -> dict[str, Any]:
        """Read how an opening stands."""
        page = await self.leader.get(f"{self.path}/staffing")
        [line] = [one for one in page["openings"] if one["opening"] == opening]
        return line

    async def states(self, opening: str) -> dict[str, str]:
        """Read how far it has come with each person, by what her group calls her."""
        line = await self.at(opening)
        return {one["name"]: one["state"] for one in (*line["past"], *line["people"])}


@dataclass(eq=False)
class Coop:
    """One instance: its first group, and who has signed in there."""

    world: Any
    running: Any
    group: str
    lead: Speaker = field(init=False)
    people: dict[str, Speaker] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Where it is."""
        return self.running.origin

    @property
    def host(self) -> str:
        """Its host's name."""
        return self.origin.partition("://")[2]

    @property
    def token(self) -> str:
        """The last part of the group's address."""
        return self.group.rpartition("/")[2]

    def __getattr__(self, username: str) -> Speaker:
        """Return somebody by her username."""
        try:
            return self.__dict__["people"][username]
        except KeyError as error:
            raise AttributeError(username) from error

    async def call(self, method: str, path: str, token: str = "", **more: Any) -> Any:
        """Ask for JSON; raise Refused for what is no success."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = path if "://" in path else f"{self.origin}{path}"
        json = f"{url}.json"
        async with (
            self.world.network.client(headers=headers) as client,
            client.request(method, json, **more) as answer,
        ):
            said = msgspec.json.decode(await answer.read())
            if answer.status >= 300:
                raise Refused(answer.status, said)
            return said

    async def imports(self, *rows: str, free: str = "00:00-24:00") -> None:
        """Bring people in by a list, free every day at these hours; everybody gets a token."""
        first, last = free.split("-")
        handles = [row.split(",")[1] for row in rows]
        days = "Mon Tue Wed Thu Fri Sat Sun".split()
        lines = [f"{one},{day},{first},{last}" for one in handles for day in days]
        await self._imports("people", HEADER + "\n".join(rows))
        await self._imports("availability", "handle,weekday,from,to\n" + "\n".join(lines))
        for one in handles:
            await self.gives_a_token(one)

    async def _imports(self, sheet: str, text: str) -> None:
        report = await self.lead.post(
            "/import", group=self.group, sheet=sheet, text=text, confirm=True
        )
        assert report["done"], report["faults"]

    async def gives_a_token(self, username: str) -> Speaker:
        """Let somebody's program act for her, with all the rights she has, as the demo does."""
        async with self.running.database.transaction() as tx:
            person = await people.person_named(tx, username)
            rights = await people.rights_of(tx, person.iri)
            leads = {
                f"group:{one.group.rpartition('/')[2]}:lead"
                for one in rights
                if one.role is not people.Role.MEMBER
            }
            scopes = {"self", *leads, *({"admin"} if leads else ())}
            token = await sessions.make_token(tx, person.iri, scopes, "the story", days=30)
        self.people[username] = Speaker(self, person.iri, username, token)
        return self.people[username]

    async def everything_stored(self, but: Collection[str] = ()) -> str:
        """Return every value of every row as one text, some tables left out."""
        found = []
        tables = [one for one in Base.metadata.sorted_tables if one.name not in but]
        async with self.running.database.reading() as tx:
            for table in tables:
                for row in await tx.session.execute(table.select()):
                    found += [_text(value) for value in row]
        return "\n".join(found)

    async def fetch_as_group(self, url: str) -> str:
        """Fetch a document in the group's name; empty when there is none for it."""
        async with self.running.database.reading() as tx:
            reader = await network.require_actor(tx, self.group)
        try:
            document = await self.running.federation.actors.get(url, reader=reader)
        except FederationError:
            return ""
        return msgspec.json.encode(document).decode()

    async def mails(self, kind: str) -> list[tuple[str, str]]:
        """Return the addresses that e-mails of a kind went to, each with the link in it."""
        async with self.running.database.reading() as tx:
            rows = await tx.session.scalars(sa.select(Mail).where(Mail.kind == kind))
            return [(one.address, one.link) for one in rows]


async def found_coop(world: Any, name: str, title: str, leader: str, **settings: Any) -> Coop:
    """Start a co-op as `init` does: its first group and the one who leads it."""
    running = await world.instance(name, title=title, **settings)
    async with running.database.transaction() as tx:
        founded = await begin(tx, name, people.NewPerson(leader, f"{leader.title()} Leung"))
    coop = Coop(world, running, founded.group)
    coop.lead = await coop.gives_a_token(leader)
    return coop


# What goes over the wire -------------------------------------------------------------------------


@dataclass
class Said:
    """One request between servers and its answer."""

    host: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    answer: bytes
    at: datetime

    @property
    def signer(self) -> str:
        """The origin of whoever signed it."""
        found = re.search(r'keyId="(https?://[^/"]+)', self.headers.get("Signature", ""))
        return found.group(1) if found else ""

    def heard_by(self, host: str) -> str:
        """Return what this told a server: what it was sent, or what it was answered."""
        if self.host == host and self.method == "POST":
            return f"{self.headers}{self.body.decode()}"
        return self.answer.decode() if self.signer == f"http://{host}" else ""


def record(world: Any) -> list[Said]:
    """Keep all that servers of a world say to each other from now on."""
    kept: list[Said] = []
    serve = world.network.serve

    @web.middleware
    async def keep(request: web.Request, handler: Any) -> web.StreamResponse:
        body = await request.read()
        request._payload, request._read_bytes = _unread(request, body), None
        response = await handler(request)
        if "Authorization" not in request.headers:
            answer = getattr(response, "body", b"") or b""
            kept.append(
                Said(
                    request.host,
                    request.method,
                    request.path_qs,
                    dict(request.headers),
                    body,
                    answer if isinstance(answer, bytes) else b"",
                    world.clock.now,
                )
            )
        return response

    async def recorded(name: str, application: web.Application) -> None:
        if not application.middlewares.frozen:
            application.middlewares.insert(0, keep)
        await serve(name, application)

    world.network.serve = recorded
    return kept


async def say_again(world: Any, said: Said) -> int:
    """Send the very same bytes once more."""
    async with (
        world.network.client() as client,
        client.post(
            f"http://{said.host}{said.path}", data=said.body, headers=said.headers
        ) as answer,
    ):
        return answer.status


def _unread(request: web.Request, body: bytes) -> StreamReader:
    """Return a stream that gives a body again which was read already."""
    stream = StreamReader(request.protocol, 2**16, loop=asyncio.get_running_loop())
    stream.feed_data(body)
    stream.feed_eof()
    return stream


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if isinstance(value, str) else repr(value)
