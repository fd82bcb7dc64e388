"""Kill three whole co-ops at random while they lend each other people, and compare their books.

./ayni bench lending              one seed on SQLite, and one on PostgreSQL where a server answers
./ayni bench lending 5 300        the fifth seed, until 300 activities were said
./ayni bench lending --sqlite     on SQLite alone; with --check it exits 1 when something is amiss

Each co-op is what administrators start: on SQLite one `ayni serve`, on PostgreSQL a server and a
courier. Each borrows from the next; people work with them by their JSON API alone. All that they
say to each other goes through the proxy of `benchmarks/faults.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import tempfile
import time
import uuid
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from benchmarks.faults import (  # noqa: E402  # the launcher puts only this folder's path in
    AHEAD,
    POSTGRESQL,
    TICK,
    Proxy,
    kinds,
    on_server,
)
from instance.db import FEDERATION_TABLES, Database  # noqa: E402  # as above
from tests.journeys.processes import Ahead, Server, free_ports  # noqa: E402  # as above

ACTIVITIES = 5_000
NAMES = ("ash", "birch", "cedar")
WORKERS = ("gardenia", "lotus", "starfish", "peony", "willow", "reed")
LEADER = "koel"
SHIFT = {"start": "09:00", "end": "12:00"}
LIMITS = {"hours_lend": 5_000, "hours_borrow": 5_000}
MINUTES = 180
PATIENCE = 600.0
SLOWLY = AHEAD / 4
"""How far the clocks move in each tick: an invitation must not run out before it is answered."""

AT_ONCE = timedelta(days=2)
CALLED_ON = timedelta(days=3)
"""How far off a shift is, and how far clocks move to it: agreements on paper hold 90 days."""


class Coop(Server):
    """A co-op behind the proxy: the world reaches its origin's port, its people its own."""

    def __init__(self, folder: Path, name: str, clock: Ahead, database: str) -> None:
        front, inner = free_ports(2)
        super().__init__(folder, name, front, clock, database)
        self.front, self.port = front, inner
        self.courier: Process | None = None
        self._apart = bool(database)

    async def start(self) -> None:
        """Start its processes, and wait until it answers."""
        listening = ("--listen", f"127.0.0.1:{self.port}")
        self._process = await self.run("serve", *listening, *self._arguments)
        if self._apart and self.courier is None:
            self.courier = await self.run("courier")
        await until(self._answers)

    @property
    def _arguments(self) -> tuple[str, ...]:
        return ("--no-courier",) if self._apart else ()

    async def lose_one(self, chance: random.Random) -> None:
        """Lose one of its processes as in a power cut, and start it again."""
        if self.courier is not None and chance.random() < 0.5:
            self.courier.kill()
            await self.courier.wait()
            self.courier = await self.run("courier")
            self.killed += 1
            return
        await self.kill()
        await asyncio.sleep(chance.uniform(0, 0.5))
        await self.start()

    async def stop(self) -> None:
        """End every process."""
        if self.courier is not None and self.courier.returncode is None:
            self.courier.kill()
            await self.courier.wait()
        await super().stop()

    def last_words(self) -> str:
        """Read the end of what its processes wrote, for whoever looks for what went wrong."""
        return (self.folder / "log").read_text()[-20_000:]

    async def people_come(self) -> None:
        """Take the workers in, who are free at any time, and let programs act for them."""
        people = "\n".join(f"{one},{one},{one}@mail.example,ironing,yes,yes" for one in WORKERS)
        days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
        free = "\n".join(f"{one},{day},0:00,24:00" for one in WORKERS for day in days)
        for sheet, text in (
            ("people", f"name,handle,email,skills,adult,agreed_on_paper\n{people}"),
            ("availability", f"handle,weekday,from,to\n{free}"),
        ):
            given = {"group": self.group, "sheet": sheet, "text": text, "confirm": True}
            assert (await self.post("/import", LEADER, **given))["done"]
        for one in WORKERS:
            await self.gives_a_token(one)

    async def said(self) -> int:
        """Count the activities that it has said."""
        database, outbox = Database(self.settings), FEDERATION_TABLES.outbox
        try:
            async with database.reading() as tx:
                rows = await tx.session.execute(outbox.select().with_only_columns(outbox.c.seq))
                return len(rows.all())
        finally:
            await database.close()

    async def balance(self, other: Coop) -> int:
        """Read how many minutes another co-op owes this one."""
        accounts = (await self.get("/balances", LEADER))["accounts"]
        of_minutes = [one for one in accounts if one["unit"] == "minutes"]
        return sum(one["amount"] for one in of_minutes if one["counter"] == other.group)


async def until(true: Callable[[], Awaitable[Any]]) -> Any:
    """Ask again and again, until the answer is true."""
    async with asyncio.timeout(PATIENCE):
        while not (answer := await true()):  # noqa: ASYNC110  # no process sets our event
            await asyncio.sleep(0.1)
        return answer


