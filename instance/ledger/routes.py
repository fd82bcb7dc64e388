"""The page of balances: who owes whom, with its course and a file to take away."""

from __future__ import annotations

import msgspec
from aiohttp import web

from federation import Iri
from instance.db import Tx
from instance.errors import NotFound
from instance.groups import service as groups
from instance.language import N_
from instance.ledger import service
from instance.ledger.service import MINUTES, Line
from instance.viewer import Viewer
from instance.web import Routes, reading, respond, viewer

routes = Routes("ledger")


class Account(msgspec.Struct, frozen=True):
    """One balance of a group: with whom, in which unit, how much, and how it came to that."""

    group: Iri
    group_name: str
    counter: Iri
    name: str
    unit: str
    amount: int
    history: tuple[Line, ...]


class Balances(msgspec.Struct, frozen=True):
    """Every balance of the groups somebody leads; what they owe is below 0."""

    accounts: tuple[Account, ...]


@routes.get(
    "/balances",
    "Show who owes whom",
    view=Balances,
    scope="group:<id>:lead",
    lists={"accounts": N_("Balances"), "accounts.history": N_("What moved the balances")},
)
async def show_balances(request: web.Request) -> web.Response:
    """Show each balance in words, as a beam, as its course, and every step in a table."""
    async with reading(request) as tx:
        page = Balances(tuple(await _accounts(tx, viewer(request))))
    return respond(request, "ledger/balances.html", page, minutes=MINUTES)


async def _group_elsewhere(tx: Tx, iri: Iri) -> str:
    """Return what another co-op's group calls itself; nothing for people."""
    known = await tx.federation.store.peers.known_actor(tx, iri)
    if known is None or known.document.get("type") != "Group":
        return ""
    return str(known.document.get("name") or "").strip()[:200]


async def _accounts(tx: Tx, asker: Viewer) -> list[Account]:
    if not asker.leads:
        raise NotFound
    here = {one.iri: one.name for one in await groups.groups(tx)}
    found = []
    for group in asker.leads:
        histories = await service.histories(tx, group)
        names = await groups.names_for(tx, group, {counter for counter, _ in histories})
        found += [
            Account(
                group,
                here.get(group, group),
                counter,
                here.get(counter) or await _group_elsewhere(tx, counter) or names[counter],
                unit,
                lines[-1].balance,
                tuple(lines),
            )
            for (counter, unit), lines in histories.items()
            if lines
        ]
    return sorted(found, key=lambda one: (one.group_name, one.unit != MINUTES, one.name))
