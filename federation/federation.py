"""The whole of federation behind one name: what a host makes once and keeps."""

from __future__ import annotations

import asyncio
import inspect
import secrets
from collections.abc import Iterable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from federation.activity import Document
from federation.actors import Actors
from federation.authentication import Authentication
from federation.blocks import Blocks
from federation.changes import BARE, Changes
from federation.collections import Collections
from federation.comparing import Comparing
from federation.courier import Courier
from federation.effects import Effects
from federation.fetch import Client, Fetcher, Reach
from federation.finding import Finder
from federation.follows import Follows
from federation.inbox import Inbox
from federation.iri import Iri
from federation.keypool import KeyPool
from federation.kinds import Items, Kinds
from federation.knocking import Knocker
from federation.limits import Admission, Fetches, Limits
from federation.nodeinfo import NodeInfo
from federation.outbox import Outbox
from federation.ports import Clock, Database, Directory, LocalActor, Tx
from federation.pruning import Pruning
from federation.readers import Handler, Readers
from federation.reconciliation import Reconciliation
from federation.routing import Needs, Receiver, Routing
from federation.sql import SqlStore
from federation.standing import Standings
from federation.synchronizing import Synchronizing
from federation.webfinger import WebFinger

_TOKEN_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # noqa: S105  # an alphabet, not a secret


