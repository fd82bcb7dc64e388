"""A host as a process of its own, whose only business is to keep a ledger with two others.

It serves, carries, or does both, until it is killed; see `benchmarks/faults.py`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp import web

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from federation import Activity, ActorKeys, Iri, KeyPair  # noqa: E402  # the path comes first
from federation.fetch import Reach  # noqa: E402  # as above
from federation.ports import LocalActor  # noqa: E402  # as above
from federation.sql.smallhost import SmallHost  # noqa: E402  # as above

CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"]
IDLE_SECONDS = 0.1

LEDGER = sa.Table(
    "ledger",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("entry", sa.Text),
    sa.Column("cause", sa.Text),
    sa.Column("other", sa.Text),
    sa.Column("amount", sa.Integer),
)
"""No key forbids that something is written twice: that is what is looked for."""


class Host(SmallHost):
    """One of three hosts: `offered`, `taken` and `answered` are the entries of its ledger."""

    def __init__(self, plan: dict[str, Any]) -> None:
        ahead = Path(plan["ahead"])

        def clock() -> datetime:
            return datetime.now(UTC) + timedelta(seconds=float(ahead.read_text()))

        names = {one: tuple(where) for one, where in plan["names"].items()}
        reach = Reach(plain_http=True, loopback=True, user_agent="faulty", names=names)
        super().__init__(plan["origin"], clock=clock, url=plan["database"], reach=reach)
        self._plan = plan
        self.federation.on("Offer", "Transfer", receiver=self.take)
        self.federation.on("Accept", "Offer", "Transfer", receiver=self.hear_answer)

    async def add(self, kind: str, username: str, iri: Iri | None = None, **more: Any) -> Iri:
        """Let somebody live here with the keys that every process of this host has."""
        chosen = iri or Iri(f"{self.origin}/groups/{username}")
        rsa, ed25519 = (KeyPair.from_private_pem(one) for one in self._plan["keys"])
        self.actors[chosen] = LocalActor(
            id=chosen, type=kind, username=username, keys=ActorKeys(rsa, ed25519), **more
        )
        return chosen

    async def open(self) -> None:
        """Make the ledger besides."""
        await super().open()
        self.group = await self.add("Group", "till")
        async with self._engine.begin() as connection:
            await connection.run_sync(LEDGER.metadata.create_all)

    async def write(self, tx: Any, entry: str, cause: str, other: str, amount: int) -> None:
        """Write one line."""
        values = {"entry": entry, "cause": cause, "other": other, "amount": amount}
        await tx.execute(sa.insert(LEDGER).values(values))

    async def offer(self, request: web.Request) -> web.Response:
        """Offer an amount to another host, once for each name of it."""
        asked = await request.json()
        iri = f"{self.origin}/activities/{asked['name']}"
        said = {
            "@context": CONTEXT,
            "id": iri,
            "type": "Offer",
            "actor": self.group,
            "object": {"type": "Transfer", "amount": asked["amount"]},
            "to": [asked["to"]],
        }
        async with self.transaction() as tx:
            known = sa.select(LEDGER.c.number).where(LEDGER.c.cause == iri)
            if (await tx.execute(known)).first() is None:
                await self.write(tx, "offered", iri, asked["to"], -asked["amount"])
                await self.federation.send(tx, said, conversation=asked["talk"])
        return web.Response()

    async def take(self, tx: Any, activity: Activity) -> None:
        """Write what another host offers, and accept."""
        amount = activity.object["amount"]
        await self.write(tx, "taken", activity.id, activity.actor, amount)
        answer = {
            "@context": CONTEXT,
            "id": self.federation.new_id(),
            "type": "Accept",
            "actor": self.group,
            "object": dict(activity.document),
            "to": [activity.actor],
        }
        await self.federation.send(tx, answer)

    async def hear_answer(self, tx: Any, activity: Activity) -> None:
        """Write that what we offered was taken."""
        await self.write(tx, "answered", activity.object_id, activity.actor, 0)

    async def show_ledger(self, _request: web.Request) -> web.Response:
        """Answer every line, and how many deliveries wait."""
        deliveries = self.federation.store.outbox.tables.deliveries
        async with self.reading() as tx:
            rows = (await tx.execute(sa.select(LEDGER).order_by(LEDGER.c.number))).all()
            states = (await tx.execute(sa.select(deliveries.c.state))).scalars().all()
        lines = [[row.entry, row.cause, row.other, row.amount] for row in rows]
        return web.json_response({"lines": lines, "waiting": states})

    def application(self) -> web.Application:
        """Serve what the bench asks for, too."""
        application = super().application()
        application.router.add_post("/bench/offer", self.offer)
        application.router.add_get("/bench/ledger", self.show_ledger)
        return application


async def main(plan: dict[str, Any], role: str) -> None:
    """Serve and carry until killed; `role` is `serve`, `carry` or `both`."""
    host = Host(plan)
    await host.open()
    if role != "carry":
        runner = web.AppRunner(host.application(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", plan["port"]).start()
    if role == "both":
        async with host.transaction() as tx:
            await host.federation.take_over(tx)
    while True:
        if role == "serve" or not await host.federation.step():
            await asyncio.sleep(IDLE_SECONDS)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), sys.argv[2]))