class Pair:
    """Who borrows, who lends, and one round of it after the other."""

    def __init__(self, borrower: Coop, lender: Coop) -> None:
        self.borrower, self.lender = borrower, lender
        self.rounds = 0

    async def become_allies(self) -> None:
        """Agree on terms."""
        terms = {"insurer": "Harbour Mutual", "rate": "75", "notice_hours": 1, **LIMITS}
        address = self.lender.group
        offer = {"group": self.borrower.group, "address": address, **terms}
        await self.borrower.post("/allies/new", LEADER, **offer)

        async def offered() -> Any:
            waiting = (await self.lender.get("/allies", LEADER))["waiting"]
            return [one for one in waiting if one["ally"] == self.borrower.group]

        [asked] = await until(offered)
        await self.lender.press(f"/allies/{asked['id']}/accept", LEADER)

        async def allied() -> bool:
            active = (await self.borrower.get("/allies", LEADER))["active"]
            return any(one["alliance"]["ally"] == address for one in active)

        await until(allied)

    async def lend(self, day: date) -> None:
        """Let everybody be asked for, lent, invited, say yes, and be named to the borrower."""
        job = await self._posted(day)
        loan, opening = await self._lent(job, day)

        async def all_found() -> Any:
            found = await self.lender.post(f"/loans/{loan}/staffing/find", LEADER)
            people = [one["person"] for at in found["openings"] for one in at["suggested"]]
            return people if len(people) == len(WORKERS) else []

        asked = {"opening": opening, "people": await until(all_found), "until": f"{day}T06:00"}
        await self.lender.press(f"/loans/{loan}/staffing/invite", LEADER, **asked)
        await asyncio.gather(*(self._says_yes(one) for one in WORKERS))
        path = job.removeprefix(self.borrower.origin)

        async def named() -> bool:
            page = await self.borrower.get(f"{path}/staffing", LEADER)
            return bool(page["openings"][0]["named"] == len(WORKERS))

        await until(named)
        self.rounds += 1

    async def _posted(self, day: date) -> str:
        openings = {"openings": [{"skill": "ironing", "count": len(WORKERS)}]}
        shifts = [{"day": day.isoformat(), **SHIFT, **openings}]
        posted = await self.borrower.post(
            "/jobs", LEADER, title="Ironing day", pay="75", shifts=shifts
        )
        return str(posted["iri"])

    async def _lent(self, job: str, day: date) -> tuple[str, str]:
        """Ask and be lent everybody; returns the lender's loan, and the opening."""
        before = f"{day}T00:00"
        ask = {"ally": self.lender.group, "places": {"o1": len(WORKERS)}, "until": before}
        await self.borrower.press(f"{job.removeprefix(self.borrower.origin)}/ask", LEADER, **ask)

        async def asked() -> Any:
            found = (await self.lender.get("/allies/requests", LEADER))["asked_of_us"]
            return [one for one in found if one["job"] == job]

        first = (await until(asked))[0]
        places = {"places": [len(WORKERS)]}
        await self.lender.press(f"/allies/requests/{first['id']}/offer", LEADER, **places)

        async def offered() -> Any:
            found = (await self.borrower.get("/allies/requests", LEADER))["offered_to_us"]
            return [one for one in found if one["ask"]["job"] == job]

        await self.borrower.press(f"/loans/{(await until(offered))[0]['id']}/accept", LEADER)

        async def lent() -> Any:
            found = (await self.lender.get("/allies/requests", LEADER))["lent"]
            mine = [one for one in found if one["ask"]["job"] == job]
            return [one for one in mine if one["state"] == "standing"]

        loan = (await until(lent))[0]
        return str(loan["id"]), str(loan["ask"]["places"][0]["opening"])

    async def _says_yes(self, worker: str) -> None:
        async def asked() -> Any:
            return (await self.lender.get("/week", worker))["invitations"]

        await until(asked)
        while waiting := await asked():
            path = f"/invitations/{waiting[0]['id']}/answer"
            await self.lender.press(path, worker, answer="yes")

    async def work(self) -> None:
        """Let everybody enter the hours of the round, and the borrower confirm them."""
        await asyncio.gather(*(self._enters(one) for one in WORKERS))

        async def confirmed() -> bool:
            for one in (await self.borrower.get("/hours", LEADER))["to_confirm"]:
                await self.borrower.press(f"/hours/{one['id']}/confirm", LEADER)
            return await self.agrees()

        await until(confirmed)

    async def _enters(self, worker: str) -> None:
        async def over() -> Any:
            return (await self.lender.get("/record", worker))["to_enter"]

        await until(over)
        while left := await over():
            await self.lender.press(f"/record/shifts/{left[0]['promise']}", worker, **SHIFT)

    async def agrees(self) -> bool:
        """Tell whether both books say what was worked."""
        owed = self.rounds * len(WORKERS) * MINUTES
        books = (
            await self.lender.balance(self.borrower),
            await self.borrower.balance(self.lender),
        )
        return books == (owed, -owed)

    async def faults(self) -> list[str]:
        """Say what is not as it should be when everything is over."""
        found = [] if await self.agrees() else ["the books differ"]
        for one in WORKERS:
            record = await self.lender.get("/record", one)
            if record["total_minutes"] != self.rounds * MINUTES:
                found.append(f"{one} has {record['total_minutes']} minutes")
            if record["waiting"] or record["to_enter"]:
                found.append(f"{one} waits for something")
        return [f"{self.lender.name} to {self.borrower.name}: {one}" for one in found]


