"""What happened before the visitor came: an ally's people did their work, and somebody fell ill.

Acted out by the same words that people use, each co-op's own JSON API, at an earlier time.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import aiohttp
import click
import msgspec
from aiohttp import web

from federation import Iri
from federation.fetch import GuardedResolver
from instance.app import COURIER, create_app, reach_of
from instance.clock import PretendClock, system_clock
from instance.commands.opening import settings_from
from instance.demo.coops import ZONE, Coop, beginning, last_workday
from instance.demo.peopling import scopes_of
from instance.groups import service as groups
from instance.people import service as people
from instance.people import sessions
from instance.web import DATABASE

MOST_ROUNDS = 100
TERMS: Final = {
    "hours_lend": 9,
    "hours_borrow": 9,
    "rate": "75",
    "levy_percent": 5,
    "insurer": "Harbour Mutual, policy 4711",
    "notice_hours": 2,
}
WEEDING: Final = "weeding"
LENT: Final = ("acacia", "chrysanthemum")
"""Free on every workday's morning, whichever day the past began on; the first enters her hours."""
ROUND: Final = "Morning washing round"


async def act(coops: Sequence[Coop], today: date) -> None:
    """Let two co-ops become allies, one lend the other two people, and them do the work.

    One of them has entered her hours, the other has not. Then somebody who said yes to a coming
    shift falls ill. Raises ClickException when a co-op refuses what it should not.
    """
    async with _stage(coops, PretendClock(beginning(today))) as stage:
        care, green = await stage.speaker("care", "koel"), await stage.speaker("green", "cypress")
        await _become_allies(stage, care, green)
        await _lend(stage, care, green, last_workday(today))
        for username in LENT:
            await _say_yes(await stage.speaker("green", username))
        await stage.settle()
        stage.clock.now = system_clock()
        await stage.settle()
        await _enter_hours(await stage.speaker("green", LENT[0]))
        await _fall_ill(stage, await stage.speaker("care", "koel"))
        await stage.settle()


async def _become_allies(stage: _Stage, care: _Speaker, green: _Speaker) -> None:
    address = f"green@{stage.hosts['green']}"
    await care.post("/allies/new", group=stage.groups["care"], address=address, **TERMS)
    await stage.settle()
    [waiting] = (await green.get("/allies"))["waiting"]
    await green.post(f"/allies/{waiting['id']}/accept")
    await stage.settle()


async def _lend(stage: _Stage, care: _Speaker, green: _Speaker, day: date) -> None:
    """Post a job, ask the ally for two people, and let it ask two of its own."""
    posted = await care.post(
        "/jobs",
        group=stage.groups["care"].rpartition("/")[2],
        title="日間中心花園除草 Weeding the day centre's garden",
        pay="70",
        district="sha-tin",
        address="樂同社區中心花園 the day centre's garden",
        bring="手套 gloves",
        audience="allies",
        shifts=[
            {
                "day": day.isoformat(),
                "start": "09:00",
                "end": "13:00",
                "openings": [{"skill": WEEDING, "count": 2, "certificates": []}],
            }
        ],
    )
    job = posted["iri"].removeprefix(care.origin)
    until = datetime.combine(day - timedelta(days=1), time(18), ZONE).astimezone(UTC)
    ally = stage.groups["green"]
    await care.post(f"{job}/ask", ally=ally, until=until.isoformat(), places={"o1": 2})
    await stage.settle()
    [ask] = (await green.get("/allies/requests"))["asked_of_us"]
    made = await green.post(f"/allies/requests/{ask['id']}/offer", places=[2])
    await stage.settle()
    [offered] = (await care.get("/allies/requests"))["offered_to_us"]
    await care.post(f"/loans/{offered['id']}/accept")
    await stage.settle()
    loan = f"/loans/{made['id']}/staffing"
    [found] = (await green.post(f"{loan}/find"))["openings"]
    chosen = [await stage.person("green", username) for username in LENT]
    await green.post(f"{loan}/invite", opening=found["opening"], people=chosen)
    await stage.settle()


async def _say_yes(worker: _Speaker) -> str:
    """Say yes to the one invitation that waits; returns which it was."""
    [asked] = (await worker.get("/week"))["invitations"]
    await worker.post(f"/invitations/{asked['id']}/answer", answer="yes")
    return str(asked["id"])


