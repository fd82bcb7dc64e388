"""Kill hosts at random while they say 5,000 things to each other, and compare their ledgers.

./ayni bench faults             20 seeds on SQLite, and 20 on PostgreSQL where a server answers
./ayni bench faults 3           as many seeds as that
./ayni bench faults 1 200       one seed, 200 activities
./ayni bench faults 1 5000 7    the seventh seed alone
./ayni bench faults --sqlite    on SQLite alone; with --check it exits 1 when something is amiss

Three hosts run as processes: on SQLite one each, on PostgreSQL a server and a courier each. All
that they send goes through a proxy, which delays, and so reorders, doubles, drops, and swallows
answers. Their clocks run forty times as fast, so that leases end and retries come.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import sys
import tempfile
import time
import uuid
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
from aiohttp import web

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from federation.keypool import make_keys  # noqa: E402  # the launcher puts only this folder in
from tests.journeys.processes import Ahead, free_ports  # noqa: E402  # as above

SEEDS = 20
ACTIVITIES = 5_000
PATIENCE = 600.0
TICK, AHEAD = 0.5, 20.0
WAITED_FOR = 2_000.0
AT_ONCE = 8
POSTGRESQL = os.environ.get(
    "AYNI_TEST_POSTGRESQL", "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"
)
NAMES = ("ash", "birch", "cedar")


@dataclass
class Host:
    """One host: its plan in a file, and its processes."""

    name: str
    plan: dict[str, Any]
    path: Path
    roles: tuple[str, ...]
    processes: dict[str, Process] = field(default_factory=dict)

    async def start(self, role: str) -> None:
        """Start one of its processes."""
        program = Path(__file__).with_name("faulty_host.py")
        with self.path.with_suffix(".log").open("ab") as log:
            self.processes[role] = await asyncio.create_subprocess_exec(
                *(sys.executable, str(program), str(self.path), role),
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def kill(self, role: str) -> None:
        """End one of its processes as a power cut does."""
        process = self.processes[role]
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.wait()


class Proxy:
    """What stands between the hosts: it delays, doubles, drops, and swallows answers."""

    def __init__(self, chance: random.Random, ports: dict[str, int]) -> None:
        self._chance, self.ports = chance, ports
        self.did: Counter[str] = Counter()

    async def start(self, *ports: int) -> int:
        """Listen on these ports, or else on a free one; returns the first."""
        application = web.Application(client_max_size=2_000_000)
        application.router.add_route("*", "/{path:.*}", self.carry)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        for port in ports or (0,):
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self._client = aiohttp.ClientSession(auto_decompress=False)
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening."""
        await self._client.close()
        await self._runner.cleanup()

    async def carry(self, request: web.Request) -> web.Response:
        """Pass one request on, in one of the ways in which networks fail."""
        body = await request.read()
        fate = "whole"
        if request.method == "POST":
            weights = {"whole": 80, "dropped": 5, "doubled": 10, "swallowed": 5}
            [fate] = self._chance.choices([*weights], [*weights.values()])
            await asyncio.sleep(self._chance.choice((0, 0, 0, 0.05, 0.3)))
        self.did[fate] += 1
        if fate == "dropped":
            return web.Response(status=502)
        try:
            answer = await self._pass_on(request, body)
            if fate == "doubled":
                await self._pass_on(request, body)
        except (aiohttp.ClientError, OSError):
            self.did["nobody there"] += 1
            return web.Response(status=502)
        return web.Response(status=504) if fate == "swallowed" else answer

    async def _pass_on(self, request: web.Request, body: bytes) -> web.Response:
        port = self.ports[request.host.partition(":")[0]]
        url = f"http://127.0.0.1:{port}{request.raw_path}"
        async with self._client.request(
            request.method, url, data=body, headers=request.headers, allow_redirects=False
        ) as answer:
            kept = {
                name: answer.headers[name] for name in ("Content-Type",) if name in answer.headers
            }
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)