async def trouble(coop: Coop, chance: random.Random) -> None:
    """Kill a co-op's processes and start them again, for ever.

    They are left alone for as many times as long as they took to come back: killed more often, on a
    slow machine they would never get anything done.
    """
    took = 2.0
    while True:
        await asyncio.sleep(took * chance.uniform(2.5, 10.0))
        begun = time.monotonic()
        await coop.lose_one(chance)
        took = max(2.0, time.monotonic() - begun)


async def tick(clock: Ahead) -> None:
    """Let the clocks run fast, so that leases end and retries come."""
    while True:
        await asyncio.sleep(TICK)
        clock.move(SLOWLY)


async def play(coops: list[Coop], clock: Ahead, seed: int, activities: int) -> tuple[int, Any]:
    """Lend until enough was said; returns how much that was, and what was amiss."""
    for coop in coops:
        await coop.found(LEADER)
        await coop.start()
        await coop.people_come()
    pairs = [Pair(one, coops[(at + 1) % len(coops)]) for at, one in enumerate(coops)]
    await asyncio.gather(*(one.become_allies() for one in pairs))
    async with asyncio.TaskGroup() as group:
        going = [
            group.create_task(trouble(one, random.Random(f"{seed} {one.name}"))) for one in coops
        ]
        going.append(group.create_task(tick(clock)))
        said = await lend_on(coops, pairs, clock, activities)
        for task in going:
            task.cancel()
    return said, await faults(coops, pairs, clock)


async def lend_on(coops: list[Coop], pairs: list[Pair], clock: Ahead, activities: int) -> int:
    """Lend and work, round after round, until enough was said; returns how much that was."""
    said = 0
    while said < activities:
        now = datetime.now(UTC) + timedelta(seconds=clock.seconds)
        day = (now.astimezone(ZoneInfo("Asia/Hong_Kong")) + AT_ONCE).date()
        await asyncio.gather(*(one.lend(day) for one in pairs))
        clock.move(CALLED_ON.total_seconds())
        await asyncio.gather(*(one.work() for one in pairs))
        said = sum([await one.said() for one in coops])
        killed = sum(one.killed for one in coops)
        print(f"{day}: {said} activities said, killed {killed}", file=sys.stderr, flush=True)
    return said


async def faults(coops: list[Coop], pairs: list[Pair], clock: Ahead) -> list[str]:
    """Let everything come to rest, and say what is amiss."""
    for coop in coops:
        await coop.stop()
        coop.courier = None
        await coop.start()

    async def at_rest() -> bool:
        clock.move(AHEAD)
        pages = [await one.get("/peers", LEADER) for one in coops]
        return not any(peer["waiting"] for page in pages for peer in page["peers"])

    await until(at_rest)
    return [line for one in pairs for line in await one.faults()]


async def run(kind: str, seed: int, activities: int) -> list[str]:
    """Play one seed on one kind of database, and print what was seen."""
    begun = time.monotonic()
    proxy = Proxy(random.Random(seed), {})
    databases: list[str] = []
    with tempfile.TemporaryDirectory(prefix="ayni_lending_") as place:
        clock = Ahead(Path(place) / "ahead")
        coops = []
        for name in NAMES:
            url = ""
            if kind == "postgresql":
                databases.append(f"ayni_lending_{uuid.uuid4().hex}")
                await on_server(f'CREATE DATABASE "{databases[-1]}"')
                url = f"{POSTGRESQL.rpartition('/')[0]}/{databases[-1]}"
            coops.append(Coop(Path(place), name, clock, url))
            proxy.ports[f"{name}.localhost"] = coops[-1].port
        await proxy.start(*(one.front for one in coops))
        try:
            said, found = await play(coops, clock, seed, activities)
        except Exception:
            for one in coops:
                print(f"{one.name}: {one.last_words()}", file=sys.stderr)
            raise
        finally:
            for one in coops:
                await one.stop()
            await proxy.stop()
            for database in databases:
                await on_server(f'DROP DATABASE "{database}" WITH (FORCE)')
    killed = sum(one.killed for one in coops)
    did = ", ".join(f"{name} {number}" for name, number in sorted(proxy.did.items()))
    seconds = time.monotonic() - begun
    print(
        f"{kind:<10}  seed {seed:>2}  {said} activities  killed {killed:>3}"
        f"  faults {len(found)}  {seconds:.0f} s  ({did})",
        flush=True,
    )
    for line in found[:5]:
        print(f"  {line}")
    return found


async def main(arguments: list[str]) -> int:
    """Play a seed on each kind of database; return 1 when asked to check and all is not well."""
    numbers = [int(one) for one in arguments if one.isdecimal()]
    seed, activities = (*numbers, *(1, ACTIVITIES)[len(numbers) :])[:2]
    found = [line for kind in await kinds(arguments) for line in await run(kind, seed, activities)]
    return 1 if "--check" in arguments and found else 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        raise SystemExit(asyncio.run(main(sys.argv[1:])))