async def _fall_ill(stage: _Stage, leader: _Speaker) -> None:
    """Let a member say yes to the first coming round and then be ill."""
    board = (await leader.get("/jobs"))["board"]
    job = next(one["job"] for one in board if ROUND in one["title"]).removeprefix(leader.origin)
    found = (await leader.post(f"{job}/staffing/find"))["openings"][0]
    person = found["suggested"][0]["person"]
    await leader.post(f"{job}/staffing/invite", opening=found["opening"], people=[person])
    await stage.settle()
    worker = await stage.speaker("care", await stage.username("care", person))
    invitation = await _say_yes(worker)
    await stage.settle()
    await worker.post(f"/invitations/{invitation}/withdraw")


async def _enter_hours(worker: _Speaker) -> None:
    [shift] = (await worker.get("/record"))["to_enter"]
    hours = {"start": shift["start_clock"], "end": shift["end_clock"], "break_minutes": 15}
    await worker.post(f"/record/shifts/{shift['promise']}", **hours)


class _Speaker(msgspec.Struct, frozen=True):
    """Somebody who speaks to her own co-op by its JSON API."""

    client: aiohttp.ClientSession
    origin: str
    token: str

    async def get(self, path: str) -> Any:
        """Read something."""
        return await self._call("GET", path, None)

    async def post(self, path: str, **body: Any) -> Any:
        """Do something."""
        return await self._call("POST", path, body)

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.origin}{path}.json"
        async with self.client.request(method, url, json=body, headers=headers) as answer:
            said = await answer.json(content_type=None)
            if answer.status >= 300:
                raise click.ClickException(f"{method} {url}: {said.get('detail')}")
            return said


class _Stage:
    """The three co-ops served from this process, at one time that is not now."""

    def __init__(
        self,
        apps: Mapping[str, web.Application],
        client: aiohttp.ClientSession,
        clock: PretendClock,
    ) -> None:
        self.clock = clock
        self.hosts: dict[str, str] = {}
        self.groups: dict[str, Iri] = {}
        self._apps = apps
        self._client = client

    async def know_groups(self) -> None:
        """Look up the co-ops' own groups."""
        for key, app in self._apps.items():
            async with app[DATABASE].reading() as tx:
                self.hosts[key] = tx.settings.host
                [first] = [one for one in await groups.groups(tx) if one.first]
                self.groups[key] = first.iri

    async def speaker(self, key: str, username: str) -> _Speaker:
        """Return somebody with a token for a day."""
        person = await self.person(key, username)
        async with self._apps[key][DATABASE].transaction() as tx:
            scopes = scopes_of(await people.rights_of(tx, person))
            token = await sessions.make_token(tx, person, scopes, "demonstration", days=1)
            return _Speaker(self._client, tx.origin, token)

    async def person(self, key: str, username: str) -> Iri:
        """Return the id of somebody whose home is a co-op."""
        async with self._apps[key][DATABASE].reading() as tx:
            found = await people.person_named(tx, username)
        assert found, f"{username} is in the files of {key}"
        return found.iri

    async def username(self, key: str, person: str) -> str:
        """Return the username of somebody whose home is a co-op."""
        async with self._apps[key][DATABASE].reading() as tx:
            return (await people.require_person(tx, Iri(person))).username

    async def settle(self) -> None:
        """Let everything arrive that is under way."""
        for _ in range(MOST_ROUNDS):
            if not any([await app[COURIER].step() for app in self._apps.values()]):
                return
        raise click.ClickException("The co-ops do not come to rest.")


@contextlib.asynccontextmanager
async def _stage(coops: Sequence[Coop], clock: PretendClock) -> AsyncIterator[_Stage]:
    async with contextlib.AsyncExitStack() as stack:
        apps: dict[str, web.Application] = {}
        for coop in coops:
            settings = settings_from(coop.config)
            apps[coop.key] = create_app(settings, clock=clock, courier=False)
            runner = web.AppRunner(apps[coop.key], access_log=None)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", coop.port).start()
        connector = aiohttp.TCPConnector(resolver=GuardedResolver(reach_of(settings)))
        client = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        stage = _Stage(apps, client, clock)
        await stage.know_groups()
        yield stage