@dataclass
class Run:
    """One seed on one kind of database."""

    seed: int
    activities: int
    hosts: list[Host]
    proxy: Proxy
    clock: Ahead
    chance: random.Random
    killed: int = 0
    offered: list[tuple[str, str, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    async def offer_all(self, client: aiohttp.ClientSession) -> None:
        """Have every host offer amounts to the two others, again until it says yes."""
        waiting = list(range(self.activities // 2))

        async def offering() -> None:
            while waiting:
                await self._offer(client, waiting.pop())

        await asyncio.gather(*(offering() for _ in range(AT_ONCE)))

    async def _offer(self, client: aiohttp.ClientSession, number: int) -> None:
        host, other = self.chance.sample(self.hosts, 2)
        amount = self.chance.randint(1, 1_000)
        asked = {
            "name": f"{self.seed}-{number}",
            "to": f"{other.plan['origin']}/groups/till",
            "amount": amount,
            "talk": f"talk {self.chance.randint(1, 40)}",
        }
        url = f"http://127.0.0.1:{host.plan['port']}/bench/offer"
        iri = f"{host.plan['origin']}/activities/{asked['name']}"
        self.offered.append((iri, other.name, amount))
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with client.post(url, json=asked) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.05)

    async def trouble(self) -> None:
        """Kill one process after the other, and start it again."""
        while True:
            await asyncio.sleep(self.chance.uniform(0.3, 2.0))
            host = self.chance.choice(self.hosts)
            role = self.chance.choice(host.roles)
            await host.kill(role)
            self.killed += 1
            await asyncio.sleep(self.chance.uniform(0.0, 0.5))
            await host.start(role)
            if role != "carry":
                await self.until_up(host)

    async def until_up(self, host: Host) -> None:
        """Wait until a host answers: killed before, on a slow machine none ever would."""
        async with aiohttp.ClientSession() as client:
            while True:
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with client.get(f"http://127.0.0.1:{host.plan['port']}/actor"):
                        return
                await asyncio.sleep(0.1)

    async def tick(self) -> None:
        """Let the clocks run fast."""
        while True:
            await asyncio.sleep(TICK)
            self.clock.move(AHEAD)

    async def ledgers(self, client: aiohttp.ClientSession) -> dict[str, dict[str, Any]]:
        """Read every host's ledger."""
        found = {}
        for host in self.hosts:
            url = f"http://127.0.0.1:{host.plan['port']}/bench/ledger"
            async with client.get(url) as answer:
                found[host.name] = await answer.json()
        return found

    async def settled(self, client: aiohttp.ClientSession) -> dict[str, dict[str, Any]]:
        """Wait until everything was answered, and nothing is on its way."""
        async with asyncio.timeout(PATIENCE):
            for look in itertools.count(1):
                if look % 10 == 0:
                    self.clock.move(WAITED_FOR)
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    found = await self.ledgers(client)
                    lines = [line for one in found.values() for line in one["lines"]]
                    answered = {line[1] for line in lines if line[0] == "answered"}
                    if len(answered) == len(self.offered) and not any(
                        one["waiting"] for one in found.values()
                    ):
                        return found
                await asyncio.sleep(0.5)
        raise AssertionError("it looks for ever")

    def compare(self, found: dict[str, dict[str, Any]]) -> None:
        """Note every difference between what was offered and what stands in the ledgers."""
        lines = Counter(
            (name, *map(str, line)) for name, one in found.items() for line in one["lines"]
        )
        origins = {one.name: one.plan["origin"] for one in self.hosts}
        of = {origin: name for name, origin in origins.items()}
        for iri, taker, amount in self.offered:
            giver = of[iri.partition("/activities/")[0]]
            tills = {name: f"{origin}/groups/till" for name, origin in origins.items()}
            for line in (
                (giver, "offered", iri, tills[taker], str(-amount)),
                (taker, "taken", iri, tills[giver], str(amount)),
                (giver, "answered", iri, tills[taker], "0"),
            ):
                if lines.pop(line, 0) != 1:
                    self.faults.append(f"not once: {line}")
        self.faults += [f"nobody offered: {line}" for line in lines]

    def balances(self, found: dict[str, dict[str, Any]]) -> bool:
        """Tell whether what each owes the others is what they say it does."""
        sums: Counter[tuple[str, str]] = Counter()
        for host in self.hosts:
            for _, _, other, amount in found[host.name]["lines"]:
                sums[(host.plan["origin"], other.partition("/groups/")[0])] += amount
        return all(sums[(one, other)] == -sums[(other, one)] for one, other in list(sums))


async def play(seed: int, activities: int, kind: str, folder: Path) -> Run:
    """Play one seed; the run tells what was amiss."""
    chance = random.Random(seed)
    ports = dict(zip(NAMES, free_ports(len(NAMES)), strict=True))
    proxy = Proxy(chance, {f"{name}.test": port for name, port in ports.items()})
    where = await proxy.start()
    clock = Ahead(folder / "ahead")
    hosts = [await _host(name, ports[name], where, clock, kind, folder) for name in NAMES]
    run = Run(seed, activities, hosts, proxy, clock, chance)
    try:
        for host in hosts:
            first, *others = host.roles
            await host.start(first)
            await run.until_up(host)  # it makes the tables, which two at once cannot
            for role in others:
                await host.start(role)
        await _finish(run)
    finally:
        for host in hosts:
            for role in host.processes:
                await host.kill(role)
        await proxy.stop()
        if kind == "postgresql":
            for host in hosts:
                await on_server(f'DROP DATABASE "{_name(host)}" WITH (FORCE)')
    return run


async def _finish(run: Run) -> None:
    async with aiohttp.ClientSession() as client:
        ticking = asyncio.create_task(run.tick())
        troubling = asyncio.create_task(run.trouble())
        try:
            await run.offer_all(client)
            await asyncio.sleep(2)
            troubling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await troubling
            for host in run.hosts:
                for role, process in host.processes.items():
                    if process.returncode is not None:
                        await host.start(role)
            found = await run.settled(client)
            run.compare(found)
            if not run.balances(found):
                run.faults.append("the ledgers differ")
        except TimeoutError:
            run.faults.append("it does not come to rest")
        finally:
            ticking.cancel()
            troubling.cancel()


async def _host(name: str, port: int, proxy: int, clock: Ahead, kind: str, folder: Path) -> Host:
    keys = make_keys()
    url = f"sqlite+aiosqlite:///{folder / name}.db"
    if kind == "postgresql":
        database = f"ayni_faults_{uuid.uuid4().hex}"
        await on_server(f'CREATE DATABASE "{database}"')
        url = f"{POSTGRESQL.rpartition('/')[0]}/{database}"
    plan = {
        "origin": f"http://{name}.test",
        "port": port,
        "database": url,
        "ahead": str(clock.path),
        "names": {f"{one}.test": ["127.0.0.1", proxy] for one in NAMES},
        "keys": [keys.rsa.private_pem, keys.ed25519.private_pem],
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    return Host(name, plan, path, ("both",) if kind == "sqlite" else ("serve", "carry"))


def _name(host: Host) -> str:
    return str(host.plan["database"]).rpartition("/")[2]


async def on_server(statement: str) -> None:
    """Have PostgreSQL do something."""
    connection = await asyncpg.connect(POSTGRESQL.replace("+asyncpg", ""))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def kinds(arguments: list[str]) -> list[str]:
    """Return the kinds of databases that are asked for and there."""
    if "--sqlite" in arguments:
        return ["sqlite"]
    if "--postgresql" in arguments:
        return ["postgresql"]
    try:
        await on_server("SELECT 1")
    except (OSError, asyncpg.PostgresError):
        print("PostgreSQL is left out: no server answers.")
        return ["sqlite"]
    return ["sqlite", "postgresql"]


async def main(arguments: list[str]) -> int:
    """Play every seed; return 1 when asked to check and something is amiss."""
    numbers = [int(one) for one in arguments if one.isdecimal()]
    usual = (SEEDS, ACTIVITIES, 1)
    seeds, activities, first = (*numbers, *usual[len(numbers) :])[:3]
    good = True
    for kind in await kinds(arguments):
        for seed in range(first, first + seeds):
            begun = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="ayni_faults_") as place:
                run = await play(seed, activities, kind, Path(place))
            good = good and not run.faults
            did = ", ".join(f"{name} {number}" for name, number in sorted(run.proxy.did.items()))
            print(
                f"{kind:<10}  seed {seed:>2}  {activities} activities  killed {run.killed:>3}"
                f"  faults {len(run.faults)}  {time.monotonic() - begun:.0f} s  ({did})",
                flush=True,
            )
            for one in run.faults[:5]:
                print(f"  {one}")
    return 1 if "--check" in arguments and not good else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(sys.argv[1:])))