class Federation:
    """One host's part in the network.

    `on` names receivers, `routes` are served by the host's application, `send` says something,
    `write` is what a transaction ends with, `step` lets what is waiting happen. `start` and
    `close` open and close the client.
    """

    def __init__(
        self,
        *,
        directory: Directory,
        database: Database,
        store: SqlStore,
        clock: Clock,
        reach: Reach | None = None,
        keys: KeyPool | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.directory, self.store, self._clock = directory, store, clock
        self.keys = keys or KeyPool()
        self.kinds = Kinds(directory.origin, store, clock)
        self._client = Client(reach or Reach())
        self.standings = Standings(directory.origin, store, database, clock)
        limits = limits or Limits()
        knocker, fetches = Knocker(store, database, clock), Fetches(limits, clock)
        self.fetcher = Fetcher(self._client, knocker, self.standings, fetches)
        self.actors = Actors(
            directory=directory, store=store, database=database, fetcher=self.fetcher, clock=clock
        )
        authentication = Authentication(directory.origin, self.actors, clock)
        self.outbox = Outbox(directory=directory, store=store, clock=clock, kinds=self.kinds)
        self.synchronizing = self._synchronizing(database)
        self.inbox = self._inbox(database, authentication, limits)
        self.effects = self._effects(database, authentication)
        self.courier = Courier(
            directory=directory,
            store=store,
            database=database,
            actors=self.actors,
            client=self._client,
            clock=clock,
        )
        self._pruning = Pruning(directory.origin, store, database, self.kinds, clock)
        self._answer(directory, database, store)

    def _answer(self, directory: Directory, database: Database, store: SqlStore) -> None:
        """Make what is looked up, here and elsewhere, and name who receives."""
        self.collections = Collections(
            directory=directory, database=database, store=store, inbox=self.inbox
        )
        self.reconciliation, self.comparing = self._reconciling(database)
        self._finder = Finder(directory, database, self.fetcher, self.actors, self.collections)
        self._lookups = (WebFinger(directory, database), NodeInfo(directory, database))
        self._receive()

    def _synchronizing(self, database: Database) -> Synchronizing:
        return Synchronizing(
            directory=self.directory,
            store=self.store,
            database=database,
            actors=self.actors,
            outbox=self.outbox,
            clock=self._clock,
            new_id=self.new_id,
        )

    def _inbox(self, database: Database, authentication: Authentication, limits: Limits) -> Inbox:
        return Inbox(
            directory=self.directory,
            store=self.store,
            database=database,
            authentication=authentication,
            standings=self.standings,
            admission=Admission(limits, self.store, database, self._clock),
            synchronizing=self.synchronizing,
            clock=self._clock,
        )

    def _effects(self, database: Database, authentication: Authentication) -> Effects:
        return Effects(
            directory=self.directory,
            store=self.store,
            database=database,
            routing=Routing(
                directory=self.directory,
                store=self.store,
                actors=self.actors,
                authentication=authentication,
            ),
            commits=self.inbox.commits,
            clock=self._clock,
        )

    def _receive(self) -> None:
        """Name the receivers of what every host understands."""
        follows = Follows(self.directory, self.store, self.outbox, self._clock, self.new_id)
        follows.register(self.effects)
        self._changes = Changes(self.store, self.actors)
        self._changes.register(self.effects)
        Blocks(self.directory, self.store, self.standings).register(self.effects)

    def _reconciling(self, database: Database) -> tuple[Reconciliation, Comparing]:
        shown = Reconciliation(
            directory=self.directory,
            database=database,
            store=self.store,
            inbox=self.inbox,
            kinds=self.kinds,
        )
        asking = Comparing(
            store=self.store,
            database=database,
            actors=self.actors,
            inbox=self.inbox,
            kinds=self.kinds,
            clock=self._clock,
        )
        return shown, asking

    def on(
        self,
        *types: str,
        receiver: Receiver,
        needs: Needs | None = None,
        kind: str | None = None,
    ) -> None:
        """Name the receiver of a chain of types, such as `"Undo", "Invite", "Group"`.

        The last may be `"*"` for anything. `needs` names the documents to fetch before; `kind`
        under which name peers compare what was said of it and heard. A Delete of `"*"` is heard
        of all but actors. Raises ValueError for a chain that has a receiver already, TypeError for
        a receiver that is no async function.
        """
        if not inspect.iscoroutinefunction(receiver):
            raise TypeError(f"the receiver of {' of '.join(types)} has to be an async function")
        if types == BARE:
            self._changes.also(receiver)
            return
        if kind:
            receiver = self.kinds.noting(types, kind, receiver)
        self.effects.on(types, receiver, needs)

    def compare(self, kind: str, items: Items) -> None:
        """Name a kind that peers compare by items of both sides' own rows, not by activities."""
        self.kinds.compute(kind, items)

    async def start(self) -> None:
        """Open the client; call it inside the running loop."""
        await self._client.open()

    async def drain(self, seconds: float) -> None:
        """Begin nothing new, and let what is under way come to its end, for so long at the most.

        What was carried is settled then, and what was leased is given back.
        """
        going_on = (self.effects, self.courier, self.comparing, self.synchronizing)
        await asyncio.gather(*(one.drain(seconds) for one in going_on))

    async def close(self) -> None:
        """Stop what is under way, and close the client."""
        going_on = (self.effects, self.courier, self.comparing, self.synchronizing)
        await asyncio.gather(*(one.close() for one in going_on))
        await self.actors.close()
        await self._client.close()

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses that the host's application has to serve."""
        return [
            web.post("/inbox", self.inbox.receive),
            web.post("/{kind:people|groups}/{id}/inbox", self.inbox.receive),
            web.post("/actor/inbox", self.inbox.receive),
            *(route for lookup in self._lookups for route in lookup.routes()),
            *self.collections.routes(),
            *self.reconciliation.routes(),
        ]

    @property
    def guard(self) -> Middleware:
        """The middleware of the host's application that turns away readers who are blocked."""
        readers = Readers(self.standings)

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await readers.guard(request, handler)

        return guard

    def new_id(self, kind: str = "activities") -> Iri:
        """Return an id that nobody can guess and that is never used again."""
        return Iri(f"{self.directory.origin}/{kind}/{new_token()}")

    async def find(self, address: str) -> Document:
        """Return the actor behind an address as people write it; see `Finder.find`."""
        return await self._finder.find(address)

    async def send(
        self,
        tx: Tx,
        activity: Document,
        *,
        conversation: str | None = None,
        also_to: Iterable[Iri] = (),
        proven_by: str | None = None,
    ) -> Document:
        """Say something in the transaction that makes it true; see `Outbox.send`."""
        return await self.outbox.send(
            tx, activity, conversation=conversation, also_to=also_to, proven_by=proven_by
        )

    async def write(self, tx: Tx) -> None:
        """Write what a transaction has said; a host awaits this just before each commit."""
        await self.outbox.write(tx)

    async def take_over(self, tx: Tx) -> None:
        """Free whatever a process that is gone had taken to carry or to carry out.

        Only for a host that is alone with its database; elsewhere that frees itself in two minutes.
        """
        await self.store.peers.within(tx, self.store.peers.free_all, self._clock())

    def document_of(self, actor: LocalActor) -> tuple[Document, int]:
        """Return an actor of ours as the world sees it, with its status: 200, or 410 when gone."""
        return self.collections.document(actor)

    async def step(self) -> bool:
        """Let everything happen that is stored and due, once; return whether anything did.

        What takes long, such as a slow peer, goes on beside the next steps; `close` stops it.
        """
        await self.standings.fresh()
        others = asyncio.gather(
            self.courier.deliver(),
            self.comparing.step(),
            self.synchronizing.step(),
            self._pruning.step(),
            return_exceptions=True,
        )
        effects, rest = await asyncio.gather(
            self._carry_out_beside(others), others, return_exceptions=True
        )
        results = [effects, *rest] if isinstance(rest, list) else [effects, rest]
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return any(results)

    async def _carry_out_beside(self, others: asyncio.Future[Any]) -> bool:
        """Carry out what came in, again and again while the others wait for slow peers."""
        any_effect = found = await self.effects.process()
        while found and not others.done():
            found = await self.effects.process()
        return any_effect


def new_token() -> str:
    """Return 20 characters that nobody can guess, fit for an id: 100 bits."""
    return "".join(secrets.choice(_TOKEN_LETTERS) for _ in range(20))
